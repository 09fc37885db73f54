"""Money, hand-over and cancelling, on every engine."""

from __future__ import annotations

import pytest

from backend.commerce.errors import (
    BadFulfillment,
    CannotCancel,
    CannotFulfillUnpaid,
    ChargeMismatch,
    OrderNotFound,
    OrderTakenOn,
)
from backend.commerce.values import FulfillLine, LineDraft, Order
from backend.common.errors import Invalid, TransitionRefused
from backend.common.money import vnd
from tests.contract.conftest import Market, new_key


def facts(order: Order) -> tuple[str, str, int]:
    return order.status, order.charge_status, order.charged.amount


def fulfill(
    market: Market, order: Order, quantity: int, *, line: int = 0, allow_unpaid: bool = False
) -> Order:
    return market.shop.fulfill_order(
        key=new_key(),
        order_id=order.id,
        lines=[FulfillLine(order.lines[line].id, quantity)],
        allow_unpaid=allow_unpaid,
    )


def cancel(market: Market, order: Order) -> Order:
    return market.shop.cancel_order(key=new_key(), order_id=order.id, reason="người mua đổi ý")


def test_what_was_taken_on_is_cancelled_only_by_who_says_so(market: Market) -> None:
    product = market.product(price=12_000, quantity=10)
    untouched, confirmed, paid = (market.order(product, 2) for _ in range(3))
    market.shop.confirm_order(key=new_key(), order_id=confirmed.id)
    market.pay(paid, 1_000)

    def expire(order: Order, key: str) -> Order:
        return market.shop.cancel_order(key=key, order_id=order.id, reason="hết giờ", unless_taken_on=True)

    keys = {each.id: new_key() for each in (untouched, confirmed, paid)}
    assert expire(untouched, keys[untouched.id]).status == "canceled"
    assert expire(untouched, keys[untouched.id]).status == "canceled"
    for order, status in ((confirmed, "unfulfilled"), (paid, "unconfirmed")):
        with pytest.raises(OrderTakenOn):
            expire(order, keys[order.id])
        found = market.shop.find_order(order.id)
        assert found is not None
        assert found.status == status
        assert cancel(market, order).status == "canceled"
    assert market.stock(product) == (10, 10)


def test_exact_money_confirms_the_order(market: Market) -> None:
    order = market.order(market.product(price=12_000), 2)
    assert facts(market.pay(order, 24_000)) == ("unfulfilled", "full", 24_000)


def test_short_money_waits_for_the_rest(market: Market) -> None:
    order = market.order(market.product(price=12_000), 2)
    assert facts(market.pay(order, 20_000)) == ("unconfirmed", "partial", 20_000)
    assert facts(market.pay(order, 3_999)) == ("unconfirmed", "partial", 23_999)
    assert facts(market.pay(order, 1)) == ("unfulfilled", "full", 24_000)


def test_more_money_than_due_is_recorded_as_such(market: Market) -> None:
    order = market.order(market.product(price=12_000), 2)
    assert facts(market.pay(order, 25_000)) == ("unfulfilled", "overcharged", 25_000)


def test_a_second_transfer_of_a_paid_order_is_recorded(market: Market) -> None:
    order = market.order(market.product(price=12_000))
    market.pay(order, 12_000)
    assert facts(market.pay(order, 12_000)) == ("unfulfilled", "overcharged", 24_000)


def test_one_reference_counts_once(market: Market) -> None:
    order = market.order(market.product(price=12_000))
    market.pay(order, 5_000, "FT1")
    assert facts(market.pay(order, 5_000, "FT1")) == ("unconfirmed", "partial", 5_000)
    with pytest.raises(ChargeMismatch):
        market.pay(order, 6_000, "FT1")
    assert facts(market.pay(order, 7_000, "FT2")) == ("unfulfilled", "full", 12_000)


def test_one_reference_may_stand_under_two_orders(market: Market) -> None:
    product = market.product(price=12_000)
    first, second = market.order(product), market.order(product)
    market.pay(first, 12_000, "cash")
    assert facts(market.pay(second, 12_000, "cash")) == ("unfulfilled", "full", 12_000)


