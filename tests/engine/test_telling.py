"""What the engine writes beside every change: its events, with what consumers need, and its audit row."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.commerce.errors import InsufficientStock
from backend.commerce.values import FulfillLine
from backend.common.models import AuditEntry, Event
from backend.common.money import vnd
from tests.contract.conftest import COURIER, Market, make_photo, new_key
from tests.contract.test_goods import as_draft


class Told:
    """The events and audit rows since the last look."""

    def __init__(self) -> None:
        self._event = self._entry = 0
        self.look()

    def look(self) -> tuple[list[tuple[str, str, dict[str, Any]]], list[tuple[str, str, dict[str, Any]]]]:
        events = list(Event.objects.filter(pk__gt=self._event).order_by("pk"))
        entries = list(AuditEntry.objects.filter(pk__gt=self._entry).order_by("pk"))
        self._event = events[-1].pk if events else self._event
        self._entry = entries[-1].pk if entries else self._entry
        assert {each.actor for each in entries} <= {"shop"}
        return (
            [(each.name, each.aggregate, each.payload) for each in events],
            [(each.action, each.subject, each.data) for each in entries],
        )


@pytest.fixture
def told(db: None) -> Told:
    return Told()


def test_goods(market: Market, told: Told, media: Path) -> None:
    seller, keys = market.seller(), [new_key() for _ in range(5)]
    shop = market.shop
    product = shop.create_product(key=keys[0], draft=market.draft(seller))
    subject, payload = f"product:{product.id}", {"product_id": product.id, "seller_id": seller}
    assert told.look() == (
        [("product_created", subject, payload)],
        [("product.created", subject, {"key": keys[0], "name": "Rau mồng tơi"})],
    )
    draft = as_draft(market, product.id)
    shop.update_product(key=keys[1], product_id=product.id, draft=draft)
    assert told.look() == (
        [("product_updated", subject, payload)],
        [("product.updated", subject, {"key": keys[1], "published": True, "prices_vnd": {}})],
    )
    shop.set_stock(key=keys[2], variant_id=product.variant.id, quantity=4)
    assert told.look() == (
        [("product_variant_stock_updated", subject, payload)],
        [("stock.set", subject, {"key": keys[2], "variant_id": product.variant.id, "quantity": 4})],
    )
    with_image = shop.add_image(key=keys[3], product_id=product.id, content=make_photo("red"), alt="")
    shop.remove_image(key=keys[4], product_id=product.id, image_id=with_image.images[0].id)
    events, entries = told.look()
    assert events == [("product_updated", subject, payload)] * 2
    assert [action for action, _, _ in entries] == ["product.image_added", "product.image_removed"]


def test_a_price_that_changes_is_on_record(market: Market, told: Told) -> None:
    product = market.product(price=12_000)
    draft = as_draft(market, product.id)
    told.look()
    changed = replace(draft, variants=(replace(draft.variants[0], price=vnd(15_000)),))
    market.shop.update_product(key=new_key(), product_id=product.id, draft=changed)
    _, ((_, _, data),) = told.look()
    assert data["prices_vnd"] == {product.variant.id: [12_000, 15_000]}


def test_an_order_from_placing_to_hand_over(market: Market, told: Told) -> None:
    product = market.product(price=12_000)
    checkout = market.checkout(product, 2)
    assert told.look()[0][1:] == []
    order = market.complete(checkout, delivery=COURIER)
    subject, goods = f"order:{order.id}", f"product:{product.id}"
    about_goods = {"product_id": product.id, "seller_id": product.seller_id}
    facts = {
        "order_id": order.id,
        "seller_id": product.seller_id,
        "number": order.number,
        "status": "unconfirmed",
        "charge_status": "none",
        "total_vnd": 39_000,
        "charged_vnd": 0,
    }
    events, ((action, about, data),) = told.look()
    assert events == [
        ("order_created", subject, facts),
        ("product_variant_stock_updated", goods, about_goods),
    ]
    assert (action, about, data["total_vnd"]) == ("order.placed", subject, 39_000)

    market.pay(order, 9_000, "FT1")
    facts |= {"charge_status": "partial", "charged_vnd": 9_000}
    events, ((action, _, data),) = told.look()
    assert events == [("order_paid", subject, {**facts, "amount_vnd": 9_000, "psp_reference": "FT1"})]
    assert (action, data["amount_vnd"], data["psp_reference"]) == ("order.charged", 9_000, "FT1")

    market.pay(order, 30_000, "FT2")
    facts |= {"charge_status": "full", "charged_vnd": 39_000, "status": "unfulfilled"}
    events, _ = told.look()
    paid = {**facts, "amount_vnd": 30_000, "psp_reference": "FT2"}
    assert events == [
        ("order_paid", subject, paid),
        ("order_fully_paid", subject, paid),
        ("order_confirmed", subject, paid),
    ]

    market.pay(order, 1_000, "FT3")
    events, _ = told.look()
    assert [name for name, _, _ in events] == ["order_paid"]
    facts |= {"charge_status": "overcharged", "charged_vnd": 40_000}

    for status, name in (("partially fulfilled", "order_updated"), ("fulfilled", "order_fulfilled")):
        market.shop.fulfill_order(
            key=new_key(), order_id=order.id, lines=[FulfillLine(order.lines[0].id, 1)], allow_unpaid=False
        )
        events, ((action, _, _),) = told.look()
        assert events == [(name, subject, {**facts, "status": status})]
        assert action == "order.handed_over"


def test_cancelling_says_why_and_frees_the_goods(market: Market, told: Told) -> None:
    product = market.product()
    order = market.order(product)
    told.look()
    market.shop.cancel_order(key=new_key(), order_id=order.id, reason="hết giờ giữ hàng")
    events, ((action, _, data),) = told.look()
    assert [(name, payload.get("reason")) for name, _, payload in events] == [
        ("order_cancelled", "hết giờ giữ hàng"),
        ("product_variant_stock_updated", None),
    ]
    assert (action, data["reason"]) == ("order.cancelled", "hết giờ giữ hàng")


def test_cash_is_confirmed_once(market: Market, told: Told) -> None:
    order = market.order(market.product())
    told.look()
    market.shop.confirm_order(key=new_key(), order_id=order.id)
    assert [name for name, _, _ in told.look()[0]] == ["order_confirmed"]
    market.shop.confirm_order(key=new_key(), order_id=order.id)
    assert told.look() == ([], [])


def test_no_event_carries_what_a_stranger_must_not_see(market: Market, told: Told) -> None:
    order = market.order(market.product())
    market.pay(order, 5_000)
    market.shop.cancel_order(key=new_key(), order_id=order.id, reason="x")
    events, entries = told.look()
    assert len(events) == 6
    for _, _, data in [*events, *entries]:
        text = str(data)
        for personal in (order.address.name, order.address.phone, order.address.street):
            assert personal not in text


def test_what_changes_nothing_tells_nothing(market: Market, told: Told) -> None:
    product = market.product(quantity=2)
    checkout = market.checkout(product, 2)
    order = market.complete(checkout)
    market.pay(order, 1_000, "FT1")
    market.shop.cancel_order(key=new_key(), order_id=order.id, reason="x")
    other = market.checkout(product, 2)
    market.shop.set_stock(key=new_key(), variant_id=product.variant.id, quantity=1)
    told.look()
    market.complete(checkout)
    market.pay(order, 1_000, "FT1")
    market.shop.cancel_order(key=new_key(), order_id=order.id, reason="y")
    with pytest.raises(InsufficientStock):
        market.complete(other)
    assert told.look() == ([], [])
