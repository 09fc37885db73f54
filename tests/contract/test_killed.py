"""A process that is killed between what the engine did and the commit of the answer: whoever sends the call again
finds it done once, on every engine. The death is played here, for every method; tests/engine/test_kill.py and
tests/saleor/test_kill.py really kill."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from django.db.models import QuerySet

from backend.commerce.values import FulfillLine, LineDraft
from backend.common.money import vnd
from tests.contract.conftest import PICKUP, VI_TAN, Market, new_key
from tests.contract.test_once import WRITING, Prepare


class Killed(BaseException):
    """As kill -9: nothing catches it that means to go on."""


@contextmanager
def killed_before_the_answer_is_kept() -> Generator[None]:
    """The process dies at the moment when the answer of a writing call is written down."""
    update = QuerySet.update

    def dies(self: QuerySet[Any], **changes: Any) -> int:
        if self.model.__name__ in {"CallKey", "Call"} and "result" in changes:
            raise Killed
        return update(self, **changes)

    with patch.object(QuerySet, "update", dies), pytest.raises(Killed):
        yield


@pytest.mark.parametrize("prepare", WRITING.values(), ids=WRITING)
def test_a_call_that_was_killed_can_be_sent_again(
    market: Market, prepare: Prepare, photo: Callable[[str], bytes]
) -> None:
    call, key = prepare(market, photo), new_key()
    with killed_before_the_answer_is_kept():
        call.make(market, key)
    answer = call.make(market, key)
    assert call.make(market, key) == answer


def test_goods_are_listed_once(market: Market) -> None:
    seller, key = market.seller(), new_key()
    draft = market.draft(seller)
    with killed_before_the_answer_is_kept():
        market.shop.create_product(key=key, draft=draft)
    product = market.shop.create_product(key=key, draft=draft)
    assert [each.id for each in market.shop.products_page(seller_id=seller).items] == [product.id]
    assert len(product.variants) == 1


def test_a_photograph_is_added_once(market: Market, photo: Callable[[str], bytes]) -> None:
    product, key = market.product(), new_key()
    with killed_before_the_answer_is_kept():
        market.shop.add_image(key=key, product_id=product.id, content=photo("red"), alt="Bó rau")
    after = market.shop.add_image(key=key, product_id=product.id, content=photo("red"), alt="Bó rau")
    assert [each.alt for each in after.images] == ["Bó rau"]


def test_an_order_is_placed_once(market: Market) -> None:
    product, key = market.product(quantity=10), new_key()
    checkout = market.shop.create_checkout(
        key=new_key(), seller_id=product.seller_id, lines=[LineDraft(product.variant.id, 2)]
    )

    def place() -> str:
        return market.shop.complete_checkout(
            key=key,
            checkout_id=checkout.id,
            address=VI_TAN,
            email="",
            delivery=PICKUP,
            confirmed_total=vnd(24_000),
        ).id

    with killed_before_the_answer_is_kept():
        place()
    order_id = place()
    assert [each.id for each in market.shop.orders_page(seller_id=product.seller_id).items] == [order_id]
    assert market.stock(product) == (10, 8)


def test_money_is_counted_once(market: Market) -> None:
    order, key = market.order(market.product(price=12_000), 2), new_key()

    def report() -> int:
        return market.shop.report_charge(
            key=key, order_id=order.id, amount=vnd(10_000), psp_reference="FT1"
        ).charged.amount

    with killed_before_the_answer_is_kept():
        report()
    assert report() == 10_000
    assert market.pay(order, 14_000, "FT2").charge_status == "full"


def test_money_is_taken_back_once(market: Market) -> None:
    order, key = market.order(market.product(price=12_000), 2), new_key()
    market.pay(market.pay(order, 10_000, "FT1"), 14_000, "FT2")
    with killed_before_the_answer_is_kept():
        market.shop.take_back_charge(key=key, order_id=order.id, psp_reference="FT1")
    after = market.shop.take_back_charge(key=key, order_id=order.id, psp_reference="FT1")
    assert (after.charged.amount, after.charge_status) == (14_000, "partial")


def test_goods_are_handed_over_once(market: Market) -> None:
    product, key = market.product(price=12_000, quantity=10), new_key()
    order = market.pay(market.order(product, 4), 48_000)
    lines = [FulfillLine(order.lines[0].id, 1)]
    with killed_before_the_answer_is_kept():
        market.shop.fulfill_order(key=key, order_id=order.id, lines=lines, allow_unpaid=False)
    after = market.shop.fulfill_order(key=key, order_id=order.id, lines=lines, allow_unpaid=False)
    assert after.lines[0].quantity_fulfilled == 1
    assert market.stock(product) == (9, 6)


def test_a_cancelled_order_gives_its_stock_back_once(market: Market) -> None:
    product, key = market.product(quantity=5), new_key()
    order = market.order(product, 3)
    with killed_before_the_answer_is_kept():
        market.shop.cancel_order(key=key, order_id=order.id, reason="hết giờ")
    assert market.shop.cancel_order(key=key, order_id=order.id, reason="hết giờ").status == "canceled"
    assert market.stock(product) == (5, 5)
