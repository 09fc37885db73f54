"""The shop through its door: basket, checkout, refusals that lose nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from backend.accounts.models import Seller
from backend.commerce import shop
from backend.commerce.values import Product, ProductDraft, VariantDraft
from backend.common.money import vnd
from backend.sales.models import Purchase, Sale

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def linh_chi(sen: Seller, make_good: Callable[..., Product]) -> Product:
    return make_good(sen, "Nấm linh chi đỏ khô", 350_000, 5)


@pytest.fixture
def dua(hoang_giang: Seller, make_good: Callable[..., Product]) -> Product:
    return make_good(hoang_giang, "Dưa lê vàng", 28_000, 3)


def put(client: Client, good: Product, pieces: int = 1) -> None:
    answer = client.post("/gio/them/", {"variant": good.variant.id, "quantity": str(pieces)})
    assert answer.status_code == 302


def form_of(client: Client, **more: str) -> dict[str, str]:
    """What a browser would send: the hidden fields of the page, the buyer's own words, the first offers."""
    page = client.get("/dat-hang/")
    form = page.context["form"]
    data = {
        "key": form["key"].value(),
        "name": "Trần Văn Nam",
        "phone": "0900 000 006",
        "commune": "vi tan can tho",
    }
    data |= {"street": "Ấp 3", "email": "", "note": ""}
    for part in page.context["parts"]:
        data[part.total_name] = str(part.part.subtotal.amount)
        data[part.delivery_name] = part.ways[0].method
        data[part.payment_name] = "vietqr"
    return data | more


def test_from_basket_to_order_without_a_script(linh_chi: Product, vi_tan: object) -> None:
    client = Client()
    put(client, linh_chi)
    answer = client.post("/dat-hang/", form_of(client), follow=True)
    page = answer.content.decode()
    sale = Sale.objects.select_related("purchase").get()
    assert answer.redirect_chain[-1][0] == f"/don/{sale.purchase.token}/1/"
    assert "350.000\u00a0₫" in page
    assert "0011012345678" in page
    assert (sale.purchase.phone, sale.purchase.commune_id, sale.delivery_method) == (
        "+84900000006",
        "31333",
        "courier",
    )
    assert "basket" not in client.session


def test_the_basket_says_in_plain_words_how_many_orders_and_payments(linh_chi: Product, dua: Product) -> None:
    client = Client()
    put(client, linh_chi)
    assert "người bán, nên sẽ là" not in client.get("/gio/").content.decode()
    put(client, dua)
    assert (
        "Giỏ này có hàng của 2 người bán, nên sẽ là 2 đơn và 2 lần trả tiền."
        in client.get("/gio/").content.decode()
    )


def test_nobody_gets_more_into_the_basket_than_there_is(dua: Product) -> None:
    client = Client()
    put(client, dua, 9)
    assert client.session["basket"] == {dua.variant.id: 3}
    assert "Chỉ còn 3" in client.get("/gio/").content.decode()


@pytest.mark.parametrize(("typed", "left"), [("3", 3), ("0", None), ("", 2), ("nhiều", 2)])
def test_a_number_is_typed_into_a_line(dua: Product, typed: str, left: int | None) -> None:
    client = Client()
    put(client, dua, 2)
    client.post("/gio/sua/", {"variant": dua.variant.id, "quantity": typed})
    assert client.session.get("basket", {}).get(dua.variant.id) == left


@pytest.mark.parametrize(("step", "left"), [("+", 3), ("-", 1), ("remove", None)])
def test_the_buttons_of_a_line(dua: Product, step: str, left: int | None) -> None:
    client = Client()
    put(client, dua, 2)
    client.post("/gio/sua/", {"variant": dua.variant.id, "quantity": "2", "step": step})
    assert client.session.get("basket", {}).get(dua.variant.id) == left


