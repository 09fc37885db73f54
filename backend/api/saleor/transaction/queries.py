"""The query fields of this room."""

from __future__ import annotations

from graphene import ID, Field

from backend.api.saleor.scalars import UUID
from backend.api.saleor.transaction.types import TransactionItem


class TransactionQueries:
    """What transaction adds to the query root."""

    transaction = Field(TransactionItem, id=ID(), token=UUID())
