"""Money whose text names nothing: its owner sees it, says what it was for, and may take that back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from backend.accounts.models import Seller
from backend.commerce import shop
from backend.commerce.values import Product
from backend.common import clock
from backend.common.models import AuditEntry
from backend.common.money import vnd
from backend.common.outbox import relay
from backend.common.outbox.stream import _channels_of
from backend.markets.models import Stall
from backend.markets.queries import get_charge
from backend.markets.services import open_charge, void_charge
from backend.sales.models import Sale
from backend.sales.services import Buyer, ask_to_cancel, place_purchase
from devices.soundboxes.models import Command
from devices.soundboxes.services import register_soundbox
from payments.feeds.models import BankTransaction
from payments.feeds.services import link_account, open_connection
from payments.intents.models import Allocation
from payments.intents.queries import find_intent
from payments.intents.values import Intent
from payments.payees.queries import payee_for
from payments.payees.services import set_payee
from tests.payments.bank import SECRET, Bank
from tests.sales.conftest import choice

pytestmark = pytest.mark.django_db(transaction=True)
WELCOME = ("owner", "helper")
TEXT = "MBVCB.6998628625.tien nam.CT tu 0071001104341 NGUYEN VAN NAM"
MASKED = "MBVCB.…8625.tien nam.CT tu …4341 NGUYEN VAN NAM"


def deliver() -> None:
    while relay.run_once("worker") + relay.run_once("gateway"):
        pass


def bank_of(owner: str) -> Bank:
    payee = payee_for(owner)
    assert payee is not None
    connection = open_connection(provider="sepay", name="SePay", secret=SECRET, actor="test")
    link_account(connection_id=connection.id, bin=payee.bin, account=payee.account, actor="test")
    return Bank(connection, payee)


@pytest.fixture
def bank(sen: Seller) -> Bank:
    return bank_of(sen.owner)


Order = Callable[..., Sale]


@pytest.fixture
def order(sen: Seller, make_good: Callable[..., Product], buyer: Buyer) -> Order:
    """Somebody orders from chị Sen and is to pay by transfer."""
    numbers = iter(range(1, 9))

    def make(price: int = 350_000) -> Sale:
        number = next(numbers)
        good = make_good(sen, f"Nấm linh chi {number}", price, 5)
        someone = replace(buyer, phone=f"+8490000010{number}")
        picked = choice(sen, good, total=vnd(price), payment="vietqr")
        return place_purchase(key=f"form-{number}", buyer=someone, choices=[picked]).sales.get()

    return make


def intent_of(sale: Sale) -> Intent:
    intent = find_intent("order", sale.pk)
    assert intent is not None
    return intent


def charged(sale: Sale) -> tuple[str, str, int]:
    found = shop().find_order(sale.order_id or "")
    assert found is not None
    return found.status, found.charge_status, found.charged.amount


def claim(money: BankTransaction, intent: Intent, amount: int | None = None) -> dict[str, str]:
    """What the button sends."""
    return {
        "transaction": money.pk,
        "intent": intent.id,
        "amount": str(money.unallocated_vnd if amount is None else amount),
    }


def test_a_buyer_who_erased_the_code_is_found_by_the_seller(
    desk_people: dict[str, Client], sen: Seller, bank: Bank, order: Order, mailoutbox: list[EmailMessage]
) -> None:
    Seller.objects.filter(pk=sen.pk).update(email="sen@vi-du.vn")
    paid, other = order(), order(120_000)
    deliver()
    mailoutbox.clear()
    bank.pays(TEXT, 350_000)
    deliver()
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["sen@vi-du.vn"], "350.000\u00a0₫ vừa về, chưa rõ của đơn nào")
    assert f"/ban-hang/{sen.pk}/tien/" in str(mail.body)

    door, owner = f"/ban-hang/{sen.pk}/tien/", desk_people["owner"]
    for page in (f"/ban-hang/{sen.pk}/", f"/ban-hang/don/{paid.pk}/"):
        assert f'<a href="{door}">1 khoản tiền vừa về chưa rõ của ai</a>' in owner.get(page).content.decode()
    shown = owner.get(door)
    text = shown.content.decode()
    assert MASKED in text
    assert "0071001104341" not in text
    (card,) = shown.context["cards"]
    assert [(each.id, name) for each, name in card.likely] == [
        (intent_of(paid).id, f"Đơn {paid.order_number} · {paid.purchase.name}")
    ]
    assert [each.id for each, _name in card.others] == [intent_of(other).id]

    money = BankTransaction.objects.get()
    answer = desk_people["helper"].post(door, claim(money, intent_of(paid)), follow=True)
    assert f"Đã ghi 350.000\u00a0₫ vào: Đơn {paid.order_number}" in answer.content.decode()
    deliver()
    assert charged(paid) == ("unfulfilled", "full", 350_000)
    assert "Đã nhận" in Client().get(f"/don/{paid.purchase.token}/1/").content.decode()
    entry = AuditEntry.objects.get(action="payment_received")
    assert (entry.actor, entry.data["source"]) == (Allocation.objects.get().actor, "person")
    assert entry.actor.startswith("user:")
    assert owner.get(door).context["cards"] == []

    # It was the other buyer's after all.
    taken = owner.post(door, {"allocation": Allocation.objects.get().pk}, follow=True)
    assert "Đã lấy lại." in taken.content.decode()
    deliver()
    assert charged(paid) == ("unfulfilled", "none", 0)
    assert "Đã nhận" not in Client().get(f"/don/{paid.purchase.token}/1/").content.decode()
    assert [each.transfer.id for each in owner.get(door).context["cards"]] == [money.pk]
    owner.post(door, claim(money, intent_of(other)))
    deliver()
    assert (charged(paid), charged(other)) == (
        ("unfulfilled", "none", 0),
        ("unfulfilled", "overcharged", 350_000),
    )
    assert AuditEntry.objects.filter(action="allocation_reversed").count() == 1


def test_a_form_that_was_sent_twice_or_left_open_counts_once(
    desk_people: dict[str, Client], sen: Seller, bank: Bank, order: Order
) -> None:
    first, second = order(), order()
    bank.pays("tien nam", 350_000)
    money, door = BankTransaction.objects.get(), f"/ban-hang/{sen.pk}/tien/"
    sent = claim(money, intent_of(first))
    owner = desk_people["owner"]
    part = owner.post(door, claim(money, intent_of(first), 1_000), follow=True)
    assert "chỉ còn 350.000" in part.content.decode()
    assert intent_of(first).received_vnd == 0
    owner.post(door, sent)
    for again in (sent, claim(money, intent_of(second), 350_000), claim(money, intent_of(second), 0)):
        refusal = owner.post(door, again, follow=True)
        assert "notice--bad" in refusal.content.decode()
    assert (intent_of(first).received_vnd, intent_of(second).received_vnd) == (350_000, 0)
    allocation = {"allocation": Allocation.objects.get().pk}
    owner.post(door, allocation)
    assert "đã được đảo lại" in owner.post(door, allocation, follow=True).content.decode()
    assert sorted(Allocation.objects.values_list("amount_vnd", flat=True)) == [-350_000, 350_000]


def test_what_is_cancelled_or_paid_is_not_offered_and_takes_nothing(
    desk_people: dict[str, Client], sen: Seller, bank: Bank, order: Order
) -> None:
    gone, paid = order(), order()
    ask_to_cancel(sale_id=gone.pk, reason="by_seller", actor="test")
    bank.pays(intent_of(paid).reference, 350_000)
    bank.pays("tien nam", 350_000)
    deliver()
    door, owner = f"/ban-hang/{sen.pk}/tien/", desk_people["owner"]
    (card,) = owner.get(door).context["cards"]
    assert (card.likely, card.others) == ([], [])
    money = BankTransaction.objects.get(content="tien nam")
    for sale in (gone, paid):
        answer = owner.post(door, claim(money, intent_of(sale)), follow=True)
        assert "đã đủ tiền hoặc đã hủy" in answer.content.decode()
    assert Allocation.objects.count() == 1
    # What the text itself said is not taken back at this door.
    answer = owner.post(door, {"allocation": Allocation.objects.get().pk}, follow=True)
    assert "Không tìm thấy lần ghi nhận này." in answer.content.decode()
    assert intent_of(paid).received_vnd == 350_000


def test_only_the_sellers_people_see_and_assign_their_money(
    desk_people: dict[str, Client], sen: Seller, hoang_giang: Seller, bank: Bank, order: Order
) -> None:
    sale = order()
    bank.pays(TEXT, 350_000)
    money = BankTransaction.objects.get()
    # The other seller's desk is theirs, but neither this money nor this order is.
    doors = [f"/ban-hang/{sen.pk}/tien/", f"/ban-hang/{hoang_giang.pk}/tien/"]
    for who, client in desk_people.items():
        if who in WELCOME:
            assert MASKED in client.get(doors[0]).content.decode(), who
            assert client.get(doors[1]).status_code == 404
            continue
        for door in doors:
            assert MASKED not in client.get(door, follow=True).content.decode(), (who, door)
            client.post(door, claim(money, intent_of(sale)))
            assert Allocation.objects.count() == 0, (who, door)
    desk_people["owner"].post(doors[0], claim(money, intent_of(sale)))
    assigned = Allocation.objects.get()
    for who, client in desk_people.items():
        if who in WELCOME:
            continue
        for door in doors:
            client.post(door, {"allocation": assigned.pk})
            assert (Allocation.objects.count(), intent_of(sale).received_vnd) == (1, 350_000), (who, door)
    assert [
        client.get(door).status_code
        for client in (desk_people["same role elsewhere"], desk_people["stranger"])
        for door in doors
    ] == [404, 200, 404, 404]


def test_who_shares_an_account_sees_its_money_and_each_assigns_to_their_own(
    desk_people: dict[str, Client], sen: Seller, hoang_giang: Seller, bank: Bank, order: Order
) -> None:
    sale, payee = order(), bank.payee
    same = {"bin": payee.bin, "account": payee.account, "account_name": payee.account_name}
    set_payee(owner=hoang_giang.owner, actor="test", **same)
    bank.pays(TEXT, 350_000)
    door, other = f"/ban-hang/{hoang_giang.pk}/tien/", desk_people["same role elsewhere"]
    (card,) = other.get(door).context["cards"]
    assert (card.likely, card.others) == ([], [])
    other.post(door, claim(BankTransaction.objects.get(), intent_of(sale)))
    assert Allocation.objects.count() == 0


def test_money_on_an_account_that_is_theirs_no_more_is_not_theirs_to_assign(
    desk_people: dict[str, Client], sen: Seller, bank: Bank, order: Order
) -> None:
    sale = order()
    set_payee(owner=sen.owner, bin="970422", account="123123123", account_name="SEN", actor="test")
    bank.pays(TEXT, 350_000)
    door, owner = f"/ban-hang/{sen.pk}/tien/", desk_people["owner"]
    assert owner.get(door).context["cards"] == []
    owner.post(door, claim(BankTransaction.objects.get(), intent_of(sale)))
    assert Allocation.objects.count() == 0


def test_at_the_till_it_is_seen_assigned_and_never_spoken(
    till_people: dict[str, Client], stall: Stall
) -> None:
    bank = bank_of(stall.owner)
    register_soundbox(
        device="loa-a12", owner=stall.owner, xa="vi-tan", cho="vi-tan", label="A12", actor="test"
    )
    charge = open_charge(key="k", stall_id=stall.pk, amount=vnd(50_000), note="cá lóc", actor="test")
    void = open_charge(key="l", stall_id=stall.pk, amount=vnd(50_000), note="", actor="test")
    void_charge(charge_id=void.id, actor="test")
    today = {"transactionDate": clock.local(clock.now()).strftime("%Y-%m-%d %H:%M:%S")}
    bank.pays(TEXT, 50_000, **today)
    deliver()
    door, owner = f"/sap/{stall.pk}/tien/", till_people["owner"]
    for page in (f"/sap/{stall.pk}/", f"/sap/{stall.pk}/hom-nay/", f"/sap/thu/{charge.id}/"):
        assert f'<a href="{door}">1 khoản tiền vừa về chưa rõ của ai</a>' in owner.get(page).content.decode()
    money = BankTransaction.objects.get()
    for who, client in till_people.items():
        if who in WELCOME:
            shown = client.get(door)
            assert MASKED in shown.content.decode(), who
            (card,) = shown.context["cards"]
            ((intent, name),) = card.likely
            assert (intent.id, card.others) == (charge.intent.id, [])
            assert name.endswith(" · cá lóc")
        else:
            assert client.get(door).status_code == (302 if who == "nobody" else 404), who
            client.post(door, claim(money, charge.intent))
            assert get_charge(charge.id).received == vnd(0), who
    till_people["helper"].post(door, claim(money, charge.intent))
    deliver()
    assert get_charge(charge.id).received == vnd(50_000)
    assert "Đã nhận" in owner.get(f"/sap/thu/{charge.id}/").content.decode()
    assert owner.get(f"/sap/{stall.pk}/").context["today"].total_received == vnd(50_000)
    assert Command.objects.count() == 0, "what a person says is not spoken"
    # The box itself works.
    second = open_charge(key="m", stall_id=stall.pk, amount=vnd(60_000), note="", actor="test")
    bank.pays(second.intent.reference, 60_000, **today)
    deliver()
    assert Command.objects.get().text == "Đã nhận sáu mươi nghìn đồng"

    owner.post(door, {"allocation": Allocation.objects.get(source="person").pk})
    deliver()
    assert get_charge(charge.id).received == vnd(0)
    assert owner.get(f"/sap/{stall.pk}/").context["today"].total_received == vnd(60_000)


def test_a_busy_private_account_sends_few_mails_and_the_list_goes_on_over_pages(
    desk_people: dict[str, Client], sen: Seller, bank: Bank, mailoutbox: list[EmailMessage]
) -> None:
    Seller.objects.filter(pk=sen.pk).update(email="sen@vi-du.vn")
    for number in range(23):
        bank.pays(f"tien rieng {number}", 10_000 + number)
    deliver()
    assert len(mailoutbox) == 6
    door, owner = f"/ban-hang/{sen.pk}/tien/", desk_people["owner"]
    first, second = owner.get(door), owner.get(f"{door}?trang=2")
    shown = [card.transfer.content for page in (first, second) for card in page.context["cards"]]
    assert shown == [f"tien rieng {number}" for number in reversed(range(23))]
    assert (first.context["more"], second.context["more"]) == (True, False)


def test_open_pages_of_its_owners_are_told_at_once() -> None:
    told = _channels_of("transaction:1", {"owners": ["seller:3", "stall:5"]})
    assert told == {"transaction:1", "seller:3", "stall:5"}
