"""Fill the tables from our own data files, once per edition of the files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Model

from backend.common import clock
from backend.common.text import fold
from backend.places.models import Commune, Edition, OldUnit, Province
from backend.places.names import fold_name, index_words

DATA: Final = Path(__file__).parent / "data"
_COMMUNES: Final = DATA / "communes.tsv"
_OLD_UNITS: Final = DATA / "old_units.tsv"
_FORM: Final = b"1"
"""Changes whenever this module writes other values from the same files, so that they are written again."""
_PROVINCE: Final = ("code", "name", "kind", "folded")
_COMMUNE: Final = ("code", "name", "kind", "province_id", "folded", "words", "current")
_OLD_UNIT: Final = (
    "code",
    "name",
    "kind",
    "district",
    "province",
    "commune_id",
    "divided",
    "folded",
    "words",
)

Row = tuple[Any, ...]


class BadPlaces(ValueError):
    """A data file that cannot be right: nothing has been changed."""


def load_places() -> bool:
    """Bring provinces, communes and old units to the state of the data files; False when they were there.

    Idempotent and cheap: the second call compares one hash. Communes are added and renamed, never deleted;
    one that the file no longer names stays with ``current`` false. All in one transaction.
    Raises BadPlaces when a file contradicts itself.
    """
    digest = _digest()
    if Edition.objects.filter(pk=digest).exists():
        return False
    provinces, communes, old_units = _read(digest)
    with transaction.atomic():
        _insert(Province, _PROVINCE, provinces, update=True)
        Commune.objects.update(current=False)
        _insert(Commune, _COMMUNE, communes, update=True)
        OldUnit.objects.all().delete()
        _insert(OldUnit, _OLD_UNIT, old_units, update=False)
        Edition.objects.all().delete()
        Edition.objects.create(sha256=digest, loaded_at=clock.now())
    return True


def load_after_migrate(**_kwargs: Any) -> None:
    """Receiver of post_migrate: a schema that is up to date always comes with places that are."""
    load_places()


def _insert(model: type[Model], columns: tuple[str, ...], rows: list[Row], *, update: bool) -> None:
    """Many rows at once; with ``update`` a row whose key is there gets the new values.

    Not bulk_create, and no parameter per value: for these 14,000 rows that takes seconds (measured: 0.7 on
    SQLite, 1.9 on PostgreSQL), and every test that empties the tables pays it again. One JSON text takes a
    tenth of it.
    """
    quote = connection.ops.quote_name
    if connection.vendor == "sqlite":
        values = [f"json_extract(value, '$[{at}]')" for at in range(len(columns))]
        source = "json_each(%s)"
    else:
        types = [model._meta.get_field(column.removesuffix("_id")).db_type(connection) for column in columns]
        values = [f"(value ->> {at})::{kind}" for at, kind in enumerate(types)]
        source = "json_array_elements(%s::json)"
    # Only our own names go into the text. "WHERE true" tells SQLite's parser ON CONFLICT from a join's ON.
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(map(quote, columns))}) "  # noqa: S608
        f"SELECT {', '.join(values)} FROM {source} WHERE true"
    )
    if update:
        changes = ", ".join(f"{quote(column)} = excluded.{quote(column)}" for column in columns[1:])
        statement += f" ON CONFLICT ({quote(columns[0])}) DO UPDATE SET {changes}"
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(rows, ensure_ascii=False)])


def _digest() -> str:
    return hashlib.sha256(_FORM + _COMMUNES.read_bytes() + _OLD_UNITS.read_bytes()).hexdigest()


@lru_cache(maxsize=1)
def _read(_digest_of_the_files: str) -> tuple[list[Row], list[Row], list[Row]]:
    """The rows of all three tables. Kept, which matters to tests only: elsewhere a process loads at most
    once.
    """
    provinces: dict[str, Row] = {}
    communes: dict[str, Row] = {}
    context = ""
    for line in _lines(_COMMUNES):
        match line:
            case ["=", province, kind, name]:
                provinces[province] = (province, name, kind, fold(name))
                context = index_words(Province.Kind(kind).label, name)
            case [code, kind, name] if context:
                words = _words(Commune.Kind(kind).label, name, context)
                communes[code] = (code, name, kind, province, fold_name(name), words, True)
            case _:
                raise BadPlaces(f"{_COMMUNES.name}: {line}")
    old_units: list[Row] = []
    province = district = context = ""
    for line in _lines(_OLD_UNITS):
        match line:
            case ["=", province]:
                district, context = "", index_words(province)
            case ["-", district]:
                context = index_words(district, province)
            case [code, kind, name, today] if context:
                # An island district had no communes: it is a unit of its own and stands in no other district.
                alone = kind == OldUnit.Kind.ISLAND_DISTRICT
                words = _words(OldUnit.Kind(kind).label, name, index_words(province) if alone else context)
                within = "" if alone else district
                codes = today.split(",")
                if not communes.keys() >= set(codes):
                    raise BadPlaces(f"{_OLD_UNITS.name}: {line}")
                old_units += [
                    (code, name, kind, within, province, commune, len(codes) > 1, fold_name(name), words)
                    for commune in codes
                ]
            case _:
                raise BadPlaces(f"{_OLD_UNITS.name}: {line}")
    return list(provinces.values()), list(communes.values()), old_units


def _words(kind: str, name: str, context: str) -> str:
    """``index_words`` of kind and name before those of the ``context``."""
    return index_words(kind, name) + context[1:]


def _lines(path: Path) -> Iterator[list[str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")
