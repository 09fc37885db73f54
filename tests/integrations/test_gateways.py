"""Paying and delivery as a Saleor asks the market for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from backend.accounts.models import Membership, Seller, User
from backend.commerce import shop
from backend.commerce.values import Address, Delivery, LineDraft, Order, Product
from backend.common import clock
from backend.common.ids import new_id
from backend.common.models import AuditEntry
from backend.common.money import Money, vnd
from backend.common.outbox import relay
from backend.sales.models import Sale
from backend.sales.queries import desk_sales, waiting_for_seller
from backend.sales.services import Buyer, cancel_unpaid, place_purchase
from integrations.saleor.app.gateways import find_transaction
from integrations.saleor.app.models import GatewayTransaction, Installation
from payments.intents.models import PaymentIntent
from payments.intents.services import confirm_by_hand
from payments.vietqr import decode
from tests.integrations.small_saleor import SmallSaleor
from tests.sales.conftest import choice

pytestmark = pytest.mark.django_db

TRANSACTION = "VHJhbnNhY3Rpb25JdGVtOjE="
PlaceOutside = Callable[..., Order]


@pytest.fixture
def place_outside(make_good: Callable[..., Product]) -> PlaceOutside:
    """An order that another storefront placed at the engine's own door, for ``price`` đồng."""

    def place(seller: Seller, price: int = 60_000, **metadata: str) -> Order:
        good = make_good(seller, "Nấm linh chi", price)
        checkout = shop().create_checkout(
            key=new_id(), seller_id=str(seller.pk), lines=[LineDraft(good.variant.id, 1)]
        )
        return shop().complete_checkout(
            key=new_id(),
            checkout_id=checkout.id,
            address=Address(
                "Trần Văn Nam", "+84900000006", "Ấp 3", "31333", "Phường Vị Tân", "92", "Cần Thơ"
            ),
            email="",
            delivery=Delivery("pickup", "Tự đến lấy", vnd(0)),
            confirmed_total=checkout.total,
            metadata=metadata,
        )

    return place


def ask(
    saleor: SmallSaleor,
    order: Order,
    *,
    amount: float = 60_000.0,
    event: str = "transaction_initialize_session",
    data: object = None,
    kind: str = "Order",
    **action: Any,
) -> dict[str, Any]:
    """What a payment of ``order`` is answered."""
    body = saleor.body(
        event,
        issued_at=clock.now(),
        data={"method": "vietqr"} if data is None else data,
        merchantReference=TRANSACTION,
        action={"amount": amount, "currency": "VND", "actionType": "CHARGE"} | action,
        sourceObject={"__typename": kind, "id": order.id},
    )
    answer = saleor.send(event, body)
    assert answer.status_code == 200
    result: dict[str, Any] = answer.json()
    return result


def deliver() -> None:
    while relay.run_once("worker"):
        pass


# --- VietQR -----------------------------------------------------------------------------------------------------------


def test_vietqr_of_an_order(installed: SmallSaleor, sen: Seller, place_outside: PlaceOutside) -> None:
    order = place_outside(sen)
    answer = ask(installed, order)
    intent = PaymentIntent.objects.get()
    assert (answer["result"], answer["amount"]) == ("CHARGE_ACTION_REQUIRED", 60_000)
    assert answer["pspReference"] == answer["data"]["reference"] == intent.reference
    data = answer["data"]
    assert {key: data[key] for key in ("method", "bank", "account", "accountName", "amount", "currency")} == {
        "method": "vietqr",
        "bank": {"bin": "970436", "name": "Vietcombank"},
        "account": "0011012345678",
        "accountName": "HO NGUYEN THI SEN",
        "amount": 60_000,
        "currency": "VND",
    }
    code = decode(data["payload"])
    assert (code.account, code.amount_vnd, code.purpose) == ("0011012345678", 60_000, intent.reference)
    assert (intent.due_vnd, intent.subject) == (60_000, Sale.objects.get().pk)
    assert find_transaction(order.id) == TRANSACTION


