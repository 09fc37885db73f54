"""Saleor's pages: first/last are a must, at most 100, cursors hold the sort key."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLError

MOST: Final = 100


@dataclass(frozen=True, slots=True)
class PageRow:
    """PageInfo."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class Edge:
    """A row and where it stands."""

    node: Any
    cursor: str


class Connection:
    """What every ``…CountableConnection`` reads. The page is only read when edges or pageInfo are asked for, the
    count only when totalCount is."""

    __slots__ = ("_arguments", "_count", "_edges", "_info", "_page", "_page_info")

    def __init__(
        self,
        info: Any,
        arguments: Slice,
        page: Callable[[Window], Sequence[tuple[Any, Sequence[Any]]]],
        count: Callable[[], int],
    ) -> None:
        self._info = info
        self._arguments = arguments
        self._page = page
        self._count = count
        self._edges: list[Edge] | None = None
        self._page_info: PageRow | None = None
        if arguments.first or arguments.last:
            # A page that cannot be is refused where the connection stands, and not below it.
            arguments.window(info)

    @property
    def total_count(self) -> int:
        return self._count()

    @property
    def edges(self) -> list[Edge]:
        return self._read()[0]

    @property
    def page_info(self) -> PageRow:
        return self._read()[1]

    def _read(self) -> tuple[list[Edge], PageRow]:
        if self._edges is None or self._page_info is None:
            window = self._arguments.window(self._info)
            rows = list(self._page(window))
            more = len(rows) > window.limit
            rows = rows[: window.limit]
            if window.backward:
                rows.reverse()
            self._edges = [Edge(node, to_cursor(key)) for node, key in rows]
            self._page_info = PageRow(
                has_next_page=window.before is not None if window.backward else more,
                has_previous_page=more if window.backward else window.after is not None,
                start_cursor=self._edges[0].cursor if self._edges else None,
                end_cursor=self._edges[-1].cursor if self._edges else None,
            )
        return self._edges, self._page_info


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows are wanted: ``limit`` of them, and one more to know whether there are more. ``after`` and
    ``before`` are sort keys; ``backward`` asks for the last ones, last first."""

    limit: int
    after: tuple[Any, ...] | None
    before: tuple[Any, ...] | None
    backward: bool


@dataclass(frozen=True, slots=True)
class Slice:
    """The four arguments of a connection as they came."""

    first: int | None = None
    last: int | None = None
    after: str | None = None
    before: str | None = None

    def window(self, info: Any) -> Window:
        """Raises GraphQLError as Saleor does: neither or both of first and last, out of 1..100, broken cursors."""
        name = info.field_name
        if not self.first and not self.last:
            raise GraphQLError(
                f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
            )
        if self.first and self.last:
            raise GraphQLError("Paginating with both `first` and `last` is not supported.")
        if self.last and self.after:
            raise GraphQLError("Argument `last` cannot be combined with `after`.")
        if self.first and self.before:
            raise GraphQLError("Argument `first` cannot be combined with `before`.")
        asked, which = (self.first, "first") if self.first else (self.last, "last")
        limit = asked or 0
        if limit < 0:
            raise GraphQLError(f"Argument `{which}` must be a positive integer.")
        if limit > MOST:
            raise GraphQLError(
                f"Requesting {limit} records on the `{name}` connection exceeds the `{which}` limit of {MOST} records."
            )
        return Window(limit, _from_cursor(self.after), _from_cursor(self.before), bool(self.last))


def to_cursor(key: Sequence[Any]) -> str:
    """``["ca-phe","185"]`` in base64: every part as text, as Saleor writes it."""
    parts = [None if part is None else str(part) for part in key]
    return base64.b64encode(json.dumps(parts, ensure_ascii=False).encode()).decode()


def _from_cursor(cursor: str | None) -> tuple[Any, ...] | None:
    if not cursor:
        return None
    try:
        parts = json.loads(base64.b64decode(cursor, validate=True))
    except (binascii.Error, ValueError):
        raise GraphQLError("Received cursor is invalid.") from None
    if not isinstance(parts, list) or not all(part is None or isinstance(part, str) for part in parts):
        raise GraphQLError("Received cursor is invalid.")
    return tuple(parts)


def take(arguments: dict[str, Any]) -> Slice:
    """The slice among a resolver's arguments, which it takes out of them."""
    return Slice(
        arguments.pop("first", None),
        arguments.pop("last", None),
        arguments.pop("after", None),
        arguments.pop("before", None),
    )


def of_list(info: Any, rows: Sequence[Any], arguments: Slice, key: Callable[[Any], Any]) -> Connection:
    """A connection over ``rows`` that are already here, in their order; ``key`` tells them apart."""

    def page(window: Window) -> list[tuple[Any, tuple[Any, ...]]]:
        keys = [str(key(row)) for row in rows]
        start, stop = 0, len(rows)
        if window.after is not None:
            start = keys.index(window.after[-1]) + 1 if window.after[-1] in keys else stop
        if window.before is not None:
            stop = keys.index(window.before[-1]) if window.before[-1] in keys else 0
        chosen = [(rows[place], (keys[place],)) for place in range(start, stop)]
        if window.backward:
            chosen.reverse()
        return chosen[: window.limit + 1]

    return Connection(info, arguments, page, lambda: len(rows))