@pytest.mark.parametrize(("amount", "reference"), [(0, "FT1"), (-5, "FT1"), (1, ""), (1, "x" * 121)])
def test_a_charge_needs_an_amount_and_a_reference(market: Market, amount: int, reference: str) -> None:
    order = market.order(market.product())
    with pytest.raises(Invalid):
        market.shop.report_charge(
            key=new_key(), order_id=order.id, amount=vnd(amount), psp_reference=reference
        )
    assert market.shop.find_order(order.id) == order


def test_a_charge_that_was_a_mistake_counts_no_more(market: Market) -> None:
    order = market.order(market.product(price=12_000))
    market.pay(market.pay(order, 5_000, "FT1"), 7_000, "FT2")

    def take_back(reference: str) -> Order:
        return market.shop.take_back_charge(key=new_key(), order_id=order.id, psp_reference=reference)

    assert facts(take_back("FT1")) == ("unfulfilled", "partial", 7_000)
    # Under another key, too, it is taken back once; what was never charged is not taken back at all.
    assert facts(take_back("FT1")) == facts(take_back("FT9")) == ("unfulfilled", "partial", 7_000)
    # For good: the bank's one credit does not come back by being reported once more.
    assert facts(market.pay(order, 5_000, "FT1")) == ("unfulfilled", "partial", 7_000)
    assert facts(take_back("FT2")) == ("unfulfilled", "none", 0)
    assert facts(market.pay(order, 12_000, "FT3")) == ("unfulfilled", "full", 12_000)


def test_cash_is_confirmed_by_the_seller_and_reported_at_the_hand_over(market: Market) -> None:
    product = market.product(price=12_000, quantity=10)
    order = market.order(product, 2)
    confirmed = market.shop.confirm_order(key=new_key(), order_id=order.id)
    assert facts(confirmed) == ("unfulfilled", "none", 0)
    assert facts(market.shop.confirm_order(key=new_key(), order_id=order.id)) == ("unfulfilled", "none", 0)
    handed = fulfill(market, order, 2, allow_unpaid=True)
    assert facts(handed) == ("fulfilled", "none", 0)
    assert market.stock(product) == (8, 8)
    assert facts(market.pay(order, 24_000, "cash")) == ("fulfilled", "full", 24_000)


def test_unpaid_goods_are_not_handed_over_unless_allowed(market: Market) -> None:
    product = market.product(price=12_000)
    order = market.order(product, 2)
    market.shop.confirm_order(key=new_key(), order_id=order.id)
    with pytest.raises(CannotFulfillUnpaid):
        fulfill(market, order, 2)
    market.pay(order, 20_000)
    with pytest.raises(CannotFulfillUnpaid):
        fulfill(market, order, 2)
    assert market.stock(product) == (10, 8)


def test_an_order_is_handed_over_in_parts(market: Market) -> None:
    seller = market.seller()
    greens, squash = market.product(seller, quantity=10), market.product(seller, name="Bí đao", quantity=5)
    lines = [LineDraft(greens.variant.id, 3), LineDraft(squash.variant.id, 1)]
    order = market.complete(market.shop.create_checkout(key=new_key(), seller_id=seller, lines=lines))
    market.pay(order, order.total.amount)

    first = fulfill(market, order, 2)
    assert first.status == "partially fulfilled"
    assert [line.quantity_fulfilled for line in first.lines] == [2, 0]
    assert market.stock(greens) == (8, 7)
    assert market.stock(squash) == (5, 4)

    with pytest.raises(BadFulfillment) as refused:
        fulfill(market, order, 2)
    assert refused.value.params == {"name": "Rau mồng tơi", "left": 1}
    assert market.stock(greens) == (8, 7)

    fulfill(market, order, 1, line=1)
    last = fulfill(market, order, 1)
    assert last.status == "fulfilled"
    assert [line.quantity_fulfilled for line in last.lines] == [3, 1]
    assert market.stock(greens) == (7, 7)
    assert market.stock(squash) == (4, 4)
    with pytest.raises(TransitionRefused):
        fulfill(market, order, 1)


