from __future__ import annotations

import pytest

from backend.commerce.values import ORDER_STATES
from backend.common.errors import TransitionRefused
from backend.common.states import StateTable

pytestmark = pytest.mark.pure

TABLE = StateTable(
    name="door",
    initial="open",
    transitions={("open", "close"): "closed", ("closed", "open"): "open", ("closed", "lock"): "locked"},
    labels={"open": ("Mở", "Open"), "closed": ("Đóng", "Closed"), "locked": ("Khóa", "Locked")},
)


@pytest.mark.parametrize("table", [TABLE, ORDER_STATES], ids=lambda table: table.name)
def test_every_missing_pair_is_refused_and_every_repeat_is_a_no_op(table: StateTable) -> None:
    events = {event for _, event in table.transitions}
    for state in table.labels:
        for event in events:
            leads_here = any(e == event and target == state for (_, e), target in table.transitions.items())
            if table.can(state, event):
                assert table.next(state, event) == table.transitions[state, event]
            elif leads_here:
                assert table.is_repeat(state, event)
                assert table.next(state, event) == state
            else:
                with pytest.raises(TransitionRefused):
                    table.next(state, event)


@pytest.mark.parametrize("table", [TABLE, ORDER_STATES], ids=lambda table: table.name)
def test_every_state_has_both_labels_and_a_place_in_the_diagram(table: StateTable) -> None:
    for state in table.labels:
        assert table.label(state)
        assert table.label(state, "en")
        assert state in table.mermaid()


def test_a_state_that_cannot_be_reached_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="unreachable"):
        StateTable("x", "a", {("b", "go"): "a"}, {"a": ("A", "A"), "b": ("B", "B")})


def test_a_state_without_a_label_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="labels"):
        StateTable("x", "a", {("a", "go"): "b"}, {"a": ("A", "A")})


def test_buttons_come_from_the_table() -> None:
    assert TABLE.events("closed") == ("open", "lock")
    assert TABLE.sources("lock") == ("closed",)
