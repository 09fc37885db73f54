"""The query fields of this room."""

from __future__ import annotations

from typing import Any

from graphene import ID, Field

from backend.api.saleor.checkout import reading
from backend.api.saleor.checkout.types import Checkout
from backend.api.saleor.keys import key_of_uuid, read_key
from backend.api.saleor.problems import BadArgument
from backend.api.saleor.scalars import UUID


class CheckoutQueries:
    """What checkout adds to the query root."""

    checkout = Field(Checkout, id=ID(), token=UUID())

    @staticmethod
    def resolve_checkout(root: Any, info: Any, id: str | None = None, token: Any = None) -> Any:
        """Null for one that never was, is too old, or has become an order."""
        if (id is None) == (token is None):
            raise BadArgument("At least one of arguments is required: 'id', 'token'.")
        key = read_key(id, "Checkout") if id is not None else key_of_uuid(token)
        return reading.find(info.context, key)
