"""Every writing method happens once per key, refuses the key for anything else, and refuses an open
transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import transaction

from backend.commerce.values import Checkout, FulfillLine, LineDraft
from backend.common.errors import KeyReused
from backend.common.money import vnd
from tests.contract.conftest import PICKUP, VI_TAN, Market, new_key
from tests.contract.test_goods import as_draft

Photo = Callable[[str], bytes]


@dataclass(frozen=True)
class Call:
    """A writing call that is possible now: its arguments, and arguments that mean something else."""

    method: str
    arguments: Mapping[str, Any]
    other: Mapping[str, Any]

    def make(self, market: Market, key: str, *, otherwise: bool = False) -> Any:
        arguments = {**self.arguments, **(self.other if otherwise else {})}
        return getattr(market.shop, self.method)(key=key, **arguments)


def a_create_product(market: Market, photo: Photo) -> Call:
    draft = market.draft(market.seller())
    return Call("create_product", {"draft": draft}, {"draft": replace(draft, name="Bí đao")})


def an_update_product(market: Market, photo: Photo) -> Call:
    product = market.product()
    draft = replace(as_draft(market, product.id), name="Mồng tơi tím")
    return Call(
        "update_product", {"product_id": product.id, "draft": draft}, {"draft": replace(draft, name="Bí đao")}
    )


def an_add_image(market: Market, photo: Photo) -> Call:
    arguments = {"product_id": market.product().id, "content": photo("green"), "alt": "Bó rau"}
    return Call("add_image", arguments, {"content": photo("red")})


def a_remove_image(market: Market, photo: Photo) -> Call:
    product = market.shop.add_image(
        key=new_key(), product_id=market.product().id, content=photo("green"), alt=""
    )
    return Call(
        "remove_image", {"product_id": product.id, "image_id": product.images[0].id}, {"image_id": "0"}
    )


def a_set_stock(market: Market, photo: Photo) -> Call:
    return Call("set_stock", {"variant_id": market.product().variant.id, "quantity": 7}, {"quantity": 8})


def a_create_checkout(market: Market, photo: Photo) -> Call:
    product = market.product()
    arguments = {"seller_id": product.seller_id, "lines": [LineDraft(product.variant.id, 2)]}
    return Call("create_checkout", arguments, {"lines": [LineDraft(product.variant.id, 3)]})


def a_complete_checkout(market: Market, photo: Photo) -> Call:
    checkout = market.checkout(market.product(price=12_000), 2)
    arguments = {
        "checkout_id": checkout.id,
        "address": VI_TAN,
        "email": "",
        "delivery": PICKUP,
        "confirmed_total": vnd(24_000),
    }
    return Call("complete_checkout", arguments, {"address": replace(VI_TAN, phone="+84900000000")})


def a_confirm_order(market: Market, photo: Photo) -> Call:
    product = market.product()
    return Call(
        "confirm_order", {"order_id": market.order(product).id}, {"order_id": market.order(product).id}
    )


def a_fulfill_order(market: Market, photo: Photo) -> Call:
    order = market.pay(market.order(market.product(price=12_000), 3), 36_000)
    arguments = {"order_id": order.id, "lines": [FulfillLine(order.lines[0].id, 1)], "allow_unpaid": False}
    return Call("fulfill_order", arguments, {"lines": [FulfillLine(order.lines[0].id, 2)]})


def a_cancel_order(market: Market, photo: Photo) -> Call:
    order = market.order(market.product(), 3)
    return Call("cancel_order", {"order_id": order.id, "reason": "hết giờ"}, {"reason": "đổi ý"})


def a_report_charge(market: Market, photo: Photo) -> Call:
    order = market.order(market.product(price=12_000), 2)
    arguments = {"order_id": order.id, "amount": vnd(10_000), "psp_reference": "FT77"}
    return Call("report_charge", arguments, {"amount": vnd(11_000)})


def a_take_back_charge(market: Market, photo: Photo) -> Call:
    order = market.order(market.product(price=12_000), 2)
    market.pay(market.pay(order, 10_000, "FT77"), 14_000, "FT78")
    return Call(
        "take_back_charge", {"order_id": order.id, "psp_reference": "FT77"}, {"psp_reference": "FT78"}
    )


Prepare = Callable[[Market, Photo], Call]
WRITING: dict[str, Prepare] = {
    "create_product": a_create_product,
    "update_product": an_update_product,
    "add_image": an_add_image,
    "remove_image": a_remove_image,
    "set_stock": a_set_stock,
    "create_checkout": a_create_checkout,
    "complete_checkout": a_complete_checkout,
    "confirm_order": a_confirm_order,
    "fulfill_order": a_fulfill_order,
    "cancel_order": a_cancel_order,
    "report_charge": a_report_charge,
    "take_back_charge": a_take_back_charge,
}
READING = {
    "categories",
    "find_product",
    "products",
    "products_page",
    "variants",
    "find_checkout",
    "find_order",
    "orders",
    "orders_page",
}

every_writing_method = pytest.mark.parametrize("prepare", WRITING.values(), ids=WRITING)


def test_every_method_of_the_port_is_among_the_cases(market: Market) -> None:
    methods = {name for name in dir(type(market.shop)) if not name.startswith("_")}
    assert methods == set(WRITING) | READING


@every_writing_method
def test_the_same_key_gives_the_first_answer_and_happens_once(
    market: Market, prepare: Prepare, photo: Photo
) -> None:
    call, key = prepare(market, photo), new_key()
    first = call.make(market, key)
    assert call.make(market, key) == first
    assert call.make(market, key) == first


@every_writing_method
def test_a_key_is_refused_for_another_input(market: Market, prepare: Prepare, photo: Photo) -> None:
    call, key = prepare(market, photo), new_key()
    first = call.make(market, key)
    with pytest.raises(KeyReused):
        call.make(market, key, otherwise=True)
    assert call.make(market, key) == first


@every_writing_method
def test_a_key_is_refused_for_another_method(market: Market, prepare: Prepare, photo: Photo) -> None:
    call, key = prepare(market, photo), new_key()
    product = market.product()
    market.shop.set_stock(key=key, variant_id=product.variant.id, quantity=99)
    if call.method == "set_stock":
        other = a_confirm_order(market, photo)
        with pytest.raises(KeyReused):
            other.make(market, key)
    else:
        with pytest.raises(KeyReused):
            call.make(market, key)


@every_writing_method
def test_an_open_transaction_is_refused_and_nothing_happens(
    market: Market, prepare: Prepare, photo: Photo
) -> None:
    call, key = prepare(market, photo), new_key()
    with transaction.atomic(), pytest.raises(RuntimeError):
        call.make(market, key)
    # The key is still free: the refused call left nothing behind.
    assert call.make(market, key, otherwise=True) is not None


def test_an_update_under_a_used_key_does_not_undo_a_later_one(market: Market) -> None:
    product = market.product()
    draft, key = as_draft(market, product.id), new_key()
    market.shop.update_product(key=key, product_id=product.id, draft=replace(draft, name="Lần một"))
    market.shop.update_product(key=new_key(), product_id=product.id, draft=replace(draft, name="Lần hai"))
    repeated = market.shop.update_product(
        key=key, product_id=product.id, draft=replace(draft, name="Lần một")
    )
    assert repeated.name == "Lần hai"


def test_setting_the_stock_under_a_used_key_does_not_put_sold_goods_back(market: Market) -> None:
    product, key = market.product(quantity=1), new_key()
    market.shop.set_stock(key=key, variant_id=product.variant.id, quantity=5)
    order = market.pay(market.order(product, 2), 24_000)
    market.shop.fulfill_order(
        key=new_key(), order_id=order.id, lines=market.all_lines(order), allow_unpaid=False
    )
    repeated = market.shop.set_stock(key=key, variant_id=product.variant.id, quantity=5)
    assert (repeated.quantity, repeated.available) == (3, 3)
    assert market.stock(product) == (3, 3)


def test_a_repeated_hand_over_takes_the_stock_once(market: Market) -> None:
    product = market.product(price=12_000, quantity=10)
    order, key = market.pay(market.order(product, 3), 36_000), new_key()
    for _ in range(3):
        market.shop.fulfill_order(
            key=key, order_id=order.id, lines=[FulfillLine(order.lines[0].id, 1)], allow_unpaid=False
        )
    assert market.stock(product) == (9, 7)


def test_a_checkout_that_has_become_an_order_still_answers_its_key(market: Market) -> None:
    """A caller that was killed after the order was placed starts again with the checkout."""
    product, key = market.product(price=12_000), new_key()

    def create() -> Checkout:
        return market.shop.create_checkout(
            key=key, seller_id=product.seller_id, lines=[LineDraft(product.variant.id, 2)]
        )

    first = create()
    order = market.complete(first)
    again = create()
    assert (again.id, again.seller_id, again.subtotal) == (first.id, first.seller_id, vnd(24_000))
    assert [(line.variant.id, line.quantity, line.total) for line in again.lines] == [
        (product.variant.id, 2, vnd(24_000))
    ]
    assert market.complete(again).id == order.id


def test_a_repeated_listing_is_one_product(market: Market) -> None:
    seller, key = market.seller(), new_key()
    draft = market.draft(seller)
    for _ in range(3):
        market.shop.create_product(key=key, draft=draft)
    assert len(market.shop.products_page(seller_id=seller).items) == 1
