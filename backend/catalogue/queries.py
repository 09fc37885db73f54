"""Reading the catalogue: lists, search, facets. At most five statements for a page, whatever is on it.

Ranking is by rules and not by a score of the database, so that both databases give the same list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from backend.catalogue import asking, correction, index
from backend.catalogue.models import Branch
from backend.catalogue.models import Card as CardRow
from backend.catalogue.services import marked
from backend.catalogue.values import Card, Facet, Facets, Result
from backend.commerce.values import Category
from backend.common import clock
from backend.common.money import Money
from backend.common.text import fold
from backend.ocop.queries import StarsInForce, all_stars, stars_for

PAGE_SIZE: Final = 24
MOST_TEXT: Final = 200
MOST_WORDS: Final = 12
MOST_TEXTS: Final = 1000
"""Cards looked at to repair a mistyped word."""
SORTS: Final[dict[str, tuple[str, ...]]] = {
    "newest": ("sold_out", "-listed_at", "-id"),
    "price": ("sold_out", "price_vnd", "-id"),
    "price_desc": ("sold_out", "-price_vnd", "-id"),
    "stars": (),
}
"""What lists can be sorted by, beside the best match; "stars" is sorted by what the register says. Sold-out
goods always come last: nobody can buy them."""
_Granted = Mapping[str, StarsInForce]
_COLUMNS: Final = (
    "product_id",
    "slug",
    "name",
    "unit",
    "price_vnd",
    "variants",
    "available",
    "seller_id",
    "seller_name",
    "commune_code",
    "commune_name",
    "category_id",
    "image_small",
    "image_medium",
    "image_alt",
)


@dataclass(frozen=True)
class _Asked:
    """Words as typed, folded; and how those of them that carry marks stand in marked text."""

    words: tuple[str, ...]
    marked: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> _Asked:
        typed = marked(text[:MOST_TEXT]).split()[:MOST_WORDS]
        ends = [" "] * (len(typed) - 1) + [""]  # the last word may be only begun
        with_marks = [f" {word}{end}" for word, end in zip(typed, ends, strict=False) if fold(word) != word]
        return cls(tuple(fold(text[:MOST_TEXT]).split()[:MOST_WORDS]), tuple(with_marks))


def search(
    text: str = "",
    *,
    category: str | None = None,
    commune: str | None = None,
    stars: int | None = None,
    seller: str | None = None,
    sort: str | None = None,
    page: int = 1,
) -> Result:
    """A page of 24 goods on the shelf that have all words of ``text``, the last of which may be only begun.

    ``category`` is a slug and includes what is below it; ``commune`` a code; ``stars`` exactly 3, 4 or 5;
    ``seller`` an id; ``sort`` one of SORTS, otherwise the best match first, or the newest where nothing was
    typed. A page beyond the last gives the last. When no goods have the words as typed, the nearest words
    that goods do have are searched. Marks are optional in ``text``; where they are typed, goods written with
    the same marks come first.
    """
    asked = _Asked.read(text)
    if text.strip() and not asked.words:
        return _nothing()
    shelf = CardRow.objects.filter(listed=True)
    if seller is not None:
        shelf = shelf.filter(seller_id=seller)
    found, corrected = _find(shelf, asked), ""
    granted = all_stars(clock.today())
    groups = _grouped(found, granted)
    if not groups and asked.words:
        repaired = _repair(shelf, asked)
        if repaired is not None and repaired != asked.words:
            asked = _Asked(repaired, ())
            found = _find(shelf, asked)
            groups = _grouped(found, granted)
            corrected = " ".join(repaired)
    facets, total = _facets(groups, category=category, commune=commune, stars=stars)
    pages = max((total + PAGE_SIZE - 1) // PAGE_SIZE, 1)
    page = min(max(page, 1), pages)
    chosen = _sorted(_narrow(found, granted, category, commune, stars), granted, asked, sort)
    cards = _cards(chosen[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], granted) if total else ()
    return Result(cards, total, page, pages, facets, corrected)


def card(product_id: str) -> Card | None:
    """The card of a product on the shelf. Two statements."""
    return cards([product_id]).get(product_id)


def cards(product_ids: Sequence[str]) -> dict[str, Card]:
    """The cards of those that are on the shelf, in the order of ``product_ids``, at most 100. Two
    statements."""
    rows = CardRow.objects.filter(listed=True, product_id__in=list(product_ids)[:100])
    granted = stars_for(list(product_ids)[:100], clock.today())
    found = {each.product_id: each for each in _cards(rows, granted)}
    return {each: found[each] for each in product_ids if each in found}


def ranked_ids(text: str, *, off_the_shelf: bool = False, limit: int = 1000) -> list[str]:
    """The ids of products that ``text`` asks for in Saleor's way (``backend.catalogue.asking``), the best match first;
    none for a text without words.

    ``off_the_shelf`` includes goods that are not on the shelf. One statement.
    """
    alternatives = asking.read(text)
    if not alternatives:
        return []
    shelf = CardRow.objects.all() if off_the_shelf else CardRow.objects.filter(listed=True)
    typed = [" ".join(term.typed for term in terms if not term.negated) for terms in alternatives]
    chosen = shelf.filter(reduce(or_, (_all_of(terms) for terms in alternatives)))
    chosen = chosen.order_by(*_best_first([_Asked.read(each) for each in typed]), *SORTS["newest"])
    return list(chosen.values_list("product_id", flat=True)[:limit])


def _all_of(terms: Iterable[asking.Term]) -> Q:
    """A condition on cards: every term holds."""
    found = Q()
    for term in terms:
        if term.whole:
            here = _in_this_order(term.words)
        else:
            here = Q(index.matching([[word] for word in term.words], open_all=True))
        found &= ~here if term.negated else here
    return found


def _in_this_order(words: Sequence[str]) -> Q:
    """A condition on cards: these words, whole, one after the other."""
    here = Q(index.matching([[word] for word in words]))
    if len(words) == 1:
        return here
    text = " ".join(words)
    return here & (
        Q(words=text)
        | Q(words__startswith=f"{text} ")
        | Q(words__endswith=f" {text}")
        | Q(words__contains=f" {text} ")
    )


def categories() -> tuple[Category, ...]:
    """The shop's categories from the catalogue's own copy, every parent before its branches."""
    rows = Branch.objects.order_by("position").values_list("category_id", "slug", "name", "parent_id")
    return tuple(Category(pk, slug, name, parent or None) for pk, slug, name, parent in rows)


def _nothing() -> Result:
    return Result((), 0, 1, 1, Facets((), (), ()), "")


def _find(shelf: QuerySet[CardRow], asked: _Asked) -> QuerySet[CardRow]:
    if not asked.words:
        return shelf
    return shelf.filter(index.matching([[word] for word in asked.words], open_end=True))


def _repair(shelf: QuerySet[CardRow], asked: _Asked) -> tuple[str, ...] | None:
    vocabulary = index.vocabulary()
    last = len(asked.words) - 1
    groups = [
        correction.candidates(word, vocabulary, begun=place == last) for place, word in enumerate(asked.words)
    ]
    if not all(groups):
        return None
    texts = shelf.filter(index.matching(groups, open_end=False)).values_list("words", flat=True)[:MOST_TEXTS]
    return correction.best(asked.words, groups, texts)


def _narrow(
    found: QuerySet[CardRow], granted: _Granted, category: str | None, commune: str | None, stars: int | None
) -> QuerySet[CardRow]:
    if category is not None:
        found = found.filter(category_path__contains=f"/{category}/")
    if commune is not None:
        found = found.filter(commune_code=commune)
    if stars is not None:
        found = found.filter(product_id__in=_with_stars(granted, stars))
    return found


def _with_stars(granted: _Granted, stars: int) -> list[str]:
    return [product_id for product_id, each in granted.items() if each.stars == stars]


def _sorted(
    chosen: QuerySet[CardRow], granted: _Granted, asked: _Asked, sort: str | None
) -> QuerySet[CardRow]:
    if sort == "stars":
        many = _rank(*(Q(product_id__in=_with_stars(granted, stars)) for stars in (5, 4, 3)))
        return chosen.order_by("sold_out", many, *SORTS["newest"])
    if sort in SORTS:
        return chosen.order_by(*SORTS[sort])
    if not asked.words:
        return chosen.order_by(*SORTS["newest"])
    return chosen.order_by(*_best_first([asked]), *SORTS["newest"])


def _best_first(alternatives: Iterable[_Asked]) -> list[Case]:
    """What goods are sorted by that have the words of one of ``alternatives``: the marks that were typed, then how near
    the name comes to what was typed."""
    alternatives = [asked for asked in alternatives if asked.words]
    marks: list[tuple[Q, ...]] = []
    names: list[tuple[Q, ...]] = []
    for asked in alternatives:
        if asked.marked:
            in_name = Q(*(("marked_name__contains", word) for word in asked.marked))
            marks.append((in_name, Q(*(("marked_words__contains", word) for word in asked.marked))))
        phrase = " ".join(asked.words)
        names.append(
            (
                Q(name_words__startswith=f" {phrase} "),
                Q(name_words__contains=f" {phrase} "),
                Q(name_words__contains=f" {phrase}"),
                Q(*(("name_words__contains", f" {word} ") for word in asked.words)),
            )
        )
    return [
        _rank(*(reduce(or_, tier) for tier in zip(*tiers, strict=True))) for tiers in (marks, names) if tiers
    ]


def _rank(*conditions: Q) -> Case:
    """0 where the first condition holds, 1 where the second does, and so on."""
    whens = [When(condition, then=Value(place)) for place, condition in enumerate(conditions)]
    return Case(*whens, default=Value(len(conditions)), output_field=IntegerField())


@dataclass(frozen=True, slots=True)
class _Group:
    """So many goods share a category, a commune and a number of stars."""

    path: str
    commune: tuple[str, str]
    stars: int
    count: int


def _grouped(found: QuerySet[CardRow], granted: _Granted) -> list[_Group]:
    """How many goods there are of each kind. Two statements, or one where nothing has stars."""
    # By plain columns, in the order of the index card_facets: the database then goes through the index alone.
    columns = ("category_path", "commune_code", "commune_name")
    rows = found.order_by().values_list(*columns).annotate(n=Count("pk"))
    counts = Counter({(path, (code, name), 0): n for path, code, name, n in rows})
    if counts and granted:
        starred = found.order_by().filter(product_id__in=list(granted))
        for product_id, path, code, name in starred.values_list("product_id", *columns):
            counts[path, (code, name), 0] -= 1
            counts[path, (code, name), granted[product_id].stars] += 1
    return [_Group(path, commune, stars, n) for (path, commune, stars), n in counts.items() if n]


def _facets(
    groups: Iterable[_Group], *, category: str | None, commune: str | None, stars: int | None
) -> tuple[Facets, int]:
    """Facets, and how many goods all choices together leave."""
    groups = list(groups)

    def in_category(group: _Group) -> bool:
        return category is None or f"/{category}/" in group.path

    def in_commune(group: _Group) -> bool:
        return commune is None or group.commune[0] == commune

    def with_stars(group: _Group) -> bool:
        return stars is None or group.stars == stars

    def left_by(*tests: Callable[[_Group], bool]) -> list[_Group]:
        return [group for group in groups if all(test(group) for test in tests)]

    communes: dict[tuple[str, str], int] = {}
    for group in left_by(in_category, with_stars):
        communes[group.commune] = communes.get(group.commune, 0) + group.count
    granted: dict[int, int] = {}
    for group in left_by(in_category, in_commune):
        if group.stars:
            granted[group.stars] = granted.get(group.stars, 0) + group.count
    facets = Facets(
        categories=_category_facets(left_by(in_commune, with_stars), category) if groups else (),
        communes=tuple(
            Facet(code, name, n, code == commune)
            for (code, name), n in sorted(communes.items(), key=lambda each: (-each[1], each[0][1], each[0]))
        ),
        stars=tuple(Facet(str(n), str(n), granted[n], n == stars) for n in sorted(granted, reverse=True)),
    )
    return facets, sum(group.count for group in left_by(in_category, in_commune, with_stars))


def _category_facets(groups: Sequence[_Group], chosen: str | None) -> tuple[Facet, ...]:
    branches = list(Branch.objects.order_by("position").values_list("slug", "name", "path"))
    chosen_path = next((path for slug, _, path in branches if slug == chosen), "/")
    facets = []
    for slug, name, path in branches:
        parent = path.rstrip("/").rpartition("/")[0] + "/"
        # The groups, what leads to the chosen branch, and what lies directly below it.
        if not chosen_path.startswith(parent):
            continue
        count = sum(group.count for group in groups if group.path.startswith(path))
        if count or slug == chosen:
            facets.append(Facet(slug, name, count, slug == chosen))
    return tuple(facets)


def _cards(rows: QuerySet[CardRow], granted: _Granted) -> tuple[Card, ...]:
    """Rows as values, with the stars that the register grants today. One statement."""
    found = list(rows.values_list(*_COLUMNS))
    return tuple(
        Card(
            product_id=product_id,
            slug=slug,
            name=name,
            unit=unit,
            price=Money(price),
            variants=variants,
            available=available,
            seller_id=seller_id,
            seller_name=seller_name,
            commune_code=commune_code,
            commune_name=commune_name,
            category_id=category_id,
            image_small=small,
            image_medium=medium,
            image_alt=alt,
            stars=granted.get(product_id),
        )
        for (
            product_id,
            slug,
            name,
            unit,
            price,
            variants,
            available,
            seller_id,
            seller_name,
            commune_code,
            commune_name,
            category_id,
            small,
            medium,
            alt,
        ) in found
    )
