"""Charges: asked for once, paid into the stall's own account, counted on the day the money came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backend.common import clock
from backend.common.errors import KeyReused, NotFound
from backend.common.ids import new_id
from backend.common.models import AuditEntry, Event
from backend.common.money import Money, vnd
from backend.markets import errors
from backend.markets.models import Charge, Stall
from backend.markets.queries import charges_today, get_charge
from backend.markets.services import create_stall, open_charge, void_charge
from backend.markets.values import ChargeView
from payments.intents.queries import find_intent
from tests.markets.conftest import SetClock
from tests.markets.money import transfer

pytestmark = pytest.mark.django_db(transaction=True)

MORNING = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)  # 07:30 in Vietnam


def ask(stall: Stall, amount: int = 50_000, **given: Any) -> ChargeView:
    wanted: dict[str, Any] = {"key": new_id(), "note": "", "actor": "user:2"}
    return open_charge(stall_id=stall.pk, amount=vnd(amount), **(wanted | given))


def test_a_charge_asks_for_money_into_the_stalls_own_account(stall: Stall, set_clock: SetClock) -> None:
    set_clock(MORNING)
    charge = ask(stall, 50_000, note="  2 bó rau ")
    assert (charge.amount, charge.note, charge.stall_code) == (vnd(50_000), "2 bó rau", "A12")
    assert (charge.opened_at, charge.opened_by, charge.voided_at) == (MORNING, "user:2", None)
    assert (charge.intent.owner, charge.intent.account, charge.intent.due_vnd) == (
        f"stall:{stall.pk}", "0011012345678", 50_000,
    )  # fmt: skip
    assert charge.intent.expires_at == MORNING + timedelta(minutes=10)
    assert charge.labels(MORNING) == {"waiting"}
    assert charge.labels(MORNING + timedelta(minutes=10)) == set()
    assert find_intent("charge", charge.id) == charge.intent
    told = Event.objects.get(name="charge_opened")
    assert told.aggregate == f"charge:{charge.id}"
    assert told.payload == {
        "charge_id": charge.id,
        "stall_id": stall.pk,
        "owner": f"stall:{stall.pk}",
        "amount_vnd": 50_000,
        "intent_id": charge.intent.id,
    }


def test_one_key_is_one_charge(stall: Stall) -> None:
    key = new_id()
    first = ask(stall, 50_000, key=key)
    assert ask(stall, 50_000, key=key) == first
    with pytest.raises(KeyReused):
        ask(stall, 60_000, key=key)
    assert Charge.objects.count() == 1
    assert Event.objects.filter(name="charge_opened").count() == 1


@pytest.mark.parametrize("amount", [1_000, 499_999_999])
def test_the_smallest_and_the_largest_charge(stall: Stall, amount: int) -> None:
    assert ask(stall, amount).intent.due_vnd == amount


@pytest.mark.parametrize("amount", [vnd(999), vnd(0), vnd(-50_000), vnd(500_000_000), Money(50_000, "USD")])
def test_other_amounts_are_refused(stall: Stall, amount: Money) -> None:
    with pytest.raises(errors.ChargeOutOfRange) as refusal:
        open_charge(key=new_id(), stall_id=stall.pk, amount=amount, note="", actor="user:2")
    assert str(refusal.value) == "Số tiền phải từ 1.000\u00a0₫ đến 499.999.999\u00a0₫."
    assert Charge.objects.count() == 0


def test_the_database_itself_refuses_other_amounts(stall: Stall) -> None:
    ask(stall)
    for amount in (999, 500_000_000):
        with pytest.raises(IntegrityError), transaction.atomic():
            Charge.objects.update(amount_vnd=amount)


def test_a_stall_without_account_says_what_to_do(stall: Stall) -> None:
    bare = create_stall(actor="user:1", market=stall.market, code="C01", vendor_name="Bà Năm")
    key = new_id()
    with pytest.raises(errors.StallHasNoAccount) as refusal:
        ask(bare, key=key)
    assert "C01 chưa có tài khoản nhận tiền" in str(refusal.value)
    assert Charge.objects.count() == 0
    assert Event.objects.count() == 0


def test_a_refused_key_may_be_tried_again(stall: Stall) -> None:
    Stall.objects.update(active=False)
    key = new_id()
    with pytest.raises(errors.StallClosed):
        ask(stall, key=key)
    Stall.objects.update(active=True)
    assert ask(stall, key=key).amount == vnd(50_000)


def test_an_unknown_stall_and_a_long_note_are_refused(stall: Stall) -> None:
    with pytest.raises(NotFound):
        open_charge(key=new_id(), stall_id=stall.pk + 1, amount=vnd(50_000), note="", actor="user:2")
    with pytest.raises(errors.NoteTooLong):
        ask(stall, note="x" * 81)
    with pytest.raises(NotFound):
        get_charge("01nosuchcharge")
    assert Charge.objects.count() == 0


def test_voiding_cancels_once(stall: Stall, set_clock: SetClock) -> None:
    set_clock(MORNING)
    charge = ask(stall)
    set_clock(MORNING + timedelta(minutes=1))
    voided = void_charge(charge_id=charge.id, actor="user:2")
    assert voided.voided_at == voided.intent.cancelled_at == MORNING + timedelta(minutes=1)
    assert voided.labels(clock.now()) == {"cancelled"}
    set_clock(MORNING + timedelta(minutes=2))
    assert void_charge(charge_id=charge.id, actor="user:3") == voided
    assert Event.objects.filter(name="charge_voided", aggregate=f"charge:{charge.id}").count() == 1
    assert AuditEntry.objects.filter(action="charge.voided", actor="user:2").count() == 1
    assert Charge.objects.get().voided_by == "user:2"
    with pytest.raises(NotFound):
        void_charge(charge_id="01nosuchcharge", actor="user:2")


@pytest.mark.parametrize("amount", [50_000, 20_000, 70_000])
def test_what_has_money_cannot_be_voided(stall: Stall, amount: int) -> None:
    charge = ask(stall, 50_000)
    transfer(charge, amount)
    with pytest.raises(errors.ChargeHasMoney):
        void_charge(charge_id=charge.id, actor="user:2")
    after = get_charge(charge.id)
    assert (after.voided_at, after.intent.cancelled_at, after.received) == (None, None, vnd(amount))
    assert Event.objects.filter(name__in=["charge_voided", "payment_cancelled"]).count() == 0


def test_the_day_shows_what_came_and_what_is_open(
    stall: Stall, other_stall: Stall, set_clock: SetClock
) -> None:
    set_clock(MORNING)
    paid = ask(stall, 50_000)
    transfer(paid, 50_000)
    set_clock(MORNING + timedelta(minutes=1))
    short = ask(stall, 40_000)
    transfer(short, 15_000)
    set_clock(MORNING + timedelta(minutes=2))
    voided = ask(stall, 99_000)
    void_charge(charge_id=voided.id, actor="user:2")
    set_clock(MORNING + timedelta(minutes=3))
    waiting = ask(stall, 30_000)
    elsewhere = ask(other_stall, 80_000)
    transfer(elsewhere, 80_000)

    day = charges_today(stall.pk)
    assert day.day.isoformat() == "2026-11-22"
    assert [row.id for row in day.rows] == [waiting.id, voided.id, short.id, paid.id]
    assert day.total_received == vnd(65_000)
    assert (day.count_paid, day.open, day.short) == (1, 1, 1)
    assert charges_today(other_stall.pk).total_received == vnd(80_000)


def test_money_counts_on_the_vietnamese_day_it_came(stall: Stall, set_clock: SetClock) -> None:
    late_evening = datetime(2026, 11, 22, 16, 58, tzinfo=UTC)  # 23:58 in Vietnam
    set_clock(late_evening)
    charge = ask(stall, 50_000)
    unpaid = ask(stall, 60_000)
    set_clock(late_evening + timedelta(minutes=5))  # 00:03 of the 23rd
    transfer(charge, 50_000)
    today = charges_today(stall.pk)
    assert ([row.id for row in today.rows], today.total_received) == ([charge.id], vnd(50_000))
    yesterday = charges_today(stall.pk, clock.local(late_evening).date())
    assert [row.id for row in yesterday.rows] == [unpaid.id, charge.id]
    assert yesterday.total_received == vnd(0)


def test_late_and_over_money_is_counted_for_what_it_is(stall: Stall, set_clock: SetClock) -> None:
    set_clock(MORNING)
    charge = ask(stall, 50_000)
    set_clock(MORNING + timedelta(minutes=11))
    transfer(charge, 55_000)
    day = charges_today(stall.pk)
    assert day.rows[0].labels(clock.now()) == {"paid", "over", "late"}
    assert (day.total_received, day.count_paid, day.open) == (vnd(55_000), 1, 0)


def test_an_empty_day(stall: Stall) -> None:
    day = charges_today(stall.pk)
    assert (day.rows, day.total_received, day.count_paid, day.open, day.short) == ((), vnd(0), 0, 0, 0)
