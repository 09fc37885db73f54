"""What the port speaks: typed values with Saleor's names, the same from both engines. Never querysets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from backend.commerce.measures import UnitPrice, unit_price
from backend.common.money import Money
from backend.common.states import StateTable

T = TypeVar("T")

ORDER_STATES = StateTable(
    name="order",
    initial="unconfirmed",
    transitions={
        ("unconfirmed", "confirm"): "unfulfilled",
        ("unconfirmed", "cancel"): "canceled",
        ("unfulfilled", "fulfill_part"): "partially fulfilled",
        ("unfulfilled", "fulfill"): "fulfilled",
        ("unfulfilled", "cancel"): "canceled",
        ("partially fulfilled", "fulfill_part"): "partially fulfilled",
        ("partially fulfilled", "fulfill"): "fulfilled",
    },
    labels={
        "unconfirmed": ("Chờ xác nhận", "Waiting to be confirmed"),
        "unfulfilled": ("Đang chuẩn bị", "Being prepared"),
        "partially fulfilled": ("Đã giao một phần", "Handed over in part"),
        "fulfilled": ("Đã giao", "Handed over"),
        "canceled": ("Đã hủy", "Cancelled"),
    },
    event_labels={
        "confirm": ("Nhận đơn", "Accept"),
        "fulfill": ("Đã giao hàng", "Handed over"),
        "fulfill_part": ("Giao một phần", "Hand over in part"),
        "cancel": ("Hủy đơn", "Cancel"),
    },
)
"""Saleor's order statuses and spellings (``OrderStatus`` values in its database, e.g. "partially fulfilled")."""


@dataclass(frozen=True, slots=True)
class Category:
    """One of the six OCOP groups, or a branch below one."""

    id: str
    slug: str
    name: str
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A photograph in three widths; ``urls`` maps the width in pixels to an address."""

    id: str
    alt: str
    urls: Mapping[int, str]

    def at(self, width: int) -> str:
        """The address of the smallest picture that is at least ``width`` wide, else of the largest."""
        fitting = [w for w in sorted(self.urls) if w >= width]
        return self.urls[fitting[0] if fitting else max(self.urls)]

    @property
    def small(self) -> str:
        return self.at(320)

    @property
    def medium(self) -> str:
        return self.at(640)

    @property
    def large(self) -> str:
        return self.at(1080)


def size_of(*, name: str, unit: str) -> str:
    """A variant in words: its unit, after its own name if it has one."""
    return f"{name}, {unit}" if name else unit


@dataclass(frozen=True, slots=True)
class Variant:
    """What is put into a basket. ``weight_g`` is the net weight; of liquids too, whose volume the unit names.

    ``quantity`` is the pieces that the seller has, those held by orders included; ``available`` the pieces that
    can still be ordered (Saleor's ``quantity`` and ``quantity - quantityAllocated``).
    """

    id: str
    product_id: str
    sku: str
    name: str
    unit: str
    price: Money
    weight_g: int | None
    quantity: int
    available: int
    gtin: str = ""

    @property
    def unit_price(self) -> UnitPrice | None:
        """The price of a kilogram or a litre, for what is sold by mass or volume. See measures."""
        return unit_price(self.unit, self.price)

    @property
    def size(self) -> str:
        """What tells it from the product's other variants, in a basket and on an order."""
        return size_of(name=self.name, unit=self.unit)


@dataclass(frozen=True, slots=True)
class Product:
    """``seller_id`` is the market's own seller id as text; ``label`` holds what law wants on the label (Nghị định 37/2026
    điều 41 and phụ lục I), by field name."""

    id: str
    slug: str
    name: str
    description: str
    category_id: str
    seller_id: str
    variants: tuple[Variant, ...]
    images: tuple[Image, ...]
    label: Mapping[str, str]
    published: bool
    created_at: datetime
    updated_at: datetime

    @property
    def cover(self) -> Image | None:
        return self.images[0] if self.images else None

    @property
    def variant(self) -> Variant:
        """The first, for most goods the only one."""
        return self.variants[0]

    @property
    def foremost(self) -> Variant:
        """The cheapest variant that can be bought, or the cheapest when none can: what lists show and pages offer first."""
        return min(self.variants, key=lambda each: (each.available <= 0, each.price.amount))

    @property
    def available(self) -> int:
        return sum(v.available for v in self.variants)


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A quy cách as its seller states it. ``id`` is None for a new one.

    ``quantity`` is the pieces that the seller has, those held by orders included; None leaves the stock alone, so
    that a form that only changes a price does not put back what was sold while it was open.
    """

    unit: str
    price: Money
    quantity: int | None
    name: str = ""
    weight_g: int | None = None
    sku: str = ""
    gtin: str = ""
    id: str | None = None

    @classmethod
    def unchanged(cls, variant: Variant) -> VariantDraft:
        """``variant`` as it stands, its stock left alone: what a form sends for what it does not touch."""
        return cls(
            unit=variant.unit,
            price=variant.price,
            quantity=None,
            name=variant.name,
            weight_g=variant.weight_g,
            sku=variant.sku,
            gtin=variant.gtin,
            id=variant.id,
        )


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product as its seller states it."""

    name: str
    seller_id: str
    category_id: str
    variants: tuple[VariantDraft, ...]
    description: str = ""
    label: Mapping[str, str] = field(default_factory=dict)
    published: bool = True


@dataclass(frozen=True, slots=True)
class Address:
    """Two levels since 01/07/2025. Codes are the statistics office's; names are kept as they were on the day."""

    name: str
    phone: str
    street: str
    commune_code: str
    commune: str
    province_code: str
    province: str

    def line(self) -> str:
        """The address as one writes it on a parcel."""
        return ", ".join(part for part in (self.street, self.commune, self.province) if part)


@dataclass(frozen=True, slots=True)
class LineDraft:
    variant_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    id: str
    variant: Variant
    product_name: str
    quantity: int
    total: Money


@dataclass(frozen=True, slots=True)
class Checkout:
    """A basket of one seller on its way to an order. Prices are today's; nothing is held yet."""

    id: str
    seller_id: str
    lines: tuple[CheckoutLine, ...]
    subtotal: Money
    delivery_price: Money
    total: Money


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the goods change hands: ``pickup`` at the seller or stall, or ``courier`` to the address."""

    method: str
    name: str
    price: Money


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line as it was confirmed: names and prices are copies and never change."""

    id: str
    variant_id: str
    product_id: str
    product_name: str
    unit: str
    quantity: int
    quantity_fulfilled: int
    unit_price: Money
    total: Money
    image: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """Saleor's order: ``status`` from ORDER_STATES, ``charge_status`` none, partial, full or overcharged."""

    id: str
    number: int
    seller_id: str
    status: str
    charge_status: str
    lines: tuple[OrderLine, ...]
    address: Address
    email: str
    delivery: Delivery
    note: str
    subtotal: Money
    total: Money
    charged: Money
    created_at: datetime
    metadata: Mapping[str, str]

    @property
    def can(self) -> tuple[str, ...]:
        """The events that the order's state accepts."""
        return ORDER_STATES.events(self.status)


@dataclass(frozen=True, slots=True)
class FulfillLine:
    order_line_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of values; ``next`` is the cursor of the following page, None at the end."""

    items: tuple[T, ...]
    next: str | None = None