def test_nothing_or_a_strangers_line_cannot_be_handed_over(market: Market) -> None:
    product = market.product()
    order, other = market.pay(market.order(product), 12_000), market.order(product)
    with pytest.raises(BadFulfillment):
        market.shop.fulfill_order(key=new_key(), order_id=order.id, lines=[], allow_unpaid=True)
    with pytest.raises(BadFulfillment):
        fulfill(market, order, 0)
    with pytest.raises(OrderNotFound):
        market.shop.fulfill_order(
            key=new_key(), order_id=order.id, lines=[FulfillLine(other.lines[0].id, 1)], allow_unpaid=True
        )
    assert market.stock(product) == (10, 8)


def test_an_unconfirmed_or_cancelled_order_is_not_handed_over(market: Market) -> None:
    product = market.product()
    order = market.order(product)
    with pytest.raises(TransitionRefused):
        fulfill(market, order, 1, allow_unpaid=True)
    cancel(market, order)
    with pytest.raises(TransitionRefused):
        fulfill(market, order, 1, allow_unpaid=True)
    with pytest.raises(TransitionRefused):
        market.shop.confirm_order(key=new_key(), order_id=order.id)
    assert market.stock(product) == (10, 10)


def test_cancelling_gives_the_stock_back_once(market: Market) -> None:
    product = market.product(quantity=5)
    order = market.order(product, 5)
    assert facts(cancel(market, order)) == ("canceled", "none", 0)
    assert market.stock(product) == (5, 5)
    other = market.order(product, 4)
    assert facts(cancel(market, order)) == ("canceled", "none", 0)
    assert market.stock(product) == (5, 1)
    assert other.status == "unconfirmed"


def test_a_paid_order_can_be_cancelled_and_its_money_stays_recorded(market: Market) -> None:
    product = market.product(quantity=5)
    order = market.pay(market.order(product, 2), 24_000)
    assert facts(cancel(market, order)) == ("canceled", "full", 24_000)
    assert market.stock(product) == (5, 5)


def test_money_that_comes_after_the_cancelling_is_recorded_and_changes_nothing_else(market: Market) -> None:
    product = market.product(quantity=5)
    order = cancel(market, market.order(product, 2))
    assert facts(market.pay(order, 24_000)) == ("canceled", "full", 24_000)
    assert market.stock(product) == (5, 5)


def test_what_was_handed_over_is_not_cancelled(market: Market) -> None:
    product = market.product(quantity=5)
    order = market.pay(market.order(product, 2), 24_000)
    fulfill(market, order, 1)
    with pytest.raises(CannotCancel):
        cancel(market, order)
    fulfill(market, order, 1)
    with pytest.raises(CannotCancel):
        cancel(market, order)
    assert market.stock(product) == (3, 3)


def test_an_unknown_order_is_refused_by_every_verb(market: Market) -> None:
    unknown = "khong-co"
    with pytest.raises(OrderNotFound):
        market.shop.confirm_order(key=new_key(), order_id=unknown)
    with pytest.raises(OrderNotFound):
        market.shop.fulfill_order(
            key=new_key(), order_id=unknown, lines=[FulfillLine("1", 1)], allow_unpaid=True
        )
    with pytest.raises(OrderNotFound):
        market.shop.cancel_order(key=new_key(), order_id=unknown, reason="")
    with pytest.raises(OrderNotFound):
        market.shop.report_charge(key=new_key(), order_id=unknown, amount=vnd(1), psp_reference="x")
    with pytest.raises(OrderNotFound):
        market.shop.take_back_charge(key=new_key(), order_id=unknown, psp_reference="x")


def test_the_next_steps_follow_from_the_state(market: Market) -> None:
    order = market.order(market.product(), 2)
    assert order.can == ("confirm", "cancel")
    paid = market.pay(order, 24_000)
    assert paid.can == ("fulfill_part", "fulfill", "cancel")
    assert fulfill(market, paid, 1).can == ("fulfill_part", "fulfill")
    assert fulfill(market, paid, 1).can == ()
