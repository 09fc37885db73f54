"""The till's screen through its door: a code that has ended is gone from it, and money that comes all the same is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from backend.common import clock
from backend.common.ids import new_id
from backend.common.money import vnd
from backend.markets.models import Charge, Stall
from backend.markets.queries import get_charge
from backend.markets.services import CODE_ON_SCREEN, open_charge, void_charge
from backend.markets.values import ChargeView
from tests.markets.money import transfer

pytestmark = pytest.mark.django_db(transaction=True)

Later = Callable[[timedelta], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Time goes on."""
    real = clock.now

    def go(by: timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + by)

    return go


def ask(stall: Stall, amount: int = 50_000, note: str = "2 con gà") -> ChargeView:
    return open_charge(stall_id=stall.pk, key=new_id(), amount=vnd(amount), note=note, actor="user:2")


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").split())


def form_to(page: str, address: str) -> dict[str, str] | None:
    """The fields of the form that goes there."""
    found = re.search(rf'<form[^>]*action="{address}".*?</form>', page, re.S)
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', found[0])) if found else None


def test_a_code_that_has_ended_leaves_the_screen(
    till_people: dict[str, Client], stall: Stall, later: Later
) -> None:
    vendor, charge = till_people["owner"], ask(stall)
    page = vendor.get(f"/sap/thu/{charge.id}/").content.decode()
    assert 'class="qr"' in page
    assert charge.intent.reference in page
    assert form_to(page, f"/sap/{stall.pk}/") is None
    later(CODE_ON_SCREEN)
    page = vendor.get(f"/sap/thu/{charge.id}/").content.decode()
    assert 'class="qr"' not in page
    assert charge.intent.reference not in page
    assert f"Mã đã hết hạn lúc {clock.local(charge.opened_at + CODE_ON_SCREEN):%H:%M}" in text_of(page)


def test_one_button_asks_for_the_same_again_and_asks_once(
    till_people: dict[str, Client], stall: Stall, later: Later
) -> None:
    vendor, charge = till_people["owner"], ask(stall)
    later(CODE_ON_SCREEN + timedelta(seconds=1))
    page = vendor.get(f"/sap/thu/{charge.id}/").content.decode()
    assert "Thu lại 50.000 ₫" in text_of(page)
    again = form_to(page, f"/sap/{stall.pk}/")
    assert again is not None
    first = vendor.post(f"/sap/{stall.pk}/", again)
    assert vendor.post(f"/sap/{stall.pk}/", again).headers["Location"] == first.headers["Location"]
    new = Charge.objects.exclude(pk=charge.id).get()
    assert (new.amount_vnd, new.note, first.headers["Location"]) == (
        50_000,
        "2 con gà",
        f"/sap/thu/{new.pk}/",
    )
    assert 'class="qr"' in vendor.get(f"/sap/thu/{new.pk}/").content.decode()
    # What was asked for again and taken back may be asked for once more.
    void_charge(charge_id=new.pk, actor="user:2")
    once_more = form_to(vendor.get(f"/sap/thu/{charge.id}/").content.decode(), f"/sap/{stall.pk}/")
    assert once_more is not None
    assert vendor.post(f"/sap/{stall.pk}/", once_more).headers["Location"] != first.headers["Location"]
    assert Charge.objects.count() == 3


def test_what_is_short_when_the_code_ends_is_asked_for_alone(
    till_people: dict[str, Client], stall: Stall, later: Later
) -> None:
    vendor, charge = till_people["owner"], ask(stall)
    transfer(charge, 30_000)
    later(CODE_ON_SCREEN + timedelta(seconds=1))
    page = vendor.get(f"/sap/thu/{charge.id}/").content.decode()
    assert "trên 50.000 ₫, còn thiếu 20.000 ₫." in text_of(page)
    assert "Mã dưới đây" not in page
    assert "Thu nốt 20.000 ₫" in text_of(page)
    again = form_to(page, f"/sap/{stall.pk}/")
    assert again is not None
    vendor.post(f"/sap/{stall.pk}/", again)
    assert Charge.objects.exclude(pk=charge.id).get().amount_vnd == 20_000


def test_what_is_less_than_any_charge_is_not_asked_for(
    till_people: dict[str, Client], stall: Stall, later: Later
) -> None:
    vendor, charge = till_people["owner"], ask(stall)
    transfer(charge, 49_500)
    later(CODE_ON_SCREEN + timedelta(seconds=1))
    page = vendor.get(f"/sap/thu/{charge.id}/").content.decode()
    assert form_to(page, f"/sap/{stall.pk}/") is None
    assert "Thu lần khác" in page


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (30_000, "Lần thu này đã bỏ, nhưng tiền đã về 30.000 ₫ trên 50.000 ₫. Xin trả lại khách"),
        (50_000, "Lần thu này đã bỏ trước khi tiền về. Nếu khách không mua nữa, xin trả lại."),
    ],
)
def test_money_for_a_voided_charge_is_shown_on_its_page(
    till_people: dict[str, Client], stall: Stall, amount: int, words: str
) -> None:
    vendor, charge = till_people["owner"], ask(stall)
    void_charge(charge_id=charge.id, actor="user:2")
    assert "đã bỏ" in text_of(vendor.get(f"/sap/thu/{charge.id}/").content.decode())
    transfer(charge, amount)
    page = text_of(vendor.get(f"/sap/thu/{charge.id}/").content.decode())
    assert words in page
    assert "tiền vẫn về" in text_of(vendor.get(f"/sap/{stall.pk}/hom-nay/").content.decode())


def test_late_money_says_that_it_was_late(till_people: dict[str, Client], stall: Stall, later: Later) -> None:
    vendor, charge = till_people["owner"], ask(stall)
    later(CODE_ON_SCREEN + timedelta(minutes=1))
    transfer(charge, 50_000)
    assert get_charge(charge.id).received == vnd(50_000)
    page = text_of(vendor.get(f"/sap/thu/{charge.id}/").content.decode())
    assert "Tiền về sau khi mã hết hạn." in page


def test_money_in_time_says_nothing_of_being_late(till_people: dict[str, Client], stall: Stall) -> None:
    vendor, charge = till_people["owner"], ask(stall)
    transfer(charge, 50_000)
    page = text_of(vendor.get(f"/sap/thu/{charge.id}/").content.decode())
    assert "Đã nhận 50.000 ₫" in page
    assert "Tiền về sau" not in page
    assert "đã bỏ" not in page
