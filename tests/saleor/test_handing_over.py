"""A hand-over leaves no trace that buyers would take for their parcel's number, and a repeat never hands over twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from backend.commerce.errors import ShopUnavailable
from backend.commerce.values import FulfillLine, Order
from backend.engine.models import Fulfillment
from integrations.saleor import client as transport
from tests.contract.conftest import Market, new_key
from tests.contract.legs import DialectLeg, InProcess

pytestmark = [pytest.mark.django_db, pytest.mark.pure]


@pytest.fixture
def market() -> Market:
    return Market(DialectLeg())


@pytest.fixture
def order(market: Market) -> Order:
    order = market.order(market.product(), 3)
    market.shop.confirm_order(key=new_key(), order_id=order.id)
    return order


def hand_over(market: Market, order: Order, key: str, pieces: int) -> Order:
    lines = [FulfillLine(order.lines[0].id, pieces)]
    return market.shop.fulfill_order(key=key, order_id=order.id, lines=lines, allow_unpaid=True)


def fail(monkeypatch: pytest.MonkeyPatch, *, done: bool) -> None:
    """The next hand-over is not heard of again; whether it was ``done``."""
    post = InProcess._post

    def posted(self: InProcess, body: bytes, headers: Mapping[str, str]) -> Any:
        if b"orderFulfill" not in body:
            return post(self, body, headers)
        if done:
            post(self, body, headers)
        monkeypatch.undo()
        raise TimeoutError

    monkeypatch.setattr(transport, "REST_S", 0.0)
    monkeypatch.setattr(InProcess, "_post", posted)


def test_the_tracking_number_is_left_to_the_carrier(market: Market, order: Order) -> None:
    hand_over(market, order, new_key(), 3)
    assert Fulfillment.objects.get().tracking_number == ""


@pytest.mark.parametrize("done", [True, False])
def test_a_repeat_hands_over_once_whatever_staff_wrote_meanwhile(
    market: Market, order: Order, monkeypatch: pytest.MonkeyPatch, done: bool
) -> None:
    key = new_key()
    fail(monkeypatch, done=done)
    with pytest.raises(ShopUnavailable):
        hand_over(market, order, key, 1)
    Fulfillment.objects.update(tracking_number="VN123456")
    assert hand_over(market, order, key, 1).lines[0].quantity_fulfilled == 1
    assert Fulfillment.objects.count() == 1


def test_a_repeat_does_not_take_the_hand_over_of_another_call_for_its_own(
    market: Market, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = new_key()
    fail(monkeypatch, done=False)
    with pytest.raises(ShopUnavailable):
        hand_over(market, order, lost, 1)
    assert hand_over(market, order, new_key(), 1).lines[0].quantity_fulfilled == 1
    assert hand_over(market, order, lost, 1).lines[0].quantity_fulfilled == 2
