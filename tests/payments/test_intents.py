"""Asking for money: intents, their labels, cancelling, and confirming by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from backend.common import clock
from backend.common.errors import KeyReused, MarketError
from backend.common.models import AuditEntry, Event
from backend.common.money import Money, vnd
from payments.intents import errors, services
from payments.intents.models import Allocation, PaymentIntent
from payments.intents.queries import find_by_reference, find_intent, get_intent, intents_for
from payments.intents.services import cancel_intent, confirm_by_hand, open_intent
from payments.intents.values import LABELS, Intent
from payments.payees.queries import Payee
from payments.payees.services import set_payee
from payments.references import is_reference, new_reference
from payments.vietqr import decode
from tests.payments.bank import NOW, Bank

pytestmark = pytest.mark.django_db


@pytest.fixture
def payee(set_clock: Callable[[datetime], None]) -> Payee:
    """A payee whose bank tells us nothing."""
    set_clock(NOW)
    return set_payee(
        owner="seller:9", bin="970405", account="5100205", account_name="TRAN VAN BA", actor="user:1"
    )


def ask(
    payee: Payee, due: int = 50_000, *, key: str = "order:1", expires_at: datetime | None = None
) -> Intent:
    return open_intent(
        key=key,
        payee_id=payee.id,
        due=vnd(due),
        kind="order",
        subject=key,
        label="Đơn 1",
        expires_at=expires_at,
    )


def test_opened_intent_has_a_reference_and_a_code_that_says_the_same(payee: Payee) -> None:
    intent = ask(payee, 350_000)
    code = decode(intent.qr_payload)
    assert is_reference(intent.reference)
    assert (code.bin, code.account, code.amount_vnd, code.purpose) == (
        "970405",
        "5100205",
        350_000,
        intent.reference,
    )
    assert (intent.owner, intent.account_name, intent.bank_short_name) == (
        "seller:9",
        "TRAN VAN BA",
        "Agribank",
    )
    assert intent.labels(NOW) == {"waiting"}


def test_same_key_gives_the_same_intent_and_another_input_is_refused(payee: Payee) -> None:
    assert ask(payee) == ask(payee)
    with pytest.raises(KeyReused):
        ask(payee, 60_000)
    assert PaymentIntent.objects.count() == 1


def test_a_taken_reference_is_not_given_twice(payee: Payee, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ask(payee)
    fresh = new_reference()
    offered = iter([first.reference, first.reference, fresh])
    monkeypatch.setattr(services, "new_reference", lambda: next(offered))
    assert ask(payee, key="order:2").reference == fresh


@pytest.mark.parametrize("due", [vnd(0), vnd(-1), vnd(500_000_000), Money(10, "USD")])
def test_due_out_of_range_is_refused(payee: Payee, due: Money) -> None:
    with pytest.raises(errors.DueOutOfRange):
        open_intent(
            key="k", payee_id=payee.id, due=due, kind="order", subject="s", label="l", expires_at=None
        )
    assert PaymentIntent.objects.count() == 0


def test_unknown_payee_is_refused() -> None:
    with pytest.raises(errors.PayeeMissing):
        open_intent(key="k", payee_id=999, due=vnd(1), kind="order", subject="s", label="l", expires_at=None)


def test_queries_find_by_id_reference_and_subject(payee: Payee) -> None:
    first, second = ask(payee, key="order:1"), ask(payee, key="order:2")
    assert (
        get_intent(first.id) == find_by_reference(first.reference) == find_intent("order", "order:1") == first
    )
    assert intents_for("order", ["order:1", "order:2", "order:3"]) == {"order:1": first, "order:2": second}
    assert find_intent("charge", "order:1") is None
    assert find_by_reference("CX22222222") is None
    with pytest.raises(errors.IntentNotFound):
        get_intent("nothing")


def test_changed_payee_keeps_its_open_intents_where_they_were(payee: Payee) -> None:
    intent = ask(payee)
    set_payee(owner="seller:9", bin="970436", account="777", account_name="TRAN VAN BA", actor="user:1")
    assert get_intent(intent.id).account == "5100205"


def test_labels_follow_from_the_facts_in_every_combination(payee: Payee) -> None:
    """Received against due; expiry against now and against the last money; the rest as they are."""
    base = ask(payee, 100)
    before, after = NOW - timedelta(minutes=5), NOW + timedelta(minutes=5)
    for received, expires, came, cancelled, refunded in product(
        (0, 40, 100, 130), (None, before, after), (before - timedelta(1), NOW), (None, before), (0, 10)
    ):
        intent = replace(
            base,
            received_vnd=received,
            expires_at=expires,
            last_received_at=came if received else None,
            cancelled_at=cancelled,
            refunded_vnd=refunded,
        )
        late = received > 0 and came == NOW and (expires == before or cancelled == before)
        wanted = {
            "waiting": received < 100 and cancelled is None and expires != before,
            "short": received == 40,
            "paid": received >= 100,
            "over": received == 130,
            "late": late,
            "refunded": refunded > 0,
            "cancelled": cancelled is not None,
        }
        assert intent.labels(NOW) == {label for label, holds in wanted.items() if holds}
        assert intent.labels(NOW) <= set(LABELS)


def test_expiry_is_the_first_instant_at_which_it_no_longer_waits(payee: Payee) -> None:
    intent = ask(payee, expires_at=NOW)
    assert intent.labels(NOW - timedelta(microseconds=1)) == {"waiting"}
    assert intent.labels(NOW) == frozenset()


def test_code_of_a_part_paid_intent_asks_for_the_rest(bank: Bank) -> None:
    intent = bank.intent(50_000)
    bank.pays(intent.reference, 20_000)
    assert decode(get_intent(intent.id).qr_payload).amount_vnd == 30_000
    bank.pays(intent.reference, 30_000)
    assert decode(get_intent(intent.id).qr_payload).amount_vnd == 50_000


def test_cancelled_intent_stops_waiting_and_a_repeat_changes_nothing(payee: Payee) -> None:
    intent = ask(payee)
    cancelled = cancel_intent(intent_id=intent.id, reason="hết giờ giữ hàng", actor="system:expiry")
    assert cancelled.labels(NOW) == {"cancelled"}
    assert cancel_intent(intent_id=intent.id, reason="khác", actor="user:1") == cancelled
    assert Event.objects.filter(name="payment_cancelled").count() == 1
    entry = AuditEntry.objects.get(action="intent_cancelled")
    assert (entry.actor, entry.data) == ("system:expiry", {"reason": "hết giờ giữ hàng"})


def test_paid_intent_cannot_be_cancelled(bank: Bank) -> None:
    intent = bank.intent()
    bank.pays(intent.reference)
    with pytest.raises(errors.IntentAlreadyPaid):
        cancel_intent(intent_id=intent.id, reason="hết giờ", actor="system:expiry")
    assert get_intent(intent.id).labels(NOW) == {"paid"}
    assert Event.objects.filter(name="payment_cancelled").count() == 0


def test_part_paid_intent_can_be_cancelled_and_keeps_its_money(bank: Bank) -> None:
    intent = bank.intent()
    bank.pays(intent.reference, 20_000)
    cancelled = cancel_intent(intent_id=intent.id, reason="hết giờ", actor="system:expiry")
    assert (cancelled.received_vnd, cancelled.labels(NOW)) == (20_000, frozenset({"cancelled", "short"}))


def test_confirmed_by_hand_is_marked_and_audited_and_says_so_in_its_event(payee: Payee) -> None:
    intent = ask(payee)
    confirmed = confirm_by_hand(intent_id=intent.id, amount=vnd(50_000), actor="user:9")
    assert (confirmed.received_vnd, confirmed.by_hand, confirmed.completed_at) == (50_000, True, NOW)
    assert confirmed.labels(NOW) == {"paid"}
    event = Event.objects.get(name="payment_received")
    assert event.aggregate == f"intent:{intent.id}"
    assert (event.payload["source"], event.payload["amount_vnd"], event.payload["transaction_id"]) == (
        "hand",
        50_000,
        None,
    )
    entry = AuditEntry.objects.get(action="payment_received")
    assert (entry.actor, entry.data["source"], entry.data["amount_vnd"]) == ("user:9", "hand", 50_000)


def test_confirming_again_changes_nothing(payee: Payee) -> None:
    intent = ask(payee)
    first = confirm_by_hand(intent_id=intent.id, amount=vnd(50_000), actor="user:9")
    assert confirm_by_hand(intent_id=intent.id, amount=vnd(50_000), actor="user:9") == first
    assert Allocation.objects.count() == Event.objects.filter(name="payment_received").count() == 1


@pytest.mark.parametrize("amount", [vnd(49_999), vnd(50_001), vnd(0), vnd(-50_000), Money(50_000, "USD")])
def test_confirming_another_amount_is_refused_and_nothing_changes(payee: Payee, amount: Money) -> None:
    intent = ask(payee)
    with pytest.raises(errors.AmountDiffers):
        confirm_by_hand(intent_id=intent.id, amount=amount, actor="user:9")
    assert get_intent(intent.id) == intent
    assert Allocation.objects.count() == Event.objects.count() == 0


def test_confirming_a_cancelled_intent_is_refused(payee: Payee) -> None:
    intent = ask(payee)
    cancel_intent(intent_id=intent.id, reason="hết giờ", actor="system:expiry")
    with pytest.raises(errors.IntentCancelled):
        confirm_by_hand(intent_id=intent.id, amount=vnd(50_000), actor="user:9")
    assert Allocation.objects.count() == 0


def test_payee_with_a_feed_confirms_nothing_by_hand(bank: Bank) -> None:
    intent = bank.intent()
    with pytest.raises(errors.PayeeHasFeed):
        confirm_by_hand(intent_id=intent.id, amount=vnd(50_000), actor="user:9")
    assert get_intent(intent.id) == intent
    assert Allocation.objects.count() == 0


def test_every_error_has_its_own_code_and_a_vietnamese_sentence(payee: Payee) -> None:
    found = [
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, MarketError)
    ]
    mine = [each for each in found if each.__module__ == errors.__name__]
    assert len({each.code for each in mine}) == len(mine) == 9
    assert str(errors.AmountDiffers(given="1 ₫", wanted="2 ₫")).startswith(
        "Số tiền xác nhận (1 ₫) khác số còn"
    )


@pytest.mark.parametrize(
    "facts",
    [
        {"due_vnd": 0},
        {"received_vnd": -1},
        {"refunded_vnd": 1},
        {"received_vnd": 50_000},
        {"completed_at": NOW},
        {"kind": "gift"},
    ],
)
def test_the_database_refuses_facts_that_cannot_be(payee: Payee, facts: dict[str, object]) -> None:
    intent = ask(payee)
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentIntent.objects.filter(pk=intent.id).update(**facts)


def test_the_database_refuses_to_edit_an_allocation(payee: Payee) -> None:
    confirm_by_hand(intent_id=ask(payee).id, amount=vnd(50_000), actor="user:9")
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        Allocation.objects.update(amount_vnd=1)
    assert Allocation.objects.get().amount_vnd == 50_000


@pytest.mark.parametrize(
    ("amount", "source"), [(0, "hand"), (-5, "hand"), (5, "feed"), (5, "person"), (5, "rumour")]
)
def test_the_database_refuses_an_allocation_that_cannot_be(payee: Payee, amount: int, source: str) -> None:
    intent = ask(payee)
    with pytest.raises(IntegrityError), transaction.atomic():
        Allocation.objects.create(
            id="x",
            intent_id=intent.id,
            amount_vnd=amount,
            source=source,
            actor="user:1",
            received_at=clock.now(),
            created_at=clock.now(),
        )
