"""What people see of their orders while the Saleor behind the market does not answer; the adapter over our own /graphql/."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import urllib3
from django.core import mail
from django.test import Client

import backend.commerce
from backend.accounts.models import Seller
from backend.commerce.errors import ShopUnavailable
from backend.commerce.values import Product
from backend.common import clock
from backend.common.money import vnd
from backend.common.outbox import relay
from backend.engine import models as engine
from backend.sales.models import Purchase, Sale
from backend.sales.services import Buyer, ask_to_cancel, place_purchase, sweep
from integrations.saleor import client as transport
from integrations.saleor.app import copies
from integrations.saleor.app.models import OrderCopy
from integrations.saleor.models import Call, Turn
from tests.contract.conftest import Market
from tests.contract.legs import DialectLeg, InProcess
from tests.sales.conftest import choice
from tests.storefront.test_shop_pages import form_of, put

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pure]

LAST_SEEN = "Hệ thống bán hàng đang tạm nghỉ, nên đây là đơn như chợ thấy lần cuối."


@dataclass
class Line:
    """The line to Saleor. ``lost`` names the operation whose answer is lost: it was done, and nobody hears of it."""

    down: bool = False
    lost: str = ""
    retold: Callable[[dict[str, Any]], None] | None = None
    """Changes what Saleor answers."""


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    line, post = Line(), InProcess._post

    def posted(self: InProcess, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        if line.down:
            raise urllib3.exceptions.HTTPError
        answer = post(self, body, headers)
        if line.lost and re.search(rf"\b{line.lost}\b", json.loads(body)["query"]):
            line.down = True
            raise urllib3.exceptions.HTTPError
        if line.retold is not None:
            content = json.loads(answer[1])
            line.retold(content["data"])
            return answer[0], json.dumps(content).encode()
        return answer

    monkeypatch.setattr(InProcess, "_post", posted)
    monkeypatch.setattr(transport, "PAUSE_S", 0.0)
    monkeypatch.setattr(transport, "REST_S", 0.0)
    return line


@pytest.fixture
def market(vi_tan: object, line: Line, monkeypatch: pytest.MonkeyPatch) -> Market:
    market = Market(DialectLeg())
    monkeypatch.setattr(backend.commerce, "_shop", market.shop)
    monkeypatch.setattr(backend.commerce, "_copies", copies.find_copies)
    return market


@pytest.fixture
def rau(market: Market, sen: Seller) -> Product:
    return market.product(str(sen.pk), price=12_000, quantity=10)


def deliver() -> None:
    while relay.run_once("worker"):
        pass


def text_of(client: Client, address: str, *, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return str(answer.content.decode())


@pytest.mark.parametrize("payment", ["vietqr", "cash"])
def test_buyer_and_seller_see_the_order_as_it_was_last_seen(
    rau: Product,
    sen: Seller,
    buyer: Buyer,
    line: Line,
    sign_in: Callable[..., Client],
    payment: str,
) -> None:
    desk = sign_in("sen", ("farmer", "seller", sen.pk))
    purchase = place_purchase(
        key="form-1", buyer=buyer, choices=[choice(sen, rau, pieces=2, total=vnd(24_000), payment=payment)]
    )
    sale = purchase.sales.get()
    deliver()
    pages = {
        f"/don/{purchase.token}/1/": Client(),
        f"/ban-hang/{sen.pk}/": desk,
        f"/ban-hang/don/{sale.pk}/": desk,
    }
    for address, client in pages.items():
        assert LAST_SEEN not in text_of(client, address)

    line.down = True
    for address, client in pages.items():
        page = text_of(client, address)
        assert LAST_SEEN in page
        assert f"Đơn {sale.order_number}" in page
        assert "Rau mồng tơi" in page
    page = text_of(Client(), f"/don/{purchase.token}/1/")
    # Money goes on being taken; what only the shop can do is not offered.
    assert ("0011012345678" in page) == (payment == "vietqr")
    assert "Tôi không mua nữa" not in page
    # Nothing is decided by what was seen last.
    with pytest.raises(ShopUnavailable):
        ask_to_cancel(sale_id=sale.pk, reason="by_buyer", actor="buyer", unless_accepted=True)
    said = desk.post(f"/ban-hang/don/{sale.pk}/huy/", follow=True).content.decode()
    assert "Chợ tạm ngừng nhận đơn" in said
    sale.refresh_from_db()
    assert sale.cancel_asked_at is None

    line.down = False
    assert LAST_SEEN not in text_of(Client(), f"/don/{purchase.token}/1/")


def test_without_a_copy_the_page_says_that_it_is_later(
    rau: Product, sen: Seller, buyer: Buyer, line: Line
) -> None:
    purchase = place_purchase(
        key="form-1", buyer=buyer, choices=[choice(sen, rau, total=vnd(12_000), payment="cash")]
    )
    assert not OrderCopy.objects.exists()
    line.down = True
    assert "Chợ tạm ngừng nhận đơn" in text_of(Client(), f"/don/{purchase.token}/1/", status=503)


# --- an order that Saleor does not answer for ---


def test_an_order_that_saleor_refuses_is_over_at_once(rau: Product, line: Line) -> None:
    def refuse(data: dict[str, Any]) -> None:
        if "checkoutShippingAddressUpdate" in data:
            data["checkoutShippingAddressUpdate"]["errors"] = [
                {"field": "countryArea", "code": "INVALID", "message": "This value is not valid."}
            ]

    line.retold = refuse
    client = Client()
    put(client, rau, 2)
    answer = client.post("/dat-hang/", form_of(client))
    assert answer.status_code == 422
    assert "Hệ thống bán hàng không nhận yêu cầu này" in answer.content.decode()
    purchase = Purchase.objects.get()
    assert purchase.failed_at is not None
    assert not engine.Order.objects.exists()
    assert not Call.objects.filter(method="complete_checkout").exists()

    # What was filled in is still there, and goes through once the reason is gone.
    line.retold = None
    assert client.post("/dat-hang/", form_of(client)).status_code == 302
    assert engine.Order.objects.count() == 1


def test_what_passes_by_itself_is_tried_again(rau: Product, line: Line) -> None:
    def busy(data: dict[str, Any]) -> None:
        if "checkoutComplete" in data:
            data["checkoutComplete"]["errors"] = [{"field": None, "code": "TAX_ERROR", "message": "later"}]

    line.retold = busy
    buy(rau)
    assert Purchase.objects.get().failed_at is None


def test_a_promotion_in_the_channel_is_named_and_not_asked_for_ever(
    rau: Product, line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    def lower(data: dict[str, Any]) -> None:
        update = data.get("checkoutDeliveryMethodUpdate")
        if update:
            update["checkout"]["totalPrice"]["gross"]["amount"] -= 4000

    line.retold = lower
    client = Client()
    put(client, rau, 2)
    answer = client.post("/dat-hang/", form_of(client))
    assert answer.status_code == 409
    assert "đang giảm giá mà người bán không định" in answer.content.decode()
    assert "a promotion or voucher lowers prices in channel cho" in caplog.text
    assert not engine.Order.objects.exists()


def buy(rau: Product) -> tuple[Client, Purchase]:
    """A buyer's browser, and what its form made."""
    client = Client()
    put(client, rau, 2)
    form = form_of(client, email="nam@vi-du.vn")
    answer = client.post("/dat-hang/", form, follow=True)
    purchase = Purchase.objects.get()
    assert answer.redirect_chain == [(f"/don/{purchase.token}/", 302)]
    page = answer.content.decode()
    assert "Đang đặt hàng" in page
    assert "không cần đặt lại" in page
    # The same form, and an empty basket: nothing is ordered twice.
    assert client.post("/dat-hang/", form).status_code == 302
    assert Purchase.objects.count() == 1
    return client, purchase