def test_the_picture_has_a_public_address(
    installed: SmallSaleor, sen: Seller, place_outside: PlaceOutside
) -> None:
    image = ask(installed, place_outside(sen))["data"]["image"]
    assert image.startswith("https://cho.vi-du.vn/saleor/qr/")
    picture = Client().get(urlsplit(image).path)
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
    assert picture.content.startswith(b"\x89PNG")
    assert Client().get("/saleor/qr/abc:def.png").status_code == 404


def test_a_repeat_gives_the_same_answer_and_one_payment(
    installed: SmallSaleor, sen: Seller, place_outside: PlaceOutside
) -> None:
    order = place_outside(sen)
    first = ask(installed, order)
    assert ask(installed, order) == first
    assert ask(installed, order, event="transaction_process_session") == first
    assert PaymentIntent.objects.count() == Sale.objects.count() == GatewayTransaction.objects.count() == 1


@pytest.mark.parametrize("amount", [59_999.0, 60_001.0, 0.0])
def test_another_amount_is_refused(
    installed: SmallSaleor, sen: Seller, place_outside: PlaceOutside, amount: float
) -> None:
    answer = ask(installed, place_outside(sen), amount=amount)
    assert answer["result"] == "CHARGE_FAILURE"
    assert "60.000\u00a0₫" in answer["message"]
    assert not GatewayTransaction.objects.exists()


def test_half_a_dong_is_no_amount(installed: SmallSaleor, sen: Seller, place_outside: PlaceOutside) -> None:
    order = place_outside(sen)
    body = installed.body(
        "transaction_initialize_session",
        issued_at=clock.now(),
        merchantReference=TRANSACTION,
        action={"amount": 59_999.5, "currency": "VND", "actionType": "CHARGE"},
        sourceObject={"__typename": "Order", "id": order.id},
    )
    assert installed.send("transaction_initialize_session", body).status_code == 400


def test_a_seller_without_an_account_says_so(
    installed: SmallSaleor, make_seller: Callable[..., Seller], place_outside: PlaceOutside
) -> None:
    answer = ask(installed, place_outside(make_seller("Hộ Út")))
    assert answer == {
        "result": "CHARGE_FAILURE",
        "message": "Hộ Út hiện không nhận cách trả tiền này. Xin chọn cách khác.",
    }
    assert not PaymentIntent.objects.exists()


@pytest.mark.parametrize("more", [{"currency": "USD"}, {"actionType": "AUTHORIZATION"}])
def test_only_dong_and_only_at_once(
    installed: SmallSaleor, sen: Seller, place_outside: PlaceOutside, more: dict[str, Any]
) -> None:
    assert ask(installed, place_outside(sen), **more)["result"] == "CHARGE_FAILURE"
    assert not PaymentIntent.objects.exists()


def test_a_checkout_is_ordered_first(
    installed: SmallSaleor, sen: Seller, place_outside: PlaceOutside
) -> None:
    answer = ask(installed, place_outside(sen), kind="Checkout")
    assert answer["result"] == "CHARGE_FAILURE"
    assert not PaymentIntent.objects.exists()


def test_money_reaches_the_order(installed: SmallSaleor, sen: Seller, place_outside: PlaceOutside) -> None:
    order = place_outside(sen)
    ask(installed, order)
    confirm_by_hand(intent_id=PaymentIntent.objects.get().pk, amount=vnd(60_000), actor="user:1")
    deliver()
    paid = shop().find_order(order.id)
    assert paid is not None
    assert (paid.charge_status, paid.status, paid.charged) == ("full", "unfulfilled", Money(60_000))


def test_an_order_of_our_own_pages_keeps_its_payment(
    installed: SmallSaleor, sen: Seller, make_good: Callable[..., Product], buyer: Buyer
) -> None:
    good = make_good(sen, "Nấm linh chi", 60_000)
    place_purchase(key="k1", buyer=buyer, choices=[choice(sen, good, total=vnd(60_000))])
    sale = Sale.objects.get()
    order = shop().find_order(sale.order_id or "")
    assert order is not None
    answer = ask(installed, order)
    assert answer["pspReference"] == PaymentIntent.objects.get().reference
    assert Sale.objects.count() == 1


