"""Saleor behind the commerce port. The market in front of the port sees no difference (tests/contract)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from backend.commerce.shop import Shop
from backend.commerce.values import (
    Address,
    Category,
    Checkout,
    Delivery,
    FulfillLine,
    LineDraft,
    Order,
    Page,
    Product,
    ProductDraft,
    Variant,
)
from backend.common.money import Money
from integrations.saleor import reading, turns
from integrations.saleor.buying import Buying
from integrations.saleor.client import Client
from integrations.saleor.goods import Goods
from integrations.saleor.places import Places
from integrations.saleor.selling import Selling

CATEGORIES_S: Final = 300.0
"""How long the groups are believed: they change when a decision of the Prime Minister does."""


class SaleorShop(Shop):
    """Every promise of the port, kept through Saleor's GraphQL. May be shared by threads."""

    def __init__(self, client: Client, *, zoned: bool = True) -> None:
        """``zoned`` is False for our own GraphQL, which has no shipping zones."""
        client.ask_before(turns.renew)
        self._client = client
        self._places = Places(client, zoned=zoned)
        self._unknown = reading.Unknown()
        self._categories: tuple[Category, ...] = ()
        self._categories_until = 0.0
        self._goods = Goods(client, self._places, lambda: {each.id for each in self.categories()})
        self._selling = Selling(client, self._places)
        self._buying = Buying(client, self._places)

    # reading
    def categories(self) -> tuple[Category, ...]:
        if time.monotonic() >= self._categories_until:
            self._categories = reading.categories(self._client)
            self._categories_until = time.monotonic() + CATEGORIES_S
        return self._categories

    def find_product(self, *, slug: str) -> Product | None:
        return reading.find_product(self._client, slug=slug, unknown=self._unknown)

    def products(self, ids: Sequence[str]) -> dict[str, Product]:
        return reading.products(self._client, ids)

    def products_page(
        self, *, after: str | None = None, limit: int = 100, seller_id: str | None = None
    ) -> Page[Product]:
        return reading.products_page(self._client, after=after, limit=limit, seller_id=seller_id)

    def variants(self, ids: Sequence[str]) -> dict[str, Variant]:
        return reading.variants(self._client, ids)

    def find_checkout(self, checkout_id: str) -> Checkout | None:
        return reading.find_checkout(self._client, checkout_id)

    def find_order(self, order_id: str) -> Order | None:
        return reading.find_order(self._client, order_id)

    def orders(self, ids: Sequence[str]) -> dict[str, Order]:
        return reading.orders(self._client, ids)

    def orders_page(self, *, seller_id: str, after: str | None = None, limit: int = 20) -> Page[Order]:
        return reading.orders_page(self._client, seller_id=seller_id, after=after, limit=limit)

    # goods
    def create_product(self, *, key: str, draft: ProductDraft) -> Product:
        return self._goods.create_product(key=key, draft=draft)

    def update_product(self, *, key: str, product_id: str, draft: ProductDraft) -> Product:
        return self._goods.update_product(key=key, product_id=product_id, draft=draft)

    def add_image(self, *, key: str, product_id: str, content: bytes, alt: str) -> Product:
        return self._goods.add_image(key=key, product_id=product_id, content=content, alt=alt)

    def remove_image(self, *, key: str, product_id: str, image_id: str) -> Product:
        return self._goods.remove_image(key=key, product_id=product_id, image_id=image_id)

    def set_stock(self, *, key: str, variant_id: str, quantity: int) -> Variant:
        return self._goods.set_stock(key=key, variant_id=variant_id, quantity=quantity)

    # buying
    def create_checkout(self, *, key: str, seller_id: str, lines: Sequence[LineDraft]) -> Checkout:
        return self._buying.create_checkout(key=key, seller_id=seller_id, lines=lines)

    def complete_checkout(
        self,
        *,
        key: str,
        checkout_id: str,
        address: Address,
        email: str,
        delivery: Delivery,
        confirmed_total: Money,
        note: str = "",
        metadata: dict[str, str] | None = None,
    ) -> Order:
        return self._buying.complete_checkout(
            key=key,
            checkout_id=checkout_id,
            address=address,
            email=email,
            delivery=delivery,
            confirmed_total=confirmed_total,
            note=note,
            metadata=metadata or {},
        )

    # selling
    def confirm_order(self, *, key: str, order_id: str) -> Order:
        return self._selling.confirm_order(key=key, order_id=order_id)

    def fulfill_order(
        self, *, key: str, order_id: str, lines: Sequence[FulfillLine], allow_unpaid: bool
    ) -> Order:
        return self._selling.fulfill_order(key=key, order_id=order_id, lines=lines, allow_unpaid=allow_unpaid)

    def cancel_order(self, *, key: str, order_id: str, reason: str, unless_taken_on: bool = False) -> Order:
        return self._selling.cancel_order(
            key=key, order_id=order_id, reason=reason, unless_taken_on=unless_taken_on
        )

    def report_charge(self, *, key: str, order_id: str, amount: Money, psp_reference: str) -> Order:
        return self._selling.report_charge(
            key=key, order_id=order_id, amount=amount, psp_reference=psp_reference
        )

    def take_back_charge(self, *, key: str, order_id: str, psp_reference: str) -> Order:
        return self._selling.take_back_charge(key=key, order_id=order_id, psp_reference=psp_reference)
