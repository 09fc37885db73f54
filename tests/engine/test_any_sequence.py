"""Whatever buyers, sellers and banks do, in whatever order: the stock adds up and every step was a legal
one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from backend.commerce.errors import ShopError
from backend.commerce.values import ORDER_STATES, FulfillLine, Order
from backend.common.errors import TransitionRefused
from backend.common.money import vnd
from backend.engine import models
from backend.engine.transactions import charge_status
from tests.contract.conftest import Market, new_key
from tests.contract.legs import EngineLeg

STEPS = {(source, target) for (source, _), target in ORDER_STATES.transitions.items()}


class Shop(RuleBasedStateMachine):
    """A seller of one kind of goods; ``model`` says what must have happened to them."""

    @initialize(quantity=st.integers(0, 6))
    def open(self, quantity: int) -> None:
        self.market = Market(EngineLeg())
        self.product = self.market.product(price=1000, quantity=quantity)
        self.on_hand = quantity
        self.known: dict[str, Order] = {}
        self.charged: dict[str, int] = {}

    def step(self, call: Any, **arguments: Any) -> Order | None:
        """Make the call; remember what it answered, check that the state moved along the table."""
        try:
            order: Order = call(key=new_key(), **arguments)
        except (ShopError, TransitionRefused):
            return None
        before = self.known.get(order.id)
        if before is not None and before.status != order.status:
            assert (before.status, order.status) in STEPS
        self.known[order.id] = order
        return order

    def pick(self, place: int) -> str:
        return sorted(self.known)[place % len(self.known)]

    @rule(quantity=st.integers(1, 4))
    def place(self, quantity: int) -> None:
        available = self.market.variant(self.product.variant.id).available
        try:
            order = self.market.order(self.product, quantity)
        except ShopError:
            assert quantity > available
            return
        assert quantity <= available
        self.known[order.id] = order
        self.charged[order.id] = 0

    @precondition(lambda self: self.known)
    @rule(place=st.integers(0, 9), amount=st.integers(1, 5000))
    def charge(self, place: int, amount: int) -> None:
        order_id = self.pick(place)
        order = self.step(
            self.market.shop.report_charge, order_id=order_id, amount=vnd(amount), psp_reference=new_key()
        )
        assert order is not None
        self.charged[order_id] += amount
        assert order.charged.amount == self.charged[order_id]

    @precondition(lambda self: self.known)
    @rule(place=st.integers(0, 9))
    def confirm(self, place: int) -> None:
        self.step(self.market.shop.confirm_order, order_id=self.pick(place))

    @precondition(lambda self: self.known)
    @rule(place=st.integers(0, 9), quantity=st.integers(0, 4), allow_unpaid=st.booleans())
    def fulfill(self, place: int, quantity: int, allow_unpaid: bool) -> None:
        order_id = self.pick(place)
        line = self.known[order_id].lines[0]
        done = self.step(
            self.market.shop.fulfill_order,
            order_id=order_id,
            lines=[FulfillLine(line.id, quantity)],
            allow_unpaid=allow_unpaid,
        )
        if done is not None:
            self.on_hand -= quantity
            assert done.lines[0].quantity_fulfilled == line.quantity_fulfilled + quantity

    @precondition(lambda self: self.known)
    @rule(place=st.integers(0, 9))
    def cancel(self, place: int) -> None:
        self.step(self.market.shop.cancel_order, order_id=self.pick(place), reason="")

    @rule(quantity=st.integers(0, 8))
    def restock(self, quantity: int) -> None:
        try:
            self.market.shop.set_stock(key=new_key(), variant_id=self.product.variant.id, quantity=quantity)
        except ShopError:
            return
        self.on_hand = quantity

    @invariant()
    def stock_adds_up(self) -> None:
        stock = models.Stock.objects.get(variant_id=int(self.product.variant.id))
        open_orders = [each for each in self.known.values() if each.status != "canceled"]
        held = sum(each.lines[0].quantity - each.lines[0].quantity_fulfilled for each in open_orders)
        assert stock.quantity_allocated == held
        assert stock.quantity == self.on_hand
        assert 0 <= stock.quantity_allocated <= stock.quantity

    @invariant()
    def every_order_is_what_was_last_answered(self) -> None:
        for order_id, known in self.known.items():
            assert self.market.shop.find_order(order_id) == known
            assert known.charge_status == charge_status(total=known.total, charged=known.charged)
            assert known.status in ORDER_STATES.labels


@pytest.mark.django_db
def test_any_sequence_of_steps_keeps_the_books() -> None:
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=30, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
