"""A process that is killed between what the engine did and the commit of the answer: whoever sends the call again
finds it done once, on every engine. The death is played here, for every method; tests/engine/test_kill.py and
tests/saleor/test_kill.py really kill.

Where a shop is apart from the market, what it did stands when the process dies, and each case looks at that first: only
then does the repeat show that the market finds it again. In one database the effect goes with its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import pytest
from django.db.models import QuerySet

from backend.commerce.errors import TooManyImages
from backend.commerce.values import FulfillLine, LineDraft, Order, Product, VariantDraft
from backend.common.money import vnd
from backend.engine import goods as engine_goods
from integrations.saleor import goods as saleor_goods
from tests.contract.conftest import Market, new_key
from tests.contract.test_goods import as_draft
from tests.contract.test_once import WRITING, Call, Prepare


class Killed(BaseException):
    """As kill -9: nothing catches it that means to go on."""


@contextmanager
def killed_before_the_answer_is_kept(market: Market) -> Generator[list[str]]:
    """The process dies at the moment when the answer of a writing call is written down; that answer is in the list."""
    update, lost = QuerySet.update, []

    def dies(self: QuerySet[Any], **changes: Any) -> int:
        if self.model is market.leg.answers and "result" in changes:
            lost.append(changes["result"])
            raise Killed
        return update(self, **changes)

    with patch.object(QuerySet, "update", dies), pytest.raises(Killed):
        yield lost


@dataclass(frozen=True)
class Effect:
    """What can be seen of a call in its shop, before and after it. ``look`` is told the call before it is made."""

    look: Callable[[Market, Call], Callable[[], Any]]
    before: Any
    after: Any


def product_of(market: Market, call: Call) -> Product:
    return market.shop.products([call.arguments["product_id"]])[call.arguments["product_id"]]


def order_of(market: Market, call: Call) -> Order:
    found = market.shop.find_order(call.arguments["order_id"])
    assert found is not None
    return found


def pieces(market: Market, variant_id: str) -> tuple[int, int]:
    variant = market.variant(variant_id)
    return variant.quantity, variant.available


def what_is_listed(market: Market, call: Call) -> Callable[[], Any]:
    seller_id = call.arguments["draft"].seller_id

    def look() -> Any:
        items = market.shop.products_page(seller_id=seller_id).items
        return [(each.name, [(one.unit, one.quantity) for one in each.variants]) for each in items]

    return look


def what_is_ordered(market: Market, call: Call) -> Callable[[], Any]:
    checkout = market.shop.find_checkout(call.arguments["checkout_id"])
    assert checkout is not None
    (line,) = checkout.lines

    def look() -> Any:
        placed = market.shop.orders_page(seller_id=checkout.seller_id).items
        return [each.total.amount for each in placed], pieces(market, line.variant.id)

    return look


def how_the_order_stands(market: Market, call: Call) -> Callable[[], Any]:
    def look() -> Any:
        order = order_of(market, call)
        return (
            order.status,
            order.charged.amount,
            order.lines[0].quantity_fulfilled,
            pieces(market, order.lines[0].variant_id),
        )

    return look


def photographs(market: Market, call: Call) -> Callable[[], Any]:
    return lambda: [each.alt for each in product_of(market, call).images]


EFFECTS: Mapping[str, Effect] = {
    "create_product": Effect(what_is_listed, [], [("Rau mồng tơi", [("bó 300 g", 10)])]),
    "update_product": Effect(
        lambda market, call: lambda: product_of(market, call).name, "Rau mồng tơi", "Mồng tơi tím"
    ),
    "add_image": Effect(photographs, [], ["Bó rau"]),
    "remove_image": Effect(photographs, [""], []),
    "set_stock": Effect(
        lambda market, call: lambda: pieces(market, call.arguments["variant_id"]), (10, 10), (7, 7)
    ),
    "complete_checkout": Effect(what_is_ordered, ([], (10, 10)), ([24_000], (10, 8))),
    "confirm_order": Effect(
        how_the_order_stands, ("unconfirmed", 0, 0, (10, 8)), ("unfulfilled", 0, 0, (10, 8))
    ),
    "fulfill_order": Effect(
        how_the_order_stands,
        ("unfulfilled", 36_000, 0, (10, 7)),
        ("partially fulfilled", 36_000, 1, (9, 7)),
    ),
    "cancel_order": Effect(
        how_the_order_stands, ("unconfirmed", 0, 0, (10, 7)), ("canceled", 0, 0, (10, 10))
    ),
    "report_charge": Effect(
        how_the_order_stands, ("unconfirmed", 0, 0, (10, 8)), ("unconfirmed", 10_000, 0, (10, 8))
    ),
    "take_back_charge": Effect(
        how_the_order_stands, ("unfulfilled", 24_000, 0, (10, 8)), ("unfulfilled", 14_000, 0, (10, 8))
    ),
}
SEEN = [method for method in WRITING if method != "create_checkout"]
"""A checkout is found by the id that the dead process would have kept: it has a case of its own."""


@pytest.mark.parametrize("method", SEEN)
def test_a_call_that_was_killed_is_sent_again_and_done_once(
    market: Market, method: str, photo: Callable[[str], bytes]
) -> None:
    prepare: Prepare = WRITING[method]
    call, key = prepare(market, photo), new_key()
    effect = EFFECTS[method]
    look = effect.look(market, call)
    assert look() == effect.before
    with killed_before_the_answer_is_kept(market):
        call.make(market, key)
    assert look() == (effect.after if market.leg.apart else effect.before)
    answer = call.make(market, key)
    assert look() == effect.after
    assert call.make(market, key) == answer
    assert look() == effect.after


def test_a_checkout_that_nobody_was_told_of_holds_nothing(market: Market) -> None:
    """The only effect that is not looked for: whoever sends the call again gets a checkout, and one too many is nobody's
    loss."""
    product, key = market.product(price=12_000, quantity=10), new_key()

    def create() -> str:
        lines = [LineDraft(product.variant.id, 10)]
        return market.shop.create_checkout(key=key, seller_id=product.seller_id, lines=lines).id

    with killed_before_the_answer_is_kept(market) as lost:
        create()
    assert (market.shop.find_checkout(lost[0]) is not None) == market.leg.apart
    made = create()
    assert create() == made
    assert market.stock(product) == (10, 10)
    checkout = market.shop.find_checkout(made)
    assert checkout is not None
    market.complete(checkout)
    assert market.stock(product) == (10, 0)


def test_the_last_photograph_that_there_is_room_for_is_not_refused(
    market: Market, photo: Callable[[str], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever does not find it again takes it for one too many."""
    monkeypatch.setattr(saleor_goods, "MOST_IMAGES", 1)
    monkeypatch.setattr(engine_goods, "MOST_IMAGES", 1)
    product, key = market.product(), new_key()

    def add(key: str) -> list[str]:
        added = market.shop.add_image(key=key, product_id=product.id, content=photo("red"), alt="Bó rau")
        return [each.alt for each in added.images]

    with killed_before_the_answer_is_kept(market):
        add(key)
    assert add(key) == ["Bó rau"]
    with pytest.raises(TooManyImages):
        add(new_key())