def later(**passed: float) -> None:
    """As if so much time had gone by."""
    ago = clock.now() - timedelta(**passed)
    Purchase.objects.update(created_at=ago, next_try_at=None)
    Sale.objects.update(created_at=ago, next_try_at=None)
    Sale.objects.exclude(failed_at=None).update(failed_at=ago)
    Purchase.objects.exclude(failed_at=None).update(failed_at=ago)
    Turn.objects.all().delete()


@pytest.mark.parametrize("lost", ["checkoutComplete", "checkoutDeliveryMethodUpdate"])
def test_an_answer_that_is_lost_is_asked_for_again_and_the_buyer_sees_it(
    rau: Product, line: Line, lost: str
) -> None:
    line.lost = lost
    client, purchase = buy(rau)
    line.lost, line.down = "", False
    later(minutes=1)
    assert sweep() == 1
    assert engine.Order.objects.count() == 1
    answer = client.get(f"/don/{purchase.token}/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/don/{purchase.token}/1/"
    assert "Trả tiền cho người bán" in answer.content.decode()


@pytest.mark.parametrize("lost", ["checkoutComplete", "checkoutDeliveryMethodUpdate"])
def test_what_is_not_answered_in_time_is_given_up_and_leaves_nothing(
    rau: Product, market: Market, line: Line, lost: str
) -> None:
    line.lost = lost
    client, purchase = buy(rau)
    line.lost = ""
    # The shop tells of the order while nobody knows whether it stands.
    line.down = False
    deliver()
    line.down = True
    later(minutes=29)
    assert sweep() == 0
    assert "Đang đặt hàng" in text_of(client, f"/don/{purchase.token}/")
    later(minutes=31)
    assert sweep() == 0
    purchase.refresh_from_db()
    assert purchase.failed_at is not None
    page = text_of(client, f"/don/{purchase.token}/")
    assert "Chưa đặt được hàng" in page
    assert "Xin đặt lại." in page
    deliver()
    deliver()
    mine = [message for message in mail.outbox if message.to == ["nam@vi-du.vn"]]
    assert mine[-1].subject == "Chợ Xã chưa đặt được đơn của bạn"
    assert f"/don/{purchase.token}/" in mine[-1].body

    # Saleor answers again: whatever it had done meanwhile is taken back, once.
    line.down = False
    later(minutes=40)
    sweep()
    assert sweep() == 0
    assert {order.status for order in engine.Order.objects.all()} <= {"canceled"}
    assert engine.Order.objects.count() == (lost == "checkoutComplete")
    assert market.stock(rau) == (10, 10)
    with pytest.raises(Exception, match="Chưa đặt được đơn này"):
        place_purchase(key=purchase.key, buyer=None, choices=[])  # type: ignore[arg-type]


def test_what_was_ordered_with_it_is_given_back(
    rau: Product, market: Market, sen: Seller, hoang_giang: Seller, buyer: Buyer, line: Line
) -> None:
    dua = market.product(str(hoang_giang.pk), name="Dưa lê", price=28_000, quantity=3)
    choices = [
        choice(sen, rau, pieces=2, total=vnd(24_000)),
        choice(hoang_giang, dua, total=vnd(28_000), payment="cash"),
    ]
    complete = type(market.shop).complete_checkout

    def second_is_silent(*args: Any, **more: Any) -> Any:
        if Sale.objects.filter(placed_at__isnull=False).exists():
            line.down = True
        return complete(*args, **more)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(market.shop), "complete_checkout", second_is_silent)
        with pytest.raises(ShopUnavailable):
            place_purchase(key="form-1", buyer=buyer, choices=choices)
    line.down = False
    assert market.stock(rau) == (10, 8)
    line.down = True
    later(minutes=31)
    sweep()
    assert Purchase.objects.get().failed_at is not None
    line.down = False
    later(minutes=40)
    sweep()
    assert (market.stock(rau), market.stock(dua)) == ((10, 10), (3, 3))
    assert [sale.cancel_reason for sale in Sale.objects.order_by("pk")] == ["other_seller_failed", ""]
