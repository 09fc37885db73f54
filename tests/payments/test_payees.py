"""Where owners are paid."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from backend.common.errors import MarketError
from backend.common.models import AuditEntry
from payments.feeds.services import set_active
from payments.payees import errors
from payments.payees.models import PayeeAccount
from payments.payees.queries import payee_for, payees_for
from payments.payees.services import set_payee
from tests.payments.bank import Bank

pytestmark = pytest.mark.django_db


def test_payee_is_kept_as_banks_print_it() -> None:
    payee = set_payee(
        owner="stall:7",
        bin="970436",
        account=" 0011.0123-456 78",
        account_name="Nguyễn Thị Sen",
        actor="user:1",
    )
    assert payee_for("stall:7") == payee
    assert (payee.account, payee.account_name) == ("0011012345678", "NGUYEN THI SEN")
    assert (payee.bank_short_name, payee.has_feed) == ("Vietcombank", False)
    entry = AuditEntry.objects.get(subject="stall:7")
    assert (entry.actor, entry.action, entry.data["account"]) == ("user:1", "payee_set", "0011012345678")


def test_a_change_makes_a_new_payee_and_the_same_account_again_changes_nothing() -> None:
    first = set_payee(owner="stall:7", bin="970436", account="1", account_name="SEN", actor="user:1")
    again = set_payee(owner="stall:7", bin="970436", account="1", account_name="sen", actor="user:1")
    other = set_payee(owner="stall:7", bin="970422", account="1", account_name="SEN", actor="user:1")
    assert again == first
    assert other.id != first.id
    assert list(PayeeAccount.objects.filter(owner="stall:7", active=True).values_list("pk", flat=True)) == [
        other.id
    ]
    assert AuditEntry.objects.filter(subject="stall:7").count() == 2


def test_two_owners_may_share_one_account() -> None:
    set_payee(owner="seller:1", bin="970436", account="1", account_name="SEN", actor="user:1")
    set_payee(owner="stall:7", bin="970436", account="1", account_name="SEN", actor="user:1")
    assert {
        owner: payee.account for owner, payee in payees_for(["seller:1", "stall:7", "stall:8"]).items()
    } == {
        "seller:1": "1",
        "stall:7": "1",
    }


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"bin": "123456"}, errors.BankUnknown),
        ({"bin": "422589"}, errors.BankTakesNoTransfers),
        ({"account": ""}, errors.AccountInvalid),
        ({"account": "12/34"}, errors.AccountInvalid),
        ({"account": "1" * 20}, errors.AccountInvalid),
        ({"account_name": " - "}, errors.AccountNameMissing),
    ],
)
def test_what_is_no_account_is_refused_and_nothing_changes(
    fields: dict[str, str], error: type[MarketError]
) -> None:
    good = {"owner": "stall:7", "bin": "970436", "account": "1", "account_name": "SEN", "actor": "user:1"}
    with pytest.raises(error):
        set_payee(**(good | fields))
    assert payee_for("stall:7") is None
    assert AuditEntry.objects.count() == 0


def test_has_feed_follows_the_connection(bank: Bank) -> None:
    assert bank.payee.has_feed is False  # the value was read before the account was linked
    linked = payee_for(bank.payee.owner)
    assert linked is not None
    assert linked.has_feed is True
    set_active(connection_id=bank.connection.id, active=False, actor="user:1")
    unheard = payee_for(bank.payee.owner)
    assert unheard is not None
    assert unheard.has_feed is False


def test_the_database_allows_one_active_account_per_owner() -> None:
    payee = set_payee(owner="stall:7", bin="970436", account="1", account_name="SEN", actor="user:1")
    row = PayeeAccount.objects.get(pk=payee.id)
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
