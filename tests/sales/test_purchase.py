"""Placing, paying, cancelling: promises 2 and 3, and what a killed process leaves behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from backend.accounts.models import Seller
from backend.commerce import shop
from backend.commerce.errors import CannotFulfillUnpaid, InsufficientStock, PriceChanged, ShopUnavailable
from backend.commerce.values import Product, ProductDraft, VariantDraft
from backend.common import clock
from backend.common.errors import TransitionRefused
from backend.common.money import vnd
from backend.common.outbox import relay
from backend.sales import services
from backend.sales.errors import (
    AlreadyHandedOver,
    DeliveryNotOffered,
    MoneyHasCome,
    PaymentNotOffered,
    TooMuchForTransfer,
)
from backend.sales.models import Purchase, Sale
from backend.sales.queries import sales_of, view_of, waiting_for_seller
from backend.sales.services import Buyer, ask_to_cancel, cancel_unpaid, place_purchase, sweep
from payments.intents.models import PaymentIntent
from payments.intents.queries import find_intent
from payments.intents.services import confirm_by_hand
from tests.sales.conftest import choice

pytestmark = pytest.mark.django_db(transaction=True)


def stock_of(good: Product) -> int:
    return shop().variants([good.variant.id])[good.variant.id].available


def pay(sale: Sale, amount: int | None = None) -> None:
    intent = find_intent("order", sale.pk)
    assert intent is not None
    confirm_by_hand(intent_id=intent.id, amount=vnd(amount or intent.due_vnd), actor="test")
    while relay.run_once("worker"):
        pass


@pytest.fixture
def linh_chi(sen: Seller, make_good: Callable[..., Product]) -> Product:
    return make_good(sen, "Nấm linh chi đỏ khô", 350_000, 5)


@pytest.fixture
def dua(hoang_giang: Seller, make_good: Callable[..., Product]) -> Product:
    return make_good(hoang_giang, "Dưa lê vàng", 28_000, 3)


def test_two_sellers_are_two_orders_and_two_payments_under_one_purchase(
    buyer: Buyer, sen: Seller, hoang_giang: Seller, linh_chi: Product, dua: Product
) -> None:
    purchase = place_purchase(
        key="form-1",
        buyer=buyer,
        choices=[
            choice(sen, linh_chi, total=vnd(350_000)),
            choice(hoang_giang, dua, pieces=2, total=vnd(56_000 + 25_000), delivery="courier"),
        ],
    )
    views = sales_of(purchase)
    assert [(v.sale.seller, v.order.total, v.order.status) for v in views] == [
        (sen, vnd(350_000), "unconfirmed"),
        (hoang_giang, vnd(81_000), "unconfirmed"),
    ]
    assert [v.intent and (v.intent.account, v.intent.due_vnd) for v in views] == [
        ("0011012345678", 350_000),
        ("0011098765432", 81_000),
    ]
    assert (stock_of(linh_chi), stock_of(dua)) == (4, 1)


def test_the_same_form_sent_five_times_is_one_purchase(buyer: Buyer, sen: Seller, linh_chi: Product) -> None:
    choices = [choice(sen, linh_chi, total=vnd(350_000))]
    tokens = {place_purchase(key="form-1", buyer=buyer, choices=choices).token for _ in range(5)}
    assert len(tokens) == 1
    assert (Sale.objects.count(), PaymentIntent.objects.count(), stock_of(linh_chi)) == (1, 1, 4)


def test_eight_presses_at_once_are_one_purchase(buyer: Buyer, sen: Seller, linh_chi: Product) -> None:
    barrier = threading.Barrier(8)
    numbers: list[int | None] = []

    def press() -> None:
        barrier.wait(10)
        purchase = place_purchase(
            key="form-1", buyer=buyer, choices=[choice(sen, linh_chi, total=vnd(350_000))]
        )
        numbers.append(Sale.objects.get(purchase=purchase).order_number)
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(numbers) == 8
    assert len(set(numbers)) == 1
    assert (Purchase.objects.count(), Sale.objects.count(), stock_of(linh_chi)) == (1, 1, 4)


def test_a_price_that_changed_in_between_is_shown_and_nothing_is_ordered(
    buyer: Buyer, sen: Seller, linh_chi: Product
) -> None:
    variant = linh_chi.variant
    draft = ProductDraft(
        name=linh_chi.name,
        seller_id=linh_chi.seller_id,
        category_id=linh_chi.category_id,
        variants=(VariantDraft(id=variant.id, unit=variant.unit, price=vnd(360_000), quantity=None),),
    )
    shop().update_product(key="dearer", product_id=linh_chi.id, draft=draft)
    with pytest.raises(PriceChanged) as refusal:
        place_purchase(key="form-1", buyer=buyer, choices=[choice(sen, linh_chi, total=vnd(350_000))])
    assert "360.000\u00a0₫" in str(refusal.value)
    assert (stock_of(linh_chi), PaymentIntent.objects.count()) == (5, 0)


def test_when_one_seller_cannot_deliver_nothing_is_ordered_from_the_other(
    buyer: Buyer, sen: Seller, hoang_giang: Seller, linh_chi: Product, dua: Product
) -> None:
    choices = [
        choice(sen, linh_chi, total=vnd(350_000)),
        choice(hoang_giang, dua, pieces=4, total=vnd(112_000)),
    ]
    with pytest.raises(InsufficientStock) as refusal:
        place_purchase(key="form-1", buyer=buyer, choices=choices)
    assert "Dưa lê vàng chỉ còn 3" in str(refusal.value)
    assert (stock_of(linh_chi), stock_of(dua)) == (5, 3)
    placed = Sale.objects.get(seller=sen)
    assert placed.cancelled_at is not None
    # The same form again gets the same refusal, not half a purchase.
    with pytest.raises(services.FailedBefore) as again:
        place_purchase(key="form-1", buyer=buyer, choices=choices)
    assert (again.value.code, str(again.value)) == ("INSUFFICIENT_STOCK", str(refusal.value))


def test_ways_that_a_seller_does_not_offer_are_refused(
    buyer: Buyer, make_seller: Callable[..., Seller], make_good: Callable[..., Product]
) -> None:
    seller = make_seller("Không có tài khoản", cash=False)
    good = make_good(seller, "Bí đỏ", 36_000)
    for payment in ("vietqr", "cash", "gold"):
        with pytest.raises(PaymentNotOffered):
            place_purchase(
                key=f"form-{payment}",
                buyer=buyer,
                choices=[choice(seller, good, total=vnd(36_000), payment=payment)],
            )
    rich = make_seller("Có tài khoản", account="123456789")
    melon = make_good(rich, "Dưa", 36_000)
    with pytest.raises(DeliveryNotOffered):
        place_purchase(
            key="form-drone", buyer=buyer, choices=[choice(rich, melon, total=vnd(36_000), delivery="drone")]
        )
    assert Sale.objects.count() == 0


def test_money_confirms_the_order_and_waits_for_the_seller(
    buyer: Buyer, sen: Seller, linh_chi: Product
) -> None:
    purchase = place_purchase(key="form-1", buyer=buyer, choices=[choice(sen, linh_chi, total=vnd(350_000))])
    sale = purchase.sales.get()
    assert (view_of(sale).waiting_for_money, waiting_for_seller(sen.pk)) == (True, 0)
    pay(sale)
    view = view_of(Sale.objects.get(pk=sale.pk))
    assert (view.order.status, view.order.charge_status, view.needs_seller) == (
        "unfulfilled",
        "full",
        "accept",
    )
    assert waiting_for_seller(sen.pk) == 1

    services.accept(sale=sale, actor="user:1")
    view = view_of(Sale.objects.get(pk=sale.pk))
    assert (view.step, view.needs_seller, waiting_for_seller(sen.pk)) == (2, "hand_over", 0)
    services.hand_over(sale=sale, actor="user:1")
    services.hand_over(sale=sale, actor="user:1")
    view = view_of(Sale.objects.get(pk=sale.pk))
    assert (view.order.status, view.step, stock_of(linh_chi)) == ("fulfilled", 3, 4)


def test_cash_is_received_when_the_goods_change_hands(buyer: Buyer, sen: Seller, linh_chi: Product) -> None:
    purchase = place_purchase(
        key="form-1", buyer=buyer, choices=[choice(sen, linh_chi, total=vnd(350_000), payment="cash")]
    )
    sale = purchase.sales.get()
    assert view_of(sale).intent is None
    services.accept(sale=sale, actor="user:1")
    services.hand_over(sale=sale, actor="user:1")
    order = view_of(sale).order
    assert (order.status, order.charge_status, order.charged) == ("fulfilled", "full", vnd(350_000))


def test_an_unpaid_order_is_cancelled_at_its_time_and_its_stock_is_back(
    buyer: Buyer, sen: Seller, hoang_giang: Seller, linh_chi: Product, dua: Product
) -> None:
    purchase = place_purchase(
        key="form-1",
        buyer=buyer,
        choices=[choice(sen, linh_chi, total=vnd(350_000)), choice(hoang_giang, dua, total=vnd(28_000))],
    )
    paid, unpaid = purchase.sales.order_by("pk")
    pay(paid)
    assert cancel_unpaid() == 0
    Sale.objects.update(hold_until=clock.now() - timedelta(seconds=1))
    assert cancel_unpaid() == 1
    assert cancel_unpaid() == 0
    assert [view_of(s).order.status for s in Sale.objects.order_by("pk")] == ["unfulfilled", "canceled"]
    assert (stock_of(linh_chi), stock_of(dua)) == (4, 3)
    assert Sale.objects.get(pk=unpaid.pk).cancel_reason == "not_paid_in_time"


def test_paid_orders_are_not_cancelled_by_a_button(buyer: Buyer, sen: Seller, linh_chi: Product) -> None:
    purchase = place_purchase(key="form-1", buyer=buyer, choices=[choice(sen, linh_chi, total=vnd(350_000))])
    sale = purchase.sales.get()
    pay(sale)
    with pytest.raises(MoneyHasCome):
        ask_to_cancel(sale_id=sale.pk, reason="by_buyer", actor="buyer")
    assert Sale.objects.get(pk=sale.pk).cancel_asked_at is None
    assert view_of(sale).order.status == "unfulfilled"


def test_what_was_handed_over_is_not_cancelled_and_holds_up_nobody_else(
    buyer: Buyer, sen: Seller, linh_chi: Product
) -> None:
    sale = place_purchase(
        key="form-1", buyer=buyer, choices=[choice(sen, linh_chi, total=vnd(350_000), payment="cash")]
    ).sales.get()
    services.hand_over(sale=sale, actor="user:1")
    with pytest.raises(AlreadyHandedOver):
        ask_to_cancel(sale_id=sale.pk, reason="by_buyer", actor="buyer")
    assert view_of(Sale.objects.get(pk=sale.pk)).cancelled is False

    # Decided before the goods changed hands, told to the shop after: the decision is taken back, once.
    Sale.objects.update(cancel_asked_at=clock.now() - timedelta(minutes=1), cancel_reason="by_buyer")
    assert sweep() == 0
    view = view_of(Sale.objects.get(pk=sale.pk))
    assert (view.cancelled, view.order.status, view.sale.cancel_reason) == (False, "fulfilled", "")
    assert Sale.objects.filter(cancel_asked_at__isnull=False).count() == 0


def test_cash_that_a_kill_cut_off_from_its_hand_over_is_recorded_by_the_next_press(
    buyer: Buyer, sen: Seller, linh_chi: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = place_purchase(
        key="form-1", buyer=buyer, choices=[choice(sen, linh_chi, total=vnd(350_000), payment="cash")]
    ).sales.get()

    def killed(*_: object, **__: object) -> None:
        raise SystemExit("kill -9")

    monkeypatch.setattr(type(shop()), "report_charge", killed)
    with pytest.raises(SystemExit):
        services.hand_over(sale=sale, actor="user:1")
    monkeypatch.undo()
    assert view_of(sale).order.charged == vnd(0)
    services.hand_over(sale=sale, actor="user:1")
    order = view_of(sale).order
    assert (order.status, order.charged, stock_of(linh_chi)) == ("fulfilled", vnd(350_000), 4)


def test_a_transfer_order_is_not_accepted_before_its_money(
    buyer: Buyer, sen: Seller, linh_chi: Product
) -> None:
    sale = place_purchase(
        key="form-1", buyer=buyer, choices=[choice(sen, linh_chi, total=vnd(350_000))]
    ).sales.get()
    with pytest.raises(CannotFulfillUnpaid):
        services.accept(sale=sale, actor="user:1")
    ask_to_cancel(sale_id=sale.pk, reason="by_buyer", actor="buyer")
    sale.refresh_from_db()
    with pytest.raises(TransitionRefused):
        services.accept(sale=sale, actor="user:1")
    assert (view_of(sale).order.status, sale.seen_by_seller_at) == ("canceled", None)


def test_an_order_above_what_one_transfer_carries_is_refused_and_holds_nothing(
    buyer: Buyer, sen: Seller, make_good: Callable[..., Product]
) -> None:
    ginseng = make_good(sen, "Sâm Ngọc Linh", 100_000_000, 5)
    with pytest.raises(TooMuchForTransfer):
        place_purchase(
            key="form-1", buyer=buyer, choices=[choice(sen, ginseng, pieces=5, total=vnd(500_000_000))]
        )
    assert (Sale.objects.count(), stock_of(ginseng)) == (0, 5)


def test_an_order_whose_payment_cannot_be_opened_gives_its_stock_back(
    buyer: Buyer, sen: Seller, linh_chi: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The account goes away between the order's two halves.
    monkeypatch.setattr(services, "open_intent", _refuse)
    with pytest.raises(PaymentNotOffered):
        place_purchase(key="form-1", buyer=buyer, choices=[choice(sen, linh_chi, total=vnd(350_000))])
    assert (stock_of(linh_chi), PaymentIntent.objects.count()) == (5, 0)


def _refuse(**_: object) -> None:
    raise PaymentNotOffered(seller="Hộ Nguyễn Thị Sen")


def test_killed_between_the_shop_and_our_own_commit_the_sweeper_finishes_the_placing(
    buyer: Buyer, sen: Seller, linh_chi: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise SystemExit("kill -9")

    monkeypatch.setattr(services, "_note_placed", killed)
    with pytest.raises(SystemExit):
        place_purchase(key="form-1", buyer=buyer, choices=[choice(sen, linh_chi, total=vnd(350_000))])
    monkeypatch.undo()
    assert (stock_of(linh_chi), Sale.objects.get().order_id) == (4, None)
    assert sweep() == 0, "not while the buyer's own request may still be running"
    Purchase.objects.update(created_at=clock.now() - timedelta(minutes=1))
    assert sweep() == 1
    sale = Sale.objects.get()
    assert (view_of(sale).order.number, view_of(sale).waiting_for_money) == (sale.order_number, True)
    assert stock_of(linh_chi) == 4, "the repeat of the call placed no second order"


def test_killed_between_ending_the_payment_and_cancelling_the_order_the_sweeper_goes_on(
    buyer: Buyer, sen: Seller, linh_chi: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    purchase = place_purchase(key="form-1", buyer=buyer, choices=[choice(sen, linh_chi, total=vnd(350_000))])
    sale = purchase.sales.get()

    def killed(**_: object) -> None:
        raise SystemExit("kill -9")

    monkeypatch.setattr(services, "finish_cancel", killed)
    with pytest.raises(SystemExit):
        ask_to_cancel(sale_id=sale.pk, reason="by_buyer", actor="buyer")
    monkeypatch.undo()
    assert view_of(sale).order.status == "unconfirmed"
    Sale.objects.update(cancel_asked_at=clock.now() - timedelta(minutes=1))
    assert sweep() == 1
    assert (view_of(sale).order.status, stock_of(linh_chi)) == ("canceled", 5)


def test_a_new_and_a_paid_order_are_told_to_the_seller_by_mail(
    buyer: Buyer, sen: Seller, linh_chi: Product
) -> None:
    purchase = place_purchase(key="form-1", buyer=buyer, choices=[choice(sen, linh_chi, total=vnd(350_000))])
    while relay.run_once("worker"):
        pass
    sale = purchase.sales.get()
    pay(sale)
    assert [(m.to, m.subject) for m in mail.outbox] == [
        (["ho-nguyen-thi-sen@vi-du.vn"], f"Đơn mới {sale.order_number}: 350.000\u00a0₫"),
        (["ho-nguyen-thi-sen@vi-du.vn"], f"Đơn {sale.order_number} đã nhận đủ 350.000\u00a0₫"),
    ]
    assert f"/ban-hang/don/{sale.pk}/" in mail.outbox[0].body


def test_a_shop_that_falls_silent_after_placing_loses_no_order(
    buyer: Buyer, sen: Seller, make_good: Callable[..., Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = make_good(sen, "Nấm linh chi", 60_000, 5)
    choices = [choice(sen, good, total=vnd(60_000))]
    complete = type(shop()).complete_checkout

    def silent(*args: Any, **more: Any) -> None:
        complete(*args, **more)
        raise ShopUnavailable()

    with monkeypatch.context() as patched:
        patched.setattr(type(shop()), "complete_checkout", silent)
        with pytest.raises(ShopUnavailable):
            place_purchase(key="form-1", buyer=buyer, choices=choices)
    assert (Purchase.objects.get().failed_at, Sale.objects.get().placed_at) == (None, None)
    # What is told of the order meanwhile makes no second sale of it.
    while relay.run_once("worker"):
        pass
    Purchase.objects.update(created_at=clock.now() - timedelta(minutes=1))
    assert sweep() == 1
    sale = Sale.objects.get()
    assert (sale.placed_at is not None, view_of(sale).order.id) == (True, sale.order_id)
    assert shop().variants([good.variant.id])[good.variant.id].available == 4
    assert find_intent("order", sale.pk) is not None


def test_an_order_of_a_sale_that_was_given_up_is_cancelled(
    buyer: Buyer, sen: Seller, make_good: Callable[..., Product]
) -> None:
    good = make_good(sen, "Nấm linh chi", 60_000, 5)
    place_purchase(key="form-1", buyer=buyer, choices=[choice(sen, good, total=vnd(60_000))])
    order_id = Sale.objects.get().order_id
    assert order_id is not None
    Sale.objects.update(order_id=None, placed_at=None, hold_until=None, failed_at=clock.now())
    Purchase.objects.update(failed_at=clock.now())
    while relay.run_once("worker"):
        pass
    order = shop().find_order(order_id)
    assert order is not None
    assert (order.status, Sale.objects.count()) == ("canceled", 1)
    assert shop().variants([good.variant.id])[good.variant.id].available == 5
