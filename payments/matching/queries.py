"""What people have said that money was for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backend.common import clock
from payments.intents.models import Allocation
from payments.intents.queries import to_value
from payments.intents.values import Intent
from payments.plaintext import mask_numbers

SHOWN_FOR: Final = timedelta(days=7)
"""So long somebody who was mistaken finds it among what was assigned."""
MOST_ASSIGNED: Final = 20


@dataclass(frozen=True, slots=True)
class Assigned:
    """Money that a bank reported and a person counted for an intent. `said` is the bank's text, numbers masked."""

    allocation_id: str
    amount_vnd: int
    occurred_at: datetime
    said: str
    assigned_at: datetime
    intent: Intent


def assigned_for(owner: str) -> list[Assigned]:
    """What somebody assigned to what `owner` asked for, within the last week and still so; newest first, at most 20."""
    rows = Allocation.objects.filter(
        source="person",
        intent__payee__owner=owner,
        reverses__isnull=True,
        reversed_by__isnull=True,
        created_at__gt=clock.now() - SHOWN_FOR,
    ).select_related("transaction", "intent__payee__bank_account")
    return [
        Assigned(
            allocation_id=row.pk,
            amount_vnd=row.amount_vnd,
            occurred_at=row.received_at,
            said=mask_numbers(row.transaction.content) if row.transaction else "",
            assigned_at=row.created_at,
            intent=to_value(row.intent),
        )
        for row in rows.order_by("-created_at", "-pk")[:MOST_ASSIGNED]
    ]
