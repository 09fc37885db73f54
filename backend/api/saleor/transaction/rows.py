"""Payments and their events as the dialect shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from backend.api.saleor.context import Context
from backend.api.saleor.ids import to_global
from backend.api.saleor.keys import global_key
from backend.api.saleor.rows import MoneyRow
from backend.engine import details
from backend.engine.details import TransactionData, TransactionEventData

OPEN_TO: Final = ("HANDLE_PAYMENTS", "MANAGE_ORDERS")


def load_events(context: Context, ids: list[str]) -> dict[str, list[TransactionEventData]]:
    """For context.loader."""
    del context
    return details.transaction_events(ids)


def load_transactions(context: Context, ids: list[str]) -> dict[str, TransactionData]:
    """For context.loader."""
    del context
    return details.transactions(ids)


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """TransactionItem."""

    KIND: ClassVar = "TransactionItem"
    GUARD: ClassVar = OPEN_TO

    data: TransactionData

    @property
    def id(self) -> str:
        return global_key("TransactionItem", self.data.id)

    @property
    def seller_id(self) -> str:
        return self.data.seller_id

    @property
    def metadata(self) -> Mapping[str, str]:
        return self.data.metadata

    @property
    def private_metadata(self) -> Mapping[str, str]:
        return self.data.private_metadata


def transaction_rows(context: Context, rows: Iterable[TransactionData]) -> list[TransactionRow]:
    """Rows of payments whose events are then read together."""
    found = list(rows)
    context.loader(load_events).want([each.id for each in found])
    return [TransactionRow(each) for each in found]


def find(context: Context, key: str) -> TransactionRow | None:
    """The payment of this key."""
    data = context.loader(load_transactions).get(key) if key else None
    return TransactionRow(data) if data is not None else None


@dataclass(frozen=True, slots=True)
class EventRow:
    """TransactionEvent."""

    data: TransactionEventData

    @property
    def id(self) -> str:
        return to_global("TransactionEvent", self.data.id)

    @property
    def type(self) -> str:
        return self.data.type.upper()

    @property
    def amount(self) -> MoneyRow:
        return MoneyRow(self.data.amount_vnd)

    @property
    def created_at(self) -> Any:
        return self.data.created_at

    @property
    def psp_reference(self) -> str:
        return self.data.psp_reference

    @property
    def message(self) -> str:
        return self.data.message

    @property
    def external_url(self) -> str:
        return self.data.external_url

    @property
    def idempotency_key(self) -> str | None:
        return self.data.idempotency_key


@dataclass(frozen=True, slots=True)
class MethodDetailsRow:
    """OtherPaymentMethodDetails."""

    name: str


def event_of(context: Context, transaction_id: str, event_id: int | None = None) -> EventRow | None:
    """One event of a payment, the newest when none is named."""
    rows = context.loader(load_events).get(transaction_id) or []
    chosen = [each for each in rows if event_id is None or each.id == event_id]
    return EventRow(chosen[-1]) if chosen else None
