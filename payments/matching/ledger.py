"""Whether the books are right."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from payments.feeds.models import BankTransaction
from payments.intents.models import Allocation, PaymentIntent


@dataclass(frozen=True, slots=True)
class AccountTotals:
    """Of one bank account, in whole đồng: all that banks reported coming in, and what of it was counted or
    not.
    """

    received_vnd: int
    allocated_vnd: int

    @property
    def unallocated_vnd(self) -> int:
        """What nobody has said the purpose of."""
        return self.received_vnd - self.allocated_vnd


def account_totals(bank_account_id: int) -> AccountTotals:
    """Totals of one account; `allocated_vnd` is summed from the allocations themselves."""
    received = BankTransaction.objects.filter(bank_account_id=bank_account_id, direction="in")
    allocated = Allocation.objects.filter(transaction__bank_account_id=bank_account_id)
    return AccountTotals(
        received_vnd=received.aggregate(total=Coalesce(Sum("amount_vnd"), 0))["total"],
        allocated_vnd=allocated.aggregate(total=Coalesce(Sum("amount_vnd"), 0))["total"],
    )


def find_discrepancies() -> list[str]:
    """Every place where a kept sum differs from its allocations, as text for an operator; empty when the
    books are right.
    """
    transactions = (
        BankTransaction.objects.annotate(counted=Coalesce(Sum("allocations__amount_vnd"), 0))
        .exclude(counted=F("allocated_vnd"))
        .values_list("pk", "allocated_vnd", "counted")
    )
    intents = (
        PaymentIntent.objects.annotate(counted=Coalesce(Sum("allocations__amount_vnd"), 0))
        .exclude(counted=F("received_vnd"))
        .values_list("pk", "received_vnd", "counted")
    )
    return [f"transaction {pk}: keeps {kept}, counted {counted}" for pk, kept, counted in transactions] + [
        f"intent {pk}: keeps {kept}, counted {counted}" for pk, kept, counted in intents
    ]
