"""What goes wrong: refusals of a whole field (top-level errors) and of a change (``errors`` of its payload)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from graphql import GraphQLError

from backend.common.errors import MarketError
from backend.common.money import MAX_VND


class PermissionDenied(GraphQLError):
    """The requestor lacks every permission that would do."""

    def __init__(self, *permissions: str) -> None:
        names = ", ".join(permissions)
        super().__init__(
            f"To access this path, you need one of the following permissions: {names}"
            if names
            else "You do not have permission to perform this action"
        )


class BadArgument(GraphQLError):
    """A combination of arguments that the field does not take; to clients a plain GraphQLError."""


def one_of(**arguments: Any) -> None:
    """Raises BadArgument unless exactly one of ``arguments`` was given."""
    given = [name for name, value in arguments.items() if value is not None]
    if not given:
        names = ", ".join(f"'{name}'" for name in arguments)
        raise BadArgument(f"At least one of arguments is required: {names}.")
    if len(given) > 1:
        raise BadArgument(f"Argument '{given[0]}' cannot be combined with '{given[1]}'")


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of a payload's ``errors``, of whatever error type: each reads what it has fields for."""

    code: str
    message: str
    field: str | None = None
    index: int | None = None
    channels: list[str] | None = None
    variants: list[str] | None = None
    lines: list[str] | None = None
    order_lines: list[str] | None = None
    warehouse: str | None = None
    warehouses: list[str] | None = None
    address_type: str | None = None
    attributes: list[str] | None = None
    values: list[str] | None = None
    path: str | None = None
    invalid_lines: list[str] | None = None


class Refused(Exception):
    """Ends a change with ``problems`` in its payload; nothing of it has happened."""

    def __init__(self, code: str, message: str, field: str | None = None, **more: Any) -> None:
        self.problems = [Problem(code, message, field, **more)]
        super().__init__(code)

    @classmethod
    def of(cls, problems: list[Problem]) -> Refused:
        """Several problems at once."""
        refused = cls(problems[0].code, problems[0].message)
        refused.problems = problems
        return refused


Resolver = TypeVar("Resolver", bound=Callable[..., Any])


def change(
    payload: Any, *, codes: dict[str, str] | None = None, fallback: str = "INVALID", field: str | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function that returns the payload's fields as a dict into the resolver of a mutation.

    A Refused becomes ``errors``; so does a MarketError, under the code that its payload's error enumeration has:
    ``codes`` maps the market's code to it, a code that the enumeration knows stands for itself, anything else is
    ``fallback``. Everything else is a top-level error, as on Saleor.
    """
    known = _codes_of(payload)

    def decorate(do: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(do)
        def resolve(root: Any, info: Any, **arguments: Any) -> Any:
            try:
                found = do(root, info, **arguments)
            except Refused as refused:
                return payload(errors=refused.problems)
            except MarketError as error:
                code = (codes or {}).get(error.code, error.code)
                problem = Problem(code if code in known else fallback, str(error), field)
                return payload(errors=[problem])
            return payload(errors=[], **found)

        return resolve

    return decorate


def _codes_of(payload: Any) -> set[str]:
    error_type = payload._meta.fields["errors"].type.of_type.of_type.of_type
    return {str(each) for each in error_type._meta.fields["code"].type.of_type._meta.enum}


def whole_vnd(amount: Any, field: str, **more: Any) -> int:
    """A decimal amount as whole đồng. Raises Refused INVALID for fractions and for what is no amount."""
    number = int(amount)
    if number != amount:
        raise Refused("INVALID", "Value cannot have more than 0 decimal places.", field, **more)
    if abs(number) > MAX_VND:
        raise Refused("INVALID", "Value is too large.", field, **more)
    return number
