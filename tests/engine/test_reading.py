"""Reading costs a fixed number of queries, however much is read, and leaves no cyclic garbage."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.commerce.values import LineDraft
from tests.contract.conftest import Market, make_photo, new_key


@dataclass
class Shelf:
    """A seller with three products of two pictures each, three orders, and a checkout of three lines."""

    market: Market

    def __post_init__(self) -> None:
        market = self.market
        self.seller = market.seller()
        self.goods = [market.product(self.seller, name=f"Rau {n}", quantity=50) for n in range(3)]
        for product in self.goods:
            for colour in ("green", "red"):
                market.shop.add_image(
                    key=new_key(), product_id=product.id, content=make_photo(colour), alt=colour
                )
        self.orders = [market.order(self.goods[0]).id for _ in range(3)]
        lines = [LineDraft(product.variant.id, 1) for product in self.goods]
        self.checkout = market.shop.create_checkout(key=new_key(), seller_id=self.seller, lines=lines)


@pytest.fixture
def shelf(market: Market, media: Path) -> Shelf:
    return Shelf(market)


@pytest.mark.parametrize("n", [1, 3])
def test_queries_do_not_grow_with_what_is_read(
    shelf: Shelf, n: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shop, ids = shelf.market.shop, [product.id for product in shelf.goods[:n]]
    with django_assert_num_queries(1):
        assert len(shop.categories()) == 37
    with django_assert_num_queries(3):
        assert [len(each.images) for each in shop.products(ids).values()] == [2] * n
    with django_assert_num_queries(3):
        assert len(shop.products_page(seller_id=shelf.seller, limit=n).items) == n
    with django_assert_num_queries(1):
        assert len(shop.variants([product.variant.id for product in shelf.goods[:n]])) == n
    with django_assert_num_queries(2):
        assert len(shop.orders(shelf.orders[:n])) == n
    with django_assert_num_queries(2):
        assert len(shop.orders_page(seller_id=shelf.seller, limit=n).items) == n


def test_queries_for_one(shelf: Shelf, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    shop = shelf.market.shop
    with django_assert_num_queries(3):
        assert shop.find_product(slug=shelf.goods[0].slug) is not None
    with django_assert_num_queries(2):
        assert shop.find_order(shelf.orders[0]) is not None
    with django_assert_num_queries(2):
        checkout = shop.find_checkout(shelf.checkout.id)
        assert checkout is not None
        assert len(checkout.lines) == 3
    with django_assert_num_queries(0):
        assert shop.products([]) == {}
        assert shop.variants([]) == {}


def test_reading_leaves_no_cycles_for_the_collector(shelf: Shelf) -> None:
    shop, ids = shelf.market.shop, [product.id for product in shelf.goods]
    for _ in range(2):
        # The first round fills Django's own caches.
        gc.collect()
        gc.disable()
        try:
            shop.products(ids)
            shop.orders(shelf.orders)
            shop.find_checkout(shelf.checkout.id)
            cyclic = gc.collect()
        finally:
            gc.enable()
    assert cyclic == 0


def test_no_more_than_a_hundred_at_once(market: Market) -> None:
    ids = [str(n) for n in range(1, 102)]
    for read in (market.shop.products, market.shop.variants, market.shop.orders):
        with pytest.raises(ValueError, match="100"):
            read(ids)
