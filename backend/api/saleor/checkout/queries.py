"""The query fields of this room."""

from __future__ import annotations

from graphene import ID, Field

from backend.api.saleor.checkout.types import Checkout
from backend.api.saleor.scalars import UUID


class CheckoutQueries:
    """What checkout adds to the query root."""

    checkout = Field(Checkout, id=ID(), token=UUID())
