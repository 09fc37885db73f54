"""The Shop protocol: everything the market may ask of commerce."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

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


class Shop(Protocol):
    """One engine. Both engines give the same answers to the same calls (tests/contract).

    Every writing method takes a ``key`` of the caller: the same key and input give the first answer again, the same key
    with another input raises KeyReused. No writing method runs inside an open transaction (RuntimeError), because a
    remote engine knows none. Reading methods return whole values and are bounded.
    """

    # reading
    def categories(self) -> tuple[Category, ...]: ...
    def find_product(self, *, slug: str) -> Product | None: ...
    def products(self, ids: Sequence[str]) -> dict[str, Product]: ...
    def products_page(
        self, *, after: str | None = None, limit: int = 100, seller_id: str | None = None
    ) -> Page[Product]: ...
    def variants(self, ids: Sequence[str]) -> dict[str, Variant]: ...
    def find_checkout(self, checkout_id: str) -> Checkout | None: ...
    def find_order(self, order_id: str) -> Order | None: ...
    def orders(self, ids: Sequence[str]) -> dict[str, Order]: ...
    def orders_page(self, *, seller_id: str, after: str | None = None, limit: int = 20) -> Page[Order]: ...

    # goods
    def create_product(self, *, key: str, draft: ProductDraft) -> Product: ...
    def update_product(self, *, key: str, product_id: str, draft: ProductDraft) -> Product: ...
    def add_image(self, *, key: str, product_id: str, content: bytes, alt: str) -> Product: ...
    def remove_image(self, *, key: str, product_id: str, image_id: str) -> Product: ...
    def set_stock(self, *, key: str, variant_id: str, quantity: int) -> Variant:
        """The seller has ``quantity`` pieces, those held by orders included.

        Raises StockHeld below what orders hold.
        """
        ...

    # buying
    def create_checkout(self, *, key: str, seller_id: str, lines: Sequence[LineDraft]) -> Checkout: ...
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
        """Place the order: hold its stock, copy its prices.

        A checkout that has already become an order gives that order, under whatever key.
        Raises PriceChanged when the total is not ``confirmed_total``, InsufficientStock, NotForSale.
        """
        ...

    # selling
    def confirm_order(self, *, key: str, order_id: str) -> Order: ...
    def fulfill_order(
        self, *, key: str, order_id: str, lines: Sequence[FulfillLine], allow_unpaid: bool
    ) -> Order:
        """Hand over ``lines``, and take them out of the stock.

        Raises CannotFulfillUnpaid, BadFulfillment, TransitionRefused for an order that is unconfirmed or cancelled.
        """
        ...

    def cancel_order(self, *, key: str, order_id: str, reason: str, unless_taken_on: bool = False) -> Order:
        """Cancel and free the stock. Raises CannotCancel once something was handed over.

        ``unless_taken_on``: raises OrderTakenOn once the order is confirmed or any money has come. That is looked at
        where the order is held, so that a confirmation at the same moment is either before or refused.
        """
        ...

    def report_charge(self, *, key: str, order_id: str, amount: Money, psp_reference: str) -> Order:
        """``amount`` reached the seller (one bank credit, or cash). A full charge confirms an unconfirmed order.

        One charge per ``psp_reference`` and order: a repeat with the same amount changes nothing, with another amount
        raises ChargeMismatch. Money is recorded in every state of the order, a cancelled one included.
        """
        ...

    def take_back_charge(self, *, key: str, order_id: str, psp_reference: str) -> Order:
        """The charge under ``psp_reference`` was counted for this order by mistake: it counts no more, for good.

        Its record stays, and so does the order's state. Where nothing was charged under the reference, nothing changes.
        """
        ...
