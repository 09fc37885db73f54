"""What a person may need to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import F, QuerySet

from payments.feeds.models import BankTransaction, FeedAccount
from payments.payees.models import PayeeAccount
from payments.plaintext import mask_numbers

MOST_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class UnmatchedTransfer:
    """Money that came into an owner's account and of which something is not counted for anything.

    `reason` is a code of matching.decision.REASONS, empty where it was counted once and taken back.
    """

    id: str
    bin: str
    bank_name: str
    account: str
    amount_vnd: int
    unallocated_vnd: int
    occurred_at: datetime
    content: str
    reason: str

    @property
    def said(self) -> str:
        """What the bank wrote, without the numbers of accounts and phones."""
        return mask_numbers(self.content)


def _unmatched(owner: str) -> QuerySet[BankTransaction]:
    accounts = PayeeAccount.objects.filter(owner=owner, active=True).values("bank_account_id")
    return BankTransaction.objects.filter(
        bank_account_id__in=accounts,
        direction="in",
        currency="VND",
        allocated_vnd__lt=F("amount_vnd"),
    )


def unmatched_for(owner: str, *, start: int = 0, limit: int = MOST_ROWS) -> list[UnmatchedTransfer]:
    """Money in `owner`'s present account that waits for a person, newest first, from the `start`-th on; at most 100."""
    rows = _unmatched(owner).select_related("bank_account").order_by("-reported_at", "-pk")
    return [
        UnmatchedTransfer(
            id=row.pk,
            bin=row.bank_account.bin if row.bank_account else "",
            bank_name=row.bank_name,
            account=row.account,
            amount_vnd=row.amount_vnd,
            unallocated_vnd=row.unallocated_vnd,
            occurred_at=row.occurred_at,
            content=row.content,
            reason=row.unmatched_reason,
        )
        for row in rows[start : start + min(limit, MOST_ROWS)]
    ]


def count_unmatched(owner: str, *, since: datetime) -> int:
    """How many transfers reported after `since` wait for a person."""
    return _unmatched(owner).filter(reported_at__gt=since).count()


def linked_accounts() -> list[tuple[str, str]]:
    """BIN and number of every account that an active connection reports on."""
    rows = FeedAccount.objects.filter(connection__active=True).select_related("bank_account")
    return sorted((row.bank_account.bin, row.bank_account.account) for row in rows)
