"""Money: whole đồng, never a float.

The đồng has no smaller unit in use, so an amount is an int and a column is a bigint named ``*_vnd``. Amounts cross the
borders between rooms as :class:`Money`, so that a quantity or an id can never be taken for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NBSP: Final = "\u00a0"
DONG_SIGN: Final = "₫"
MAX_VND: Final = 10**15
"""No single amount of a commune's market comes near a thousand trillion đồng; above it something is broken."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in one currency. Adding different currencies raises ValueError."""

    amount: int
    currency: str = "VND"

    def __post_init__(self) -> None:
        if isinstance(self.amount, bool) or not isinstance(self.amount, int):
            raise TypeError("Money takes whole units as int, never a float or a string.")
        if abs(self.amount) > MAX_VND:
            raise ValueError("Amount out of range.")

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"Cannot mix {self.currency} and {other.currency}.")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, times: int) -> Money:
        if isinstance(times, bool) or not isinstance(times, int):
            raise TypeError("Money is multiplied by whole numbers only; use share() for rates.")
        return Money(self.amount * times, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        return format_vnd(self.amount) if self.currency == "VND" else f"{self.amount} {self.currency}"


def vnd(amount: int) -> Money:
    """``amount`` whole đồng."""
    return Money(amount)


ZERO: Final = Money(0)


def total(parts: list[Money] | tuple[Money, ...]) -> Money:
    """The sum of ``parts``; nothing added up is zero đồng."""
    result = ZERO
    for part in parts:
        result = result + part
    return result


def format_number(number: int) -> str:
    """``1234567`` as ``1.234.567``: the point groups thousands in Vietnamese."""
    return f"{number:,}".replace(",", ".")


def format_vnd(amount: int) -> str:
    """``50000`` as ``50.000 ₫``; the space does not break, so a price never wraps."""
    return f"{format_number(amount)}{NBSP}{DONG_SIGN}"


def parse_vnd(text: str) -> int:
    """What a person typed as an amount, in đồng: ``50000``, ``50.000``, ``50,000 đ``, ``50 000₫``, ``50k``.

    Raises ValueError for anything else: fractions, signs, letters, more than 15 digits, groups that are not thousands.
    """
    cleaned = text.strip().lower().replace(NBSP, " ")
    for mark in ("₫", "đồng", "vnđ", "vnd", "đ"):
        cleaned = cleaned.removesuffix(mark).strip()
    times = 1
    if cleaned.endswith("k"):
        cleaned, times = cleaned[:-1].strip(), 1000
    for separator in (".", ",", " "):
        if separator in cleaned:
            first, *groups = cleaned.split(separator)
            if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
                raise ValueError(text)
            cleaned = first + "".join(groups)
    if not (cleaned.isascii() and cleaned.isdigit()) or len(cleaned) > 15:
        raise ValueError(text)
    value = int(cleaned) * times
    if value > MAX_VND:
        raise ValueError(text)
    return value


def share(amount: Money, *, numerator: int, denominator: int) -> Money:
    """``amount * numerator / denominator`` rounded half up to whole đồng: the one rounding rule of the house.

    Half up (away from zero) is what market people and tax forms do; banker's rounding would surprise them.
    Raises ValueError for a denominator that is not positive.
    """
    if denominator <= 0:
        raise ValueError("denominator must be positive")
    product = amount.amount * numerator
    sign = -1 if product < 0 else 1
    return Money(sign * ((2 * abs(product) + denominator) // (2 * denominator)), amount.currency)
