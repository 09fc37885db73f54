"""The query fields of this room."""

from __future__ import annotations

from typing import Any

from graphene import ID, Argument, Field, String

from backend.api.saleor.base import paged
from backend.api.saleor.keys import key_of_uuid, read_key
from backend.api.saleor.order import reading
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
        **paged(),
    )
    order_by_token = Field(Order, token=UUID(required=True))

    @staticmethod
    def resolve_order(
        root: Any,
        info: Any,
        id: str | None = None,
        external_reference: str | None = None,
    ) -> Any:
        """An order, for whoever knows its id; who else than buyer and seller sees no person in it."""
        return reading.find(info.context, read_key(id, "Order")) if id is not None else None

    @staticmethod
    def resolve_order_by_token(root: Any, info: Any, token: Any) -> Any:
        return reading.find(info.context, key_of_uuid(token))

    @staticmethod
    def resolve_orders(root: Any, info: Any, **arguments: Any) -> Any:
        return reading.staff_orders(info, arguments)
