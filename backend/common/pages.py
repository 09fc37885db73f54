"""Long lists, read page by page along a key that never changes: no row comes twice or is left out between two pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from backend.common.errors import MarketError

M = TypeVar("M", bound=Model)


class BadCursor(MarketError):
    """A place in a list that no page of it can have told."""

    code = "BAD_CURSOR"


@dataclass(frozen=True, slots=True)
class Place:
    """Which rows are wanted: at most ``limit``, after or before a row's key; ``backward`` the last ones, last first."""

    limit: int
    after: str | None = None
    before: str | None = None
    backward: bool = False


class Rows(Generic[M]):
    """What a query found, for other rooms to read: pages and a count, never the queryset.

    Ordered by primary key; ``newest_first`` turns that round, for keys that grow with time.
    """

    def __init__(self, rows: QuerySet[M], *, newest_first: bool = False) -> None:
        self._rows = rows
        self._newest_first = newest_first

    def count(self) -> int:
        """All of them. One query."""
        return self._rows.order_by().count()

    def page(self, place: Place) -> list[M]:
        """Raises BadCursor. One query, and those of prefetches."""
        rows = self._rows
        up, down = ("pk__lt", "pk__gt") if self._newest_first else ("pk__gt", "pk__lt")
        if place.after is not None:
            rows = rows.filter(**{up: self._key(place.after)})
        if place.before is not None:
            rows = rows.filter(**{down: self._key(place.before)})
        return list(rows.order_by("-pk" if self._newest_first != place.backward else "pk")[: place.limit])

    def _key(self, text: str) -> object:
        field = self._rows.model._meta.pk
        try:
            if "\0" in text or len(text) > 64:
                raise ValueError
            return field.to_python(text)
        except (ValueError, ValidationError):
            raise BadCursor() from None
