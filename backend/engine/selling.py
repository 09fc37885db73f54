"""What happens to an order after it was placed: money, hand-over, cancelling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from django.db.models import F

from backend.commerce import events
from backend.commerce.drafts import MOST_REFERENCE
from backend.commerce.errors import (
    BadFulfillment,
    CannotCancel,
    CannotFulfillUnpaid,
    ChargeMismatch,
    OrderNotFound,
)
from backend.commerce.values import ORDER_STATES, FulfillLine, Order
from backend.common import clock
from backend.common.errors import Invalid
from backend.common.idempotency import once
from backend.common.money import Money
from backend.engine import models, reading
from backend.engine.events import note, tell_order, tell_stock

PAID: Final = frozenset({"full", "overcharged"})


def charge_status(*, total: Money, charged: Money) -> str:
    """Saleor's charge status of an order: none, partial, full or overcharged."""
    if charged > total:
        return "overcharged"
    if charged == total:
        return "full"
    return "partial" if charged else "none"


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
        earlier = (
            order.charges.filter(psp_reference=psp_reference).values_list("amount_vnd", flat=True).first()
        )
        if earlier is not None:
            if earlier != amount.amount:
                raise ChargeMismatch(reference=psp_reference, amount=Money(earlier))
            return order.key
        order.charges.create(psp_reference=psp_reference, amount_vnd=amount.amount, at=clock.now())
        was_paid = order.charge_status in PAID
        order.charged_vnd += amount.amount
        order.charge_status = charge_status(total=Money(order.total_vnd), charged=Money(order.charged_vnd))
        told = [events.ORDER_PAID]
        if order.charge_status in PAID and not was_paid:
            told.append(events.ORDER_FULLY_PAID)
            if ORDER_STATES.can(order.status, "confirm"):
                order.status = ORDER_STATES.next(order.status, "confirm")
                told.append(events.ORDER_CONFIRMED)
        _save(order, "charged_vnd", "charge_status", "status")
        note(
            key, "order.charged", f"order:{order.key}", amount_vnd=amount.amount, psp_reference=psp_reference
        )
        tell_order(told, order, amount_vnd=amount.amount, psp_reference=psp_reference)
        return order.key

    inputs = {"order_id": order_id, "amount": asdict(amount), "psp_reference": psp_reference}
    return _answer(once(key=key, method="report_charge", inputs=inputs, do=do))


def fulfill_order(*, key: str, order_id: str, lines: Sequence[FulfillLine], allow_unpaid: bool) -> Order:
    """Hand over ``lines`` and take them out of the stock; the last hand-over makes the order fulfilled.

    Raises OrderNotFound, CannotFulfillUnpaid, BadFulfillment (nothing, or more than is left),
    TransitionRefused.
    """
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
        handed_over = models.Fulfillment.objects.create(order=order, created_at=clock.now())
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

    inputs = {"order_id": order_id, "lines": [asdict(line) for line in lines], "allow_unpaid": allow_unpaid}
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


def cancel_order(*, key: str, order_id: str, reason: str) -> Order:
    """Cancel, and free what the order held; money that came stays recorded. A cancelled order stays as it is.

    Raises OrderNotFound, CannotCancel once something was handed over.
    """

    def do() -> str:
        order = _lock_order(order_id)
        if ORDER_STATES.is_repeat(order.status, "cancel"):
            return order.key
        if not ORDER_STATES.can(order.status, "cancel"):
            raise CannotCancel()
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
        tell_order([events.ORDER_CANCELLED], order, reason=reason[:200])
        tell_stock({product_id: order.seller_id for _, product_id, _ in held})
        return order.key

    inputs = {"order_id": order_id, "reason": reason}
    return _answer(once(key=key, method="cancel_order", inputs=inputs, do=do))
