"""The embedded engine behind the commerce port: a small Saleor in the same process."""

from __future__ import annotations

from collections.abc import Sequence

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
from backend.engine import buying, goods, reading, selling


class EmbeddedShop(Shop):
    """Every promise of the port, kept by the functions named alike in goods, buying, selling and reading.

    Each writing method is one transaction of its own: the change, its audit row and its events are in it
    together.
    """

    # reading
    def categories(self) -> tuple[Category, ...]:
        return reading.categories()

    def find_product(self, *, slug: str) -> Product | None:
        return reading.find_product(slug)

    def products(self, ids: Sequence[str]) -> dict[str, Product]:
        return reading.products(ids)

    def products_page(
        self, *, after: str | None = None, limit: int = 100, seller_id: str | None = None
    ) -> Page[Product]:
        return reading.products_page(after, limit, seller_id)

    def variants(self, ids: Sequence[str]) -> dict[str, Variant]:
        return reading.variants(ids)

    def find_checkout(self, checkout_id: str) -> Checkout | None:
        return reading.checkout(checkout_id, open_only=True)

    def find_order(self, order_id: str) -> Order | None:
        return reading.find_order(order_id)

    def orders(self, ids: Sequence[str]) -> dict[str, Order]:
        return reading.orders(ids)

    def orders_page(self, *, seller_id: str, after: str | None = None, limit: int = 20) -> Page[Order]:
        return reading.orders_page(seller_id, after, limit)

    # goods
    def create_product(self, *, key: str, draft: ProductDraft) -> Product:
        return goods.create_product(key=key, draft=draft)

    def update_product(self, *, key: str, product_id: str, draft: ProductDraft) -> Product:
        return goods.update_product(key=key, product_id=product_id, draft=draft)

    def add_image(self, *, key: str, product_id: str, content: bytes, alt: str) -> Product:
        return goods.add_image(key=key, product_id=product_id, content=content, alt=alt)

    def remove_image(self, *, key: str, product_id: str, image_id: str) -> Product:
        return goods.remove_image(key=key, product_id=product_id, image_id=image_id)

    def set_stock(self, *, key: str, variant_id: str, quantity: int) -> Variant:
        return goods.set_stock(key=key, variant_id=variant_id, quantity=quantity)

    # buying
    def create_checkout(self, *, key: str, seller_id: str, lines: Sequence[LineDraft]) -> Checkout:
        return buying.create_checkout(key=key, seller_id=seller_id, lines=lines)

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
        return buying.complete_checkout(
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
        return selling.confirm_order(key=key, order_id=order_id)

    def fulfill_order(
        self, *, key: str, order_id: str, lines: Sequence[FulfillLine], allow_unpaid: bool
    ) -> Order:
        return selling.fulfill_order(key=key, order_id=order_id, lines=lines, allow_unpaid=allow_unpaid)

    def cancel_order(self, *, key: str, order_id: str, reason: str, unless_taken_on: bool = False) -> Order:
        return selling.cancel_order(
            key=key, order_id=order_id, reason=reason, unless_taken_on=unless_taken_on
        )

    def report_charge(self, *, key: str, order_id: str, amount: Money, psp_reference: str) -> Order:
        return selling.report_charge(key=key, order_id=order_id, amount=amount, psp_reference=psp_reference)

    def take_back_charge(self, *, key: str, order_id: str, psp_reference: str) -> Order:
        return selling.take_back_charge(key=key, order_id=order_id, psp_reference=psp_reference)
