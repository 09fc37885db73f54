"""Promise 2: never more sold than there was. First the race without the guard, then its absence. Orders are
counted."""

from __future__ import annotations

import threading

import pytest

from backend.commerce.errors import InsufficientStock
from backend.commerce.values import Checkout, Order, Product
from backend.engine import buying, models
from tests.contract.conftest import Market
from tests.contract.test_at_once import at_once, kinds
from tests.engine.processes import start

pytestmark = pytest.mark.django_db(transaction=True)

BUYERS = 8
PIECES = 5


def last_pieces(market: Market) -> tuple[Product, list[Checkout]]:
    """Goods of which there are 5, in the baskets of 8 buyers."""
    product = market.product(quantity=PIECES)
    return product, [market.checkout(product) for _ in range(BUYERS)]


def orders_for(product: Product) -> int:
    return models.OrderLine.objects.filter(product_id=int(product.id)).count()


def test_read_check_save_sells_more_than_there_is(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would happen with the usual three lines: read the stock, check it, save it. All of it passes every
    CHECK."""
    product, checkouts = last_pieces(market)
    everybody_has_looked = threading.Barrier(BUYERS)
    seen = threading.local()

    def read_check_save(*, variant_id: int, quantity: int, name: str) -> None:
        if seen.stock.quantity - seen.stock.quantity_allocated < quantity:
            raise InsufficientStock(name=name, available=0)
        seen.stock.quantity_allocated += quantity
        seen.stock.save()

    def buy(checkout: Checkout) -> Order:
        seen.stock = models.Stock.objects.get(variant_id=int(product.variant.id))
        everybody_has_looked.wait(20)
        return market.complete(checkout)

    monkeypatch.setattr(buying, "hold_stock", read_check_save)
    results = at_once(*[lambda c=c: buy(c) for c in checkouts])
    assert kinds(results) == ["Order"] * 8
    assert orders_for(product) == 8
    assert market.stock(product) == (5, 4)


def test_eight_buyers_for_five_pieces_get_five_orders(market: Market) -> None:
    product, checkouts = last_pieces(market)
    results = at_once(*[lambda c=c: market.complete(c) for c in checkouts])
    assert kinds(results) == ["InsufficientStock"] * 3 + ["Order"] * 5
    assert orders_for(product) == 5
    assert market.stock(product) == (5, 0)


def test_eight_buyers_in_two_processes_get_five_orders(market: Market) -> None:
    product, checkouts = last_pieces(market)
    ids = [each.id for each in checkouts]
    programs = [start("tests.engine.buyers", *half) for half in (ids[:4], ids[4:])]
    try:
        for program in programs:
            assert program.stdout is not None
            assert program.stdout.readline() == "ready\n"
        for program in programs:
            assert program.stdin is not None
            program.stdin.write("go\n")
            program.stdin.flush()
        words = [word for program in programs for word in program.communicate(timeout=60)[0].split()]
    finally:
        for program in programs:
            program.kill()
            program.communicate()
    assert sorted(words) == ["InsufficientStock"] * 3 + ["order"] * 5
    assert orders_for(product) == 5
    assert market.stock(product) == (5, 0)
