"""Looking up the texts of a JSON column by a key that somebody outside has chosen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.lookups import Exact

MOST_KEY: Final = 256


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
