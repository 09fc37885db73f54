"""Whatever happens in whatever order, the books are right and say what a plain model says."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.common.errors import MarketError
from backend.common.models import Event
from backend.common.money import vnd
from payments.feeds.models import BankTransaction
from payments.intents.errors import IntentAlreadyPaid
from payments.intents.models import Allocation
from payments.intents.queries import get_intent
from payments.intents.services import cancel_intent
from payments.intents.values import Intent
from payments.matching.ledger import account_totals, find_discrepancies
from payments.matching.services import assign_by_person, reverse_allocation
from payments.payees.models import BankAccount
from tests.payments.bank import Bank, new_bank

pytestmark = pytest.mark.django_db

_owners = itertools.count(1_000)

amounts = st.sampled_from([1, 999, 10_000, 25_000, 50_000, 50_001, 120_000])
which = st.integers(0, 2)
steps = st.one_of(
    st.tuples(st.just("pay"), which, amounts),
    st.tuples(st.just("repeat"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("no code"), which, amounts),
    st.tuples(st.just("other account"), which, amounts),
    st.tuples(st.just("out"), which, amounts),
    st.tuples(st.just("assign"), which, amounts),
    st.tuples(st.just("reverse"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("cancel"), which, st.just(0)),
)


@dataclass
class Model:
    """What should be: received per intent, money that nobody has claimed, and allocations that stand."""

    received: list[int] = field(default_factory=lambda: [0, 0, 0])
    came: int = 0
    sent: list[bytes] = field(default_factory=list)


def transactions_with_money(bank: Bank) -> list[BankTransaction]:
    rows = BankTransaction.objects.filter(connection_id=bank.connection.id, direction="in").exclude(
        bank_account=None
    )
    return [row for row in rows.order_by("pk") if row.unallocated_vnd > 0]


def act(bank: Bank, stranger: Bank, intents: list[Intent], model: Model, step: tuple[str, int, int]) -> None:
    """Do one step through the door or as a person, and to the model what it should do."""
    kind, index, amount = step
    if kind == "pay":
        body = bank.notice(intents[index].reference, amount)
        model.sent.append(body)
        assert bank.send(body).status_code == 201
        model.received[index] += amount
        model.came += amount
    elif kind == "repeat" and model.sent:
        assert bank.send(model.sent[index % len(model.sent)]).status_code == 200
    elif kind == "no code":
        assert bank.pays("tien rau", amount).status_code == 201
        model.came += amount
    elif kind == "other account":
        assert stranger.pays(intents[index].reference, amount).status_code == 201
    elif kind == "out":
        assert bank.pays(intents[index].reference, amount, transferType="out").status_code == 201
    elif kind == "assign":
        for row in transactions_with_money(bank)[:1]:
            part = min(amount, row.unallocated_vnd)
            assign_by_person(
                transaction_id=row.pk, intent_id=intents[index].id, amount=vnd(part), actor="user:1"
            )
            model.received[index] += part
    elif kind == "reverse":
        standing = list(
            Allocation.objects.filter(
                intent_id__in=[intent.id for intent in intents], reverses=None, reversed_by=None
            ).order_by("pk")
        )
        if standing:
            chosen = standing[index % len(standing)]
            reverse_allocation(allocation_id=chosen.pk, reason="nhầm", actor="user:1")
            model.received[[intent.id for intent in intents].index(chosen.intent_id)] -= chosen.amount_vnd
    elif kind == "cancel":
        before = get_intent(intents[index].id)
        try:
            cancel_intent(intent_id=before.id, reason="hết giờ", actor="system:expiry")
        except MarketError as refusal:
            assert isinstance(refusal, IntentAlreadyPaid) == (model.received[index] >= before.due_vnd)  # noqa: PT017


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=1, max_size=14))
def test_books_are_right_after_every_step(bank: Bank, history: list[tuple[str, int, int]]) -> None:
    mine, stranger = new_bank(owner=f"seller:{next(_owners)}"), new_bank(owner=f"seller:{next(_owners)}")
    account = BankAccount.objects.get(account=mine.payee.account)
    intents = [mine.intent(due) for due in (10_000, 50_000, 120_000)]
    model = Model()
    for step in history:
        act(mine, stranger, intents, model, step)
        assert [get_intent(intent.id).received_vnd for intent in intents] == model.received
        totals = account_totals(account.pk)
        assert (totals.received_vnd, totals.allocated_vnd) == (model.came, sum(model.received))
        assert totals.unallocated_vnd >= 0
        assert find_discrepancies() == []
    allocated = Allocation.objects.filter(intent_id__in=[intent.id for intent in intents])
    told = Event.objects.filter(
        name__in=["payment_received", "payment_reversed"],
        aggregate__in=[f"intent:{each.id}" for each in intents],
    )
    assert told.count() == allocated.count()
    assert sum(event.payload["amount_vnd"] for event in told) == sum(model.received)
