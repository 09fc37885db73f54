"""The mutation fields of this room."""

from __future__ import annotations

from graphene import ID, Argument, Field, String

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
