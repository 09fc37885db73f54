"""Payments of a checkout or an order as Saleor keeps them: a transaction, and events that add up to its amounts.

One idempotency key per report: (transaction, reference of the payment provider, type). What the amounts are is
computed from the events alone (``amounts``), so that a repeat or a change of order cannot count an amount twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from backend.commerce import events as shop_events
from backend.commerce.errors import ChargeMismatch
from backend.commerce.values import ORDER_STATES
from backend.common import clock
from backend.common.ids import new_id
from backend.common.money import MAX_VND, Money
from backend.engine import models
from backend.engine.errors import (
    AlreadyAuthorized,
    AmountMissing,
    BadTransaction,
    KeyTaken,
    ReportDiffers,
    TransactionNotFound,
)
from backend.engine.events import note, tell_order
from backend.engine.keyed import merged_metadata

MOST_TRANSACTIONS: Final = 100
"""Of one checkout or order, as on Saleor."""
MOST_TEXT: Final = 512

SUCCESS: Final = "charge_success"
CHARGE_BACK: Final = "charge_back"
PAID: Final = frozenset({"full", "overcharged"})

TYPES: Final = frozenset(
    {
        "authorization_success",
        "authorization_failure",
        "authorization_adjustment",
        "authorization_request",
        "authorization_action_required",
        "charge_success",
        "charge_failure",
        "charge_request",
        "charge_action_required",
        "charge_back",
        "refund_success",
        "refund_failure",
        "refund_request",
        "refund_reverse",
        "cancel_success",
        "cancel_failure",
        "cancel_request",
        "info",
    }
)
"""Saleor's TransactionEventType values."""
NEVER_FINAL: Final = frozenset({"info", "charge_action_required", "authorization_action_required"})
"""Events that move no amount and may come as often as they like."""
_AMOUNT_FROM_EARLIER: Final = {
    "authorization_failure": ("authorization_request", "authorization_success"),
    "charge_failure": ("charge_request", "charge_success"),
    "charge_back": ("charge_success",),
    "refund_failure": ("refund_request", "refund_success"),
    "refund_reverse": ("refund_success",),
    "cancel_failure": ("cancel_request", "cancel_success"),
    "info": (),
}
"""Types that need no amount of their own, and where it is then taken from."""


@dataclass(frozen=True, slots=True)
class Happened:
    """What the arithmetic needs to know of one event."""

    type: str
    psp_reference: str
    amount_vnd: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Amounts:
    """The eight amounts of a transaction, whole đồng, never negative."""

    authorized: int = 0
    authorize_pending: int = 0
    charged: int = 0
    charge_pending: int = 0
    refunded: int = 0
    refund_pending: int = 0
    canceled: int = 0
    cancel_pending: int = 0


_ACTIONS: Final = (
    # what, its amount, the amount that waits, and the amount that it is taken from
    ("charge", "charged", "charge_pending", "authorized"),
    ("refund", "refunded", "refund_pending", "charged"),
    ("cancel", "canceled", "cancel_pending", "authorized"),
)


def amounts(events: Iterable[Happened]) -> Amounts:
    """What ``events`` (those that count) add up to.

    Within one reference a request waits until a success or a failure of it comes; of success and failure the newer
    holds. A refund is taken from what was charged, a charge from what was authorized. Source: Saleor,
    ``payment/transaction_item_calculations.py``.
    """
    happened = sorted(events, key=lambda each: each.at)
    last: dict[tuple[str, str], Happened] = {(each.psp_reference, each.type): each for each in happened}
    found = dict.fromkeys(Amounts.__dataclass_fields__, 0)
    adjustment = next((e for e in reversed(happened) if e.type == "authorization_adjustment"), None)
    for reference in dict.fromkeys(each.psp_reference for each in happened):
        state, event = _outcome(last, reference, "authorization")
        if event is not None and (adjustment is None or event.at > adjustment.at):
            found["authorized" if state == "success" else "authorize_pending"] += event.amount_vnd
    if adjustment is not None:
        found["authorized"] += adjustment.amount_vnd
    for what, amount, waiting, source in _ACTIONS:
        for reference in dict.fromkeys(each.psp_reference for each in happened):
            state, event = _outcome(last, reference, what)
            if event is None:
                continue
            found[amount if state == "success" else waiting] += event.amount_vnd
            found[source] -= event.amount_vnd
        if what == "charge":
            # Money that was never authorized is charged all the same.
            found["authorized"] = max(found["authorized"], 0)
    for each in last.values():
        if each.type == "charge_back":
            found["charged"] -= each.amount_vnd
        elif each.type == "refund_reverse":
            found["refunded"] -= each.amount_vnd
            found["charged"] += each.amount_vnd
    return Amounts(**{name: max(value, 0) for name, value in found.items()})


