"""What happens to an order after it was placed: money, hand-over, cancelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from backend.commerce import events
from backend.commerce.drafts import MOST_REFERENCE
from backend.commerce.errors import (
    BadFulfillment,
    CannotCancel,
    CannotFulfillUnpaid,
    OrderNotFound,
    OrderTakenOn,
)
from backend.commerce.values import ORDER_STATES, FulfillLine, Order
from backend.common import clock
from backend.common.errors import Invalid, TransitionRefused
from backend.common.idempotency import once
from backend.common.money import Money
from backend.common.states import StateTable
from backend.engine import models, reading
from backend.engine.errors import AlreadyCharged, CannotCancelFulfillment, FulfillmentNotFound
from backend.engine.events import note, tell_order
from backend.engine.keyed import merged_metadata
from backend.engine.transactions import (
    PAID,
    SUCCESS,
    Report,
    charge_of_order,
    open_transaction,
    take_back_charge_of_order,
)

MOST_TRACKING: Final = 255

FULFILLMENT_STATES = StateTable(
    name="fulfillment",
    initial="fulfilled",
    transitions={("fulfilled", "cancel"): "canceled"},
    labels={
        "fulfilled": ("Đã giao", "Handed over"),
        "canceled": ("Đã lấy lại", "Taken back"),
    },
    event_labels={"cancel": ("Lấy lại hàng", "Take back")},
)
"""One hand-over. Taking it back is the embedded engine's alone: the market's port knows no such step."""


def _lock_order(order_id: str) -> models.Order:
    """The order, held against every other change until the transaction ends. Raises OrderNotFound.

    PostgreSQL locks the row; on SQLite the transaction already holds the only write lock.
    """
    order = models.Order.objects.select_for_update().filter(key=order_id).first()
    if order is None:
        raise OrderNotFound()
    return order


def _save(order: models.Order, *fields: str) -> None:
    order.updated_at = clock.now()
    order.save(update_fields=[*fields, "updated_at"])


def _answer(order_id: str) -> Order:
    order = reading.find_order(order_id)
    if order is None:
        raise OrderNotFound()
    return order


def confirm_order(*, key: str, order_id: str) -> Order:
    """The seller takes the order on. An order that is already being prepared stays as it is.

    Raises OrderNotFound, TransitionRefused.
    """

    def do() -> str:
        order = _lock_order(order_id)
        following = ORDER_STATES.next(order.status, "confirm")
        if following != order.status:
            order.status = following
            _save(order, "status")
            note(key, "order.confirmed", f"order:{order.key}")
            tell_order([events.ORDER_CONFIRMED], order)
        return order.key

    return _answer(once(key=key, method="confirm_order", inputs={"order_id": order_id}, do=do))


def report_charge(*, key: str, order_id: str, amount: Money, psp_reference: str) -> Order:
    """Record that ``amount`` reached the seller; a full charge confirms an unconfirmed order.

    The reference is an idempotency key of its own: a repeat with the same amount changes nothing.
    Raises OrderNotFound, ChargeMismatch, Invalid (no amount, or no usable reference).
    """
    if amount.amount <= 0 or amount.currency != "VND" or not 1 <= len(psp_reference) <= MOST_REFERENCE:
        raise Invalid()

    def do() -> str:
        order = _lock_order(order_id)
        charge_of_order(key=key, order=order, amount=amount, psp_reference=psp_reference)
        return order.key

    inputs = {"order_id": order_id, "amount": asdict(amount), "psp_reference": psp_reference}
    return _answer(once(key=key, method="report_charge", inputs=inputs, do=do))


def take_back_charge(*, key: str, order_id: str, psp_reference: str) -> Order:
    """Count the charge under this reference no more. May be repeated; raises OrderNotFound."""

    def do() -> str:
        order = _lock_order(order_id)
        take_back_charge_of_order(key=key, order=order, psp_reference=psp_reference)
        return order.key

    inputs = {"order_id": order_id, "psp_reference": psp_reference}
    return _answer(once(key=key, method="take_back_charge", inputs=inputs, do=do))


def mark_as_paid(*, order_id: str, psp_reference: str, user_ref: str, actor: str) -> Order:
    """Somebody of the seller says that the whole amount has come. Counted once, however many say so at once.

    Raises OrderNotFound, AlreadyCharged (money has reached this order), TransitionRefused (cancelled).
    """
    with transaction.atomic():
        order = _lock_order(order_id)
        if order.status == "canceled":
            raise TransitionRefused()
        if order.charged_vnd:
            raise AlreadyCharged()
        reference = psp_reference or f"manual:{order_id}"
        open_transaction(
            order_id=order_id,
            user_ref=user_ref,
            name="Manual",
            psp_reference=psp_reference,
            reports=[Report(SUCCESS, reference, order.total_vnd, actor=actor)],
        )
    return _answer(order_id)


def fulfill_order(
    *,
    key: str,
    order_id: str,
    lines: Sequence[FulfillLine],
    allow_unpaid: bool,
    tracking_number: str = "",
) -> Order:
    """Hand over ``lines`` and take them out of the stock; the last hand-over makes the order fulfilled.

    Raises OrderNotFound, CannotFulfillUnpaid, BadFulfillment (nothing, or more than is left),
    TransitionRefused. ``tracking_number`` is what the carrier calls the parcel.
    """
    if len(tracking_number) > MOST_TRACKING:
        raise Invalid()
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.order_line_id] = wanted.get(line.order_line_id, 0) + line.quantity

    def do() -> str:
        order = _lock_order(order_id)
        rows = list(order.lines.order_by("variant_id"))
        whole = all(row.quantity_fulfilled + wanted.get(str(row.pk), 0) == row.quantity for row in rows)
        following = ORDER_STATES.next(order.status, "fulfill" if whole else "fulfill_part")
        if not allow_unpaid and order.charge_status not in PAID:
            raise CannotFulfillUnpaid()
        _check_lines(rows, wanted)
        handed_over = models.Fulfillment.objects.create(
            order=order,
            position=models.Fulfillment.objects.filter(order=order).count() + 1,
            tracking_number=tracking_number,
            created_at=clock.now(),
        )
        for row in rows:
            quantity = wanted.get(str(row.pk), 0)
            if not quantity:
                continue
            handed_over.lines.create(order_line=row, quantity=quantity)
            row.quantity_fulfilled += quantity
            row.save(update_fields=["quantity_fulfilled"])
            models.Stock.objects.filter(variant_id=row.variant_id).update(
                quantity=F("quantity") - quantity, quantity_allocated=F("quantity_allocated") - quantity
            )
        order.status = following
        _save(order, "status")
        note(key, "order.handed_over", f"order:{order.key}", lines=wanted)
        tell_order([events.ORDER_FULFILLED if whole else events.ORDER_UPDATED], order)
        return order.key

    inputs: dict[str, object] = {
        "order_id": order_id,
        "lines": [asdict(line) for line in lines],
        "allow_unpaid": allow_unpaid,
    }
    if tracking_number:
        inputs["tracking_number"] = tracking_number
    return _answer(once(key=key, method="fulfill_order", inputs=inputs, do=do))


def _check_lines(rows: Sequence[models.OrderLine], wanted: dict[str, int]) -> None:
    known = {str(row.pk): row for row in rows}
    if not wanted:
        raise BadFulfillment(name=rows[0].product_name, left=rows[0].quantity - rows[0].quantity_fulfilled)
    for line_id, quantity in wanted.items():
        row = known.get(line_id)
        if row is None:
            raise OrderNotFound()
        left = row.quantity - row.quantity_fulfilled
        if not 1 <= quantity <= left:
            raise BadFulfillment(name=row.product_name, left=left)


def cancel_order(*, key: str, order_id: str, reason: str, unless_taken_on: bool = False) -> Order:
    """Cancel, and free what the order held; money that came stays recorded. A cancelled order stays as it is.

    Raises OrderNotFound, CannotCancel once something was handed over, with ``unless_taken_on`` OrderTakenOn.
    """

    def do() -> str:
        order = _lock_order(order_id)
        if ORDER_STATES.is_repeat(order.status, "cancel"):
            return order.key
        if not ORDER_STATES.can(order.status, "cancel"):
            raise CannotCancel()
        if unless_taken_on and (order.status != "unconfirmed" or order.charged_vnd > 0):
            raise OrderTakenOn()
        order.status = ORDER_STATES.next(order.status, "cancel")
        order.cancelled_at = clock.now()
        order.cancel_reason = reason[:200]
        _save(order, "status", "cancelled_at", "cancel_reason")
        held = list(order.lines.order_by("variant_id").values_list("variant_id", "product_id", "quantity"))
        for variant_id, _, quantity in held:
            models.Stock.objects.filter(variant_id=variant_id).update(
                quantity_allocated=F("quantity_allocated") - quantity
            )
        note(key, "order.cancelled", f"order:{order.key}", reason=reason[:200])
        tell_order(
            [events.ORDER_CANCELLED],
            order,
            stock_of={product_id for _, product_id, _ in held},
            reason=reason[:200],
        )
        return order.key

    inputs: dict[str, Any] = {"order_id": order_id, "reason": reason}
    if unless_taken_on:
        inputs["unless_taken_on"] = True
    return _answer(once(key=key, method="cancel_order", inputs=inputs, do=do))


def set_tracking(*, key: str, fulfillment_id: int, tracking_number: str) -> str:
    """Write down what the carrier calls the parcel of one hand-over; return its order's id.

    Raises FulfillmentNotFound, Invalid for a number that is too long.
    """
    if len(tracking_number) > MOST_TRACKING:
        raise Invalid()

    def do() -> str:
        row = models.Fulfillment.objects.filter(pk=fulfillment_id).select_related("order").first()
        if row is None:
            raise FulfillmentNotFound()
        if row.tracking_number != tracking_number:
            models.Fulfillment.objects.filter(pk=row.pk).update(tracking_number=tracking_number)
            note(key, "order.tracking", f"order:{row.order.key}", fulfillment=row.pk)
            tell_order([events.ORDER_UPDATED], row.order)
        return row.order.key

    inputs = {"fulfillment_id": fulfillment_id, "tracking_number": tracking_number}
    return once(key=key, method="set_tracking", inputs=inputs, do=do)


def cancel_fulfillment(*, key: str, fulfillment_id: int) -> str:
    """Take one hand-over back: its goods are on the shelf again, held for the order. Return the order's id.

    What of the order is still handed over says where it stands afterwards.
    Raises FulfillmentNotFound, CannotCancelFulfillment (taken back before).
    """

    def do() -> str:
        order_id = models.Fulfillment.objects.filter(pk=fulfillment_id).values_list("order__key", flat=True)
        found = order_id.first()
        if found is None:
            raise FulfillmentNotFound()
        order = _lock_order(found)
        taken = models.Fulfillment.objects.filter(
            pk=fulfillment_id, status__in=FULFILLMENT_STATES.sources("cancel")
        ).update(status=FULFILLMENT_STATES.next("fulfilled", "cancel"), canceled_at=clock.now())
        if not taken:
            raise CannotCancelFulfillment()
        rows = models.FulfillmentLine.objects.filter(fulfillment_id=fulfillment_id)
        back = dict(rows.values_list("order_line_id", "quantity"))
        lines = list(order.lines.order_by("variant_id"))
        for line in lines:
            quantity = back.get(line.pk, 0)
            if quantity:
                line.quantity_fulfilled -= quantity
                line.save(update_fields=["quantity_fulfilled"])
                models.Stock.objects.filter(variant_id=line.variant_id).update(
                    quantity=F("quantity") + quantity, quantity_allocated=F("quantity_allocated") + quantity
                )
        order.status = (
            "partially fulfilled" if any(line.quantity_fulfilled for line in lines) else "unfulfilled"
        )
        _save(order, "status")
        note(key, "order.hand_over_cancelled", f"order:{order.key}", fulfillment=fulfillment_id)
        tell_order([events.ORDER_UPDATED], order)
        return order.key

    return once(key=key, method="cancel_fulfillment", inputs={"fulfillment_id": fulfillment_id}, do=do)


def change_metadata(
    order_id: str, *, private: bool, put: Mapping[str, str] | None = None, drop: Sequence[str] = ()
) -> None:
    """Keys and texts that programs keep with an order. Raises OrderNotFound, MetadataTooLong."""
    name = "private_metadata" if private else "metadata"
    with transaction.atomic():
        order = _lock_order(order_id)
        setattr(order, name, merged_metadata(getattr(order, name), put, drop))
        _save(order, name)