def test_what_was_typed_stays_when_something_is_missing(linh_chi: Product, vi_tan: object) -> None:
    client = Client()
    put(client, linh_chi)
    answer = client.post("/dat-hang/", form_of(client, phone="123", note="Gọi trước khi giao"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_phone"' in page
    for kept in ("Trần Văn Nam", "Gọi trước khi giao", "Ấp 3", "vi tan can tho"):
        assert kept in page, kept
    assert Purchase.objects.count() == 0


def test_a_changed_price_is_shown_and_asked_again(linh_chi: Product, vi_tan: object) -> None:
    client = Client()
    put(client, linh_chi)
    data = form_of(client)
    variant = linh_chi.variant
    dearer = ProductDraft(
        name=linh_chi.name,
        seller_id=linh_chi.seller_id,
        category_id=linh_chi.category_id,
        variants=(VariantDraft(id=variant.id, unit=variant.unit, price=vnd(360_000), quantity=None),),
    )
    shop().update_product(key="dearer", product_id=linh_chi.id, draft=dearer)
    answer = client.post("/dat-hang/", data)
    page = answer.content.decode()
    assert (answer.status_code, Sale.objects.filter(placed_at__isnull=False).count()) == (409, 0)
    assert "Giá vừa thay đổi: tổng mới là 360.000\u00a0₫" in page
    assert "Trần Văn Nam" in page
    again = client.post("/dat-hang/", form_of(client))
    assert again.status_code == 302
    assert Sale.objects.get(placed_at__isnull=False).confirmed_vnd == 360_000


def test_the_button_pressed_twice_is_one_order(linh_chi: Product, vi_tan: object) -> None:
    client = Client()
    put(client, linh_chi)
    data = form_of(client)
    first, second = client.post("/dat-hang/", data), client.post("/dat-hang/", data)
    assert first.headers["Location"] == second.headers["Location"]
    assert Sale.objects.count() == 1


def test_a_good_off_the_shelf_is_not_found_and_leaves_the_basket(linh_chi: Product) -> None:
    client = Client()
    put(client, linh_chi)
    variant = linh_chi.variant
    hidden = ProductDraft(
        name=linh_chi.name,
        seller_id=linh_chi.seller_id,
        category_id=linh_chi.category_id,
        variants=(VariantDraft(id=variant.id, unit=variant.unit, price=variant.price, quantity=None),),
        published=False,
    )
    shop().update_product(key="hide", product_id=linh_chi.id, draft=hidden)
    assert client.get(f"/hang/{linh_chi.slug}/").status_code == 404
    assert (
        "1 món trong giỏ không còn bán" in client.get("/gio/").content.decode()
        or client.get("/gio/").context["basket"].gone == 1
    )


@pytest.mark.parametrize("address", ["/hang/khong-co/", "/don/abc/", "/khong-co/", "/live/abc/"])
def test_wrong_addresses_get_a_page_in_the_markets_own_words(address: str, transactional_db: None) -> None:
    answer = Client().get(address)
    assert answer.status_code == (403 if address.startswith("/live/") else 404)


def test_every_page_forbids_inline_script_and_foreign_origins(linh_chi: Product) -> None:
    policy = Client().get(f"/hang/{linh_chi.slug}/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy


def test_english_is_a_choice_that_is_remembered(linh_chi: Product) -> None:
    client = Client()
    assert client.get("/gio/", headers={"Accept-Language": "en"}).headers["Content-Language"] == "vi"
    client.post("/ngon-ngu/", {"language": "en", "next": "/gio/"})
    assert client.get("/gio/").headers["Content-Language"] == "en"
    answer = client.post("/ngon-ngu/", {"language": "vi", "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"


def test_a_nul_is_refused_at_every_door(linh_chi: Product) -> None:
    client = Client()
    assert client.get("/?q=%00").status_code == 400
    assert client.get("/?nhom=a%00b").status_code == 400
    body = "variant=1%00&quantity=1"
    answer = client.post("/gio/them/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
