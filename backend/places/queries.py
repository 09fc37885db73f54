"""Finding a commune from what people remember: with or without marks, by today's name or an older one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, TypeVar

from django.db.models import Case, QuerySet, Value, When
from django.utils.translation import gettext as _

from backend.common.pages import Rows
from backend.common.text import fold
from backend.places.errors import CommuneUnknown
from backend.places.models import TWO_LEVELS_SINCE, Commune, OldUnit, Province, lower_first
from backend.places.names import MarkedWord, marked_words, query_words

__all__ = [
    "Commune",
    "CommuneMatch",
    "Province",
    "Resolution",
    "communes",
    "find_commune",
    "find_province",
    "get_commune",
    "provinces",
    "resolve_commune",
    "search_communes",
]

_MOST_WORDS: Final = 16
"""A full old address has some ten words; more than this is no address."""
_MOST_ROWS: Final = 80
"""Rows ranked per table. More rows match only when a province or a kind alone was typed, where any order is
as good.
"""
_KIND_WORDS: Final = ("xa", "phuong", "dac khu", "thi tran", "thi xa", "huyen", "quan", "thanh pho", "tinh")


@dataclass(frozen=True, slots=True)
class CommuneMatch:
    """One offer of the search. ``note`` says which former name led here, and is empty for a name of today.

    ``exact``: the whole name was typed, with its own marks or with none at all.
    """

    code: str
    label: str
    note: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Resolution:
    """The one commune that a text can only mean, or else what it may mean, best first."""

    commune: Commune | None
    choices: list[CommuneMatch]


def provinces() -> list[Province]:
    """The 34 provinces and cities by the statistics office's order."""
    return list(Province.objects.order_by("code"))


def get_commune(code: str) -> Commune:
    """The commune of this code and its province, current or not. Raises CommuneUnknown."""
    commune = Commune.objects.select_related("province").filter(pk=code).first()
    if commune is None:
        raise CommuneUnknown()
    _known.add(code)
    return commune


def search_communes(text: str, limit: int = 8) -> list[CommuneMatch]:
    """Up to ``limit`` communes of today that ``text`` may mean, best first, each once.

    All words must occur in kind, name and province of a unit of today, or in name, district and province of a
    unit of before 01/07/2025; the last word may be unfinished. Marks are optional; typed ones rank their own
    spelling first (Hoà and Hòa are one). A divided old unit leads to every unit of today that got a part of
    it. Fewer than two letters find nothing.
    """
    return [found.match() for found in _ranked(text)[:limit]]


def resolve_commune(text: str, limit: int = 8) -> Resolution:
    """What to do with a text that a person sent: the commune if only one is meant, otherwise the choices.

    Only one is meant when its label was typed mark by mark; when name and province of a unit of today were
    typed; when just one unit of today or of before has this whole name; or when only one name begins so and
    nothing else was found at all.
    """
    ranked = _ranked(text)
    spelled = marked_words(text)
    whole = [found for found in ranked if found.old is None and marked_words(found.label) == spelled]
    exact = [found for found in ranked if found.exact]
    both_levels = [found for found in exact if found.names_both_levels]
    meant = whole or both_levels or exact or ranked
    if len(meant) == 1 and meant[0].tier <= 2:
        return Resolution(get_commune(meant[0].code), [meant[0].match()])
    return Resolution(None, [found.match() for found in ranked[:limit]])


