"""From a basket to an order, on every engine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.commerce.errors import (
    BadQuantity,
    EmptyCheckout,
    InsufficientStock,
    NotForSale,
    PriceChanged,
    ProductNotFound,
)
from backend.commerce.values import Address, LineDraft
from backend.common.money import vnd
from tests.contract.conftest import COURIER, HUE, PICKUP, VI_TAN, Market, new_key
from tests.contract.test_goods import as_draft


def test_a_checkout_shows_todays_prices_and_holds_nothing(market: Market) -> None:
    product = market.product(price=12_000, quantity=10)
    checkout = market.checkout(product, 3)
    assert checkout.seller_id == product.seller_id
    (line,) = checkout.lines
    assert (line.product_name, line.quantity, line.total) == ("Rau mồng tơi", 3, vnd(36_000))
    assert line.variant == product.variant
    assert (checkout.subtotal, checkout.delivery_price, checkout.total) == (vnd(36_000), vnd(0), vnd(36_000))
    assert market.shop.find_checkout(checkout.id) == checkout
    assert market.stock(product) == (10, 10)


def test_the_same_variant_twice_is_one_line(market: Market) -> None:
    product = market.product()
    twice = [LineDraft(product.variant.id, 1), LineDraft(product.variant.id, 2)]
    checkout = market.shop.create_checkout(key=new_key(), seller_id=product.seller_id, lines=twice)
    assert [line.quantity for line in checkout.lines] == [3]


def test_a_basket_over_two_sellers_becomes_two_orders(market: Market) -> None:
    greens, lingzhi = market.product(price=12_000), market.product(name="Nấm linh chi", price=350_000)
    first, second = market.order(greens, 2), market.order(lingzhi, 1)
    assert (first.seller_id, first.total) == (greens.seller_id, vnd(24_000))
    assert (second.seller_id, second.total) == (lingzhi.seller_id, vnd(350_000))
    assert second.number > first.number
    assert [each.id for each in market.shop.orders_page(seller_id=greens.seller_id).items] == [first.id]
    assert [each.id for each in market.shop.orders_page(seller_id=lingzhi.seller_id).items] == [second.id]
    both = market.shop.orders([second.id, "khong-co", first.id])
    assert list(both) == [second.id, first.id]


def test_goods_of_another_seller_do_not_enter_a_checkout(market: Market) -> None:
    mine, theirs = market.product(), market.product()
    with pytest.raises(ProductNotFound):
        market.shop.create_checkout(
            key=new_key(),
            seller_id=mine.seller_id,
            lines=[LineDraft(mine.variant.id, 1), LineDraft(theirs.variant.id, 1)],
        )


@pytest.mark.parametrize("quantity", [0, -1, 1000])
def test_impossible_quantities_are_refused(market: Market, quantity: int) -> None:
    product = market.product(quantity=5000)
    with pytest.raises(BadQuantity):
        market.checkout(product, quantity)


def test_an_empty_basket_is_refused(market: Market) -> None:
    with pytest.raises(EmptyCheckout):
        market.shop.create_checkout(key=new_key(), seller_id=market.seller(), lines=[])
    with pytest.raises(ProductNotFound):
        market.shop.create_checkout(
            key=new_key(), seller_id=market.seller(), lines=[LineDraft("999999999", 1)]
        )


def test_more_than_there_is_names_the_goods_and_what_is_left(market: Market) -> None:
    product = market.product(quantity=5)
    with pytest.raises(InsufficientStock) as refused:
        market.checkout(product, 6)
    assert str(refused.value) == "Rau mồng tơi chỉ còn 5. Xin giảm số lượng rồi đặt lại."


@pytest.mark.parametrize("address", [VI_TAN, HUE], ids=["vi-tan", "hue"])
def test_a_guest_with_a_phone_only_orders_to_a_two_level_address(market: Market, address: Address) -> None:
    product = market.product()
    order = market.shop.complete_checkout(
        key=new_key(),
        checkout_id=market.checkout(product, 2).id,
        address=address,
        email="",
        delivery=COURIER,
        confirmed_total=vnd(39_000),
        note="Gọi trước khi giao",
        metadata={"basket": "b1"},
    )
    assert order.address == address
    assert order.email == ""
    assert (order.status, order.charge_status) == ("unconfirmed", "none")
    assert (order.subtotal, order.total, order.charged) == (vnd(24_000), vnd(39_000), vnd(0))
    assert order.delivery == COURIER
    assert order.note == "Gọi trước khi giao"
    assert dict(order.metadata) == {"basket": "b1"}
    (line,) = order.lines
    assert (line.product_id, line.variant_id) == (product.id, product.variant.id)
    assert (line.product_name, line.unit, line.quantity, line.quantity_fulfilled) == (
        "Rau mồng tơi",
        "bó 300 g",
        2,
        0,
    )
    assert (line.unit_price, line.total) == (vnd(12_000), vnd(24_000))
    assert market.shop.find_order(order.id) == order


def test_an_order_holds_its_stock(market: Market) -> None:
    product = market.product(quantity=5)
    market.order(product, 5)
    assert market.stock(product) == (5, 0)
    with pytest.raises(InsufficientStock):
        market.checkout(product, 1)


def test_stock_that_went_in_between_refuses_the_whole_order(market: Market) -> None:
    seller = market.seller()
    plenty, scarce = market.product(seller, quantity=10), market.product(seller, name="Bí đao", quantity=2)
    lines = [LineDraft(plenty.variant.id, 4), LineDraft(scarce.variant.id, 2)]
    checkout = market.shop.create_checkout(key=new_key(), seller_id=seller, lines=lines)
    market.order(scarce, 1)
    with pytest.raises(InsufficientStock) as refused:
        market.complete(checkout)
    assert str(refused.value) == "Bí đao chỉ còn 1. Xin giảm số lượng rồi đặt lại."
    assert market.stock(plenty) == (10, 10)
    assert market.stock(scarce) == (2, 1)
    assert len(market.shop.orders_page(seller_id=seller).items) == 1


def test_a_refused_order_can_be_placed_later_under_the_same_key(market: Market) -> None:
    product = market.product(quantity=2)
    checkout, key = market.checkout(product, 2), new_key()
    blocking = market.order(product, 1)
    with pytest.raises(InsufficientStock):
        market.complete(checkout, key=key)
    market.shop.cancel_order(key=new_key(), order_id=blocking.id, reason="hết hạn")
    assert market.complete(checkout, key=key).lines[0].quantity == 2
    assert market.stock(product) == (2, 0)


def test_a_price_that_changed_in_between_is_asked_again(market: Market) -> None:
    product = market.product(price=12_000)
    checkout = market.checkout(product, 2)
    draft = as_draft(market, product.id)
    market.shop.update_product(
        key=new_key(),
        product_id=product.id,
        draft=replace(draft, variants=(replace(draft.variants[0], price=vnd(13_000)),)),
    )
    with pytest.raises(PriceChanged) as refused:
        market.complete(checkout, confirmed=vnd(24_000))
    assert refused.value.params["total"] == vnd(26_000)
    assert market.stock(product) == (10, 10)
    renewed = market.shop.find_checkout(checkout.id)
    assert renewed is not None
    assert renewed.total == vnd(26_000)
    assert market.complete(renewed).total == vnd(26_000)


def test_a_later_price_does_not_reach_an_order(market: Market) -> None:
    product = market.product(price=12_000)
    order = market.order(product, 2)
    draft = as_draft(market, product.id)
    market.shop.update_product(
        key=new_key(),
        product_id=product.id,
        draft=replace(draft, name="Tên khác", variants=(replace(draft.variants[0], price=vnd(99_000)),)),
    )
    assert market.shop.find_order(order.id) == order


def test_goods_taken_off_the_shelf_are_not_sold(market: Market) -> None:
    product = market.product()
    checkout = market.checkout(product)
    market.shop.update_product(
        key=new_key(), product_id=product.id, draft=replace(as_draft(market, product.id), published=False)
    )
    with pytest.raises(NotForSale):
        market.complete(checkout)
    with pytest.raises(NotForSale):
        market.checkout(product)
    assert market.stock(product) == (10, 10)


def test_a_checkout_becomes_one_order_under_whatever_key(market: Market) -> None:
    product = market.product()
    checkout = market.checkout(product, 2)
    order = market.complete(checkout)
    assert market.complete(checkout).id == order.id
    assert market.stock(product) == (10, 8)
    assert market.shop.find_checkout(checkout.id) is None


def test_no_such_checkout(market: Market) -> None:
    product = market.product()
    unknown = replace(market.checkout(product), id="khong-co")
    assert market.shop.find_checkout("khong-co") is None
    assert market.shop.find_order("khong-co") is None
    with pytest.raises(EmptyCheckout):
        market.complete(unknown)


def test_orders_of_a_seller_come_newest_first_in_pages(market: Market) -> None:
    product = market.product()
    placed = [market.order(product).id for _ in range(3)]
    first = market.shop.orders_page(seller_id=product.seller_id, limit=2)
    assert [each.id for each in first.items] == placed[:0:-1]
    second = market.shop.orders_page(seller_id=product.seller_id, limit=2, after=first.next)
    assert [each.id for each in second.items] == [placed[0]]
    assert second.next is None


def test_pickup_costs_nothing(market: Market) -> None:
    product = market.product(price=12_000)
    order = market.complete(market.checkout(product), delivery=PICKUP)
    assert order.total == vnd(12_000)
    assert order.delivery == PICKUP