def _outcome(
    last: Mapping[tuple[str, str], Happened], reference: str, what: str
) -> tuple[str, Happened | None]:
    """Whether an action under one reference succeeded or waits, and the event that says so; None when it neither."""
    success, failure = last.get((reference, f"{what}_success")), last.get((reference, f"{what}_failure"))
    if success is not None and (failure is None or success.at > failure.at):
        return "success", success
    if success is None and failure is None:
        return "pending", last.get((reference, f"{what}_request"))
    return "failure", None


# --- writing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """An event as it is reported. ``amount`` None: taken from earlier events where the type allows it."""

    type: str
    psp_reference: str = ""
    amount: int | None = None
    at: datetime | None = None
    message: str = ""
    external_url: str = ""
    idempotency_key: str | None = None
    actor: str = ""


def check_amount(amount: int | None) -> None:
    """Raises BadTransaction for what no payment can be."""
    if amount is not None and not 0 <= amount <= MAX_VND:
        raise BadTransaction()


def open_transaction(
    *,
    checkout_id: str | None = None,
    order_id: str | None = None,
    app: str = "",
    user_ref: str = "",
    name: str = "",
    psp_reference: str = "",
    actions: Sequence[str] = (),
    idempotency_key: str | None = None,
    subject: str = "",
    message: str = "",
    external_url: str = "",
    metadata: Mapping[str, str] | None = None,
    private_metadata: Mapping[str, str] | None = None,
    reports: Sequence[Report] = (),
    transaction_id: str | None = None,
) -> str:
    """A new transaction of a checkout or an order, with its first events; return its id.

    Raises TransactionNotFound (no such checkout or order), KeyTaken (the idempotency key names another
    transaction of it: ask find_by_key first), BadTransaction.
    """
    for each in reports:
        check_amount(each.amount)
    try:
        with transaction.atomic():
            order = _order(order_id) if order_id is not None else None
            parent: dict[str, Any] = {"order": order} if order else {"checkout_id": checkout_id}
            if models.Transaction.objects.filter(**parent).count() >= MOST_TRANSACTIONS:
                raise BadTransaction()
            now = clock.now()
            row = models.Transaction(
                id=transaction_id or new_id(),
                app=app,
                user_ref=user_ref,
                name=name[:MOST_TEXT],
                psp_reference=psp_reference[:MOST_TEXT],
                actions=list(actions),
                idempotency_key=idempotency_key,
                subject=subject,
                message=message[:MOST_TEXT],
                external_url=external_url[:MOST_TEXT],
                metadata=dict(metadata or {}),
                private_metadata=dict(private_metadata or {}),
                created_at=now,
                modified_at=now,
                **parent,
            )
            happened = [
                Happened(each.type, each.psp_reference, each.amount or 0, each.at or now) for each in reports
            ]
            _put(row, amounts(happened))
            row.save(force_insert=True)
            for each in reports:
                _write(row, each, amount=each.amount or 0, counted=True)
            if order is not None and reports:
                settle_order(order, key=f"transaction:{row.pk}")
            return row.pk
    except IntegrityError:
        # The key, or a checkout that has just become an order or went.
        if idempotency_key is not None and key_is_taken(idempotency_key):
            raise KeyTaken() from None
        raise TransactionNotFound() from None


@dataclass(frozen=True, slots=True)
class Reported:
    """``event_id`` stands for the report; ``repeated``: it had come before and nothing has changed."""

    event_id: int
    transaction_id: str
    repeated: bool