def test_a_buyer_who_chose_cash_on_our_pages_is_not_asked_to_transfer(
    installed: SmallSaleor, sen: Seller, make_good: Callable[..., Product], buyer: Buyer
) -> None:
    good = make_good(sen, "Nấm linh chi", 60_000)
    place_purchase(key="k1", buyer=buyer, choices=[choice(sen, good, total=vnd(60_000), payment="cash")])
    order = shop().find_order(Sale.objects.get().order_id or "")
    assert order is not None
    assert ask(installed, order)["result"] == "CHARGE_FAILURE"
    assert ask(installed, order, data={"method": "cash"})["result"] == "CHARGE_ACTION_REQUIRED"


def test_an_order_from_outside_that_nobody_pays_frees_its_stock(
    installed: SmallSaleor, sen: Seller, place_outside: PlaceOutside, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = place_outside(sen)
    ask(installed, order)
    later = clock.now() + timedelta(seconds=1801)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert cancel_unpaid() == 1
    cancelled = shop().find_order(order.id)
    assert cancelled is not None
    assert cancelled.status == "canceled"
    assert ask(installed, order)["result"] == "CHARGE_FAILURE"


# --- cash, and what is offered ----------------------------------------------------------------------------------------


def test_cash_is_paid_when_goods_change_hands(
    installed: SmallSaleor, sen: Seller, place_outside: PlaceOutside
) -> None:
    answer = ask(installed, place_outside(sen), data={"method": "cash"})
    assert answer == {
        "result": "CHARGE_ACTION_REQUIRED",
        "amount": 60_000,
        "message": "Trả tiền mặt khi nhận hàng.",
        "data": {"method": "cash", "amount": 60_000, "currency": "VND"},
    }
    assert not PaymentIntent.objects.exists()


def test_a_seller_who_takes_no_cash(
    installed: SmallSaleor, make_seller: Callable[..., Seller], place_outside: PlaceOutside
) -> None:
    order = place_outside(make_seller("HTX Vị Tân", account="0011055555555", cash=False))
    assert ask(installed, order, data={"method": "cash"})["result"] == "CHARGE_FAILURE"
    offered = ask(installed, order, event="payment_gateway_initialize_session")["data"]
    assert [each["id"] for each in offered["methods"]] == ["vietqr"]


def test_a_way_of_paying_that_nobody_knows(
    installed: SmallSaleor, sen: Seller, place_outside: PlaceOutside
) -> None:
    assert ask(installed, place_outside(sen), data={"method": "gold"})["result"] == "CHARGE_FAILURE"


def test_what_is_offered(
    installed: SmallSaleor, sen: Seller, make_seller: Callable[..., Seller], place_outside: PlaceOutside
) -> None:
    event = "payment_gateway_initialize_session"
    order = place_outside(sen)
    offered = ask(installed, order, event=event)["data"]
    assert [each["id"] for each in offered["methods"]] == ["vietqr", "cash"]
    poor = ask(installed, place_outside(make_seller("Hộ Út")), event=event)["data"]
    assert [each["id"] for each in poor["methods"]] == ["cash"]
    assert ask(installed, order, event=event, kind="Checkout") == {
        "data": {"methods": [], "orderFirst": True}
    }


# --- what staff press -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "kind", "result"),
    [
        ("transaction_charge_requested", "CHARGE", "CHARGE_FAILURE"),
        ("transaction_refund_requested", "REFUND", "REFUND_FAILURE"),
        ("transaction_cancelation_requested", "CANCEL", "CANCEL_FAILURE"),
    ],
)
def test_the_market_moves_no_money(
    installed: SmallSaleor,
    sen: Seller,
    place_outside: PlaceOutside,
    event: str,
    kind: str,
    result: str,
) -> None:
    ask(installed, place_outside(sen))
    body = installed.body(
        event,
        issued_at=clock.now(),
        transaction={"id": TRANSACTION},
        action={"amount": 60_000.0, "currency": "VND", "actionType": kind},
    )
    answer = installed.send(event, body).json()
    assert answer["result"] == result
    assert answer["message"]
    assert AuditEntry.objects.filter(action=f"saleor.{kind.lower()}_asked").count() == 1
    assert PaymentIntent.objects.get().cancelled_at is None


