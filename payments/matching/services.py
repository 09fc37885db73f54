"""The books between bank transactions and intents.

Order of locks everywhere: bank transaction, then intent. So two at once wait for each other and never
deadlock.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, transaction

from backend.common import audit, clock
from backend.common.ids import new_id
from backend.common.money import Money, format_vnd
from backend.common.outbox import emit
from payments.feeds.models import BankTransaction, FeedConnection
from payments.feeds.provider import ReportedTransfer
from payments.intents import services as intents
from payments.intents.errors import IntentNotFound, IntentNotOpen
from payments.intents.models import Allocation, PaymentIntent
from payments.intents.values import Intent
from payments.matching.decision import Decision, decide
from payments.matching.errors import (
    AccountDiffers,
    AllocationNotFound,
    NotEnoughUnallocated,
    TransactionNotFound,
)
from payments.payees.models import BankAccount, PayeeAccount

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Booking:
    """What became of one reported transfer. `new` is False for one that had been booked before."""

    transaction_id: str
    new: bool
    intent_id: str | None
    reason: str


def _account_of(connection: FeedConnection, transfer: ReportedTransfer) -> BankAccount | None:
    """The linked account on which the money moved, by its number or by the virtual one before it."""
    from payments.banks import search

    linked = list(
        BankAccount.objects.filter(
            feed_link__connection=connection,
            account__in=[transfer.account, transfer.sub_account or transfer.account],
        )[:10]
    )
    if len(linked) > 1:
        # The same number at two banks: the provider's name of the bank tells them apart, or nobody guesses.
        bins = {bank.bin for bank in search(transfer.bank_name)}
        linked = [each for each in linked if each.bin in bins]
    return linked[0] if len(linked) == 1 else None


def book_transfer(*, connection: FeedConnection, notice_id: str, transfer: ReportedTransfer) -> Booking:
    """Store what a bank reported and count it for the intent that its text names, once, in the caller's
    transaction.

    1. The transaction row, unique by connection and provider id: whoever comes second finds it and stops.
    2. The intent that the text names, its allocation and event; or the reason why there is none, and an event
       of that. If step 2 fails for a cause of ours, step 1 stands and a person sees it: money that a bank
       reported is never lost to our mistakes. A database that cannot store raises, and the provider will send
       again.
    """
    account = _account_of(connection, transfer)
    now = clock.now()
    row = BankTransaction(
        id=new_id(),
        connection=connection,
        provider_id=transfer.provider_id,
        notice_id=notice_id,
        bank_account=account,
        account=transfer.account,
        sub_account=transfer.sub_account,
        bank_name=transfer.bank_name,
        direction=transfer.direction,
        amount_vnd=transfer.amount_vnd,
        currency=transfer.currency,
        occurred_at=transfer.occurred_at,
        reported_at=now,
        content=transfer.content,
        code=transfer.code,
        reference=transfer.reference,
        unmatched_reason="",
    )
    BankTransaction.objects.bulk_create([row], ignore_conflicts=True)
    stored = BankTransaction.objects.get(connection=connection, provider_id=transfer.provider_id)
    if stored.pk != row.pk:
        return _repeat(connection, stored, transfer)
    try:
        with transaction.atomic():
            decision = decide(transfer, bank_account_id=account.pk if account else None)
            if decision.intent_id is not None:
                BankTransaction.objects.filter(pk=row.pk).update(allocated_vnd=transfer.amount_vnd)
                intents.count(
                    intent_id=decision.intent_id,
                    amount_vnd=transfer.amount_vnd,
                    source="feed",
                    transaction_id=row.pk,
                    # Some banks date the evening's transfers to the next day; nothing came later than it was
                    # reported.
                    received_at=min(transfer.occurred_at, now),
                    actor=connection.actor,
                )
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("transfer %s was stored but could not be counted", row.pk)
        decision = Decision(reason="error")
    if decision.reason:
        _leave_to_a_person(connection, row, decision.reason)
    return Booking(row.pk, new=True, intent_id=decision.intent_id, reason=decision.reason)


def _repeat(connection: FeedConnection, stored: BankTransaction, transfer: ReportedTransfer) -> Booking:
    """The same provider id again: nothing changes; if it now says something else, that is put on record."""
    said = (stored.direction, stored.amount_vnd, stored.account)
    if said != (transfer.direction, transfer.amount_vnd, transfer.account):
        audit.record(
            connection.actor,
            "transfer_contradicted",
            f"transaction:{stored.pk}",
            direction=transfer.direction,
            amount_vnd=transfer.amount_vnd,
            account=transfer.account,
        )
    allocation = stored.allocations.filter(source="feed", reverses__isnull=True).first()
    return Booking(
        stored.pk,
        new=False,
        intent_id=allocation.intent_id if allocation else None,
        reason=stored.unmatched_reason,
    )


def _leave_to_a_person(connection: FeedConnection, row: BankTransaction, reason: str) -> None:
    BankTransaction.objects.filter(pk=row.pk).update(unmatched_reason=reason)
    audit.record(
        connection.actor, "transfer_booked", f"transaction:{row.pk}", amount_vnd=row.amount_vnd, reason=reason
    )
    if reason == "outgoing":
        return
    owners = (
        PayeeAccount.objects.filter(bank_account_id=row.bank_account_id, active=True)
        if row.bank_account_id
        else []
    )
    emit(
        "payment_unmatched",
        f"transaction:{row.pk}",
        {
            "transaction_id": row.pk,
            "reason": reason,
            "amount_vnd": row.amount_vnd,
            "owners": sorted(payee.owner for payee in owners),
        },
    )


def assign_by_person(*, transaction_id: str, intent_id: str, amount: Money, actor: str) -> Intent:
    """Count so much of a transaction for an intent because a person says so.

    Raises: TransactionNotFound, NotEnoughUnallocated, AccountDiffers, IntentNotFound.
    """
    with transaction.atomic():
        row = BankTransaction.objects.select_for_update().filter(pk=transaction_id).first()
        if row is None or row.direction != "in":
            raise TransactionNotFound()
        if amount.currency != row.currency or not 0 < amount.amount <= row.unallocated_vnd:
            raise NotEnoughUnallocated(left=format_vnd(row.unallocated_vnd))
        intent = PaymentIntent.objects.select_related("payee").filter(pk=intent_id).first()
        if intent is not None and intent.payee.bank_account_id != row.bank_account_id:
            raise AccountDiffers()
        BankTransaction.objects.filter(pk=row.pk).update(allocated_vnd=row.allocated_vnd + amount.amount)
        return intents.count(
            intent_id=intent_id,
            amount_vnd=amount.amount,
            source="person",
            transaction_id=row.pk,
            received_at=min(row.occurred_at, row.reported_at),
            actor=actor,
        )


def assign_for(*, owner: str, transaction_id: str, intent_id: str, amount: Money, actor: str) -> Intent:
    """As assign_by_person, on behalf of `owner` ("seller:3"): of money that came to where they are paid now, for
    something that they still ask for. Whether `actor` acts for `owner` is the caller's to check.

    `amount` is all that the transfer has left, as it stood on the screen, so that a form left open counts nothing twice.
    Raises: TransactionNotFound, NotEnoughUnallocated, AccountDiffers, IntentNotFound, IntentNotOpen.
    """
    with transaction.atomic():
        theirs = PayeeAccount.objects.filter(owner=owner, active=True).values("bank_account_id")
        money = BankTransaction.objects.select_for_update().filter(
            pk=transaction_id, bank_account_id__in=theirs, direction="in"
        )
        row = money.first()
        if row is None:
            raise TransactionNotFound()
        if amount.amount != row.unallocated_vnd:
            raise NotEnoughUnallocated(left=format_vnd(row.unallocated_vnd))
        asked = PaymentIntent.objects.select_for_update(of=("self",)).filter(pk=intent_id, payee__owner=owner)
        intent = asked.first()
        if intent is None:
            raise IntentNotFound()
        if intent.cancelled_at is not None or intent.received_vnd >= intent.due_vnd:
            raise IntentNotOpen()
        return assign_by_person(transaction_id=row.pk, intent_id=intent.pk, amount=amount, actor=actor)


def take_back_for(*, owner: str, allocation_id: str, actor: str) -> Intent:
    """Undo what somebody of `owner` assigned by mistake; the transfer waits for a person again. What a transfer's own
    text said is not undone here. Whether `actor` acts for `owner` is the caller's to check.

    Raises: AllocationNotFound, AlreadyReversed.
    """
    theirs = Allocation.objects.filter(pk=allocation_id, source="person", intent__payee__owner=owner)
    if not theirs.exists():
        raise AllocationNotFound()
    return reverse_allocation(allocation_id=allocation_id, reason="assigned by mistake", actor=actor)


def reverse_allocation(*, allocation_id: str, reason: str, actor: str) -> Intent:
    """Take an allocation back by a row of its own; what the bank sent becomes unallocated again.

    Raises: AllocationNotFound, AlreadyReversed.
    """
    with transaction.atomic():
        original = Allocation.objects.filter(pk=allocation_id, reverses__isnull=True).first()
        if original is None:
            raise AllocationNotFound()
        if original.transaction_id is not None:
            row = BankTransaction.objects.select_for_update().get(pk=original.transaction_id)
            intent = intents.take_back(original=original, reason=reason, actor=actor)
            BankTransaction.objects.filter(pk=row.pk).update(
                allocated_vnd=row.allocated_vnd - original.amount_vnd
            )
            return intent
        return intents.take_back(original=original, reason=reason, actor=actor)