def report(
    *,
    transaction_id: str,
    event: Report,
    actions: Sequence[str] | None = None,
    metadata: Mapping[str, str] | None = None,
    free_reference: bool = False,
) -> Reported:
    """Take in what a payment provider reports, once per reference and type, and count it.

    The row of the transaction is the lock. A repeat changes nothing but what can be done next (``actions``).
    Raises TransactionNotFound, BadTransaction, AmountMissing, ReportDiffers (the same report with another amount:
    a failure that counts nothing is kept beside it), AlreadyAuthorized.
    """
    check_amount(event.amount)
    named = bool(event.psp_reference) or free_reference
    if event.type not in TYPES or not named or len(event.psp_reference) > MOST_TEXT:
        raise BadTransaction()
    with transaction.atomic():
        row, order = _lock(transaction_id)
        earlier = list(
            row.events.filter(counted=True).values_list("pk", "type", "psp_reference", "amount_vnd")
        )
        amount = event.amount
        if amount is None:
            amount = _earlier_amount(event, earlier)
        if event.type not in NEVER_FINAL:
            for pk, kind, reference, before in earlier:
                if (kind, reference) == (event.type, event.psp_reference):
                    if before == amount:
                        if actions is not None:
                            row.actions = list(actions)
                            row.save(update_fields=["actions"])
                        return Reported(pk, row.pk, repeated=True)
                    failed = replace(
                        event,
                        type=event.type.replace("_success", "_failure").replace("_request", "_failure"),
                        message="The transaction with provided `pspReference` and `type` already exists with "
                        "different amount.",
                    )
                    _write(row, failed, amount=amount, counted=False)
                    break
            else:
                if event.type == "authorization_success" and any(
                    kind == "authorization_success" for _, kind, _, _ in earlier
                ):
                    raise AlreadyAuthorized()
                return _take_in(row, order, event, amount, actions, metadata)
        else:
            return _take_in(row, order, event, amount, actions, metadata)
    # Outside, so that the failure that was noted stays.
    raise ReportDiffers()


def _take_in(
    row: models.Transaction,
    order: models.Order | None,
    event: Report,
    amount: int,
    actions: Sequence[str] | None,
    metadata: Mapping[str, str] | None,
    key: str = "",
) -> Reported:
    written = _write(row, event, amount=amount, counted=True)
    if actions is not None:
        row.actions = list(actions)
    if event.message:
        row.message = event.message[:MOST_TEXT]
    if event.external_url:
        row.external_url = event.external_url[:MOST_TEXT]
    if not row.psp_reference and event.type not in NEVER_FINAL:
        row.psp_reference = event.psp_reference
    if metadata:
        row.metadata = merged_metadata(row.metadata, metadata)
    _settle(row, order, key=key, amount_vnd=amount, psp_reference=event.psp_reference)
    return Reported(written.pk, row.pk, repeated=False)


def _earlier_amount(event: Report, earlier: Sequence[tuple[int, str, str, int]]) -> int:
    kinds = _AMOUNT_FROM_EARLIER.get(event.type)
    if kinds is None:
        raise AmountMissing()
    if event.type == "info":
        return 0
    for _, kind, reference, amount in reversed(earlier):
        if reference == event.psp_reference and kind in kinds:
            return amount
    raise AmountMissing()


def state_amounts(
    *,
    transaction_id: str,
    authorized: int | None = None,
    charged: int | None = None,
    refunded: int | None = None,
    canceled: int | None = None,
    texts: Mapping[str, Any] | None = None,
    event: Report | None = None,
    psp_reference: str = "",
) -> None:
    """Saleor's transactionUpdate: the amounts that are given hold from now on, as absolute numbers.

    They are written as events, like everything else, so that the sum of the events stays the truth.
    Raises TransactionNotFound, BadTransaction, ReportDiffers for a number that events cannot bring about.
    """
    with transaction.atomic():
        row, order = _lock(transaction_id)
        for name, value in (texts or {}).items():
            if name in {"metadata", "private_metadata"}:
                value = merged_metadata(getattr(row, name), value)
            setattr(row, name, value)
        row.save()
        for wanted, present, kind in (
            (authorized, row.authorized_vnd, "authorization_adjustment"),
            (charged, row.charged_vnd, "charge"),
            (refunded, row.refunded_vnd, "refund"),
            (canceled, row.canceled_vnd, "cancel"),
        ):
            check_amount(wanted)
            if wanted is None or wanted == present:
                continue
            _state(row, kind, wanted, present, psp_reference)
        if event is not None:
            _write(row, event, amount=event.amount or 0, counted=False)
        _settle(row, order)


def _state(row: models.Transaction, kind: str, wanted: int, present: int, psp_reference: str) -> None:
    used = row.events.filter(psp_reference=psp_reference, counted=True).exists()
    reference = f"stated:{new_id()}" if used or not psp_reference else psp_reference
    if kind == "authorization_adjustment":
        _write(row, Report(kind, reference), amount=wanted, counted=True)
        return
    if wanted > present:
        _write(row, Report(f"{kind}_success", reference), amount=wanted - present, counted=True)
        if kind == "refund":
            # What is charged is stated by itself: a stated refund takes nothing from it.
            _write(row, Report(SUCCESS, reference), amount=wanted - present, counted=True)
    elif kind == "charge":
        _write(row, Report("charge_back", reference), amount=present - wanted, counted=True)
    else:
        raise ReportDiffers()


