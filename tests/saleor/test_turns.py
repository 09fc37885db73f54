"""A turn does not end under somebody who is slow, and nobody goes on with one that has ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.conf import LazySettings

from backend.commerce.errors import ShopUnavailable
from backend.commerce.values import Order
from backend.common import clock
from backend.common.money import vnd
from integrations.saleor import turns
from integrations.saleor.calls import turn
from integrations.saleor.client import CONNECT_S, Client
from integrations.saleor.models import Call, Turn
from tests.contract.conftest import Market, new_key
from tests.contract.legs import DialectLeg, InProcess

pytestmark = [pytest.mark.django_db, pytest.mark.pure]


@dataclass
class Time:
    """The two clocks of the machine, which go on only when they are told to."""

    passed_s: float = 0.0

    def monotonic(self) -> float:
        return 1000.0 + self.passed_s

    def sleep(self, seconds: float) -> None:
        self.passed_s += seconds


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time, began = Time(), clock.now()
    monkeypatch.setattr(turns, "time", time)
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(seconds=time.passed_s))
    return time


@dataclass
class Saleor:
    """What a test does between a request and its answer."""

    asked: list[str] = field(default_factory=list)
    meanwhile: Callable[[str], None] = lambda name: None


@pytest.fixture
def saleor(monkeypatch: pytest.MonkeyPatch) -> Saleor:
    saleor, post = Saleor(), InProcess._post

    def posted(self: InProcess, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        name = json.loads(body)["query"].split("(")[0].split()[1]
        saleor.meanwhile(name)
        saleor.asked.append(name)
        return post(self, body, headers)

    monkeypatch.setattr(InProcess, "_post", posted)
    return saleor


@pytest.fixture
def market(saleor: Saleor) -> Market:
    return Market(DialectLeg())


def taken_by_another(name: str) -> bool:
    return turns._Held(name).take()


def charge(market: Market, order: Order, *, key: str = "") -> Order:
    return market.shop.report_charge(
        key=key or new_key(), order_id=order.id, amount=vnd(12_000), psp_reference="FT1"
    )


def test_a_slow_saleor_lets_nobody_else_in(market: Market, saleor: Saleor, time: Time) -> None:
    order, slow = market.order(market.product(price=12_000)), CONNECT_S + 19.0
    key = new_key()
    others: list[bool] = []

    def meanwhile(name: str) -> None:
        time.sleep(slow)
        if Turn.objects.filter(name=f"order:{order.id}").exists():
            others.extend(taken_by_another(each) for each in (f"order:{order.id}", f"key:{key}"))

    saleor.asked.clear()
    saleor.meanwhile = meanwhile
    assert charge(market, order, key=key).charged == vnd(12_000)
    assert saleor.asked[:4] == ["OrderToChange", "TransactionCreate", "OrderToChange", "ChargeReport"]
    assert others == [False] * 8
    assert not Turn.objects.exists()


def test_waiting_for_the_second_turn_keeps_the_first(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LOOK_S", 1.0)
    assert taken_by_another("order:1")
    Turn.objects.update(until=clock.now() + timedelta(seconds=turns.wait_s() - 2))
    others: list[bool] = []
    sleep = time.sleep

    def slept(seconds: float) -> None:
        sleep(seconds)
        others.append(taken_by_another("key:1"))

    monkeypatch.setattr(time, "sleep", slept)
    with turn("key:1"), turn("order:1"):
        pass
    assert time.passed_s > turns.turn_s()
    assert set(others) == {False}


def test_who_has_lost_the_turn_sends_nothing_more(market: Market, saleor: Saleor, time: Time) -> None:
    order, key = market.order(market.product(price=12_000)), new_key()

    def stalls(name: str) -> None:
        if name == "OrderToChange":
            # As a process that the machine stopped for a while in the middle of a request.
            time.sleep(turns.turn_s() + 60)
            assert taken_by_another(f"order:{order.id}")

    saleor.meanwhile = stalls
    saleor.asked.clear()
    with pytest.raises(ShopUnavailable):
        charge(market, order, key=key)
    assert saleor.asked == ["OrderToChange"]
    assert not Call.objects.get(pk=key).answered
    assert Turn.objects.get().name == f"order:{order.id}"  # the other one's stays

    saleor.meanwhile = lambda name: None
    Turn.objects.all().delete()
    assert charge(market, order, key=key).charged == vnd(12_000)


def test_two_who_open_an_account_at_once_report_on_the_same_one(market: Market, saleor: Saleor) -> None:
    order = market.order(market.product(price=12_000), 2)
    seen: list[str] = []

    def another_was_quicker(name: str) -> None:
        if name == "TransactionCreate" and not seen:
            seen.append(name)
            Turn.objects.all().delete()  # the turn of one that the machine had stopped
            charge(market, order)

    saleor.meanwhile = another_was_quicker
    assert charge(market, order).charged == vnd(12_000)
    assert market.pay(order, 12_000, "FT2").charge_status == "full"


def test_a_turn_outlasts_the_longest_request(settings: LazySettings) -> None:
    for seconds in (1, 20, 120):
        settings.SALEOR_TIMEOUT_S = seconds
        assert turns.turn_s() >= Client("http://x/", timeout_s=seconds)._longest_s + turns.SPARE_S
        assert turns.wait_s() > turns.turn_s()
