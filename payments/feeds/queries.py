"""What a person may need to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from payments.feeds.models import BankTransaction, FeedAccount
from payments.payees.models import PayeeAccount

MOST_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class UnmatchedTransfer:
    """Money that came into an owner's account and of which something is not counted for anything."""

    id: str
    bank_name: str
    account: str
    amount_vnd: int
    unallocated_vnd: int
    occurred_at: datetime
    content: str
    reason: str


def unmatched_for(owner: str) -> list[UnmatchedTransfer]:
    """Money in `owner`'s present account that waits for a person, newest first, at most 100."""
    accounts = PayeeAccount.objects.filter(owner=owner, active=True).values("bank_account_id")
    rows = BankTransaction.objects.filter(bank_account_id__in=accounts, direction="in").exclude(
        unmatched_reason=""
    )
    return [
        UnmatchedTransfer(
            id=row.pk,
            bank_name=row.bank_name,
            account=row.account,
            amount_vnd=row.amount_vnd,
            unallocated_vnd=row.unallocated_vnd,
            occurred_at=row.occurred_at,
            content=row.content,
            reason=row.unmatched_reason,
        )
        for row in rows.order_by("-reported_at")[:MOST_ROWS]
        if row.unallocated_vnd > 0
    ]


def linked_accounts() -> list[tuple[str, str]]:
    """BIN and number of every account that an active connection reports on."""
    rows = FeedAccount.objects.filter(connection__active=True).select_related("bank_account")
    return sorted((row.bank_account.bin, row.bank_account.account) for row in rows)
