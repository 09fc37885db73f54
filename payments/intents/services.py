"""Asking for money, and counting what came. The one place that writes allocations."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from backend.common import audit, clock
from backend.common.errors import KeyReused
from backend.common.idempotency import fingerprint
from backend.common.ids import new_id
from backend.common.money import Money, format_vnd
from backend.common.outbox import emit
from payments.intents.errors import (
    AlreadyReversed,
    AmountDiffers,
    DueOutOfRange,
    IntentAlreadyPaid,
    IntentCancelled,
    IntentNotFound,
    PayeeHasFeed,
    PayeeMissing,
)
from payments.intents.models import Allocation, PaymentIntent
from payments.intents.queries import get_intent, to_value
from payments.intents.values import Intent
from payments.payees.models import PayeeAccount
from payments.payees.queries import has_feed
from payments.references import new_reference
from payments.vietqr.encoder import CEILING_VND

MOST_TRIES: Final = 5
"""Fresh references to try when one is taken: at a million intents one in 270 is, so five in a row never
are.
"""


def open_intent(
    *, key: str, payee_id: int, due: Money, kind: str, subject: str, label: str, expires_at: datetime | None
) -> Intent:
    """Ask for `due` on behalf of a payee: one reference, one QR code. Idempotent under the caller's `key`.

    `kind` is "order" or "charge", `subject` what it is for in the caller's words, `label` what people read.
    With `expires_at` the code leaves the screen then; money that comes later is still recognised. May run
    inside the caller's transaction.
    Raises: PayeeMissing, DueOutOfRange, KeyReused (the key came before with another input).
    """
    digest = fingerprint([payee_id, due.amount, due.currency, kind, subject])
    known = PaymentIntent.objects.select_related("payee__bank_account").filter(key=key).first()
    if known is not None:
        return _same_or_refuse(known, digest)
    if due.currency != "VND" or not 0 < due.amount < CEILING_VND:
        raise DueOutOfRange()
    if not PayeeAccount.objects.filter(pk=payee_id).exists():
        raise PayeeMissing()
    for _ in range(MOST_TRIES):
        intent_id = new_id()
        row = PaymentIntent(
            id=intent_id,
            key=key,
            input_sha256=digest,
            reference=new_reference(),
            payee_id=payee_id,
            kind=kind,
            subject=subject,
            label=label[:160],
            due_vnd=due.amount,
            opened_at=clock.now(),
            expires_at=expires_at,
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            known = PaymentIntent.objects.select_related("payee__bank_account").filter(key=key).first()
            if known is not None:
                return _same_or_refuse(known, digest)
            if not PaymentIntent.objects.filter(reference=row.reference).exists():
                raise
        else:
            return get_intent(intent_id)
    raise RuntimeError("No free payment reference was found.")


def _same_or_refuse(row: PaymentIntent, digest: str) -> Intent:
    if row.input_sha256 != digest:
        raise KeyReused()
    return to_value(row)


def _lock(intent_id: str) -> PaymentIntent:
    """The row, held until the transaction ends. (On SQLite every transaction already holds the one write
    lock.)
    """
    row = PaymentIntent.objects.select_for_update().filter(pk=intent_id).first()
    if row is None:
        raise IntentNotFound()
    return row


def cancel_intent(*, intent_id: str, reason: str, actor: str) -> Intent:
    """Stop asking. Money that came for a part of it stays counted and is for a person to deal with; so is
    later money.

    A repeat changes nothing.
    Raises: IntentNotFound, IntentAlreadyPaid (enough came first: the caller keeps its order).
    """
    with transaction.atomic():
        row = _lock(intent_id)
        if row.cancelled_at is None:
            if row.received_vnd >= row.due_vnd:
                raise IntentAlreadyPaid()
            row.cancelled_at = clock.now()
            row.cancel_reason = reason[:80]
            row.save(update_fields=["cancelled_at", "cancel_reason"])
            intent = get_intent(intent_id)
            audit.record(actor, "intent_cancelled", f"intent:{row.pk}", reason=row.cancel_reason)
            emit("payment_cancelled", f"intent:{row.pk}", _about(intent) | {"reason": row.cancel_reason})
    return get_intent(intent_id)


def confirm_by_hand(*, intent_id: str, amount: Money, actor: str) -> Intent:
    """The payee says that what was missing has come. For payees whose bank tells us nothing; marked as such
    for good.

    `amount` must be exactly what is still missing, so that a form left open counts nothing twice. A repeat
    for an intent that was completed by hand with this amount changes nothing.
    Raises: IntentNotFound, PayeeHasFeed, IntentCancelled, AmountDiffers.
    """
    with transaction.atomic():
        row = _lock(intent_id)
        intent = get_intent(intent_id)
        if row.by_hand and amount == Money(row.due_vnd) and row.received_vnd == row.due_vnd:
            return intent
        if has_feed(row.payee.bank_account_id):
            raise PayeeHasFeed()
        if row.cancelled_at is not None:
            raise IntentCancelled()
        if amount != Money(intent.outstanding_vnd) or amount.amount <= 0:
            raise AmountDiffers(given=str(amount), wanted=format_vnd(intent.outstanding_vnd))
        return count(
            intent_id=intent_id,
            amount_vnd=amount.amount,
            source="hand",
            transaction_id=None,
            received_at=clock.now(),
            actor=actor,
        )


def count(
    *,
    intent_id: str,
    amount_vnd: int,
    source: str,
    transaction_id: str | None,
    received_at: datetime,
    actor: str,
) -> Intent:
    """Count so many đồng for an intent: allocation, facts, audit row and the event `payment_received`, all or
    nothing.

    For this room and payments.matching, which keeps the books of the bank transaction in the same
    transaction. `received_at` is when the bank says that it came.
    Raises: IntentNotFound; IntegrityError when this transfer has been counted by its text before.
    """
    with transaction.atomic():
        row = _lock(intent_id)
        allocation = Allocation.objects.create(
            id=new_id(),
            intent=row,
            transaction_id=transaction_id,
            amount_vnd=amount_vnd,
            source=source,
            actor=actor,
            received_at=received_at,
            created_at=clock.now(),
        )
        _recount(row)
        intent = get_intent(intent_id)
        audit.record(
            actor,
            "payment_received",
            f"intent:{intent_id}",
            allocation=allocation.pk,
            amount_vnd=amount_vnd,
            source=source,
            transaction=transaction_id,
        )
        emit(
            "payment_received",
            f"intent:{intent_id}",
            _about(intent)
            | {
                "amount_vnd": amount_vnd,
                "source": source,
                "allocation_id": allocation.pk,
                "received_at": received_at.isoformat(),
                "transaction_id": transaction_id,
            },
        )
    return intent


def take_back(*, original: Allocation, reason: str, actor: str) -> Intent:
    """Reverse one allocation by a row of its own; the original stays. For payments.matching, as `count`.

    Raises: AlreadyReversed.
    """
    with transaction.atomic():
        row = _lock(original.intent_id)
        if Allocation.objects.filter(reverses=original).exists():
            raise AlreadyReversed()
        Allocation.objects.create(
            id=new_id(),
            intent=row,
            transaction_id=original.transaction_id,
            amount_vnd=-original.amount_vnd,
            source=original.source,
            actor=actor,
            received_at=original.received_at,
            created_at=clock.now(),
            reverses=original,
        )
        _recount(row)
        intent = get_intent(row.pk)
        audit.record(
            actor, "allocation_reversed", f"intent:{row.pk}", allocation=original.pk, reason=reason[:200]
        )
        emit(
            "payment_reversed",
            f"intent:{row.pk}",
            _about(intent) | {"amount_vnd": -original.amount_vnd, "allocation_id": original.pk},
        )
    return intent


def _recount(row: PaymentIntent) -> None:
    """Save the facts of the locked `row` as the allocations that stand say, in the order in which the money
    came.
    """
    standing = list(
        Allocation.objects.filter(intent=row, reverses__isnull=True, reversed_by__isnull=True).order_by(
            "received_at", "pk"
        )
    )
    row.received_vnd = 0
    row.completed_at = None
    for each in standing:
        row.received_vnd += each.amount_vnd
        if row.completed_at is None and row.received_vnd >= row.due_vnd:
            row.completed_at = each.received_at
    row.first_received_at = standing[0].received_at if standing else None
    row.last_received_at = standing[-1].received_at if standing else None
    row.by_hand = any(each.source == "hand" for each in standing)
    row.save(
        update_fields=["received_vnd", "first_received_at", "last_received_at", "completed_at", "by_hand"]
    )


def _about(intent: Intent) -> dict[str, Any]:
    """What every event of an intent says."""
    return {
        "intent_id": intent.id,
        "kind": intent.kind,
        "subject": intent.subject,
        "owner": intent.owner,
        "reference": intent.reference,
        "due_vnd": intent.due_vnd,
        "received_vnd": intent.received_vnd,
        "labels": sorted(intent.labels(clock.now())),
    }
