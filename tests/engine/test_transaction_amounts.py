"""What the events of a payment add up to, in whatever order they come and however often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.engine.transactions import Amounts, Happened, amounts

pytestmark = pytest.mark.pure
START = datetime(2026, 11, 22, tzinfo=UTC)


def at(second: int, kind: str, amount: int, reference: str = "A") -> Happened:
    return Happened(kind, reference, amount, START + timedelta(seconds=second))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], Amounts()),
        ([at(0, "charge_action_required", 100)], Amounts()),
        ([at(0, "info", 100)], Amounts()),
        ([at(0, "charge_request", 100)], Amounts(charge_pending=100)),
        ([at(0, "charge_request", 100), at(1, "charge_success", 100)], Amounts(charged=100)),
        ([at(0, "charge_request", 100), at(1, "charge_failure", 100)], Amounts()),
        ([at(1, "charge_failure", 100), at(2, "charge_success", 100)], Amounts(charged=100)),
        ([at(1, "charge_success", 100), at(2, "charge_failure", 100)], Amounts()),
        ([at(0, "charge_success", 300, "A"), at(1, "charge_success", 400, "B")], Amounts(charged=700)),
        ([at(0, "authorization_success", 100)], Amounts(authorized=100)),
        ([at(0, "authorization_request", 100)], Amounts(authorize_pending=100)),
        (
            [at(0, "authorization_success", 100), at(1, "charge_success", 40, "B")],
            Amounts(authorized=60, charged=40),
        ),
        (
            [at(0, "authorization_success", 100), at(1, "authorization_adjustment", 70, "B")],
            Amounts(authorized=70),
        ),
        (
            [at(0, "charge_success", 100), at(1, "refund_request", 30, "R")],
            Amounts(charged=70, refund_pending=30),
        ),
        (
            [
                at(0, "charge_success", 100),
                at(1, "refund_request", 30, "R"),
                at(2, "refund_success", 30, "R"),
            ],
            Amounts(charged=70, refunded=30),
        ),
        (
            [
                at(0, "charge_success", 100),
                at(1, "refund_request", 30, "R"),
                at(2, "refund_failure", 30, "R"),
            ],
            Amounts(charged=100),
        ),
        (
            [
                at(0, "charge_success", 100),
                at(1, "refund_success", 30, "R"),
                at(2, "refund_reverse", 30, "R"),
            ],
            Amounts(charged=100),
        ),
        ([at(0, "charge_success", 100), at(1, "charge_back", 100, "B")], Amounts()),
        (
            [at(0, "authorization_success", 100), at(1, "cancel_success", 100, "C")],
            Amounts(canceled=100),
        ),
    ],
)
def test_what_events_add_up_to(events: list[Happened], expected: Amounts) -> None:
    assert amounts(events) == expected
    assert amounts(reversed(events)) == expected


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from("ABC"), st.tuples(st.integers(1, 1000), st.integers(0, 20))))
def test_charges_add_up_and_repeats_change_nothing(charges: dict[str, tuple[int, int]]) -> None:
    events = [
        at(second, "charge_success", amount, reference) for reference, (amount, second) in charges.items()
    ]
    assert amounts(events).charged == sum(amount for amount, _ in charges.values())
    assert amounts([*events, *events]) == amounts(events)
