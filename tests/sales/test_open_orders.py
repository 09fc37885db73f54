"""Orders hold stock: how many may be open at once for one buyer, and how long one in cash waits for its seller."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from pytest_django import Settings

from backend.accounts.models import Seller, User
from backend.commerce import shop
from backend.commerce.values import Address, Delivery, LineDraft, Order, Product
from backend.common import clock
from backend.common.errors import MarketError, TransitionRefused
from backend.common.locks import hold_names
from backend.common.money import vnd
from backend.common.outbox import relay
from backend.places.models import Commune
from backend.sales import services
from backend.sales.adoption import adopt_order
from backend.sales.errors import (
    AlreadyAccepted,
    MoneyHasCome,
    TooManyOpenOrders,
    TooManyOpenOrdersFromAddress,
    TooManyOpenOrdersOfAccount,
)
from backend.sales.models import Purchase, Sale
from backend.sales.queries import view_of, waiting_for_seller
from backend.sales.services import Buyer, ask_to_cancel, cancel_unpaid, place_purchase
from payments.intents.queries import find_intent
from payments.intents.services import confirm_by_hand
from tests.sales.conftest import choice

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rau(sen: Seller, make_good: Callable[..., Product]) -> Product:
    return make_good(sen, "Rau mồng tơi", 12_000, 50)


@pytest.fixture
def order(vi_tan: Commune, sen: Seller, rau: Product) -> Callable[..., Sale]:
    """Places one more order of one piece."""
    placed = 0

    def place(
        phone: str = "+84900000006",
        *,
        payment: str = "vietqr",
        user: User | None = None,
        visitor: str = "",
        email: str = "",
    ) -> Sale:
        nonlocal placed
        placed += 1
        buyer = Buyer(name="Trần Văn Nam", phone=phone, email=email, commune=vi_tan, street="Ấp 3")
        return place_purchase(
            key=f"form-{placed}",
            buyer=buyer,
            choices=[choice(sen, rau, total=vnd(12_000), payment=payment)],
            user=user,
            visitor=visitor,
        ).sales.get()

    return place


def left_of(good: Product) -> int:
    return shop().variants([good.variant.id])[good.variant.id].available


def test_a_phone_number_has_ten_open_orders_and_then_is_told_what_to_do(
    order: Callable[..., Sale], rau: Product
) -> None:
    for number in range(10):
        order(payment="cash" if number % 2 else "vietqr")
    with pytest.raises(TooManyOpenOrders) as refusal:
        order()
    assert str(refusal.value) == (
        "Đang có 10 đơn đặt bằng số điện thoại này mà chưa trả tiền hoặc người bán chưa nhận; nhiều nhất là 10. "
        "Xin trả tiền hoặc hủy bớt những đơn đó rồi đặt lại. Đơn chuyển khoản chưa trả tự hủy sau 30 phút."
    )
    assert (left_of(rau), Purchase.objects.count()) == (40, 10), "the refused one left nothing behind"
    order("+84900000007")


def test_a_guest_s_orders_fill_nobody_s_letter_box(order: Callable[..., Sale], sen: Seller) -> None:
    """Whoever orders and cancels again may do so all day, and type anybody's address."""
    sen.email = ""
    sen.save()
    user = User.objects.create_user(email="nan-nhan@thu.vn", name="Lan", password="mot-mat-khau-that-dai")
    for _ in range(22):
        sale = order(payment="cash", email="Nan-nhan@thu.vn")
        services.ask_to_cancel(sale_id=sale.pk, reason="by_seller", actor="test")
    services.ask_to_cancel(
        sale_id=order(payment="cash", email="khac@thu.vn").pk, reason="by_seller", actor="test"
    )
    order(payment="cash", email="Nan-nhan@thu.vn", user=user)
    while relay.run_once("worker"):
        pass
    sent = Counter(message.to[0].lower() for message in mail.outbox)
    assert sent == {"nan-nhan@thu.vn": 20 + 1, "khac@thu.vn": 2}


