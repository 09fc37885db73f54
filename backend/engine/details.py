"""What Saleor's dialect reads of checkouts, orders and payments: plain rows, a fixed number of queries.

The port's values (``reading``) say what the market needs; these rows say everything that was kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Q, QuerySet

from backend.common.models import AuditEntry
from backend.engine import models
from backend.engine.reading import MOST_AT_ONCE, media_url

Metadata = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CheckoutData:
    """A checkout as it stands. ``completed`` checkouts are orders."""

    id: str
    seller_id: str
    created_at: datetime
    updated_at: datetime
    completed: bool
    user_ref: str
    email: str
    language: str
    shipping_address: Mapping[str, Any] | None
    billing_address: Mapping[str, Any] | None
    delivery_method: str
    delivery_name: str
    delivery_vnd: int
    metadata: Metadata
    private_metadata: Metadata


@dataclass(frozen=True, slots=True)
class CheckoutLineData:
    """Goods in a checkout at today's price. ``available``: pieces that can still be ordered; ``for_sale``: whether they
    are offered at all."""

    id: int
    checkout_id: str
    variant_id: int
    product_id: int
    quantity: int
    price_vnd: int
    available: int
    for_sale: bool
    shown_vnd: int | None


@dataclass(frozen=True, slots=True)
class OrderData:
    """An order with everything that was kept of it."""

    number: int
    id: str
    checkout_id: str
    seller_id: str
    status: str
    charge_status: str
    name: str
    phone: str
    street: str
    commune_code: str
    commune: str
    province_code: str
    province: str
    email: str
    delivery_method: str
    delivery_name: str
    delivery_vnd: int
    note: str
    subtotal_vnd: int
    total_vnd: int
    charged_vnd: int
    authorized_vnd: int
    metadata: Metadata
    private_metadata: Metadata
    created_at: datetime
    updated_at: datetime
    user_ref: str
    language: str
    shipping_address: Mapping[str, Any] | None
    billing_address: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class OrderLineData:
    """A line as it was confirmed; ``image`` is the address of the photograph of that day."""

    id: int
    order_number: int
    variant_id: int
    product_id: int
    product_name: str
    unit: str
    sku: str
    image: str
    quantity: int
    quantity_fulfilled: int
    unit_price_vnd: int
    total_vnd: int


@dataclass(frozen=True, slots=True)
class FulfillmentLineData:
    id: int
    order_line_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class FulfillmentData:
    """One hand-over."""

    id: int
    order_number: int
    position: int
    status: str
    tracking_number: str
    created_at: datetime
    lines: tuple[FulfillmentLineData, ...]


@dataclass(frozen=True, slots=True)
class TransactionData:
    """A payment. Exactly one of ``checkout_id`` and ``order_number`` is given, unless its checkout is gone."""

    id: str
    checkout_id: str | None
    order_number: int | None
    order_id: str | None
    seller_id: str
    app: str
    user_ref: str
    name: str
    psp_reference: str
    message: str
    external_url: str
    actions: Sequence[str]
    idempotency_key: str | None
    subject: str
    authorized_vnd: int
    authorize_pending_vnd: int
    charged_vnd: int
    charge_pending_vnd: int
    refunded_vnd: int
    refund_pending_vnd: int
    canceled_vnd: int
    cancel_pending_vnd: int
    metadata: Metadata
    private_metadata: Metadata
    created_at: datetime
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class TransactionEventData:
    id: int
    transaction_id: str
    type: str
    psp_reference: str
    amount_vnd: int
    message: str
    external_url: str
    idempotency_key: str | None
    counted: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OrderEventData:
    """Something that the audit log says of an order."""

    id: int
    order_id: str
    action: str
    at: datetime
    data: Mapping[str, Any]


_CHECKOUT: Final = tuple(name for name in CheckoutData.__dataclass_fields__ if name != "completed")
_ORDER: Final = tuple(OrderData.__dataclass_fields__)
_ORDER_COLUMNS: Final = tuple({"id": "key", "checkout_id": "checkout_key"}.get(name, name) for name in _ORDER)


def checkouts(ids: Iterable[str]) -> dict[str, CheckoutData]:
    """The checkouts that exist among ``ids``, those that became orders included. One query."""
    rows = models.Checkout.objects.filter(pk__in=_bounded(ids)).values(*_CHECKOUT, "completed_at")
    found = {}
    for row in rows:
        completed = row.pop("completed_at") is not None
        row["updated_at"] = row["updated_at"] or row["created_at"]
        found[row["id"]] = CheckoutData(completed=completed, **row)
    return found


def open_checkouts_of(user_ref: str) -> list[str]:
    """The open checkouts of a person, newest first. One query."""
    rows = models.Checkout.objects.filter(user_ref=user_ref, completed_at__isnull=True).exclude(user_ref="")
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:MOST_AT_ONCE])


def checkout_lines(ids: Iterable[str]) -> dict[str, list[CheckoutLineData]]:
    """The lines of each of these checkouts, in the order of their coming. One query."""
    wanted = _bounded(ids)
    found: dict[str, list[CheckoutLineData]] = {each: [] for each in wanted}
    rows = models.CheckoutLine.objects.filter(checkout_id__in=wanted).order_by("pk")
    read: Iterable[tuple[Any, ...]] = rows.values_list(
        "pk",
        "checkout_id",
        "variant_id",
        "variant__product_id",
        "quantity",
        "variant__price_vnd",
        "variant__stock__quantity",
        "variant__stock__quantity_allocated",
        "variant__product__published",
        "variant__withdrawn_at",
        "shown_vnd",
    )
    for row in read:
        pk, checkout_id, variant_id, product_id, quantity, price, on_hand, held, published, gone, shown = row
        line = CheckoutLineData(
            id=pk,
            checkout_id=checkout_id,
            variant_id=variant_id,
            product_id=product_id,
            quantity=quantity,
            price_vnd=price,
            available=on_hand - held,
            for_sale=published and gone is None,
            shown_vnd=shown,
        )
        found[checkout_id].append(line)
    return found


def orders(ids: Iterable[str]) -> dict[str, OrderData]:
    """The orders that exist among ``ids``. One query."""
    return {each.id: each for each in _orders(models.Order.objects.filter(key__in=_bounded(ids)))}


def orders_by_number(numbers: Iterable[int]) -> dict[int, OrderData]:
    """The orders that exist among ``numbers``. One query."""
    return {each.number: each for each in _orders(models.Order.objects.filter(number__in=_bounded(numbers)))}


def order_of_checkout(checkout_id: str) -> str | None:
    """The id of the order that this checkout has become. One query."""
    found: str | None = (
        models.Order.objects.filter(checkout_key=checkout_id).values_list("key", flat=True).first()
    )
    return found


def _orders(chosen: QuerySet[models.Order]) -> list[OrderData]:
    return [OrderData(*row) for row in chosen.values_list(*_ORDER_COLUMNS)]


SORTS: Final = {"number": "number", "created": "created_at", "updated": "updated_at", "total": "total_vnd"}


def orders_page(
    where: Q, *, sort: str, descending: bool, after: tuple[Any, ...] | None, backward: bool, limit: int
) -> list[OrderData]:
    """At most ``limit`` orders from the key ``after`` on, which is (what is sorted by, number). One query.

    ``backward``: the ones before that key, nearest first.
    """
    column = SORTS[sort]
    down = descending != backward
    chosen = models.Order.objects.filter(where)
    if after is not None:
        way = "lt" if down else "gt"
        value, number = after
        chosen = chosen.filter(
            Q(**{f"{column}__{way}": value}) | Q(**{column: value, f"number__{way}": number})
        )
    sign = "-" if down else ""
    return _orders(chosen.order_by(f"{sign}{column}", f"{sign}number")[:limit])


def count_orders(where: Q) -> int:
    """How many orders there are. One query."""
    return models.Order.objects.filter(where).count()


def order_lines(numbers: Iterable[int]) -> dict[int, list[OrderLineData]]:
    """The lines of each of these orders. One query."""
    wanted = _bounded(numbers)
    found: dict[int, list[OrderLineData]] = {each: [] for each in wanted}
    rows = models.OrderLine.objects.filter(order_id__in=wanted).order_by("pk")
    for row in rows.values_list(
        "pk",
        "order_id",
        "variant_id",
        "product_id",
        "product_name",
        "unit",
        "sku",
        "image",
        "quantity",
        "quantity_fulfilled",
        "unit_price_vnd",
        "total_vnd",
    ):
        line = OrderLineData(*row[:7], media_url(row[7]), *row[8:])
        found[line.order_number].append(line)
    return found


def fulfillments(numbers: Iterable[int]) -> dict[int, list[FulfillmentData]]:
    """The hand-overs of each of these orders. Two queries, one where there are none."""
    wanted = _bounded(numbers)
    found: dict[int, list[FulfillmentData]] = {each: [] for each in wanted}
    for row in _fulfillments(Q(order_id__in=wanted)):
        found[row.order_number].append(row)
    return found


def find_fulfillment(fulfillment_id: int) -> FulfillmentData | None:
    """One hand-over. Two queries."""
    return next(iter(_fulfillments(Q(pk=fulfillment_id))), None)


def _fulfillments(where: Q) -> list[FulfillmentData]:
    rows = list(
        models.Fulfillment.objects.filter(where)
        .order_by("pk")
        .values_list("pk", "order_id", "position", "status", "tracking_number", "created_at")
    )
    if not rows:
        return []
    lines: defaultdict[int, list[FulfillmentLineData]] = defaultdict(list)
    of_rows = models.FulfillmentLine.objects.filter(fulfillment_id__in=[row[0] for row in rows]).order_by(
        "pk"
    )
    for pk, fulfillment_id, line_id, quantity in of_rows.values_list(
        "pk", "fulfillment_id", "order_line_id", "quantity"
    ):
        lines[fulfillment_id].append(FulfillmentLineData(pk, line_id, quantity))
    return [FulfillmentData(*row, tuple(lines[row[0]])) for row in rows]


_TRANSACTION: Final = tuple(
    name
    for name in TransactionData.__dataclass_fields__
    if name not in {"order_id", "order_number", "seller_id"}
)


def _transactions(chosen: QuerySet[models.Transaction]) -> list[TransactionData]:
    rows = chosen.order_by("pk").values(
        *_TRANSACTION,
        of_order=F("order__key"),
        number=F("order_id"),
        order_seller=F("order__seller_id"),
        checkout_seller=F("checkout__seller_id"),
    )
    found = []
    for row in rows:
        seller = row.pop("order_seller") or row.pop("checkout_seller") or ""
        row.pop("checkout_seller", None)
        found.append(
            TransactionData(
                order_id=row.pop("of_order"), order_number=row.pop("number"), seller_id=seller, **row
            )
        )
    return found


def transactions(ids: Iterable[str]) -> dict[str, TransactionData]:
    """The payments that exist among ``ids``. One query."""
    return {each.id: each for each in _transactions(models.Transaction.objects.filter(pk__in=_bounded(ids)))}


def transactions_of_orders(numbers: Iterable[int]) -> dict[int, list[TransactionData]]:
    """The payments of each of these orders. One query."""
    wanted = _bounded(numbers)
    found: dict[int, list[TransactionData]] = {each: [] for each in wanted}
    for row in _transactions(models.Transaction.objects.filter(order_id__in=wanted)):
        found[row.order_number or 0].append(row)
    return found


def transactions_of_checkouts(ids: Iterable[str]) -> dict[str, list[TransactionData]]:
    """The payments of each of these checkouts. One query."""
    wanted = _bounded(ids)
    found: dict[str, list[TransactionData]] = {each: [] for each in wanted}
    for row in _transactions(models.Transaction.objects.filter(checkout_id__in=wanted)):
        found[row.checkout_id or ""].append(row)
    return found


def transaction_events(ids: Iterable[str]) -> dict[str, list[TransactionEventData]]:
    """What was reported of each of these payments, in the order of its coming. One query."""
    wanted = _bounded(ids)
    found: dict[str, list[TransactionEventData]] = {each: [] for each in wanted}
    rows = models.TransactionEvent.objects.filter(transaction_id__in=wanted).order_by("pk")
    for row in rows.values_list(*TransactionEventData.__dataclass_fields__):
        event = TransactionEventData(*row)
        found[event.transaction_id].append(event)
    return found


def order_events(ids: Iterable[str]) -> dict[str, list[OrderEventData]]:
    """What the audit log says of each of these orders, oldest first. One query."""
    wanted = _bounded(ids)
    found: dict[str, list[OrderEventData]] = {each: [] for each in wanted}
    rows = AuditEntry.objects.filter(subject__in=[f"order:{each}" for each in wanted]).order_by("pk")
    for pk, subject, action, at, data in rows.values_list("pk", "subject", "action", "at", "data"):
        order_id = subject.removeprefix("order:")
        found[order_id].append(OrderEventData(pk, order_id, action, at, data))
    return found


def _bounded(ids: Iterable[Any]) -> list[Any]:
    found = list(dict.fromkeys(ids))
    if len(found) > 10 * MOST_AT_ONCE:
        raise ValueError("too many ids at once")
    return found