def refund(saleor: SmallSaleor, order_id: str, amount: float, *, minute: int = 0) -> dict[str, Any]:
    """What Saleor is answered when staff press Refund at its dashboard."""
    event = "transaction_refund_requested"
    body = saleor.body(
        event,
        issued_at=clock.now().replace(second=0, microsecond=0) + timedelta(minutes=minute),
        transaction={"id": "VHJhbnNhY3Rpb25JdGVtOjk=", "order": {"id": order_id}},
        action={"amount": amount, "currency": "VND", "actionType": "REFUND"},
    )
    answer: dict[str, Any] = saleor.send(event, body).json()
    return answer


def test_a_refund_that_staff_ask_for_stands_at_the_seller_s_desk(
    installed: SmallSaleor, sen: Seller, place_outside: PlaceOutside, settings: Settings
) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    order = place_outside(sen)
    deliver()
    sale = Sale.objects.get()
    for _ in range(3):  # Saleor repeats a request that it thinks lost
        answer = refund(installed, order.id, 20_000.0)
    assert set(answer) == {"result", "message"}
    assert answer["result"] == "REFUND_FAILURE"
    assert "Chợ đã nhắc người bán" in answer["message"]
    refund(installed, order.id, 5_000.0, minute=1)
    person = User.objects.create_user(email="sen@vi-du.vn", password="mat-khau-rat-dai", name="Sen")
    Membership.objects.create(user=person, role="farmer", scope="seller", scope_id=str(sen.pk))
    desk = Client()
    desk.force_login(person)
    assert "Cần trả lại tiền" in desk.get(f"/ban-hang/{sen.pk}/").content.decode()
    page = desk.get(f"/ban-hang/don/{sale.pk}/").content.decode()
    assert "Có yêu cầu trả lại 25.000\u00a0₫ cho người mua." in page

    # A form that was open before the second request confirms nothing.
    desk.post(f"/ban-hang/don/{sale.pk}/tra-lai/", {"amount": "20000"})
    assert Sale.objects.get().refund_asked_vnd == 25_000
    desk.post(f"/ban-hang/don/{sale.pk}/tra-lai/", {"amount": "25000"})
    assert Sale.objects.get().refund_asked_vnd == 0
    refund(installed, order.id, 20_000.0)
    assert Sale.objects.get().refund_asked_vnd == 0
    done = AuditEntry.objects.filter(subject=f"sale:{sale.pk}", action__contains="refund").order_by("pk")
    assert [(each.action, each.data["amount_vnd"], each.actor) for each in done] == [
        ("sales.refund_asked", 20_000, Installation.objects.get().actor),
        ("sales.refund_asked", 5_000, Installation.objects.get().actor),
        ("sales.refunded_by_hand", 25_000, person.actor),
    ]


def test_a_refund_of_what_the_market_does_not_know_is_only_refused(installed: SmallSaleor) -> None:
    answer = refund(installed, "T3JkZXI6OTk=", 20_000.0)
    assert (answer["result"], "Chợ đã nhắc" in answer["message"]) == ("REFUND_FAILURE", False)


def test_cancelling_what_is_no_debt(installed: SmallSaleor) -> None:
    event = "transaction_cancelation_requested"
    body = installed.body(
        event,
        issued_at=clock.now(),
        transaction={"id": TRANSACTION},
        action={"amount": 0.0, "currency": "VND", "actionType": "CANCEL"},
    )
    assert installed.send(event, body).json() == {
        "pspReference": f"cancel-{TRANSACTION}",
        "result": "CANCEL_SUCCESS",
        "amount": 0,
    }


