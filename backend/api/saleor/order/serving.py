"""What a seller's people and programs do with an order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.api.saleor.context import Context, require
from backend.api.saleor.ids import key_of, pk_of, to_global
from backend.api.saleor.keys import read_key
from backend.api.saleor.order import reading
from backend.api.saleor.order.reading import FulfillmentRow, OrderRow
from backend.api.saleor.problems import Refused
from backend.commerce import shop
from backend.commerce.errors import BadFulfillment, CannotFulfillUnpaid
from backend.commerce.naming import CANCEL_REASON
from backend.commerce.values import FulfillLine
from backend.common import audit
from backend.common.errors import TransitionRefused
from backend.common.ids import new_id
from backend.engine import details, selling
from backend.sales.gateways import sale_of
from backend.sales.services import book_cash
from backend.sales.values import Payment


def find_for_staff(info: Any, outside: str | None) -> OrderRow:
    """The order, for those who serve its seller. Raises PermissionDenied, Refused NOT_FOUND."""
    require(info, "MANAGE_ORDERS")
    order = reading.find(info.context, read_key(outside, "Order"))
    if order is None:
        raise Refused("NOT_FOUND", f"Couldn't resolve to a node: {outside}", "id")
    require(info, "MANAGE_ORDERS", seller_id=order.seller_id)
    return order


def again(context: Context, order: OrderRow) -> OrderRow:
    """The order after a change."""
    context.forget()
    found = reading.find(context, order.data.id)
    if found is None:
        raise Refused("NOT_FOUND", "The order is gone.", "id")
    return found


def fulfillments(context: Context, order: OrderRow) -> list[FulfillmentRow]:
    """Its hand-overs."""
    return reading.fulfillments_of(context, order.data)


def confirm(order: OrderRow) -> None:
    """orderConfirm. Raises Refused INVALID for an order that is not waiting for it."""
    if order.data.status != "unconfirmed":
        raise Refused(
            "INVALID", "Provided order id belongs to an order with status different than unconfirmed.", "id"
        )
    selling.confirm_order(key=f"api:{new_id()}", order_id=order.data.id)


def cancel(context: Context, order: OrderRow) -> None:
    """orderCancel: frees the goods; money stays recorded. Raises CannotCancel."""
    if order.data.status == "canceled":
        raise Refused("CANNOT_CANCEL_ORDER", "This order can't be canceled.", "order")
    reason = str(order.data.metadata.get(CANCEL_REASON, "")) or context.requestor.actor
    selling.cancel_order(key=f"api:{new_id()}", order_id=order.data.id, reason=reason)


def fulfill(context: Context, order: OrderRow, sent: Mapping[str, Any]) -> None:
    """orderFulfill: any part of any line, from the one warehouse of the seller. Raises Refused.

    People hand over before the money only what is paid in cash, which they take with the last goods; programs know
    what they do.
    """
    wanted: list[FulfillLine] = []
    for each in sent["lines"]:
        line_id = key_of(each.get("order_line_id"), "OrderLine")
        quantity = sum(stock["quantity"] for stock in each["stocks"])
        warehouses = [stock["warehouse"] for stock in each["stocks"]]
        if len(set(warehouses)) != len(warehouses):
            raise Refused("DUPLICATED_INPUT_ITEM", "Duplicated warehouse ID.", "warehouse")
        if quantity:
            wanted.append(FulfillLine(line_id, quantity))
    if not wanted:
        raise Refused("ZERO_QUANTITY", "Total quantity must be larger than 0.", "lines")
    if len({each.order_line_id for each in wanted}) != len(wanted):
        raise Refused("DUPLICATED_INPUT_ITEM", "Duplicated order line ID.", "orderLineId")
    placed = shop().find_order(order.data.id)
    sale = sale_of(placed) if placed is not None else None
    in_cash = sale is not None and sale.payment == Payment.CASH
    try:
        handed_over = selling.fulfill_order(
            key=f"api:{new_id()}",
            order_id=order.data.id,
            lines=wanted,
            allow_unpaid=bool(context.requestor.app) or in_cash,
            tracking_number=sent.get("tracking_number") or "",
        )
    except BadFulfillment as refusal:
        lines = [to_global("OrderLine", each.order_line_id) for each in wanted]
        raise Refused("FULFILL_ORDER_LINE", str(refusal), "orderLineId", order_lines=lines) from None
    except CannotFulfillUnpaid as refusal:
        raise Refused("CANNOT_FULFILL_UNPAID_ORDER", str(refusal), "id") from None
    except TransitionRefused:
        raise Refused(
            "INVALID", "Provided order id belongs to an order that cannot be fulfilled.", "order"
        ) from None
    left = handed_over.total > handed_over.charged
    if (
        sale is not None
        and in_cash
        and left
        and handed_over.status == "fulfilled"
        and not context.requestor.app
    ):
        book_cash(sale=sale, order=handed_over)


def _fulfillment(info: Any, outside: str) -> tuple[OrderRow, int]:
    require(info, "MANAGE_ORDERS")
    pk = pk_of(outside, "Fulfillment")
    data = details.find_fulfillment(pk)
    if data is None:
        raise Refused("NOT_FOUND", f"Couldn't resolve to a node: {outside}", "id")
    order = reading.row_of(info.context, details.orders_by_number([data.order_number])[data.order_number])
    require(info, "MANAGE_ORDERS", seller_id=order.seller_id)
    return order, pk


def track(info: Any, outside: str, tracking_number: str) -> FulfillmentRow:
    """orderFulfillmentUpdateTracking. Raises Refused."""
    order, pk = _fulfillment(info, outside)
    selling.set_tracking(key=f"api:{new_id()}", fulfillment_id=pk, tracking_number=tracking_number)
    return _row(info.context, order, pk)


def take_back(info: Any, outside: str) -> dict[str, Any]:
    """orderFulfillmentCancel. Raises Refused, CannotCancelFulfillment."""
    order, pk = _fulfillment(info, outside)
    selling.cancel_fulfillment(key=f"api:{new_id()}", fulfillment_id=pk)
    row = _row(info.context, order, pk)
    return {"fulfillment": row, "order": reading.find(info.context, order.data.id)}


def _row(context: Context, order: OrderRow, pk: int) -> FulfillmentRow:
    present = again(context, order)
    return next(each for each in fulfillments(context, present) if each.data.id == pk)


def mark_as_paid(context: Context, order: OrderRow, reference: str) -> None:
    """orderMarkAsPaid: staff say that the whole amount has come. Raises Refused when payments say otherwise."""
    if context.loader(reading.load_transactions).get(order.data.number):
        raise Refused(
            "TRANSACTION_ERROR", "Orders with transactions can not be manually marked as paid.", "transaction"
        )
    if order.data.status == "canceled":
        raise Refused("PAYMENT_ERROR", "A canceled order can not be marked as paid.", None)
    requestor = context.requestor
    selling.mark_as_paid(
        order_id=order.data.id,
        psp_reference=reference,
        user_ref=str(requestor.user.pk) if requestor.user is not None else "",
        actor=requestor.actor,
    )
    audit.record(requestor.actor, "order.marked_as_paid", f"order:{order.data.id}", reference=reference)
