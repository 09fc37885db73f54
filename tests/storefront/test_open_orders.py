"""Limits on open orders, as people meet them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from backend.accounts.models import Seller
from backend.commerce.values import Product
from backend.common import clock
from backend.common.money import vnd
from backend.common.networks import network_of
from backend.sales import services
from backend.sales.errors import AlreadyAccepted
from backend.sales.models import Purchase, Sale
from backend.sales.queries import view_of
from backend.sales.services import Buyer, cancel_unpaid, place_purchase
from tests.sales.conftest import choice
from tests.storefront.test_shop_pages import form_of, put

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rau(sen: Seller, make_good: Callable[..., Product]) -> Product:
    return make_good(sen, "Rau mồng tơi", 12_000, 50)


@pytest.fixture
def cash_sale(buyer: Buyer, sen: Seller, rau: Product) -> Sale:
    choices = [choice(sen, rau, total=vnd(12_000), payment="cash")]
    return place_purchase(key="form-1", buyer=buyer, choices=choices).sales.get()


def test_who_has_too_many_open_orders_is_told_so_and_loses_nothing_of_what_was_typed(
    rau: Product, vi_tan: object, settings: Settings
) -> None:
    settings.OPEN_ORDERS_PER_ADDRESS = 2
    for number in range(3):
        client = Client()
        put(client, rau)
        answer = client.post("/dat-hang/", form_of(client, phone=f"0900 000 10{number}"))
        assert answer.status_code == (429 if number == 2 else 302)
    page = answer.content.decode()
    assert "Nơi bạn truy cập đang có nhiều đơn chưa trả tiền" in page
    assert "0900 000 102" in page
    assert client.session["basket"]
    assert Purchase.objects.count() == 2
    # Somebody at another place orders as ever.
    other = Client(REMOTE_ADDR="203.0.113.9")
    put(other, rau)
    assert other.post("/dat-hang/", form_of(other, phone="0900 000 103")).status_code == 302


def test_an_order_in_cash_says_until_when_it_waits_and_then_why_it_is_gone(
    cash_sale: Sale, desk_people: dict[str, Client]
) -> None:
    address, desk = f"/don/{cash_sale.purchase.token}/1/", f"/ban-hang/don/{cash_sale.pk}/"
    assert "Người bán còn phải nhận đơn; chưa nhận trước" in Client().get(address).content.decode()
    assert "Xin nhận đơn trước" in desk_people["owner"].get(desk).content.decode()
    Sale.objects.update(hold_until=clock.now() - timedelta(seconds=1))
    cancel_unpaid()
    page = Client().get(address).content.decode()
    assert "Người bán chưa nhận đơn trong thời hạn, nên chợ đã hủy" in page
    assert "Nếu bạn đã chuyển tiền" not in page
    assert "Đơn này không được nhận trong thời hạn" in desk_people["owner"].get(desk).content.decode()


def test_a_buyer_takes_an_order_in_cash_back_until_its_seller_has_accepted_it(
    cash_sale: Sale, buyer: Buyer, sen: Seller, rau: Product
) -> None:
    page = f"/don/{cash_sale.purchase.token}/1/"
    assert "Tôi không mua nữa" in Client().get(page).content.decode()
    Client().post(f"{page}huy/")
    assert view_of(Sale.objects.get(pk=cash_sale.pk)).order.status == "canceled"

    choices = [choice(sen, rau, total=vnd(12_000), payment="cash")]
    second = place_purchase(key="form-2", buyer=buyer, choices=choices).sales.get()
    services.accept(sale=second, actor="user:1")
    page = f"/don/{second.purchase.token}/1/"
    assert "Tôi không mua nữa" not in Client().get(page).content.decode()
    answer = Client().post(f"{page}huy/", follow=True)
    assert str(AlreadyAccepted()) in answer.content.decode()
    assert view_of(second).order.status == "unfulfilled"


@pytest.mark.parametrize(
    ("proxies", "connection", "forwarded", "network"),
    [
        (0, "203.0.113.7", None, "203.0.113.7"),
        (0, "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        (1, "127.0.0.1", "198.51.100.1", "198.51.100.1"),
        (1, "127.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        (2, "127.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (2, "10.0.0.2", "198.51.100.1", "10.0.0.2"),
        (0, "2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        (0, "::ffff:203.0.113.7", None, "203.0.113.7"),
        (1, "127.0.0.1", "nonsense", "unknown"),
        (0, "", None, "unknown"),
    ],
)
def test_where_a_visitor_comes_from_is_what_the_visitor_cannot_choose(
    proxies: int, connection: str, forwarded: str | None, network: str, settings: Settings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    assert network_of(RequestFactory(REMOTE_ADDR=connection).get("/", headers=headers)) == network