def request_action(*, transaction_id: str, action: str, amount: int, message: str, actor: str) -> None:
    """Ask whoever holds the money to charge, refund or cancel ``amount``; it waits until they report.

    Raises TransactionNotFound, BadTransaction (nothing to do, or no such action).
    """
    if action not in {"charge", "refund", "cancel"} or amount <= 0:
        raise BadTransaction()
    with transaction.atomic():
        row, order = _lock(transaction_id)
        asked = Report(f"{action}_request", f"asked:{new_id()}", amount, message=message, actor=actor)
        _write(row, asked, amount=amount, counted=True)
        _settle(row, order)


def charge_of_order(*, key: str, order: models.Order, amount: Money, psp_reference: str) -> None:
    """Count an amount that reached the seller on the newest payment of the locked ``order``, or on a new one.

    One charge per reference and order: a repeat with the same amount changes nothing. Raises ChargeMismatch.
    """
    earlier = (
        models.TransactionEvent.objects.filter(
            transaction__order=order, type=SUCCESS, psp_reference=psp_reference, counted=True
        )
        .values_list("amount_vnd", flat=True)
        .first()
    )
    if earlier is not None:
        if earlier != amount.amount:
            raise ChargeMismatch(reference=psp_reference, amount=Money(earlier))
        return
    row = models.Transaction.objects.select_for_update().filter(order=order).order_by("-pk").first()
    if row is None:
        now = clock.now()
        row = models.Transaction.objects.create(
            id=new_id(), order=order, psp_reference=psp_reference, created_at=now, modified_at=now
        )
    _take_in(row, order, Report(SUCCESS, psp_reference), amount.amount, None, None, key)


def note_charges(*, order: models.Order, charges: Sequence[tuple[str, int]]) -> None:
    """Take over (reference, amount) of money that was counted elsewhere, each reference once, and tell nobody.

    Belongs inside the transaction that brings the order in. Raises ChargeMismatch for a reference that is known here with
    another amount.
    """
    known = dict(
        models.TransactionEvent.objects.filter(
            transaction__order=order, type=SUCCESS, counted=True
        ).values_list("psp_reference", "amount_vnd")
    )
    row = models.Transaction.objects.filter(order=order).order_by("-pk").first()
    for reference, amount in charges:
        if reference in known:
            if known[reference] != amount:
                raise ChargeMismatch(reference=reference, amount=Money(known[reference]))
            continue
        if row is None:
            now = clock.now()
            row = models.Transaction.objects.create(
                id=new_id(),
                order=order,
                psp_reference=reference[:MOST_TEXT],
                created_at=now,
                modified_at=now,
            )
        _write(row, Report(SUCCESS, reference), amount=amount, counted=True)
    if row is not None:
        _settle(row, None)
    charged = sum(models.Transaction.objects.filter(order=order).values_list("charged_vnd", flat=True))
    order.charged_vnd = charged
    order.most_charged_vnd = max(order.most_charged_vnd, charged)
    order.charge_status = charge_status(total=Money(order.total_vnd), charged=Money(charged))


def take_back_charge_of_order(*, key: str, order: models.Order, psp_reference: str) -> None:
    """A charge of the locked ``order`` counts no more: Saleor's charge-back under the same reference, at most once."""
    of_order = models.TransactionEvent.objects.filter(
        transaction__order=order, psp_reference=psp_reference, counted=True
    )
    charge = of_order.filter(type=SUCCESS).first()
    if charge is None or of_order.filter(type=CHARGE_BACK).exists():
        return
    row = models.Transaction.objects.select_for_update().get(pk=charge.transaction_id)
    _take_in(row, order, Report(CHARGE_BACK, psp_reference), charge.amount_vnd, None, None, key)


def find_by_key(*, checkout_id: str | None, order_id: str | None, idempotency_key: str) -> str | None:
    """The id of the transaction of this checkout or order that this key made."""
    parent = {"order__key": order_id} if order_id else {"checkout_id": checkout_id}
    found: str | None = (
        models.Transaction.objects.filter(idempotency_key=idempotency_key, **parent)
        .values_list("pk", flat=True)
        .first()
    )
    return found


def key_is_taken(idempotency_key: str) -> bool:
    """Whether any transaction was opened under this key."""
    return models.Transaction.objects.filter(idempotency_key=idempotency_key).exists()


def _order(order_id: str) -> models.Order:
    order = models.Order.objects.select_for_update().filter(key=order_id).first()
    if order is None:
        raise TransactionNotFound()
    return order


