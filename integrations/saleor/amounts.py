"""The one rule for amounts that come from a Saleor, in answers and in webhooks: JSON numbers such as 670000.0."""

from __future__ import annotations

from typing import Final

from backend.commerce.naming import CURRENCY
from backend.common.money import Money

MOST: Final = 10**15
"""Whole đồng are exact in JSON's numbers up to nine times that."""


class NoAmount(ValueError):
    """This is no whole amount of đồng."""


def dong(number: object, currency: object = CURRENCY) -> Money:
    """``number`` đồng. Raises NoAmount: a đồng has no parts, none is rounded away, and no other money is taken for it."""
    if currency != CURRENCY:
        raise NoAmount("This is another currency.")
    if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) <= MOST:
        raise NoAmount("This is no amount.")
    if number < 0 or int(number) != number:
        raise NoAmount("This is no whole amount of đồng.")
    return Money(int(number))