def sell(market: Market, product: Product, quantity: int) -> None:
    order = market.order(product, quantity)
    market.pay(order, order.total.amount)
    market.shop.fulfill_order(
        key=new_key(),
        order_id=order.id,
        lines=[FulfillLine(order.lines[0].id, quantity)],
        allow_unpaid=False,
    )


def test_a_stock_that_was_set_is_not_set_again_over_what_was_sold_since(market: Market) -> None:
    product, key = market.product(quantity=10), new_key()

    def set_to_seven() -> int:
        return market.shop.set_stock(key=key, variant_id=product.variant.id, quantity=7).quantity

    with killed_before_the_answer_is_kept(market):
        set_to_seven()
    sell(market, product, 2)
    # In one database nothing had been set: it is done now, by somebody who counts seven now.
    left = 5 if market.leg.apart else 7
    assert set_to_seven() == left
    assert market.stock(product) == (left, left)


def test_goods_that_were_changed_are_not_changed_again_over_what_was_sold_since(market: Market) -> None:
    product, key = market.product(quantity=10), new_key()
    draft = as_draft(market, product.id)
    bigger = VariantDraft(unit="bó 1 kg", price=vnd(35_000), quantity=3)
    draft = replace(draft, variants=(replace(draft.variants[0], quantity=7), bigger))

    def change() -> list[tuple[str, int]]:
        changed = market.shop.update_product(key=key, product_id=product.id, draft=draft)
        return [(each.unit, each.quantity) for each in changed.variants]

    with killed_before_the_answer_is_kept(market):
        change()
    sell(market, product, 2)
    left = 5 if market.leg.apart else 7
    assert change() == [("bó 300 g", left), ("bó 1 kg", 3)]


def test_a_confirmed_order_that_was_handed_over_meanwhile_stays_so(market: Market) -> None:
    product, key = market.product(price=12_000, quantity=10), new_key()
    order = market.order(product, 4)
    with killed_before_the_answer_is_kept(market):
        market.shop.report_charge(key=key, order_id=order.id, amount=vnd(48_000), psp_reference="FT1")
    if not market.leg.apart:
        market.pay(order, 48_000, "FT1")
    market.shop.fulfill_order(
        key=new_key(), order_id=order.id, lines=market.all_lines(order), allow_unpaid=False
    )
    again = market.shop.report_charge(key=key, order_id=order.id, amount=vnd(48_000), psp_reference="FT1")
    assert (again.status, again.charge_status, again.charged.amount) == ("fulfilled", "full", 48_000)
    assert market.stock(product) == (6, 6)
