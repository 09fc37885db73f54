"""A good in several sizes: the buyer chooses one, and basket, order and desk name it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from backend.accounts.models import Seller
from backend.commerce import shop
from backend.commerce.values import Product, ProductDraft, VariantDraft
from backend.common.ids import new_id
from backend.common.money import vnd
from backend.sales.models import Sale
from tests.storefront.test_shop_pages import form_of

pytestmark = pytest.mark.django_db(transaction=True)

NBSP = "\u00a0"


def in_sizes(seller: Seller, *variants: VariantDraft) -> Product:
    draft = ProductDraft(
        name="Cà phê hạt",
        seller_id=str(seller.pk),
        category_id=shop().categories()[0].id,
        variants=variants,
    )
    return shop().create_product(key=new_id(), draft=draft)


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def coffee(sen: Seller) -> Product:
    return in_sizes(
        sen,
        VariantDraft(unit="gói 500 g", price=vnd(135_000), quantity=7, weight_g=500),
        VariantDraft(unit="gói 250 g", price=vnd(70_000), quantity=4, weight_g=250),
        VariantDraft(unit="gói 1 kg", price=vnd(260_000), quantity=0, weight_g=1000),
        VariantDraft(name="Hộp quà", unit="hộp", price=vnd(300_000), quantity=2),
    )


def choices(page: str) -> list[tuple[str, bool, bool, str]]:
    """Each radio button: the variant, chosen, off, what stands beside it."""
    found = re.findall(r'<label class="choice.*?</label>', page, re.S)
    return [
        (
            re.search(r'value="(\w+)"', each)[1],  # type: ignore[index]
            " checked" in each,
            " disabled" in each,
            text_of(each).replace(NBSP, " "),
        )
        for each in found
    ]


def test_every_size_is_offered_with_its_price_and_stock(coffee: Product) -> None:
    half, quarter, kilo, gift = (each.id for each in coffee.variants)
    page = Client().get(f"/hang/{coffee.slug}/").content.decode()
    assert choices(page) == [
        (quarter, True, False, "gói 250 g còn 4 70.000 ₫ 280.000 ₫ / kg"),
        (half, False, False, "gói 500 g còn 7 135.000 ₫ 270.000 ₫ / kg"),
        (kilo, False, True, "gói 1 kg hết hàng 260.000 ₫"),
        (gift, False, False, "Hộp quà, hộp còn 2 300.000 ₫"),
    ]
    assert 'form="buy"' in page
    assert 'type="hidden" name="variant"' not in page


def test_the_size_that_was_chosen_is_the_one_that_is_bought(coffee: Product, vi_tan: object) -> None:
    client = Client()
    half, _quarter, _kilo, gift = (each.id for each in coffee.variants)
    for variant in (half, gift):
        assert client.post("/gio/them/", {"variant": variant, "quantity": "1"}).status_code == 302
    basket = text_of(client.get("/gio/").content.decode())
    assert "gói 500 g" in basket
    assert "Hộp quà, hộp" in basket
    assert 'aria-label="Bỏ Cà phê hạt, gói 500 g"' in client.get("/gio/").content.decode()
    assert "Cà phê hạt, Hộp quà, hộp" in text_of(client.get("/dat-hang/").content.decode())
    bought = client.post("/dat-hang/", form_of(client), follow=True)
    sale = Sale.objects.get()
    order = shop().orders([sale.order_id or ""])[sale.order_id or ""]
    assert sorted((line.unit, line.unit_price) for line in order.lines) == [
        ("Hộp quà, hộp", vnd(300_000)),
        ("gói 500 g", vnd(135_000)),
    ]
    for unit in ("Hộp quà, hộp", "gói 500 g"):
        assert unit in text_of(bought.content.decode()), unit


def test_the_desk_names_the_size_too(coffee: Product, vi_tan: object, desk_people: dict[str, Client]) -> None:
    client = Client()
    client.post("/gio/them/", {"variant": coffee.variants[0].id, "quantity": "2"})
    client.post("/dat-hang/", form_of(client))
    assert "2 × Cà phê hạt (gói 500 g)" in text_of(
        desk_people["owner"].get(f"/ban-hang/{coffee.seller_id}/").content.decode()
    )


def test_nothing_is_chosen_where_nothing_is_left(sen: Seller) -> None:
    good = in_sizes(
        sen,
        VariantDraft(unit="hũ 100 g", price=vnd(50_000), quantity=0),
        VariantDraft(unit="hũ 200 g", price=vnd(90_000), quantity=0),
    )
    page = Client().get(f"/hang/{good.slug}/").content.decode()
    assert [(chosen, off) for _id, chosen, off, _text in choices(page)] == [(False, True)] * 2
    assert "Thêm vào giỏ" not in page


@pytest.mark.parametrize(
    ("unit", "weight_g", "said"),
    [
        ("túi 250 g", 250, "1.400.000 ₫ / kg"),
        ("chai 500 ml", 480, "700.000 ₫ / lít"),
        ("hộp 20 gói x 2 g", 40, "8.750.000 ₫ / kg"),
        ("cái", 1400, None),
        ("chậu", 6000, None),
        ("hộp 20 gói", 40, None),
        ("kg", 1000, None),
    ],
)
def test_the_price_of_a_kilogram_or_a_litre_is_said_of_what_is_sold_so(
    sen: Seller, unit: str, weight_g: int, said: str | None
) -> None:
    good = in_sizes(sen, VariantDraft(unit=unit, price=vnd(350_000), quantity=3, weight_g=weight_g))
    page = text_of(Client().get(f"/hang/{good.slug}/").content.decode()).replace(NBSP, " ")
    assert re.findall(r"[\d.]+ ₫ / \w+", page) == ([said] if said else [])
