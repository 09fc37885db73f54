"""Who comes in where. A refusal also proves that nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import Seller
from backend.commerce import shop
from backend.commerce.values import Product, ProductDraft, VariantDraft
from backend.common.money import vnd
from backend.common.outbox import relay
from backend.markets.models import Charge, Stall
from backend.markets.queries import get_charge
from backend.markets.services import open_charge
from backend.sales.models import Sale
from backend.sales.services import Buyer, place_purchase
from devices.soundboxes.models import Command
from devices.soundboxes.services import register_soundbox
from payments.feeds.services import link_account, open_connection
from payments.intents.queries import find_intent
from tests.sales.conftest import choice

pytestmark = pytest.mark.django_db(transaction=True)
WELCOME = ("owner", "helper")


@pytest.fixture
def sale(sen: Seller, make_good: Callable[..., Product], buyer: Buyer) -> Sale:
    good = make_good(sen, "Nấm linh chi đỏ khô", 350_000, 5)
    purchase = place_purchase(
        key="form-1", buyer=buyer, choices=[choice(sen, good, total=vnd(350_000), payment="cash")]
    )
    return purchase.sales.get()


def refused(status: int, location: str, who: str) -> bool:
    """Strangers are told that there is nothing; people who have not signed in are asked to."""
    return (status, location.startswith("/vao/")) == ((302, True) if who == "nobody" else (404, False))


def test_a_desk_is_for_the_people_of_its_seller(
    desk_people: dict[str, Client], sen: Seller, sale: Sale
) -> None:
    product_id = shop().orders([sale.order_id or ""])[sale.order_id or ""].lines[0].product_id
    pages = [
        f"/ban-hang/{sen.pk}/",
        f"/ban-hang/{sen.pk}/hang/",
        f"/ban-hang/{sen.pk}/hang/moi/",
        f"/ban-hang/{sen.pk}/hang/{product_id}/",
        f"/ban-hang/{sen.pk}/hang/{product_id}/anh/",
        f"/ban-hang/{sen.pk}/hang/{product_id}/nhan/",
        f"/ban-hang/don/{sale.pk}/",
    ]
    for who, client in desk_people.items():
        for page in pages:
            answer = client.get(page)
            if who in WELCOME:
                assert answer.status_code == 200, (who, page)
            else:
                assert refused(answer.status_code, answer.headers.get("Location", ""), who), (who, page)


def test_only_the_sellers_people_act_on_an_order(desk_people: dict[str, Client], sale: Sale) -> None:
    for who in ("same role elsewhere", "other scope, same number", "stranger", "nobody"):
        for verb in ("nhan", "giao", "huy", "tien"):
            answer = desk_people[who].post(f"/ban-hang/don/{sale.pk}/{verb}/")
            assert refused(answer.status_code, answer.headers.get("Location", ""), who), (who, verb)
    order = shop().find_order(sale.order_id or "")
    assert order is not None
    assert (order.status, Sale.objects.get().cancel_asked_at) == ("unconfirmed", None)

    assert desk_people["helper"].post(f"/ban-hang/don/{sale.pk}/nhan/").status_code == 302
    assert desk_people["owner"].post(f"/ban-hang/don/{sale.pk}/giao/").status_code == 302
    order = shop().find_order(sale.order_id or "")
    assert order is not None
    assert (order.status, order.charge_status) == ("fulfilled", "full")


def test_a_seller_cannot_change_anothers_goods_through_their_own_desk(
    desk_people: dict[str, Client], hoang_giang: Seller, sale: Sale
) -> None:
    product_id = shop().orders([sale.order_id or ""])[sale.order_id or ""].lines[0].product_id
    other = desk_people["same role elsewhere"]
    for page in ("", "anh/", "nhan/"):
        address = f"/ban-hang/{hoang_giang.pk}/hang/{product_id}/{page}"
        assert other.get(address).status_code == 404
        assert other.post(address, {"key": "k", "name": "Bị đổi tên", "verb": "hide"}).status_code == 404
    good = shop().products([product_id])[product_id]
    assert (good.name, good.published) == ("Nấm linh chi đỏ khô", True)


def test_a_till_is_for_the_people_of_its_stall(till_people: dict[str, Client], stall: Stall) -> None:
    charge = open_charge(key="k", stall_id=stall.pk, amount=vnd(50_000), note="", actor="test")
    for who, client in till_people.items():
        for page in (f"/sap/{stall.pk}/", f"/sap/{stall.pk}/hom-nay/", f"/sap/thu/{charge.id}/"):
            answer = client.get(page)
            if who in WELCOME:
                assert answer.status_code == 200, (who, page)
            else:
                assert refused(answer.status_code, answer.headers.get("Location", ""), who), (who, page)
        if who not in WELCOME:
            opened = client.post(f"/sap/{stall.pk}/", {"key": f"x-{who}", "amount": "70000"})
            voided = client.post(f"/sap/thu/{charge.id}/huy/")
            confirmed = client.post(f"/sap/thu/{charge.id}/tien/", {"amount": "50000"})
            for answer in (opened, voided, confirmed):
                assert refused(answer.status_code, answer.headers.get("Location", ""), who), who
    assert list(Charge.objects.values_list("amount_vnd", "voided_at")) == [(50_000, None)]
    assert get_charge(charge.id).received == vnd(0)


def test_without_a_feed_the_vendor_says_that_the_money_came_and_no_box_speaks(
    till_people: dict[str, Client], stall: Stall
) -> None:
    register_soundbox(
        device="loa-a12", owner=stall.owner, xa="vi-tan", cho="vi-tan", label="A12", actor="test"
    )
    charge = open_charge(key="c", stall_id=stall.pk, amount=vnd(50_000), note="", actor="test")
    door, client = f"/sap/thu/{charge.id}/", till_people["owner"]
    assert f'action="{door}tien/"' in client.get(door).content.decode()
    # What was on the screen is what is confirmed.
    assert client.post(f"{door}tien/", {"amount": "40000"}).status_code == 302
    assert get_charge(charge.id).received == vnd(0)
    for _press in range(2):
        assert client.post(f"{door}tien/", {"amount": "50000"}).status_code == 302
    assert get_charge(charge.id).received == vnd(50_000)
    assert "tự xác nhận" in client.get(door).content.decode()
    assert "tự xác nhận" in client.get(f"/sap/{stall.pk}/hom-nay/").content.decode()
    while relay.run_once("gateway"):
        pass
    assert Command.objects.count() == 0


def test_with_a_feed_nobody_confirms_by_hand(till_people: dict[str, Client], stall: Stall) -> None:
    charge = open_charge(key="c", stall_id=stall.pk, amount=vnd(50_000), note="", actor="test")
    feed = open_connection(provider="sepay", name="thử", secret="only-for-tests-of-tills", actor="test")
    link_account(connection_id=feed.id, bin=charge.intent.bin, account=charge.intent.account, actor="test")
    door, client = f"/sap/thu/{charge.id}/", till_people["owner"]
    assert "tien/" not in client.get(door).content.decode()
    client.post(f"{door}tien/", {"amount": "50000"})
    assert get_charge(charge.id).received == vnd(0)


def test_a_purchase_opens_by_its_link_alone(sale: Sale, desk_people: dict[str, Client]) -> None:
    token = sale.purchase.token
    assert Client().get(f"/don/{token}/1/").status_code == 200
    for wrong in ("0" * 32, sale.purchase.pk, str(sale.order_number), sale.purchase.phone, token[:-1]):
        for client in desk_people.values():
            assert client.get(f"/don/{wrong}/1/").status_code == 404
    assert Client().get(f"/don/{token}/2/").status_code == 404


def test_pages_with_a_buyers_address_are_kept_by_nobody(sale: Sale) -> None:
    answer = Client().get(f"/don/{sale.purchase.token}/1/")
    assert "no-store" in answer.headers["Cache-Control"]
    # Not "no-referrer": a form would then be sent without its origin, and refused.
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_changing_a_good_at_the_desk_leaves_its_other_sizes_alone(
    desk_people: dict[str, Client], sen: Seller, make_good: Callable[..., Product]
) -> None:
    good = make_good(sen, "Trà linh chi", 95_000, 8)
    both = ProductDraft(
        name=good.name,
        seller_id=good.seller_id,
        category_id=good.category_id,
        variants=(
            VariantDraft.unchanged(good.variant),
            VariantDraft(unit="hộp 50 gói", price=vnd(210_000), quantity=3),
        ),
    )
    good = shop().update_product(key="two sizes", product_id=good.id, draft=both)
    page = desk_people["owner"].get(f"/ban-hang/{sen.pk}/hang/{good.id}/")
    form = page.context["form"]
    data = {name: form[name].value() for name in form.fields} | {"price": "99.000"}
    assert desk_people["owner"].post(f"/ban-hang/{sen.pk}/hang/{good.id}/", data).status_code == 302
    changed = shop().products([good.id])[good.id]
    assert [(v.unit, v.price, v.available) for v in changed.variants] == [
        ("túi 250 g", vnd(99_000), 8),
        ("hộp 50 gói", vnd(210_000), 3),
    ]


def test_a_body_that_is_too_long_is_refused_before_a_byte_of_it_is_read(
    desk_people: dict[str, Client], sen: Seller, make_good: Callable[..., Product]
) -> None:
    class Untouched:
        def read(self, *_: object) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    good = make_good(sen, "Nấm linh chi đỏ khô", 350_000, 5)
    photos = f"/ban-hang/{sen.pk}/hang/{good.id}/anh/"
    for who, length, door in (
        ("nobody", 1_000_001, photos),
        ("nobody", 1_000_001, "/gio/them/"),
        ("owner", 100_000_001, photos),
    ):
        environ: dict[str, Any] = {"CONTENT_LENGTH": str(length), "wsgi.input": Untouched()}
        answer = desk_people[who].generic(
            "POST", door, content_type="multipart/form-data; boundary=x", **environ
        )
        assert answer.status_code == 413, (who, door)


def test_a_seller_without_a_feed_confirms_what_stood_on_the_screen_and_nothing_else(
    desk_people: dict[str, Client], sen: Seller, make_good: Callable[..., Product], buyer: Buyer
) -> None:
    good = make_good(sen, "Nấm linh chi đỏ khô", 350_000, 5)
    purchase = place_purchase(key="form-2", buyer=buyer, choices=[choice(sen, good, total=vnd(350_000))])
    sale = purchase.sales.get()
    page = desk_people["owner"].get(f"/ban-hang/don/{sale.pk}/").content.decode()
    assert '<input type="hidden" name="amount" value="350000">' in page
    for stale in ("", "349999", "x"):
        desk_people["owner"].post(f"/ban-hang/don/{sale.pk}/tien/", {"amount": stale})
        intent = find_intent("order", sale.pk)
        assert intent is not None
        assert intent.received_vnd == 0, stale
    desk_people["owner"].post(f"/ban-hang/don/{sale.pk}/tien/", {"amount": "350000"})
    intent = find_intent("order", sale.pk)
    assert intent is not None
    assert (intent.received_vnd, intent.by_hand) == (350_000, True)