def _lock(transaction_id: str) -> tuple[models.Transaction, models.Order | None]:
    """The transaction and its order, held until the end. The order first, as everybody who takes both does."""
    order_pk = models.Transaction.objects.filter(pk=transaction_id).values_list("order_id", flat=True).first()
    orders = models.Order.objects.select_for_update()
    order = orders.get(pk=order_pk) if order_pk is not None else None
    row = models.Transaction.objects.select_for_update().filter(pk=transaction_id).first()
    if row is None:
        raise TransactionNotFound()
    if order is None and row.order_id is not None:
        # Its checkout became an order in this instant.
        order = orders.get(pk=row.order_id)
    return row, order


def _write(row: models.Transaction, event: Report, *, amount: int, counted: bool) -> models.TransactionEvent:
    now = clock.now()
    return models.TransactionEvent.objects.create(
        transaction=row,
        type=event.type,
        psp_reference=event.psp_reference[:MOST_TEXT],
        amount_vnd=amount,
        message=event.message[:MOST_TEXT],
        external_url=event.external_url[:MOST_TEXT],
        idempotency_key=event.idempotency_key,
        actor=event.actor,
        counted=counted,
        at=event.at or now,
        created_at=now,
    )


def _settle(row: models.Transaction, order: models.Order | None, *, key: str = "", **told: Any) -> None:
    """Compute the amounts of ``row`` anew, and what they make of its order."""
    happened = [
        Happened(*each)
        for each in row.events.filter(counted=True)
        .order_by("at", "pk")
        .values_list("type", "psp_reference", "amount_vnd", "at")
    ]
    before = row.refunded_vnd
    _put(row, amounts(happened))
    row.modified_at = clock.now()
    row.save()
    if order is not None:
        settle_order(order, key=key or f"transaction:{row.pk}", refunded=row.refunded_vnd > before, **told)


def _put(row: models.Transaction, found: Amounts) -> None:
    for name in Amounts.__dataclass_fields__:
        setattr(row, f"{name}_vnd", getattr(found, name))


def settle_order(order: models.Order, *, key: str, refunded: bool = False, **told: Any) -> None:
    """What the transactions of the locked ``order`` add up to, its charge status, and what is told of it.

    A full charge confirms an unconfirmed order.
    """
    charged = authorized = 0
    for row_charged, row_authorized in models.Transaction.objects.filter(order=order).values_list(
        "charged_vnd", "authorized_vnd"
    ):
        charged, authorized = charged + row_charged, authorized + row_authorized
    if (charged, authorized) == (order.charged_vnd, order.authorized_vnd) and not refunded:
        return
    before, most = order.charged_vnd, order.most_charged_vnd
    more = charged > before
    order.charged_vnd, order.authorized_vnd = charged, authorized
    order.most_charged_vnd = max(most, charged)
    order.charge_status = charge_status(total=Money(order.total_vnd), charged=Money(charged))
    names: list[str] = []
    if charged > most:
        names.append(shop_events.ORDER_PAID)
        if order.charge_status in PAID and most < order.total_vnd:
            names.append(shop_events.ORDER_FULLY_PAID)
    elif charged < before:
        names.append(shop_events.ORDER_REFUNDED)
    if more and order.charge_status in PAID and ORDER_STATES.can(order.status, "confirm"):
        order.status = ORDER_STATES.next(order.status, "confirm")
        names.append(shop_events.ORDER_CONFIRMED)
    order.updated_at = clock.now()
    order.save(
        update_fields=[
            "charged_vnd",
            "most_charged_vnd",
            "authorized_vnd",
            "charge_status",
            "status",
            "updated_at",
        ]
    )
    if more or refunded:
        note(
            key,
            "order.charged" if more else "order.refunded",
            f"order:{order.key}",
            **told,
        )
    if charged > most:
        told["amount_vnd"] = charged - most
    elif charged < before:
        told["amount_vnd"] = before - charged
    tell_order(names or [shop_events.ORDER_UPDATED], order, **told)


def charge_status(*, total: Money, charged: Money) -> str:
    """Saleor's charge status of an order: none, partial, full or overcharged."""
    if charged > total:
        return "overcharged"
    if charged == total:
        return "full"
    return "partial" if charged else "none"


def change_metadata(
    transaction_id: str, *, private: bool, put: Mapping[str, str] | None = None, drop: Sequence[str] = ()
) -> None:
    """Keys and texts that programs keep with a payment. Raises TransactionNotFound, MetadataTooLong."""
    name = "private_metadata" if private else "metadata"
    with transaction.atomic():
        row, _order = _lock(transaction_id)
        kept = merged_metadata(getattr(row, name), put, drop)
        models.Transaction.objects.filter(pk=row.pk).update(**{name: kept})
