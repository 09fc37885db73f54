"""A basket over sellers: what is in it, at today's prices, grouped by who sells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backend.accounts.models import Seller
from backend.commerce import shop
from backend.commerce.values import Product, Variant
from backend.common.money import Money, total
from backend.sales.delivery import Terms, terms_for

MOST_LINES: Final = 40
MOST_PIECES: Final = 50
"""Of one variant in one order; Saleor's default limit per checkout."""


@dataclass(frozen=True)
class BasketLine:
    product: Product
    variant: Variant
    quantity: int

    @property
    def total(self) -> Money:
        return self.variant.price * self.quantity

    @property
    def said(self) -> str:
        """The good's name, with the size where there are several: what a listener is to tell two lines by."""
        return (
            f"{self.product.name}, {self.variant.size}"
            if len(self.product.variants) > 1
            else self.product.name
        )

    @property
    def too_many(self) -> bool:
        """More than the seller has."""
        return self.quantity > self.variant.available


@dataclass(frozen=True)
class SellerBasket:
    """One seller's part: one order, one payment."""

    seller: Seller
    lines: tuple[BasketLine, ...]
    terms: Terms

    @property
    def subtotal(self) -> Money:
        return total([line.total for line in self.lines])


@dataclass(frozen=True)
class Basket:
    parts: tuple[SellerBasket, ...]
    gone: int
    """How many variants of the basket are no longer sold."""

    @property
    def subtotal(self) -> Money:
        return total([part.subtotal for part in self.parts])

    @property
    def lines(self) -> list[BasketLine]:
        return [line for part in self.parts for line in part.lines]

    @property
    def ready(self) -> bool:
        """Whether it can go to the checkout."""
        return bool(self.parts) and not any(line.too_many for line in self.lines)


def look_at(contents: Mapping[str, int]) -> Basket:
    """``{variant id: pieces}`` as a basket; variants that are no longer sold are counted in ``gone`` and left out."""
    variants = shop().variants(list(contents))
    products = shop().products([v.product_id for v in variants.values()])
    lines: dict[str, list[BasketLine]] = {}
    gone = 0
    for variant_id, quantity in contents.items():
        variant = variants.get(variant_id)
        product = products.get(variant.product_id) if variant else None
        if variant is None or product is None or not product.published:
            gone += 1
            continue
        lines.setdefault(product.seller_id, []).append(BasketLine(product, variant, quantity))
    sellers = {
        str(s.pk): s
        for s in Seller.objects.select_related("commune__province").filter(pk__in=list(lines), active=True)
    }
    gone += sum(len(group) for seller_id, group in lines.items() if seller_id not in sellers)
    terms = terms_for([s.pk for s in sellers.values()])
    parts = tuple(
        SellerBasket(sellers[seller_id], tuple(group), terms[sellers[seller_id].pk])
        for seller_id, group in lines.items()
        if seller_id in sellers
    )
    return Basket(parts, gone)
