"""Plain values that several rooms hand to the types of base.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.commerce.naming import CURRENCY


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """Money. The đồng has no smaller unit: fractionDigits 0."""

    amount: int
    currency: str = CURRENCY
    fraction_digits: int = 0

    @property
    def fractional_amount(self) -> int:
        return self.amount


ZERO = MoneyRow(0)


@dataclass(frozen=True, slots=True)
class TaxedRow:
    """TaxedMoney: the market charges no tax, so gross and net agree and the tax is nothing."""

    gross: MoneyRow

    @property
    def net(self) -> MoneyRow:
        return self.gross

    @property
    def tax(self) -> MoneyRow:
        return ZERO

    @property
    def currency(self) -> str:
        return self.gross.currency


def taxed(amount_vnd: int) -> TaxedRow:
    """``amount_vnd`` whole đồng as TaxedMoney."""
    return TaxedRow(MoneyRow(amount_vnd))


@dataclass(frozen=True, slots=True)
class RangeRow:
    """TaxedMoneyRange."""

    start: TaxedRow
    stop: TaxedRow


@dataclass(frozen=True, slots=True)
class ImageRow:
    """Image."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class CountryRow:
    """CountryDisplay."""

    code: str
    country: str


VIETNAM = CountryRow("VN", "Việt Nam")


@dataclass(frozen=True, slots=True)
class WeightRow:
    """Weight."""

    value: float
    unit: str = "KG"


@dataclass(frozen=True, slots=True)
class Item:
    """MetadataItem."""

    key: str
    value: str


def items(metadata: Mapping[str, Any]) -> list[Item]:
    """Metadata as Saleor lists it, by key."""
    return [Item(key, str(metadata[key])) for key in sorted(metadata)]


def chosen_items(metadata: Mapping[str, Any], keys: Sequence[str] | None) -> dict[str, str]:
    """``metafields(keys:)``: those keys that are there, all when none are named."""
    return {key: str(value) for key, value in metadata.items() if keys is None or key in keys}
