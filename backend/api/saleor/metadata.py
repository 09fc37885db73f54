"""Changing the metadata of whatever carries some.

Every room says in KEEPERS how the kinds that it knows are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphene import ID, Field, List, NonNull, String

from backend.api.saleor.base import (
    DeleteMetadata,
    DeletePrivateMetadata,
    MetadataInput,
    UpdateMetadata,
    UpdatePrivateMetadata,
)
from backend.api.saleor.checkout import reading as checkout_reading
from backend.api.saleor.checkout.buying import keep_metadata, metadata_from, open_one, writable
from backend.api.saleor.context import Context, require
from backend.api.saleor.ids import read, to_global
from backend.api.saleor.keys import key_of_uuid
from backend.api.saleor.order import reading as order_reading
from backend.api.saleor.problems import Refused, change
from backend.api.saleor.products import changing
from backend.api.saleor.transaction import rows as transaction_rows
from backend.api.saleor.transaction.paying import check_owner
from backend.engine import selling, transactions


@dataclass(frozen=True, slots=True)
class Change:
    """Keys to put and keys to drop, of the public or the private metadata."""

    private: bool
    put: dict[str, str]
    drop: Sequence[str]

    def of(self, context: Context) -> Change:
        """What of it who asks may change."""
        put = {key: text for key, text in self.put.items() if writable(context, key)}
        return Change(self.private, put, [key for key in self.drop if writable(context, key)])


Keeper = Callable[[Any, str, Change], Any]
"""Makes the change for (info, the key within the global id, the change) and returns the row after it. Raises
PermissionDenied, Refused."""


def _checkout(info: Any, key: str, wanted: Change) -> Any:
    """Who knows the id of an open checkout may keep public words with it; the private ones are for programs."""
    key = key_of_uuid(key)
    if wanted.private:
        require(info, *checkout_reading.OPEN_TO)
    row = open_one(info.context, key)
    wanted = wanted.of(info.context)
    keep_metadata(info.context, row, private=wanted.private, put=wanted.put, drop=wanted.drop)
    info.context.forget()
    return open_one(info.context, key)


def _order(info: Any, key: str, wanted: Change) -> Any:
    key = key_of_uuid(key)
    row = order_reading.find(info.context, key)
    if row is None:
        raise _unknown("Order", key)
    require(info, "MANAGE_ORDERS", seller_id=row.seller_id)
    wanted = wanted.of(info.context)
    selling.change_metadata(key, private=wanted.private, put=wanted.put, drop=wanted.drop)
    info.context.forget()
    return order_reading.find(info.context, key)


def _transaction(info: Any, key: str, wanted: Change) -> Any:
    key = key_of_uuid(key)
    require(info, "HANDLE_PAYMENTS")
    row = transaction_rows.find(info.context, key)
    if row is None:
        raise _unknown("TransactionItem", key)
    check_owner(info.context, row)
    transactions.change_metadata(key, private=wanted.private, put=wanted.put, drop=wanted.drop)
    info.context.forget()
    return transaction_rows.find(info.context, key)


def _product(info: Any, key: str, wanted: Change) -> Any:
    row = changing.product_to_change(info, id=to_global("Product", key))
    changing.change_product_metadata(info, row, private=wanted.private, put=wanted.put, drop=wanted.drop)
    return changing.fresh_product(info, row.pk)


def _variant(info: Any, key: str, wanted: Change) -> Any:
    row, _of = changing.variant_to_change(info, id=to_global("ProductVariant", key))
    changing.change_variant_metadata(info, row, private=wanted.private, put=wanted.put, drop=wanted.drop)
    return changing.fresh_variant(info, row.pk)


KEEPERS: dict[str, Keeper] = {
    "Checkout": _checkout,
    "Order": _order,
    "TransactionItem": _transaction,
    "Product": _product,
    "ProductVariant": _variant,
}


def _change(
    info: Any, outside: str, *, private: bool, put: dict[str, str] | None = None, drop: Sequence[str] = ()
) -> dict[str, Any]:
    kind, key = read(outside)
    keeper = KEEPERS.get(kind)
    if keeper is None:
        raise Refused("NOT_FOUND", f"Couldn't resolve to a node: {outside}", "id")
    return {"item": keeper(info, key, Change(private, put or {}, drop))}


def _unknown(kind: str, key: str) -> Refused:
    return Refused("NOT_FOUND", f"Couldn't resolve to a node: {kind}:{key}", "id")


def _texts(sent: Sequence[Any]) -> dict[str, str]:
    return metadata_from(sent)


class MetadataMutations:
    """What base adds to the mutation root."""

    delete_metadata = Field(DeleteMetadata, id=ID(required=True), keys=List(NonNull(String), required=True))
    delete_private_metadata = Field(
        DeletePrivateMetadata, id=ID(required=True), keys=List(NonNull(String), required=True)
    )
    update_metadata = Field(
        UpdateMetadata, id=ID(required=True), input=List(NonNull(MetadataInput), required=True)
    )
    update_private_metadata = Field(
        UpdatePrivateMetadata, id=ID(required=True), input=List(NonNull(MetadataInput), required=True)
    )

    @staticmethod
    @change(UpdateMetadata)
    def resolve_update_metadata(root: Any, info: Any, id: str, input: list[Any]) -> Any:
        return _change(info, id, private=False, put=_texts(input))

    @staticmethod
    @change(UpdatePrivateMetadata)
    def resolve_update_private_metadata(root: Any, info: Any, id: str, input: list[Any]) -> Any:
        return _change(info, id, private=True, put=_texts(input))

    @staticmethod
    @change(DeleteMetadata)
    def resolve_delete_metadata(root: Any, info: Any, id: str, keys: list[str]) -> Any:
        return _change(info, id, private=False, drop=keys)

    @staticmethod
    @change(DeletePrivateMetadata)
    def resolve_delete_private_metadata(root: Any, info: Any, id: str, keys: list[str]) -> Any:
        return _change(info, id, private=True, drop=keys)
