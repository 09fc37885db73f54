"""What the catalogue answers with."""

from __future__ import annotations

from dataclasses import dataclass

from backend.commerce.measures import UnitPrice, unit_price
from backend.common.money import Money
from backend.ocop.queries import StarsInForce


@dataclass(frozen=True, slots=True)
class Card:
    """A product in a list. ``stars`` were asked of the register for this very answer; keep it no longer.

    ``price`` belongs to ``unit``; with ``variants`` above 1 it is the lowest of those that can be bought.
    """

    product_id: str
    slug: str
    name: str
    unit: str
    price: Money
    variants: int
    available: int
    seller_id: str
    seller_name: str
    commune_code: str
    commune_name: str
    category_id: str
    image_small: str
    image_medium: str
    image_alt: str
    stars: StarsInForce | None

    @property
    def unit_price(self) -> UnitPrice | None:
        """The price of a kilogram or a litre, for what is sold by mass or volume."""
        return unit_price(self.unit, self.price)

    @property
    def sold_out(self) -> bool:
        return self.available <= 0


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow a list: the value to ask for, its name, how many goods it leaves, whether it is
    chosen."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facets:
    """Each counted as if only the other choices had been made. ``categories`` has the groups and, below a
    chosen one, its branches."""

    categories: tuple[Facet, ...]
    communes: tuple[Facet, ...]
    stars: tuple[Facet, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A page of a list. ``corrected`` is what was searched instead, when nothing had the words as typed."""

    cards: tuple[Card, ...]
    total: int
    page: int
    pages: int
    facets: Facets
    corrected: str

    @property
    def previous_page(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def next_page(self) -> int | None:
        return self.page + 1 if self.page < self.pages else None
