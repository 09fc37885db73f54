"""Reads for the buyer's pages and the seller's desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef

from backend.accounts.models import Seller
from backend.commerce import kept_orders, shop
from backend.commerce.errors import ShopUnavailable
from backend.commerce.values import Order
from backend.common import clock
from backend.common.pages import Rows
from backend.sales.errors import NotPlacedInTime
from backend.sales.models import Purchase, Sale
from backend.sales.values import Payment
from payments.intents.queries import intents_for
from payments.intents.values import Intent


@dataclass(frozen=True)
class SaleView:
    """A sale with its order and its payment, and what they mean together. Facts are stored, labels computed here."""

    sale: Sale
    order: Order
    intent: Intent | None
    from_copy: bool = False
    """The shop does not answer, and this is the order as it was last seen. The payment is always today's."""

    @property
    def labels(self) -> frozenset[str]:
        return self.intent.labels(clock.now()) if self.intent else frozenset()

    @property
    def paid(self) -> bool:
        return self.order.charge_status in {"full", "overcharged"} or "paid" in self.labels

    @property
    def cancelled(self) -> bool:
        return self.order.status == "canceled" or self.sale.cancel_asked_at is not None

    @property
    def waiting_for_money(self) -> bool:
        """Whether the QR code is to be shown."""
        return (
            self.intent is not None
            and not self.paid
            and not self.cancelled
            and self.order.status != "fulfilled"
        )

    @property
    def takes_back(self) -> bool:
        """Whether the buyer may still take it back by themselves: nothing paid, and its seller has not taken it on."""
        if self.cancelled or self.order.status == "fulfilled" or self.sale.seen_by_seller_at is not None:
            return False
        if self.from_copy:
            return False
        return self.sale.hold_until is not None and (self.intent is None or self.intent.received_vnd == 0)

    @property
    def step(self) -> int:
        """Where it stands: 0 placed, 1 paid or accepted, 2 being prepared, 3 handed over."""
        if self.order.status == "fulfilled":
            return 3
        if self.sale.seen_by_seller_at is not None or self.order.status == "partially fulfilled":
            return 2
        return 1 if self.paid or self.order.status == "unfulfilled" else 0

    @property
    def needs_seller(self) -> str:
        """What the seller has to do next: ``accept``, ``hand_over``, ``look`` (money and order disagree) or nothing."""
        if self.cancelled:
            return "look" if self.intent is not None and self.intent.received_vnd > 0 else ""
        if self.order.status == "fulfilled":
            return ""
        if self.labels & {"short"}:
            return "look"
        if self.waiting_for_money:
            return ""
        return "hand_over" if self.sale.seen_by_seller_at is not None else "accept"


def _views(sales: list[Sale]) -> list[SaleView]:
    orders, from_copy = _orders([sale.order_id for sale in sales if sale.order_id])
    intents = intents_for("order", [sale.pk for sale in sales])
    return [
        SaleView(sale, orders[sale.order_id], intents.get(sale.pk), from_copy)
        for sale in sales
        if sale.order_id and sale.order_id in orders
    ]


def _orders(ids: list[str]) -> tuple[dict[str, Order], bool]:
    """The orders of ``ids``, and whether they come from the market's copies because the shop does not answer.

    Raises ShopUnavailable where there is not even one copy.
    """
    try:
        return shop().orders(ids), False
    except ShopUnavailable:
        kept = kept_orders(ids)
        if ids and not kept:
            raise
        return kept, True


def sales_of(purchase: Purchase) -> list[SaleView]:
    """The sales of a purchase, in the order in which they were placed."""
    rows = (
        purchase.sales.select_related("seller__commune__province")
        .filter(placed_at__isnull=False)
        .order_by("pk")
    )
    return _views(list(rows))


def view_of(sale: Sale) -> SaleView:
    """One sale with its order and payment."""
    return _views([sale])[0]


def desk_sales(seller_id: int, *, page: int = 1, size: int = 20) -> tuple[list[SaleView], bool]:
    """A seller's sales, newest first, and whether there are older ones."""
    start = (max(page, 1) - 1) * size
    rows = Sale.objects.select_related("seller", "purchase").filter(
        seller_id=seller_id, placed_at__isnull=False
    )
    found = list(rows.order_by("-pk")[start : start + size + 1])
    return _views(found[:size]), len(found) > size