@dataclass(frozen=True, slots=True)
class _Typed:
    """A text as the search sees it."""

    words: list[str]
    core: list[str]
    """Without the kind words in front, so that "xã Vị T" begins "Vị Tân"."""
    marked: tuple[MarkedWord, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    code: str
    name: str
    kind: str
    province: str
    tier: int
    missed_marks: int
    names_both_levels: bool
    old: OldUnit | None
    by_district: bool

    @property
    def exact(self) -> bool:
        return self.tier == 1 and self.missed_marks == 0

    @property
    def order(self) -> tuple[Any, ...]:
        divided = self.old is not None and self.old.divided
        return (self.missed_marks, self.tier, self.old is not None, divided, self.code)

    def match(self) -> CommuneMatch:
        return CommuneMatch(code=self.code, label=self.label, note=self._note(), exact=self.exact)

    @property
    def label(self) -> str:
        return f"{Commune.Kind(self.kind).label.capitalize()} {self.name}, {self.province}"

    def _note(self) -> str:
        if self.old is None:
            return ""
        unit = lower_first(self.old.district) if self.by_district else str(self.old)
        if fold(self.old.province) != fold(self.province):
            unit = f"{unit}, {lower_first(self.old.province)}"
        if self.old.divided and not self.by_district:
            unit = _("một phần %(unit)s") % {"unit": unit}
        return _("trước %(day)s: %(unit)s") % {"day": TWO_LEVELS_SINCE.strftime("%d/%m/%Y"), "unit": unit}


def _ranked(text: str) -> list[_Found]:
    words = query_words(text)
    if words[-2:] == ["viet", "nam"] and len(words) > 2:
        words = words[:-2]
    if not words or len(words) > _MOST_WORDS or sum(map(len, words)) < 2:
        return []
    typed = _Typed(words, _without_kind(words), marked_words(text))
    best: dict[str, _Found] = {}
    for found in chain(_of_today(typed), _of_before(typed)):
        known = best.get(found.code)
        if known is None or found.order < known.order:
            best[found.code] = found
    ranked = sorted(best.values(), key=lambda found: found.order)
    # Beside a name that was typed whole, mere scattered words are noise.
    if any(found.exact for found in ranked):
        return [found for found in ranked if found.tier <= 2]
    return ranked


def _of_today(typed: _Typed) -> Iterator[_Found]:
    rows = Commune.objects.filter(current=True).select_related("province")
    for row in _candidates(rows, typed):
        name, province = row.folded.split(), row.province.folded.split()
        spelled = marked_words(row.label)
        tier = _tier(typed, name)
        yield _Found(
            code=row.code,
            name=row.name,
            kind=row.kind,
            province=str(row.province),
            tier=tier,
            missed_marks=_missed_marks(typed.marked, spelled),
            names_both_levels=_names_both_levels(typed.words, name, province),
            old=None,
            by_district=False,
        )


def _of_before(typed: _Typed) -> Iterator[_Found]:
    rows = OldUnit.objects.filter(commune__current=True).select_related("commune__province")
    for row in _candidates(rows, typed):
        name = row.folded.split()
        spelled = marked_words(f"{row}, {row.province}")
        tier = _tier(typed, name, island=row.kind == OldUnit.Kind.ISLAND_DISTRICT)
        yield _Found(
            code=row.commune_id,
            name=row.commune.name,
            kind=row.commune.kind,
            province=str(row.commune.province),
            tier=tier,
            missed_marks=_missed_marks(typed.marked, spelled),
            names_both_levels=False,
            old=row,
            by_district=tier == 4 and bool(row.district) and not _shares_words(typed, name),
        )


_Row = TypeVar("_Row", Commune, OldUnit)


def _candidates(rows: QuerySet[_Row], typed: _Typed) -> QuerySet[_Row]:
    """The rows that hold all typed words, those whose name is the beginning of what was typed first."""
    for word in typed.words[:-1]:
        rows = rows.filter(words__contains=f" {word} ")
    rows = rows.filter(words__contains=f" {typed.words[-1]}")
    whole_names = [" ".join(typed.core[:count]) for count in range(1, len(typed.core) + 1)]
    likely = Case(
        When(folded__in=whole_names, then=Value(0)),
        When(folded__startswith=" ".join(typed.core), then=Value(1)),
        default=Value(2),
    )
    return rows.order_by(likely, "code")[:_MOST_ROWS]


def _without_kind(words: list[str]) -> list[str]:
    for kind in _KIND_WORDS:
        parts = kind.split()
        if words[: len(parts)] == parts and len(words) > len(parts):
            return words[len(parts) :]
    return words


def _tier(typed: _Typed, name: Sequence[str], *, island: bool = False) -> int:
    """How well a name fits: 1 it was typed whole, 2 it begins so, 3 it has the words, 4 only its surroundings
    do.
    """
    at = _position(typed.words, name)
    if at is not None and (island or not _is_district(typed.words[:at])):
        return 1
    if " ".join(name).startswith(" ".join(typed.core)):
        return 2
    *whole, last = typed.core
    if set(whole) <= set(name) and any(word.startswith(last) for word in name):
        return 3
    return 4


def _shares_words(typed: _Typed, name: Sequence[str]) -> bool:
    return any(word.startswith(beginning) for word in name for beginning in typed.core)


def _is_district(before: Sequence[str]) -> bool:
    """Whether these words make the next one a district's name: the "1" of "quận 1" is no ward."""
    return " ".join(before[-1:]) in {"quan", "huyen"} or " ".join(before[-2:]) in {"thi xa", "thanh pho"}


def _position(words: Sequence[str], part: Sequence[str]) -> int | None:
    """Where ``part`` stands as a whole within ``words``."""
    size = len(part)
    for at in range(len(words) - size + 1):
        if list(words[at : at + size]) == list(part):
            return at
    return None


def _names_both_levels(words: Sequence[str], name: Sequence[str], province: Sequence[str]) -> bool:
    """Whether ``words`` are a name, then its province, and kinds: the address form of today."""
    at = _position(words, name)
    if at is None:
        return False
    before, after = words[:at], _without_kind(list(words[at + len(name) :]))
    return after == list(province) and (not before or " ".join(before) in _KIND_WORDS)


def _missed_marks(typed: Sequence[MarkedWord], spelled: Sequence[MarkedWord]) -> int:
    """How many words were typed with marks that this place has not; the last one may be unfinished."""
    known = set(spelled)
    missed = [word for word in typed if word.has_marks and word not in known]
    if missed and missed[-1] is typed[-1] and any(missed[-1].begins(word) for word in known):
        missed.pop()
    return len(missed)


def communes(*, province_code: str = "") -> Rows[Commune]:
    """The communes of today, of one province when a code is given."""
    rows = Commune.objects.select_related("province").filter(current=True)
    return Rows(rows.filter(province_id=province_code) if province_code else rows)


def find_commune(code: str) -> Commune | None:
    """The commune of this code, current or not."""
    return Commune.objects.select_related("province").filter(pk=code).first()


_known: set[str] = set()
"""Codes that have been found; the list of communes changes with the program alone."""


def is_commune(code: str) -> bool:
    """Whether a commune, current or not, has this code. Asks the database once for each."""
    if code not in _known and Commune.objects.filter(pk=code).exists():
        _known.add(code)
    return code in _known


def find_province(code: str) -> Province | None:
    """The province or city of this code."""
    return Province.objects.filter(pk=code).first()