@pytest.mark.parametrize("settled", ["paid", "accepted", "handed over", "cancelled", "expired"])
def test_an_order_that_is_settled_makes_room_for_another(
    settled: str, order: Callable[..., Sale], settings: Settings
) -> None:
    settings.OPEN_ORDERS_PER_BUYER = 1
    sale = order(payment="cash" if settled in {"accepted", "handed over"} else "vietqr")
    with pytest.raises(TooManyOpenOrders):
        order()
    if settled == "paid":
        intent = find_intent("order", sale.pk)
        assert intent is not None
        confirm_by_hand(intent_id=intent.id, amount=vnd(12_000), actor="test")
    elif settled == "accepted":
        services.accept(sale=sale, actor="user:1")
    elif settled == "handed over":
        services.hand_over(sale=sale, actor="user:1")
    elif settled == "cancelled":
        ask_to_cancel(sale_id=sale.pk, reason="by_buyer", actor="buyer")
    else:
        Sale.objects.update(hold_until=clock.now() - timedelta(seconds=1))
        assert cancel_unpaid() == 1
    order()


def test_nobody_uses_up_the_number_of_somebody_who_is_signed_in(
    order: Callable[..., Sale], settings: Settings
) -> None:
    settings.OPEN_ORDERS_PER_BUYER = 2
    for _ in range(2):
        order()
    nam = User.objects.create_user(phone="+84900000006", password="mat-khau-rat-dai", name="Nam")
    for _ in range(2):
        order(user=nam)
    with pytest.raises(TooManyOpenOrdersOfAccount):
        order(user=nam)


def test_one_place_has_a_limit_whatever_numbers_are_typed_there(
    order: Callable[..., Sale], settings: Settings
) -> None:
    settings.OPEN_ORDERS_PER_ADDRESS = 3
    for number in range(3):
        order(f"+8490000010{number}", visitor="203.0.113.7")
    with pytest.raises(TooManyOpenOrdersFromAddress):
        order("+84900000109", visitor="203.0.113.7")
    order("+84900000109", visitor="203.0.113.8")
    assert not Purchase.objects.filter(visitor__contains="203").exists(), "kept as a digest only"

    Purchase.objects.update(created_at=clock.now() - timedelta(seconds=settings.CASH_HOLD_S, days=2))
    assert (services.forget_visitors(), Purchase.objects.exclude(visitor="").count()) == (4, 0)


def test_one_basket_is_taken_over_however_many_sellers(
    buyer: Buyer,
    sen: Seller,
    hoang_giang: Seller,
    rau: Product,
    make_good: Callable[..., Product],
    settings: Settings,
) -> None:
    settings.OPEN_ORDERS_PER_BUYER = 1
    dua = make_good(hoang_giang, "Dưa lê vàng", 28_000, 3)
    choices = [choice(sen, rau, total=vnd(12_000)), choice(hoang_giang, dua, total=vnd(28_000))]
    place_purchase(key="form-1", buyer=buyer, choices=choices)
    assert place_purchase(key="form-1", buyer=buyer, choices=choices).sales.count() == 2
    with pytest.raises(TooManyOpenOrders):
        place_purchase(key="form-2", buyer=buyer, choices=choices[:1])


def test_eight_at_once_get_no_more_than_the_limit(
    buyer: Buyer, sen: Seller, rau: Product, settings: Settings
) -> None:
    settings.OPEN_ORDERS_PER_BUYER = 3
    barrier = threading.Barrier(8)
    outcomes: list[str] = []

    def press(number: int) -> None:
        barrier.wait(10)
        try:
            place_purchase(key=f"form-{number}", buyer=buyer, choices=[choice(sen, rau, total=vnd(12_000))])
            outcomes.append("placed")
        except MarketError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["TOO_MANY_OPEN_ORDERS"] * 5 + ["placed"] * 3
    assert left_of(rau) == 47


def test_a_name_is_held_only_by_a_transaction() -> None:
    with pytest.raises(RuntimeError):
        hold_names("open orders of +84900000006")


# --- cash ---


