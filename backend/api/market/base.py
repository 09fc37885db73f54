"""What the types share: lists read by pages, amounts, and who asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphene
from django.contrib.auth.models import AnonymousUser
from graphql import GraphQLError
from graphql.language import ast

from backend.accounts.access import Person
from backend.api.saleor.connections import Connection, Window, take
from backend.common.errors import NotFound
from backend.common.pages import BadCursor, Place, Rows

MOST_VND = 2**53 - 1
"""What JSON's readers still tell apart."""


class Dong(graphene.Scalar):
    """An amount in whole đồng. Larger than GraphQL's Int, and never a fraction."""

    @staticmethod
    def serialize(value: Any) -> int:
        amount = int(getattr(value, "amount", value))
        if abs(amount) > MOST_VND:
            raise GraphQLError("The amount is too large.")
        return amount

    @staticmethod
    def parse_value(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MOST_VND:
            raise GraphQLError("An amount is a whole number of đồng.")
        return value

    @staticmethod
    def parse_literal(node: ast.ValueNode, variables: dict[str, Any] | None = None) -> int:
        if not isinstance(node, ast.IntValueNode):
            raise GraphQLError("An amount is a whole number of đồng.")
        return Dong.parse_value(int(node.value))


class PageInfo(graphene.ObjectType):
    """Where a page stands in its list."""

    has_next_page = graphene.Boolean(required=True, description="Whether rows follow.")
    has_previous_page = graphene.Boolean(required=True, description="Whether rows come before.")
    start_cursor = graphene.String(description="Of the first row; for `before`.")
    end_cursor = graphene.String(description="Of the last row; for `after`.")


def connection(node: Any, plural: str) -> Any:
    """The type of a list of ``node`` that is read by pages."""
    name = node._meta.name
    edge = type(
        f"{name}Edge",
        (graphene.ObjectType,),
        {
            "__doc__": f"One of the {plural}, and its place in the list.",
            "node": graphene.Field(node, required=True, description="The row."),
            "cursor": graphene.String(required=True, description="Its place; for `after` and `before`."),
        },
    )
    return type(
        f"{name}Connection",
        (graphene.ObjectType,),
        {
            "__doc__": f"{plural[0].upper()}{plural[1:]}, read by pages of at most 100.",
            "edges": graphene.List(
                graphene.NonNull(edge), required=True, description="The page. Needs `first` or `last`."
            ),
            "page_info": graphene.Field(PageInfo, required=True, description="Where the page stands."),
            "total_count": graphene.Int(required=True, description="How many there are in all pages."),
        },
    )


def paged(node: Any, description: str, **arguments: Any) -> Any:
    """A field with a connection's four arguments and ``arguments``."""
    return graphene.Field(
        node,
        required=True,
        description=description,
        first=graphene.Int(description="How many, from the beginning or after a cursor; at most 100."),
        last=graphene.Int(description="How many, from the end or before a cursor; at most 100."),
        after=graphene.String(description="Only rows after this cursor; with `first`."),
        before=graphene.String(description="Only rows before this cursor; with `last`."),
        **arguments,
    )


def read(
    info: Any, rows: Rows[Any], arguments: dict[str, Any], load: Callable[..., Any] | None = None
) -> Connection:
    """A connection over ``rows``. ``load`` reads, for all rows of the page at once, what each will probably be asked."""
    asked = take(arguments)

    def page(window: Window) -> list[tuple[Any, tuple[Any, ...]]]:
        place = Place(window.limit + 1, _key(window.after), _key(window.before), window.backward)
        try:
            found = rows.page(place)
        except BadCursor:
            raise GraphQLError("Received cursor is invalid.") from None
        if load is not None:
            info.context.loader(load).want(found)
        return [(row, (str(row.pk),)) for row in found]

    return Connection(info, asked, page, rows.count)


def _key(cursor: tuple[Any, ...] | None) -> str | None:
    if cursor is None:
        return None
    if len(cursor) != 1 or not isinstance(cursor[0], str):
        raise GraphQLError("Received cursor is invalid.")
    return cursor[0]


def person(info: Any) -> Person:
    """Who asks; a program with a token of its own is nobody here."""
    user = info.context.requestor.user
    return AnonymousUser() if user is None else user


def allowed(access: Callable[..., Any], info: Any, *arguments: Any) -> Any:
    """What ``access`` lets the person have, or None, whether it is another's or not there at all."""
    try:
        return access(person(info), *arguments)
    except NotFound:
        return None


def number(text: str | None) -> int:
    """The primary key that ``text`` means, or 0, which no row has."""
    ascii_digits = text is not None and text.isascii() and text.isdecimal() and len(text) <= 18
    return int(text or 0) if ascii_digits else 0
