"""Amounts as Saleor's webhooks write them: JSON numbers such as 670000.0."""

from __future__ import annotations

from backend.common.money import Money
from integrations.saleor.app.errors import Malformed


def whole_amount(number: object) -> Money:
    """``number`` đồng. Raises Malformed for what is no whole amount: a đồng has no parts, and none is rounded away."""
    if (
        isinstance(number, bool)
        or not isinstance(number, int | float)
        or number != number
        or abs(number) > 10**15
    ):
        raise Malformed("This is no amount.")
    if number < 0 or int(number) != number:
        raise Malformed("This is no whole amount of đồng.")
    return Money(int(number))