def test_cash_that_no_seller_accepts_is_cancelled_its_stock_is_back_and_both_are_told(
    order: Callable[..., Sale], rau: Product, settings: Settings
) -> None:
    sale = order(payment="cash", email="nam@vi-du.vn")
    assert sale.hold_until is not None
    assert sale.placed_at is not None
    assert sale.hold_until - sale.placed_at == timedelta(days=2)
    while relay.run_once("worker"):
        pass
    mail.outbox.clear()
    assert cancel_unpaid() == 0
    Sale.objects.update(hold_until=clock.now() - timedelta(seconds=1))
    assert cancel_unpaid() == 1
    view = view_of(Sale.objects.get())
    assert (view.order.status, view.sale.cancel_reason, left_of(rau)) == (
        "canceled",
        "not_accepted_in_time",
        50,
    )
    while relay.run_once("worker"):
        pass
    assert [(m.to, m.subject) for m in mail.outbox] == [
        (["ho-nguyen-thi-sen@vi-du.vn"], f"Đơn {sale.order_number} đã tự hủy vì chưa được nhận"),
        (["nam@vi-du.vn"], f"Đơn {sale.order_number} ở Chợ Xã đã hủy"),
    ]
    assert "Người bán chưa nhận đơn trong thời hạn." in mail.outbox[1].body
    assert f"{settings.PUBLIC_URL}/don/{sale.purchase.token}/" in mail.outbox[1].body


def test_cash_that_its_seller_accepted_waits_for_ever(order: Callable[..., Sale], rau: Product) -> None:
    sale = order(payment="cash")
    services.accept(sale=sale, actor="user:1")
    sale.refresh_from_db()
    assert sale.hold_until is None
    # A round that had read its row before the seller pressed is refused by the row itself.
    Sale.objects.update(hold_until=clock.now() - timedelta(seconds=1))
    assert cancel_unpaid() == 0
    sale.refresh_from_db()
    assert (sale.cancel_asked_at, sale.hold_until, view_of(sale).order.status) == (None, None, "unfulfilled")
    assert left_of(rau) == 49