def _has_sales() -> Exists:
    """What another storefront has placed is shown as soon as it is adopted."""
    return Exists(Sale.objects.filter(purchase=OuterRef("pk")))


def waiting_for_seller(seller_id: int) -> int:
    """How many orders of the last 60 days the seller has not yet looked after: paid or cash, not accepted, not cancelled."""
    since = clock.now() - timedelta(days=60)
    rows = Sale.objects.filter(
        seller_id=seller_id, placed_at__gt=since, seen_by_seller_at__isnull=True, cancel_asked_at__isnull=True
    )
    fresh = list(rows.values_list("pk", "payment").order_by("-pk")[:200])
    intents = intents_for("order", [pk for pk, payment in fresh if payment == Payment.VIETQR])
    now = clock.now()
    return sum(
        1
        for pk, payment in fresh
        if payment == Payment.CASH or (pk in intents and "paid" in intents[pk].labels(now))
    )


def seller_ids(*, after: str = "", limit: int = 100) -> list[str]:
    """The ids of sellers in order, from the one behind ``after`` on: of those who have stopped, too, since orders stay."""
    rows = Seller.objects.filter(pk__gt=int(after or 0))
    return [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)[:limit]]


def find_finished_purchase(key: str) -> Purchase | None:
    """The purchase that the form with ``key`` has already made, whole; None while there is none."""
    made = Purchase.objects.filter(key=key, failed_at__isnull=True).exclude(sales__placed_at__isnull=True)
    return made.first() if key else None


def find_waiting_purchase(key: str) -> Purchase | None:
    """The purchase of the form with ``key`` that is written down and that the shop has not answered yet."""
    return Purchase.objects.filter(key=key, failed_at=None, sales__placed_at=None).first() if key else None


def is_waiting(purchase: Purchase) -> bool:
    """Whether the shop has yet to answer for one of its orders."""
    return purchase.failed_at is None and purchase.sales.filter(placed_at=None).exists()


def failure_of(purchase: Purchase) -> str:
    """Why nothing of it was ordered: in the words that were said then, or for who was not there in today's."""
    for failure in purchase.sales.exclude(failure=None).values_list("failure", flat=True):
        said = failure or {}
        given_up = said.get("code") == NotPlacedInTime.code
        return str(NotPlacedInTime()) if given_up else str(said.get("message", ""))
    return ""


def names_of(sale_ids: Sequence[str]) -> dict[str, tuple[int, str]]:
    """By what a seller knows each placed sale: the order's number and the buyer's name. One query."""
    rows = Sale.objects.filter(pk__in=sale_ids, order_number__isnull=False)
    return {
        pk: (number or 0, name)
        for pk, number, name in rows.values_list("pk", "order_number", "purchase__name")
    }


def orders_of(user_id: int, *, limit: int = 200) -> list[str]:
    """The ids of the orders that a signed-in buyer placed, newest first."""
    rows = Sale.objects.filter(purchase__user_id=user_id, order_id__isnull=False)
    return [
        order_id for order_id in rows.order_by("-pk").values_list("order_id", flat=True)[:limit] if order_id
    ]


def purchases(*, user_id: int) -> Rows[Purchase]:
    """What somebody bought while signed in, newest first."""
    rows = Purchase.objects.select_related("commune__province").filter(
        _has_sales(), user_id=user_id, failed_at__isnull=True
    )
    return Rows(rows, newest_first=True)


def sales_of_purchases(purchase_ids: Sequence[str]) -> dict[str, list[SaleView]]:
    """The placed sales of each purchase, in the order in which they were placed."""
    rows = Sale.objects.select_related("seller__commune__province", "purchase__commune__province").filter(
        purchase_id__in=purchase_ids, placed_at__isnull=False
    )
    found: dict[str, list[SaleView]] = {}
    for view in _views(list(rows.order_by("pk"))):
        found.setdefault(view.sale.purchase_id, []).append(view)
    return found


def sales(*, seller_id: int) -> Rows[Sale]:
    """A seller's placed sales, newest first. Access is the caller's to check (access_seller)."""
    rows = Sale.objects.select_related("seller__commune__province", "purchase__commune__province")
    return Rows(rows.filter(seller_id=seller_id, placed_at__isnull=False), newest_first=True)


def views_of(found: Sequence[Sale]) -> list[SaleView]:
    """Sales with their orders and payments; one whose order cannot be read now is left out."""
    return _views(list(found))
