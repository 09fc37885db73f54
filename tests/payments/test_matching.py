"""Which intent a transfer is for: by its reference, into its account, and never by amount."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend.common.models import AuditEntry, Event
from backend.common.money import Money, vnd
from payments.feeds.models import BankTransaction
from payments.feeds.sepay import PROVIDER
from payments.feeds.services import link_account
from payments.intents.errors import AlreadyReversed, IntentNotFound
from payments.intents.models import Allocation
from payments.intents.queries import get_intent
from payments.intents.services import cancel_intent, confirm_by_hand
from payments.matching.decision import REASONS, references_in
from payments.matching.errors import (
    AccountDiffers,
    AllocationNotFound,
    NotEnoughUnallocated,
    TransactionNotFound,
)
from payments.matching.ledger import account_totals, find_discrepancies
from payments.matching.services import assign_by_person, reverse_allocation
from payments.payees.models import BankAccount
from payments.payees.services import set_payee
from payments.references import new_reference
from tests.payments.bank import NOW, Bank, new_bank
from tests.payments.vectors import load

pytestmark = pytest.mark.django_db

ROWS: list[tuple[str, str]] = [(name, row) for name, row in load("bank_texts.json")["rows"]]


def reason_of(bank: Bank, content: str, **fields: Any) -> str:
    """Why a transfer with this text was left to a person; empty when it was counted."""
    bank.pays(content, **fields)
    return BankTransaction.objects.order_by("-pk")[0].unmatched_reason


@pytest.mark.parametrize("name_and_row", ROWS, ids=lambda item: item[0])
def test_text_of_every_bank_leads_to_the_intent(bank: Bank, name_and_row: tuple[str, str]) -> None:
    intent = bank.intent()
    assert reason_of(bank, name_and_row[1].format(content=intent.reference)) == ""
    assert get_intent(intent.id).labels(NOW) == {"paid"}


def test_code_split_by_a_line_wrap_in_lower_case_is_found(bank: Bank) -> None:
    intent = bank.intent()
    code = intent.reference.lower()
    assert reason_of(bank, f"nguyen van an chuyen t\nien {code[:4]} \n{code[4:]}-ma gd") == ""
    assert get_intent(intent.id).received_vnd == 50_000


@pytest.mark.parametrize("amount", [1, 20_000, 49_999, 50_001, 90_000])
def test_amount_decides_nothing_and_is_recorded_as_it_came(bank: Bank, amount: int) -> None:
    intent = bank.intent(50_000)
    bank.pays(intent.reference, amount)
    paid = get_intent(intent.id)
    assert paid.received_vnd == amount
    assert paid.labels(NOW) == ({"short", "waiting"} if amount < 50_000 else {"paid", "over"})


def test_the_right_amount_alone_matches_nothing(bank: Bank) -> None:
    intent = bank.intent(123_457)
    assert reason_of(bank, "tra tien rau", transferAmount=123_457) == "no_reference"
    assert get_intent(intent.id) == intent


def test_money_in_another_sellers_account_is_not_counted(bank: Bank) -> None:
    other = new_bank(owner="seller:2")
    intent = bank.intent()
    assert reason_of(other, intent.reference) == "other_account"
    assert get_intent(intent.id) == intent
    assert Event.objects.get().payload["owners"] == ["seller:2"]


def test_account_that_the_connection_does_not_report_on_is_unknown(bank: Bank) -> None:
    other = new_bank(owner="seller:2")
    intent = other.intent()
    assert reason_of(bank, intent.reference, accountNumber=other.payee.account) == "unknown_account"
    assert reason_of(bank, intent.reference, accountNumber="999") == "unknown_account"
    assert get_intent(intent.id) == intent
    assert BankTransaction.objects.filter(bank_account=None).count() == 2


def test_code_that_names_nothing_of_ours_waits_for_a_person(bank: Bank) -> None:
    assert reason_of(bank, f"thanh toan {new_reference()}") == "unknown_reference"
    assert Event.objects.get().payload["reason"] == "unknown_reference"


def test_two_intents_in_one_text_wait_for_a_person(bank: Bank) -> None:
    first, second = bank.intent(), bank.intent()
    assert reason_of(bank, f"{first.reference} {second.reference}", transferAmount=100_000) == "several"
    assert (get_intent(first.id), get_intent(second.id)) == (first, second)


def test_an_intent_beside_a_chance_code_is_still_found(bank: Bank) -> None:
    intent = bank.intent()
    assert reason_of(bank, f"{new_reference()} {intent.reference}") == ""


def test_providers_code_is_taken_when_the_text_lost_it(bank: Bank) -> None:
    intent = bank.intent()
    assert reason_of(bank, "chuyen tien", code=intent.reference.lower()) == ""
    assert get_intent(intent.id).labels(NOW) == {"paid"}


def test_providers_code_comes_first_and_a_code_that_is_not_ours_is_passed_over() -> None:
    mine, text = new_reference(), new_reference()

    def read(code: str | None, content: str) -> tuple[str, ...]:
        row = {
            "id": 1,
            "transferType": "in",
            "transferAmount": 1,
            "accountNumber": "1",
            "transactionDate": "2026-11-22 10:00:00",
            "code": code,
            "content": content,
        }
        return references_in(PROVIDER.parse(json.dumps(row).encode())[0])

    assert read(mine, text) == (mine, text)
    assert read("DH1709", text) == (text,)
    assert read(None, f"{text} {text}") == (text,)
    assert read("", "chuyen tien") == ()


def test_money_on_a_virtual_account_counts_for_its_payee(bank: Bank) -> None:
    intent = bank.intent()
    assert reason_of(bank, intent.reference, accountNumber="1010101010", subAccount=bank.payee.account) == ""


def test_same_number_at_two_banks_is_told_apart_by_the_banks_name(bank: Bank) -> None:
    twin = set_payee(
        owner="stall:7", bin="970422", account=bank.payee.account, account_name="BAY", actor="user:1"
    )
    link_account(connection_id=bank.connection.id, bin="970422", account=twin.account, actor="user:1")
    intent = bank.intent(payee=twin)
    assert reason_of(bank, intent.reference, gateway="Ngân hàng lạ") == "unknown_account"
    assert reason_of(bank, intent.reference, gateway="Vietcombank") == "other_account"
    assert reason_of(bank, intent.reference, gateway="MBBank") == ""


def test_two_owners_of_one_account_are_each_found_by_their_codes(bank: Bank) -> None:
    stall = set_payee(
        owner="stall:7", bin=bank.payee.bin, account=bank.payee.account, account_name="SEN", actor="user:1"
    )
    online, till = bank.intent(), bank.intent(payee=stall, kind="charge")
    bank.pays(till.reference)
    assert get_intent(till.id).labels(NOW) == {"paid"}
    assert get_intent(online.id).labels(NOW) == {"waiting"}
    assert Event.objects.get().payload["owner"] == "stall:7"


def test_money_for_a_cancelled_intent_is_recorded_and_revives_nothing(bank: Bank) -> None:
    intent = bank.intent()
    cancel_intent(intent_id=intent.id, reason="hết giờ", actor="system:expiry")
    bank.pays(intent.reference, transactionDate="2026-11-22 09:00:00")
    assert get_intent(intent.id).labels(NOW) == {"cancelled", "paid"}
    assert Event.objects.get(name="payment_received").payload["labels"] == ["cancelled", "paid"]


def test_short_then_the_rest_then_again(bank: Bank) -> None:
    intent = bank.intent(50_000)
    seen = []
    for amount in (30_000, 20_000, 50_000):
        bank.pays(intent.reference, amount)
        seen.append(sorted(get_intent(intent.id).labels(NOW)))
    assert seen == [["short", "waiting"], ["paid"], ["over", "paid"]]
    assert get_intent(intent.id).received_vnd == 100_000


def test_a_person_assigns_what_the_text_did_not_say(bank: Bank) -> None:
    intent = bank.intent(50_000)
    bank.pays("tien rau cho co Sen", 70_000)
    row = BankTransaction.objects.get()
    paid = assign_by_person(transaction_id=row.pk, intent_id=intent.id, amount=vnd(50_000), actor="user:1")
    row.refresh_from_db()
    assert (paid.labels(NOW), paid.by_hand) == (frozenset({"paid"}), False)
    assert (row.allocated_vnd, row.unallocated_vnd) == (50_000, 20_000)
    event = Event.objects.get(name="payment_received")
    # Not a feed's word: what a person says is never spoken.
    assert (event.payload["source"], event.payload["transaction_id"]) == ("person", row.pk)
    assert AuditEntry.objects.get(action="payment_received").actor == "user:1"


@pytest.mark.parametrize("amount", [vnd(0), vnd(-1), vnd(70_001), Money(5, "USD")])
def test_a_person_cannot_assign_what_is_not_there(bank: Bank, amount: Money) -> None:
    intent = bank.intent(50_000)
    bank.pays("tien rau", 70_000)
    with pytest.raises(NotEnoughUnallocated):
        assign_by_person(
            transaction_id=BankTransaction.objects.get().pk,
            intent_id=intent.id,
            amount=amount,
            actor="user:1",
        )
    assert get_intent(intent.id) == intent
    assert find_discrepancies() == []


def test_a_person_cannot_assign_across_accounts_nor_money_that_went_out(bank: Bank) -> None:
    other = new_bank(owner="seller:2")
    bank.pays("tien rau")
    row = BankTransaction.objects.get()
    with pytest.raises(AccountDiffers):
        assign_by_person(transaction_id=row.pk, intent_id=other.intent().id, amount=vnd(1), actor="user:1")
    with pytest.raises(IntentNotFound):
        assign_by_person(transaction_id=row.pk, intent_id="nothing", amount=vnd(1), actor="user:1")
    with pytest.raises(TransactionNotFound):
        assign_by_person(transaction_id="nothing", intent_id=bank.intent().id, amount=vnd(1), actor="user:1")
    bank.pays("chi tien", transferType="out")
    out = BankTransaction.objects.get(direction="out")
    with pytest.raises(TransactionNotFound):
        assign_by_person(transaction_id=out.pk, intent_id=bank.intent().id, amount=vnd(1), actor="user:1")
    assert Allocation.objects.count() == 0
    assert find_discrepancies() == []


def test_a_reversal_is_a_row_of_its_own_and_frees_the_money(bank: Bank) -> None:
    wrong, right = bank.intent(50_000), bank.intent(50_000)
    bank.pays(wrong.reference, 50_000)
    allocation = Allocation.objects.get()
    undone = reverse_allocation(allocation_id=allocation.pk, reason="khách ghi nhầm mã", actor="user:1")
    assert (undone.received_vnd, undone.completed_at, undone.first_received_at) == (0, None, None)
    assert undone.labels(NOW) == {"waiting"}
    row = BankTransaction.objects.get()
    assert row.unallocated_vnd == 50_000
    assign_by_person(transaction_id=row.pk, intent_id=right.id, amount=vnd(50_000), actor="user:1")
    assert get_intent(right.id).labels(NOW) == {"paid"}
    assert sorted(Allocation.objects.values_list("amount_vnd", flat=True)) == [-50_000, 50_000, 50_000]
    assert find_discrepancies() == []
    assert Event.objects.get(name="payment_reversed").payload["amount_vnd"] == -50_000


def test_a_reversal_happens_once(bank: Bank) -> None:
    bank.pays(bank.intent().reference)
    allocation = Allocation.objects.get()
    reverse_allocation(allocation_id=allocation.pk, reason="nhầm", actor="user:1")
    with pytest.raises(AlreadyReversed):
        reverse_allocation(allocation_id=allocation.pk, reason="nhầm", actor="user:1")
    reversal = Allocation.objects.get(amount_vnd__lt=0)
    with pytest.raises(AllocationNotFound):
        reverse_allocation(allocation_id=reversal.pk, reason="nhầm", actor="user:1")
    assert Allocation.objects.count() == 2


def test_a_confirmation_by_hand_can_be_taken_back(bank: Bank) -> None:
    unheard = set_payee(owner="seller:9", bin="970405", account="5", account_name="BA", actor="user:1")
    intent = bank.intent(50_000, payee=unheard)
    confirm_by_hand(intent_id=intent.id, amount=vnd(50_000), actor="user:9")
    undone = reverse_allocation(allocation_id=Allocation.objects.get().pk, reason="nhầm", actor="user:9")
    assert (undone.received_vnd, undone.by_hand) == (0, False)
    assert confirm_by_hand(intent_id=intent.id, amount=vnd(50_000), actor="user:9").received_vnd == 50_000


def test_totals_of_an_account(bank: Bank) -> None:
    account = BankAccount.objects.get(account=bank.payee.account)
    bank.pays(bank.intent(50_000).reference, 60_000)
    bank.pays("tien rau", 30_000)
    bank.pays("chi tien", 99_000, transferType="out")
    totals = account_totals(account.pk)
    assert (totals.received_vnd, totals.allocated_vnd, totals.unallocated_vnd) == (90_000, 60_000, 30_000)


def test_a_broken_sum_is_found(bank: Bank) -> None:
    intent = bank.intent(50_000)
    bank.pays(intent.reference, 20_000)
    assert find_discrepancies() == []
    BankTransaction.objects.update(allocated_vnd=19_999)
    assert find_discrepancies() == [
        f"transaction {BankTransaction.objects.get().pk}: keeps 19999, counted 20000"
    ]


def test_every_reason_has_a_sentence_for_people() -> None:
    assert len(set(REASONS.values())) == len(REASONS)
    assert all(text.endswith(".") for text in REASONS.values())