def test_accepting_and_expiring_at_once_agree_on_who_was_first(
    order: Callable[..., Sale], rau: Product, settings: Settings
) -> None:
    settings.OPEN_ORDERS_PER_BUYER = 100
    for _ in range(6):
        sale = order(payment="cash")
        Sale.objects.filter(pk=sale.pk).update(hold_until=clock.now() - timedelta(seconds=1))
        barrier = threading.Barrier(2)
        said: dict[str, object] = {}

        def accept(
            sale: Sale = sale, barrier: threading.Barrier = barrier, said: dict[str, object] = said
        ) -> None:
            barrier.wait(10)
            try:
                services.accept(sale=sale, actor="user:1")
                said["accepted"] = True
            except TransitionRefused:
                said["accepted"] = False
            finally:
                connection.close()

        def expire(barrier: threading.Barrier = barrier, said: dict[str, object] = said) -> None:
            barrier.wait(10)
            said["expired"] = cancel_unpaid() == 1
            connection.close()

        threads = [threading.Thread(target=accept), threading.Thread(target=expire)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        view = view_of(Sale.objects.get(pk=sale.pk))
        assert said["accepted"] is not said["expired"]
        assert (view.order.status, view.sale.seen_by_seller_at is not None) == (
            ("unfulfilled", True) if said["accepted"] else ("canceled", False)
        )


def test_a_seller_accepts_nothing_that_has_expired(order: Callable[..., Sale]) -> None:
    sale = order(payment="cash")
    Sale.objects.update(hold_until=clock.now() - timedelta(seconds=1))
    cancel_unpaid()
    for verb in (services.accept, services.hand_over):
        with pytest.raises(TransitionRefused):
            verb(sale=sale, actor="user:1")
    assert Sale.objects.get().seen_by_seller_at is None


def test_what_was_handed_over_at_once_waits_for_its_seller_no_longer(
    order: Callable[..., Sale], sen: Seller
) -> None:
    sale = order(payment="cash")
    assert waiting_for_seller(sen.pk) == 1
    services.hand_over(sale=sale, actor="user:1")
    assert waiting_for_seller(sen.pk) == 0
    Sale.objects.get(hold_until=None)


def test_a_buyer_takes_back_what_no_seller_has_accepted_and_nothing_else(
    order: Callable[..., Sale], rau: Product
) -> None:
    first, second = order(payment="cash"), order(payment="cash")
    ask_to_cancel(sale_id=first.pk, reason="by_buyer", actor="buyer", unless_accepted=True)
    assert left_of(rau) == 49
    services.accept(sale=second, actor="user:1")
    with pytest.raises(AlreadyAccepted):
        ask_to_cancel(sale_id=second.pk, reason="by_buyer", actor="buyer", unless_accepted=True)
    assert [view_of(s).order.status for s in Sale.objects.order_by("pk")] == ["canceled", "unfulfilled"]


@pytest.mark.parametrize("outside", ["confirmed", "paid"])
def test_cash_that_was_taken_on_at_the_shops_own_door_does_not_expire(
    outside: str, order: Callable[..., Sale], rau: Product
) -> None:
    sale = order(payment="cash")
    assert sale.order_id is not None
    if outside == "confirmed":
        shop().confirm_order(key="staff", order_id=sale.order_id)
    else:
        shop().report_charge(key="staff", order_id=sale.order_id, amount=vnd(12_000), psp_reference="cash-1")
    Sale.objects.update(hold_until=clock.now() - timedelta(seconds=1))
    assert cancel_unpaid() == 0
    sale.refresh_from_db()
    assert (sale.cancel_asked_at, sale.hold_until, left_of(rau)) == (None, None, 49)


@pytest.mark.parametrize(
    ("outside", "refusal"), [("confirmed", AlreadyAccepted), ("paid in part", MoneyHasCome)]
)
def test_what_is_taken_on_while_it_is_being_cancelled_stays(
    outside: str,
    refusal: type[MarketError],
    order: Callable[..., Sale],
    rau: Product,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At the shop's own door, between our look at the order and our word to the shop: two threads, one after the other at
    just that point."""
    sale = order(payment="cash")
    looked, taken_on = threading.Event(), threading.Event()
    look = services._order_of
    said: list[object] = []

    def slow_look(sale: Sale) -> Order:
        found = look(sale)
        if not looked.is_set():
            looked.set()
            assert taken_on.wait(20)
        return found

    def expire() -> None:
        try:
            said.append(
                ask_to_cancel(sale_id=sale.pk, reason="by_buyer", actor="buyer", unless_accepted=True)
            )
        except MarketError as refused:
            said.append(type(refused))
        finally:
            connection.close()

    monkeypatch.setattr(services, "_order_of", slow_look)
    thread = threading.Thread(target=expire)
    thread.start()
    assert looked.wait(20)
    assert sale.order_id is not None
    if outside == "confirmed":
        shop().confirm_order(key="staff", order_id=sale.order_id)
    else:
        shop().report_charge(key="staff", order_id=sale.order_id, amount=vnd(2_000), psp_reference="cash-1")
    taken_on.set()
    thread.join(60)
    assert said == [refusal]
    view = view_of(Sale.objects.get(pk=sale.pk))
    assert view.order.status == ("unfulfilled" if outside == "confirmed" else "unconfirmed")
    assert (view.sale.cancel_asked_at, view.sale.cancelled_at, left_of(rau)) == (None, None, 49)


def test_an_order_in_cash_that_another_storefront_placed_waits_no_longer_than_ours(
    sen: Seller, rau: Product, buyer: Buyer
) -> None:
    checkout = shop().create_checkout(key="c", seller_id=str(sen.pk), lines=[LineDraft(rau.variant.id, 2)])
    commune = buyer.commune
    placed = shop().complete_checkout(
        key="o",
        checkout_id=checkout.id,
        address=Address(
            name=buyer.name,
            phone=buyer.phone,
            street=buyer.street,
            commune_code=commune.code,
            commune=str(commune),
            province_code=commune.province_id,
            province=str(commune.province),
        ),
        email="",
        delivery=Delivery("pickup", "Tự đến lấy", vnd(0)),
        confirmed_total=vnd(24_000),
    )
    sale = adopt_order(order=placed)
    assert sale is not None
    assert sale.hold_until is not None
    Sale.objects.update(hold_until=clock.now() - timedelta(seconds=1))
    assert (cancel_unpaid(), left_of(rau)) == (1, 50)
