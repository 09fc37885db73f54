"""Reading payees."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from payments.banks import find_by_bin
from payments.payees.models import BankAccount, PayeeAccount


@dataclass(frozen=True, slots=True)
class Payee:
    """Where an owner is paid. `has_feed`: a bank feed reports what arrives there, so nobody confirms by
    hand.
    """

    id: int
    owner: str
    bin: str
    bank_short_name: str
    account: str
    account_name: str
    has_feed: bool


def bank_short_name(bin: str) -> str:  # noqa: A002 - the field's own word
    """What people call the bank with this BIN; the BIN itself when it has left the list."""
    bank = find_by_bin(bin)
    return bank.short_name if bank else bin


def _payee(row: PayeeAccount, *, has_feed: bool) -> Payee:
    return Payee(
        id=row.pk,
        owner=row.owner,
        bin=row.bank_account.bin,
        bank_short_name=bank_short_name(row.bank_account.bin),
        account=row.bank_account.account,
        account_name=row.account_name,
        has_feed=has_feed,
    )


def has_feed(bank_account_id: int) -> bool:
    """Whether an active bank feed reports what arrives in this account."""
    return BankAccount.objects.filter(pk=bank_account_id, feed_link__connection__active=True).exists()


def payees_for(owners: list[str]) -> dict[str, Payee]:
    """The present payee of each of `owners` that has one, in one query."""
    fed = BankAccount.objects.filter(pk=OuterRef("bank_account_id"), feed_link__connection__active=True)
    rows = (
        PayeeAccount.objects.filter(owner__in=owners, active=True)
        .select_related("bank_account")
        .annotate(fed=Exists(fed))
    )
    return {row.owner: _payee(row, has_feed=row.fed) for row in rows}


def payee_for(owner: str) -> Payee | None:
    """Where `owner` is paid now; None when no account has been given."""
    return payees_for([owner]).get(owner)
