"""A vendor voids a charge at the moment when the bank reports its money: one of two truths, and no đồng is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from backend.common import clock
from backend.common.ids import new_id
from backend.common.models import Event
from backend.common.money import vnd
from backend.markets import services
from backend.markets.errors import ChargeHasMoney
from backend.markets.models import Stall
from backend.markets.queries import charges_today, get_charge
from backend.markets.services import open_charge, void_charge
from backend.markets.values import ChargeView
from payments.feeds.models import BankTransaction
from payments.intents.services import cancel_intent
from payments.intents.values import Intent
from payments.matching.ledger import find_discrepancies
from tests.markets.money import transfer

pytestmark = pytest.mark.django_db(transaction=True)

DEADLINE_S = 60
ROUNDS = 6


def ask(stall: Stall) -> ChargeView:
    return open_charge(stall_id=stall.pk, key=new_id(), amount=vnd(50_000), note="", actor="user:2")


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act returned or raised, begun together in threads of their own."""
    begin = threading.Barrier(len(acts))
    results: dict[int, object] = {}

    def run(number: int, act: Callable[[], object]) -> None:
        try:
            begin.wait(DEADLINE_S)
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    return [results[number] for number in range(len(acts))]


def truth_of(charge: ChargeView) -> str:
    """Which of the two happened; fails for anything in between."""
    after = get_charge(charge.id)
    told = set(Event.objects.filter(aggregate=f"charge:{charge.id}").values_list("name", flat=True))
    assert after.intent.received_vnd == 50_000, "what the bank reported is counted, whoever was first"
    labels = after.labels(clock.now())
    if after.voided_at is None:
        assert (after.intent.cancelled_at, "paid" in labels) == (None, True)
        assert "charge_voided" not in told
        return "paid"
    assert after.intent.cancelled_at is not None
    assert "charge_voided" in told
    return "voided"


def test_voiding_while_the_money_is_reported_ends_in_one_of_two_truths(stall: Stall) -> None:
    transfer(ask(stall), 50_000)  # opens the connection, so that the races below are about the money alone
    truths = []
    for _ in range(ROUNDS):
        charge = ask(stall)
        voided, reported = at_once(
            lambda charge=charge: void_charge(charge_id=charge.id, actor="user:2"),  # type: ignore[misc]
            lambda charge=charge: transfer(charge, 50_000),  # type: ignore[misc]
        )
        assert reported is None, "the bank is answered with success in either case"
        truth = truth_of(charge)
        assert isinstance(voided, ChargeHasMoney) is (truth == "paid"), voided
        truths.append(truth)
    assert set(truths) <= {"paid", "voided"}
    assert BankTransaction.objects.count() == ROUNDS + 1
    assert find_discrepancies() == []


@pytest.mark.parametrize("first", ["void", "money"])
def test_whoever_is_first_the_other_finds_it_settled(stall: Stall, first: str) -> None:
    charge = ask(stall)
    if first == "void":
        void_charge(charge_id=charge.id, actor="user:2")
        transfer(charge, 50_000)
        assert truth_of(charge) == "voided"
    else:
        transfer(charge, 50_000)
        with pytest.raises(ChargeHasMoney):
            void_charge(charge_id=charge.id, actor="user:2")
        assert truth_of(charge) == "paid"
    # The money is in the account, so the day shows it whichever it was.
    assert charges_today(stall.pk).total_received == vnd(50_000)
    assert find_discrepancies() == []


def test_money_that_comes_in_the_middle_of_voiding_is_not_lost(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notice arrives after the payment was ended and before the charge was marked: it waits, or is refused for a
    moment as busy; after that the charge is voided and the money stands beside it.
    """
    transfer(ask(stall), 50_000)
    charge = ask(stall)
    arrived: list[object] = []

    def cancel_slowly(*, intent_id: str, reason: str, actor: str) -> Intent:
        ended = cancel_intent(intent_id=intent_id, reason=reason, actor=actor)
        teller = threading.Thread(target=lambda: arrived.extend(at_once(lambda: transfer(charge, 50_000))))
        teller.start()
        tellers.append(teller)
        return ended

    tellers: list[threading.Thread] = []
    monkeypatch.setattr(services, "cancel_intent", cancel_slowly)
    void_charge(charge_id=charge.id, actor="user:2")
    for teller in tellers:
        teller.join(DEADLINE_S)
    assert arrived == [None]
    assert truth_of(charge) == "voided"
    assert find_discrepancies() == []
