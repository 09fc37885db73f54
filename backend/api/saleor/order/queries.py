"""The query fields of this room."""

from __future__ import annotations

from graphene import ID, Argument, Field, Int, String

from backend.api.saleor.order.types import (
    Order,
    OrderCountableConnection,
    OrderFilterInput,
    OrderSortingInput,
    OrderWhereInput,
)
from backend.api.saleor.scalars import UUID


class OrderQueries:
    """What order adds to the query root."""

    order = Field(Order, id=ID(), external_reference=String())
    orders = Field(
        OrderCountableConnection,
        sort_by=Argument(OrderSortingInput),
        filter=Argument(OrderFilterInput),
        where=Argument(OrderWhereInput),
        channel=String(),
        search=String(),
        before=String(),
        after=String(),
        first=Int(),
        last=Int(),
    )
    order_by_token = Field(Order, token=UUID(required=True))
