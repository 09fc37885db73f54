"""Saying where an owner is paid."""

from __future__ import annotations

import re

from django.db import transaction

from backend.common import audit, clock
from backend.common.text import ascii_upper
from payments.banks import find_by_bin
from payments.payees.errors import AccountInvalid, AccountNameMissing, BankTakesNoTransfers, BankUnknown
from payments.payees.models import BankAccount, PayeeAccount
from payments.payees.queries import Payee, payee_for


def clean_account(typed: str) -> str:
    """An account number as typed, without the spaces, points and dashes that people group it with.

    Raises: AccountInvalid.
    """
    account = re.sub(r"[\s.\-]", "", typed)
    if not re.fullmatch(r"[0-9A-Za-z]{1,19}", account):
        raise AccountInvalid()
    return account


def set_payee(*, owner: str, bin: str, account: str, account_name: str, actor: str) -> Payee:  # noqa: A002
    """Pay `owner` into this account from now on; what is already asked for keeps its account.

    `account_name` is kept as banks print it (capitals without diacritics). The same account again changes
    nothing.
    Raises: BankUnknown, BankTakesNoTransfers, AccountInvalid, AccountNameMissing.
    """
    bank = find_by_bin(bin)
    if bank is None:
        raise BankUnknown()
    if bank.transfer is False:
        raise BankTakesNoTransfers()
    account, name = clean_account(account), ascii_upper(account_name)[:80].strip()
    if not name:
        raise AccountNameMissing()
    with transaction.atomic():
        bank_account, _ = BankAccount.objects.get_or_create(bin=bin, account=account)
        # Evaluated under a lock, so that two changes at once leave one active row and not an error.
        rows = list(PayeeAccount.objects.select_for_update().filter(owner=owner, active=True))
        if not any(row.bank_account_id == bank_account.pk and row.account_name == name for row in rows):
            PayeeAccount.objects.filter(owner=owner, active=True).update(active=False)
            PayeeAccount.objects.create(
                owner=owner, bank_account=bank_account, account_name=name, created_at=clock.now()
            )
            audit.record(actor, "payee_set", owner, bin=bin, account=account, account_name=name)
    payee = payee_for(owner)
    assert payee is not None  # just written
    return payee
