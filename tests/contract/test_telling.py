"""What the market is told of an order, and that it is told, whoever changed the order and whatever was lost on the way.

The embedded engine tells in the commit of the change. A shop apart from the market sends a signed webhook to the App, which
reads the order anew: here the webhook is signed by a small Saleor of the tests, and the order is read on the leg itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from backend.commerce.values import Order
from backend.common import clock
from backend.common.ids import new_id
from backend.common.models import Event
from backend.common.outbox import relay
from integrations.saleor.app import consumers, repair
from integrations.saleor.app.hearing import ORDER_TOUCHED
from tests.contract.conftest import Market
from tests.contract.test_selling import cancel, facts
from tests.integrations.conftest import installed, nothing_counted, one_saleor, saleor
from tests.integrations.small_saleor import SmallSaleor

__all__ = ["installed", "nothing_counted", "one_saleor", "saleor"]


class Listening:
    """A market in front of one leg: what its shop says reaches it, or is lost."""

    def __init__(self, market: Market, shop_says: SmallSaleor) -> None:
        self._market = market
        self._saleor = shop_says

    def hear(self, order: Order, event: str) -> None:
        """The shop says ``event`` about the order. The embedded engine has said it already."""
        if self._market.leg.apart:
            body = self._saleor.body(event, issued_at=clock.now(), order={"id": order.id})
            assert self._saleor.send(event, body).json() == {"stored": True}
            # Saleor repeats what it is not sure of.
            assert self._saleor.send(event, body).json() == {"stored": False}
        self.deliver()

    @contextmanager
    def nobody_hears(self) -> Iterator[None]:
        """What others do in the shop now is told to nobody: no webhook comes, and the market's own calls, which play the
        others, say nothing either. What the embedded engine tells is in its commits and cannot be lost, only late."""
        last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        yield
        Event.objects.filter(name=ORDER_TOUCHED, pk__gt=last).delete()

    def repair(self) -> None:
        """The pass that finds what was lost; where nothing can be, the worker comes back."""
        if self._market.leg.apart:
            repair.repair()
        self.deliver()

    def deliver(self) -> None:
        while relay.run_once("worker"):
            pass

    def told(self, order: Order) -> list[tuple[str, int | None]]:
        """The events about the order, and of those about money how much."""
        rows = Event.objects.filter(aggregate=f"order:{order.id}").order_by("pk")
        return [(each.name, each.payload.get("amount_vnd") if each.name in MONEY else None) for each in rows]


MONEY = {"order_paid", "order_fully_paid", "order_refunded"}


@pytest.fixture
def listening(market: Market, installed: SmallSaleor, monkeypatch: pytest.MonkeyPatch) -> Listening:
    monkeypatch.setattr(consumers, "shop", lambda: market.shop)
    monkeypatch.setattr(repair, "shop", lambda: market.shop)
    return Listening(market, installed)


def now(market: Market, order: Order) -> tuple[str, str, int]:
    found = market.shop.find_order(order.id)
    assert found is not None
    return facts(found)


def test_money_that_was_given_back_is_told_as_that_and_once(market: Market, listening: Listening) -> None:
    order = market.order(market.product(price=30_000), 2)
    listening.deliver()
    market.pay(order, 60_000, "FT1")
    listening.deliver()
    paid = [
        ("order_created", None),
        ("order_paid", 60_000),
        ("order_fully_paid", 60_000),
        ("order_confirmed", None),
    ]
    assert listening.told(order) == paid

    part, rest = new_id(), new_id()
    for _ in range(2):
        market.leg.refund(order.id, 20_000, part)
        listening.hear(order, "order_refunded")
    assert now(market, order) == ("unfulfilled", "partial", 40_000)
    assert listening.told(order) == [*paid, ("order_refunded", 20_000)]

    market.leg.refund(order.id, 40_000, rest)
    listening.hear(order, "order_updated")
    assert now(market, order) == ("unfulfilled", "none", 0)
    given_back = [*paid, ("order_refunded", 20_000), ("order_refunded", 40_000)]
    assert listening.told(order) == given_back

    # The same sixty again: nobody is told a second time that the order was paid, only more than that is new.
    market.pay(order, 60_000, "FT2")
    listening.deliver()
    assert now(market, order) == ("unfulfilled", "full", 60_000)
    assert listening.told(order) == [*given_back, ("order_updated", None)]
    market.pay(order, 5_000, "FT3")
    listening.deliver()
    assert listening.told(order) == [*given_back, ("order_updated", None), ("order_paid", 5_000)]


def test_a_refund_leaves_a_cancelled_order_cancelled(market: Market, listening: Listening) -> None:
    product = market.product(price=12_000, quantity=5)
    order = cancel(market, market.pay(market.order(product, 2), 24_000, "FT1"))
    listening.deliver()
    market.leg.refund(order.id, 24_000, new_id())
    listening.hear(order, "order_refunded")
    assert now(market, order) == ("canceled", "none", 0)
    assert listening.told(order)[-2:] == [("order_cancelled", None), ("order_refunded", 24_000)]
    assert market.stock(product) == (5, 5)


def test_what_webhooks_did_not_tell_is_found_and_told_once(
    market: Market, listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order of another storefront, its money, its end: each webhook is lost, and each change told all the same."""
    product = market.product(price=12_000, quantity=5)
    monkeypatch.setattr(repair, "seller_ids", lambda **_page: [product.seller_id])
    monkeypatch.setattr(repair, "REREAD", timedelta(0))
    with listening.nobody_hears():
        order = market.pay(market.order(product, 2), 20_000, "FT1")
    begun = [("order_created", None), ("order_paid", 20_000)]
    assert listening.told(order) == ([] if market.leg.apart else begun)
    listening.repair()
    assert listening.told(order) == begun

    with listening.nobody_hears():
        cancel(market, order)
        market.leg.refund(order.id, 20_000, new_id())
    listening.repair()
    ended = [name for name, _amount in listening.told(order)[2:]]
    assert sorted(ended) == ["order_cancelled", "order_refunded"]
    listening.repair()
    assert len(listening.told(order)) == 4
    assert now(market, order) == ("canceled", "none", 0)
    assert market.stock(product) == (5, 5)


def test_while_the_app_is_down_the_shop_goes_on_and_afterwards_all_is_told_once(
    market: Market, listening: Listening
) -> None:
    """Saleor sends again what it could not deliver, late and in any order; the embedded engine's worker was away."""
    order = market.order(market.product(price=12_000), 2)
    with listening.nobody_hears():
        market.pay(order, 24_000, "FT1")
    assert now(market, order) == ("unfulfilled", "full", 24_000)
    for event in ("order_confirmed", "order_fully_paid", "order_created", "order_paid"):
        listening.hear(order, event)
    assert listening.told(order) == [
        ("order_created", None),
        ("order_paid", 24_000),
        ("order_fully_paid", 24_000),
        ("order_confirmed", None),
    ]
