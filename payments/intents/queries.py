"""Reading intents; other rooms get values, never rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Sum

from backend.common import clock
from payments.intents.errors import IntentNotFound
from payments.intents.models import Allocation, PaymentIntent
from payments.intents.values import Intent
from payments.payees.queries import bank_short_name

OPEN_FOR: Final = timedelta(days=30)
"""Whoever has not paid by then is not about to."""
MOST_OPEN: Final = 30


def to_value(row: PaymentIntent) -> Intent:
    """The value of a row whose payee and bank account have been fetched with it."""
    account = row.payee.bank_account
    return Intent(
        id=row.pk,
        reference=row.reference,
        kind=row.kind,
        subject=row.subject,
        label=row.label,
        owner=row.payee.owner,
        due_vnd=row.due_vnd,
        received_vnd=row.received_vnd,
        refunded_vnd=row.refunded_vnd,
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        first_received_at=row.first_received_at,
        last_received_at=row.last_received_at,
        completed_at=row.completed_at,
        cancelled_at=row.cancelled_at,
        by_hand=row.by_hand,
        payee_id=row.payee_id,
        bin=account.bin,
        bank_short_name=bank_short_name(account.bin),
        account=account.account,
        account_name=row.payee.account_name,
    )


def get_intent(intent_id: str) -> Intent:
    """The intent with this id. Raises IntentNotFound."""
    row = PaymentIntent.objects.select_related("payee__bank_account").filter(pk=intent_id).first()
    if row is None:
        raise IntentNotFound()
    return to_value(row)


def find_by_reference(reference: str) -> Intent | None:
    """The intent that this reference names."""
    row = PaymentIntent.objects.select_related("payee__bank_account").filter(reference=reference).first()
    return to_value(row) if row else None


def intents_for(kind: str, subjects: list[str]) -> dict[str, Intent]:
    """The newest intent of each of `subjects` that has one, in one query."""
    rows = (
        PaymentIntent.objects.select_related("payee__bank_account")
        .filter(kind=kind, subject__in=subjects)
        .order_by("opened_at", "pk")
    )
    return {row.subject: to_value(row) for row in rows}


def find_intent(kind: str, subject: str) -> Intent | None:
    """The newest intent of one order or charge."""
    return intents_for(kind, [subject]).get(subject)


def open_intents(owner: str, *, bin: str, account: str) -> list[Intent]:  # noqa: A002 - the field's own word
    """What `owner` still asks for on this account: not cancelled, not all there, of the last 30 days; newest first,
    at most 30. A code that has left the screen is still asked for.
    """
    rows = PaymentIntent.objects.select_related("payee__bank_account").filter(
        payee__owner=owner,
        payee__bank_account__bin=bin,
        payee__bank_account__account=account,
        cancelled_at__isnull=True,
        received_vnd__lt=F("due_vnd"),
        opened_at__gt=clock.now() - OPEN_FOR,
    )
    return [to_value(row) for row in rows.order_by("-opened_at", "-pk")[:MOST_OPEN]]


def received_by_subject(*, owner: str, kind: str, since: datetime, until: datetime) -> dict[str, int]:
    """What came for `owner` within `since` <= moment < `until`, in đồng, by the subject it came for.

    It counts when the money moved, not when it had been asked for; what was taken back counts as if it had
    never come.
    """
    rows = (
        Allocation.objects.filter(
            intent__payee__owner=owner, intent__kind=kind, received_at__gte=since, received_at__lt=until
        )
        .values("intent__subject")
        .annotate(received_vnd=Sum("amount_vnd"))
    )
    return {row["intent__subject"]: row["received_vnd"] for row in rows if row["received_vnd"]}
