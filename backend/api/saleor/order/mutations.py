"""The mutation fields of this room."""

from __future__ import annotations

from typing import Any

from graphene import ID, Argument, Field, String

from backend.api.saleor.order import serving
from backend.api.saleor.order.types import (
    FulfillmentCancel,
    FulfillmentCancelInput,
    FulfillmentUpdateTracking,
    FulfillmentUpdateTrackingInput,
    OrderCancel,
    OrderConfirm,
    OrderFulfill,
    OrderFulfillInput,
    OrderMarkAsPaid,
)
from backend.api.saleor.problems import change


class OrderMutations:
    """What order adds to the mutation root."""

    order_cancel = Field(OrderCancel, id=ID(required=True))
    order_confirm = Field(OrderConfirm, id=ID(required=True))
    order_fulfill = Field(OrderFulfill, input=Argument(OrderFulfillInput, required=True), order=ID())
    order_fulfillment_cancel = Field(
        FulfillmentCancel, id=ID(required=True), input=Argument(FulfillmentCancelInput)
    )
    order_fulfillment_update_tracking = Field(
        FulfillmentUpdateTracking,
        id=ID(required=True),
        input=Argument(FulfillmentUpdateTrackingInput, required=True),
    )
    order_mark_as_paid = Field(OrderMarkAsPaid, id=ID(required=True), transaction_reference=String())

    @staticmethod
    @change(OrderConfirm, field="id")
    def resolve_order_confirm(root: Any, info: Any, id: str) -> Any:
        order = serving.find_for_staff(info, id)
        serving.confirm(order)
        return {"order": serving.again(info.context, order)}

    @staticmethod
    @change(OrderCancel, field="order")
    def resolve_order_cancel(root: Any, info: Any, id: str) -> Any:
        order = serving.find_for_staff(info, id)
        serving.cancel(info.context, order)
        return {"order": serving.again(info.context, order)}

    @staticmethod
    @change(OrderFulfill)
    def resolve_order_fulfill(root: Any, info: Any, input: dict[str, Any], order: str | None = None) -> Any:
        found = serving.find_for_staff(info, order)
        before = {each.id for each in serving.fulfillments(info.context, found)}
        serving.fulfill(info.context, found, input)
        row = serving.again(info.context, found)
        new = [each for each in serving.fulfillments(info.context, row) if each.id not in before]
        return {"order": row, "fulfillments": new}

    @staticmethod
    @change(FulfillmentUpdateTracking)
    def resolve_order_fulfillment_update_tracking(
        root: Any,
        info: Any,
        id: str,
        input: dict[str, Any],
    ) -> Any:
        return {"fulfillment": serving.track(info, id, input.get("tracking_number") or "")}

    @staticmethod
    @change(FulfillmentCancel)
    def resolve_order_fulfillment_cancel(
        root: Any,
        info: Any,
        id: str,
        input: dict[str, Any] | None = None,
    ) -> Any:
        return serving.take_back(info, id)

    @staticmethod
    @change(OrderMarkAsPaid)
    def resolve_order_mark_as_paid(
        root: Any,
        info: Any,
        id: str,
        transaction_reference: str | None = None,
    ) -> Any:
        order = serving.find_for_staff(info, id)
        serving.mark_as_paid(info.context, order, transaction_reference or "")
        return {"order": serving.again(info.context, order)}