# --- orders placed elsewhere become sales -----------------------------------------------------------------------------


def test_the_seller_sees_an_order_from_outside(sen: Seller, place_outside: PlaceOutside) -> None:
    order = place_outside(sen)
    deliver()
    views, _more = desk_sales(sen.pk)
    assert [view.order.id for view in views] == [order.id]
    assert (views[0].sale.payment, views[0].needs_seller) == ("cash", "accept")
    assert waiting_for_seller(sen.pk) == 1


def test_an_order_of_our_own_pages_is_not_adopted(
    sen: Seller, make_good: Callable[..., Product], buyer: Buyer
) -> None:
    good = make_good(sen, "Nấm linh chi", 60_000)
    place_purchase(key="k1", buyer=buyer, choices=[choice(sen, good, total=vnd(60_000))])
    Sale.objects.update(order_id=None)  # as in the instant before it is noted
    deliver()
    assert Sale.objects.count() == 1


# --- delivery ---------------------------------------------------------------------------------------------------------


def methods(
    saleor: SmallSaleor,
    sellers: Sequence[object],
    each: float = 60_000.0,
    currency: str = "VND",
    **more: Any,
) -> Any:
    """What is offered for a checkout with goods for ``each`` đồng of each of these sellers."""
    price = {"amount": each, "currency": currency}
    body = saleor.body(
        "shipping_list_methods_for_checkout",
        issued_at=clock.now(),
        checkout={
            "id": "c1",
            "lines": [
                {"variant": {"product": {"id": "p", "seller": seller}}, "undiscountedTotalPrice": price}
                for seller in sellers
            ],
            **more,
        },
    )
    return saleor.send("shipping_list_methods_for_checkout", body).json()


def test_delivery_is_the_sellers(installed: SmallSaleor, sen: Seller) -> None:
    courier, pickup = methods(installed, [str(sen.pk), str(sen.pk)])
    assert courier == {
        "id": "courier",
        "name": "Giao tận nơi",
        "amount": 25_000,
        "currency": "VND",
        "metadata": {"cho.delivery": "courier"},
    }
    assert (pickup["id"], pickup["amount"]) == ("pickup", 0)
    assert methods(installed, [str(sen.pk), str(sen.pk)], 149_999.0)[0]["amount"] == 25_000
    assert methods(installed, [str(sen.pk), str(sen.pk)], 150_000.0)[0]["amount"] == 0


def test_no_delivery_over_two_sellers(installed: SmallSaleor, sen: Seller, hoang_giang: Seller) -> None:
    assert methods(installed, [str(sen.pk), str(hoang_giang.pk)]) == []
    for nobody in (None, "x", "٣", "9" * 30):
        assert methods(installed, [nobody]) == []
    assert methods(installed, []) == []
    assert methods(installed, [str(sen.pk)], currency="USD") == []


def test_what_was_agreed_is_the_only_way(installed: SmallSaleor, sen: Seller) -> None:
    """The price that the buyer confirmed is the price of the order, whatever the seller's terms say meanwhile."""
    agreed = '{"method": "courier", "name": "Giao trong xã", "price": 15000}'
    assert methods(installed, [str(sen.pk)], agreed=agreed) == [
        {
            "id": "courier",
            "name": "Giao trong xã",
            "amount": 15_000,
            "currency": "VND",
            "metadata": {"cho.delivery": "courier"},
        }
    ]


def test_an_order_cancelled_in_the_shop_ends_its_payment(
    installed: SmallSaleor, sen: Seller, place_outside: PlaceOutside
) -> None:
    order = place_outside(sen)
    ask(installed, order)
    shop().cancel_order(key="k", order_id=order.id, reason="staff")
    deliver()
    assert PaymentIntent.objects.get().cancelled_at is not None
    assert Sale.objects.get().cancelled_at is not None
