"""Two of anything at the same time, on every engine: real threads, each with its own connection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import pytest
from django.db import connections

from backend.commerce.errors import CannotCancel, InsufficientStock, OrderTakenOn
from backend.commerce.values import FulfillLine, LineDraft, Order
from backend.common.errors import TransitionRefused
from backend.common.money import vnd
from tests.contract.conftest import Market, new_key

T = TypeVar("T")

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], T]) -> list[T | Exception]:
    """What each call returned or raised; all of them start at the same instant, in threads of their own."""
    ready = threading.Barrier(len(calls))
    results: list[T | Exception | None] = [None] * len(calls)

    def run(place: int, call: Callable[[], T]) -> None:
        try:
            ready.wait(20)
            results[place] = call()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [result for result in results if result is not None]


def orders_of(results: list[Order | Exception]) -> list[Order]:
    return [each for each in results if isinstance(each, Order)]


def kinds(results: list[Order | Exception]) -> list[str]:
    return sorted(type(each).__name__ for each in results)


def test_one_checkout_completed_twice_at_once_is_one_order(market: Market) -> None:
    product = market.product(quantity=10)
    checkout = market.checkout(product, 2)
    results = at_once(*[lambda: market.complete(checkout)] * 4)
    assert kinds(results) == ["Order"] * 4
    assert len({each.id for each in orders_of(results)}) == 1
    assert len(market.shop.orders_page(seller_id=product.seller_id).items) == 1
    assert market.stock(product) == (10, 8)


def test_one_key_sent_twice_at_once_is_one_order(market: Market) -> None:
    product = market.product(quantity=10)
    checkout, key = market.checkout(product, 2), new_key()
    results = at_once(*[lambda: market.complete(checkout, key=key)] * 4)
    assert kinds(results) == ["Order"] * 4
    assert len({each.id for each in orders_of(results)}) == 1
    assert market.stock(product) == (10, 8)


def test_one_listing_sent_twice_at_once_is_one_product(market: Market) -> None:
    seller, key = market.seller(), new_key()
    draft = market.draft(seller)
    results = at_once(*[lambda: market.shop.create_product(key=key, draft=draft)] * 4)
    assert [type(each).__name__ for each in results] == ["Product"] * 4
    assert len(market.shop.products_page(seller_id=seller).items) == 1


def test_goods_of_one_name_listed_at_once_get_addresses_of_their_own(market: Market) -> None:
    draft = market.draft(market.seller(), name="Dưa lưới")
    results = at_once(*[lambda: market.shop.create_product(key=new_key(), draft=draft)] * 4)
    assert [type(each).__name__ for each in results] == ["Product"] * 4
    assert len({getattr(each, "slug", "") for each in results}) == 4


def test_the_last_piece_goes_to_one_of_two_buyers(market: Market) -> None:
    product = market.product(quantity=1)
    checkouts = [market.checkout(product), market.checkout(product)]
    results = at_once(*[lambda c=c: market.complete(c) for c in checkouts])
    assert kinds(results) == ["InsufficientStock", "Order"]
    assert len(market.shop.orders_page(seller_id=product.seller_id).items) == 1
    assert market.stock(product) == (1, 0)


def test_two_baskets_with_the_same_goods_in_other_order_do_not_block_each_other(market: Market) -> None:
    seller = market.seller()
    goods = [market.product(seller, name=f"Rau {n}", quantity=20) for n in range(4)]
    there = [LineDraft(each.variant.id, 1) for each in goods]
    back = there[::-1]
    checkouts = [
        market.shop.create_checkout(key=new_key(), seller_id=seller, lines=lines)
        for lines in [there, back] * 4
    ]
    results = at_once(*[lambda c=c: market.complete(c) for c in checkouts])
    assert kinds(results) == ["Order"] * 8
    assert [market.stock(each) for each in goods] == [(20, 12)] * 4


def test_two_charges_at_once_are_both_counted(market: Market) -> None:
    order = market.order(market.product(price=12_000), 2)
    at_once(lambda: market.pay(order, 12_000, "FT1"), lambda: market.pay(order, 12_000, "FT2"))
    paid = market.shop.find_order(order.id)
    assert paid is not None
    assert (paid.charged, paid.charge_status, paid.status) == (vnd(24_000), "full", "unfulfilled")


def test_one_charge_reported_at_once_is_counted_once(market: Market) -> None:
    order = market.order(market.product(price=12_000), 2)
    results = at_once(*[lambda: market.pay(order, 12_000, "FT1")] * 4)
    assert kinds(results) == ["Order"] * 4
    paid = market.shop.find_order(order.id)
    assert paid is not None
    assert (paid.charged, paid.charge_status) == (vnd(12_000), "partial")


def test_an_order_is_cancelled_or_handed_over_but_never_both(market: Market) -> None:
    product = market.product(price=12_000, quantity=10)
    order = market.pay(market.order(product, 2), 24_000)
    line = FulfillLine(order.lines[0].id, 2)
    results = at_once(
        lambda: market.shop.cancel_order(key=new_key(), order_id=order.id, reason="đổi ý"),
        lambda: market.shop.fulfill_order(key=new_key(), order_id=order.id, lines=[line], allow_unpaid=False),
    )
    (refused,) = [each for each in results if isinstance(each, Exception)]
    assert isinstance(refused, (CannotCancel, TransitionRefused))
    after = market.shop.find_order(order.id)
    assert after is not None
    expected = {"canceled": (10, 10), "fulfilled": (8, 8)}
    assert market.stock(product) == expected[after.status]


def test_an_order_is_taken_on_or_expires_but_never_both(market: Market) -> None:
    product = market.product(quantity=10)
    order = market.order(product, 2)
    results = at_once(
        lambda: market.shop.confirm_order(key=new_key(), order_id=order.id),
        lambda: market.shop.cancel_order(
            key=new_key(), order_id=order.id, reason="hết giờ", unless_taken_on=True
        ),
    )
    (refused,) = [each for each in results if isinstance(each, Exception)]
    after = market.shop.find_order(order.id)
    assert after is not None
    expected = {
        "unfulfilled": (OrderTakenOn, (10, 8)),
        "canceled": (TransitionRefused, (10, 10)),
    }
    assert (type(refused), market.stock(product)) == expected[after.status]


def test_money_and_cancelling_at_once_lose_neither(market: Market) -> None:
    product = market.product(price=12_000, quantity=10)
    order = market.order(product, 2)
    results = at_once(
        lambda: market.pay(order, 24_000),
        lambda: market.shop.cancel_order(key=new_key(), order_id=order.id, reason="hết giờ"),
    )
    assert kinds(results) == ["Order", "Order"]
    after = market.shop.find_order(order.id)
    assert after is not None
    assert (after.status, after.charge_status, after.charged) == ("canceled", "full", vnd(24_000))
    assert market.stock(product) == (10, 10)


def test_stock_set_while_the_last_pieces_are_ordered_is_never_below_what_is_held(market: Market) -> None:
    product = market.product(quantity=5)
    checkout = market.checkout(product, 5)
    results = at_once(
        lambda: market.complete(checkout),
        lambda: market.shop.set_stock(key=new_key(), variant_id=product.variant.id, quantity=3),
    )
    refused = [each for each in results if isinstance(each, Exception)]
    assert len(refused) == 1
    if isinstance(refused[0], InsufficientStock):
        assert market.stock(product) == (3, 3)
    else:
        assert type(refused[0]).__name__ == "StockHeld"
        assert market.stock(product) == (5, 0)
