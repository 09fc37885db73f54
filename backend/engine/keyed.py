"""Texts by keys that somebody outside has chosen: how many there may be, and looking them up in a JSON column."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, cast

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.lookups import Exact

from backend.engine.errors import MetadataTooLong

MOST_KEY: Final = 256
MOST_PAIRS: Final = 50
MOST_TEXT: Final = 4000


def check_metadata(metadata: Mapping[str, str]) -> None:
    """Raises MetadataTooLong for more than MOST_PAIRS texts, or one that is longer than MOST_TEXT."""
    if len(metadata) > MOST_PAIRS or any(
        len(key) > MOST_KEY or len(text) > MOST_TEXT for key, text in metadata.items()
    ):
        raise MetadataTooLong(most=MOST_PAIRS, length=MOST_TEXT)


def merged_metadata(
    kept: Mapping[str, str], put: Mapping[str, str] | None, drop: Collection[str] = ()
) -> dict[str, str]:
    """``kept`` with what is put and without what is dropped.

    Raises MetadataTooLong when it would come to more than MOST_PAIRS and than there were before, whoever asks: an order
    has the market's own keys beside as many as its checkout may have had.
    """
    after = {key: text for key, text in {**kept, **(put or {})}.items() if key not in drop}
    check_metadata({key: text for key, text in after.items() if kept.get(key) != text})
    if len(after) > max(MOST_PAIRS, len(kept)):
        raise MetadataTooLong(most=MOST_PAIRS, length=MOST_TEXT)
    return after


class _TextAt(Func):
    """The text at one key. Unlike Django's transforms it takes ``5`` for a name and never for a place in a list."""

    arity = 2

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """JSON_EXTRACT with a quoted path."""
        column, key = cast("tuple[F, Value]", tuple(self.source_expressions))
        path = Func(column, Value(f'$."{key.value}"'), function="JSON_EXTRACT", output_field=TextField())
        return path.as_sql(compiler, connection)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """The operator ``->>`` with a text."""
        return self.as_sql(compiler, connection, template="(%(expressions)s::text)", arg_joiner=" ->> ")


def with_text(column: str, key: str, texts: Iterable[str]) -> Q:
    """Rows whose ``column`` (texts by key) has one of ``texts`` at ``key``.

    The key is a value in the statement and never a part of a lookup's name, where ``regex`` or ``contains`` would be
    operators. Keys that no path can quote match nothing.
    """
    found = Q(pk__in=[])
    if not key or len(key) > MOST_KEY or any(each in '"\\\0' for each in key):
        return found
    for text in texts:
        found |= Q(Exact(_TextAt(F(column), Value(key), output_field=TextField()), text))
    return found
