"""The query fields of this room."""

from __future__ import annotations

from typing import Any

from graphene import ID, Field

from backend.api.saleor.context import require
from backend.api.saleor.keys import key_of_uuid, read_key
from backend.api.saleor.problems import BadArgument
from backend.api.saleor.scalars import UUID
from backend.api.saleor.transaction import rows
from backend.api.saleor.transaction.types import TransactionItem


class TransactionQueries:
    """What transaction adds to the query root."""

    transaction = Field(TransactionItem, id=ID(), token=UUID())

    @staticmethod
    def resolve_transaction(root: Any, info: Any, id: str | None = None, token: Any = None) -> Any:
        """A payment, for those who serve its order. Raises PermissionDenied."""
        if (id is None) == (token is None):
            raise BadArgument("At least one of arguments is required: 'id', 'token'.")
        require(info, "HANDLE_PAYMENTS")
        row = rows.find(
            info.context, read_key(id, "TransactionItem") if id is not None else key_of_uuid(token)
        )
        if row is None or not info.context.requestor.reaches(row.seller_id):
            return None
        return row
