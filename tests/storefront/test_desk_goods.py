"""The farmer's three screens: what is left alone stays as it was, and the shelf takes nothing half said."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from PIL import Image

from backend.accounts.models import Seller
from backend.commerce import shop
from backend.commerce.values import Product, ProductDraft, VariantDraft
from backend.common.ids import new_id
from backend.common.money import vnd

pytestmark = pytest.mark.django_db(transaction=True)

WHOLE = {
    "net_quantity": "250 g",
    "made_on": "01/11/2026",
    "best_before": "12 tháng kể từ ngày sản xuất",
    "ingredients": "100% nấm linh chi",
    "usage": "Nấu nước uống",
    "storage": "Nơi khô",
    "origin": "Việt Nam",
    "producer": "Hộ Nguyễn Thị Sen",
    "producer_address": "Phường Vị Tân, Cần Thơ",
}


def list_good(
    seller: Seller,
    *,
    branch: str = "tinh-dau-duoc-lieu-khac",
    unit: str = "túi 250 g",
    weight_g: int | None = 250,
    published: bool = False,
) -> Product:
    category = next(each.id for each in shop().categories() if each.slug == branch)
    draft = ProductDraft(
        name="Nấm linh chi",
        seller_id=str(seller.pk),
        category_id=category,
        variants=(VariantDraft(unit=unit, price=vnd(350_000), quantity=5, weight_g=weight_g),),
        published=published,
    )
    return shop().create_product(key=new_id(), draft=draft)


def now(good: Product) -> Product:
    return shop().products([good.id])[good.id]


def photograph(colour: str = "green") -> io.BytesIO:
    content = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(content, "JPEG")
    content.seek(0)
    content.name = "anh.jpg"
    return content


def as_rendered(page: str) -> dict[str, str]:
    """What a browser sends for the form on the page when nobody touches it: a select without a chosen option sends its
    first."""
    (form,) = re.findall(r'<form class="form".*?</form>', page, re.S)
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            sent[name[1]] = unescape(value[1]) if value else ""
    for name, text in re.findall(r'<textarea name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S):
        sent[name] = unescape(text).strip()
    for name, options in re.findall(r'<select name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        every = re.findall(r'<option value="([^"]*)"( selected)?', options)
        sent[name] = next((value for value, chosen in every if chosen), every[0][0])
    return sent


@pytest.mark.parametrize(
    "branch", ["tinh-dau-duoc-lieu-khac", "rau-cu-qua", "tuoi-song", "do-uong", "diem-du-lich"]
)
def test_a_new_price_leaves_the_category_alone(
    desk_people: dict[str, Client], sen: Seller, branch: str
) -> None:
    good = list_good(sen, branch=branch)
    address = f"/ban-hang/{sen.pk}/hang/{good.id}/"
    sent = as_rendered(desk_people["owner"].get(address).content.decode())
    assert sent["category"] == good.category_id
    assert desk_people["owner"].post(address, sent | {"price": "360.000"}).status_code == 302
    after = now(good)
    assert (after.variant.price, after.category_id) == (vnd(360_000), good.category_id)


def test_a_new_good_is_put_into_no_category_by_chance(desk_people: dict[str, Client], sen: Seller) -> None:
    address = f"/ban-hang/{sen.pk}/hang/moi/"
    sent = as_rendered(desk_people["owner"].get(address).content.decode())
    sent |= {"name": "Rau dền", "unit": "bó 300 g", "price": "9000", "quantity": "5"}
    answer = desk_people["owner"].post(address, sent)
    assert answer.status_code == 422
    assert "Xin chọn nhóm hàng." in answer.content.decode()


@pytest.mark.parametrize(
    ("was", "typed", "after"),
    [
        (("chai 500 ml", 700), "chai 500 ml", 700),
        (("hộp 20 gói", 40), "  hộp  20 gói ", 40),
        (("chậu", 6000), "chậu", 6000),
        (("cái", None), "cái", None),
        (("túi 250 g", 250), "túi 500 g", 500),
        (("hộp 20 gói", 40), "hộp 30 gói x 2 g", 60),
        (("túi 250 g", 250), "2 túi 250 g", None),
        (("túi 250 g", 250), "chai 1 lít", None),
    ],
)
def test_the_net_weight_is_kept_with_the_unit_and_read_from_a_new_one(
    desk_people: dict[str, Client],
    sen: Seller,
    was: tuple[str, int | None],
    typed: str,
    after: int | None,
) -> None:
    good = list_good(sen, unit=was[0], weight_g=was[1])
    address = f"/ban-hang/{sen.pk}/hang/{good.id}/"
    sent = as_rendered(desk_people["owner"].get(address).content.decode())
    assert desk_people["owner"].post(address, sent | {"unit": typed, "price": "99000"}).status_code == 302
    assert (now(good).variant.weight_g, now(good).variant.price) == (after, vnd(99_000))


class Labelling:
    """The third screen of a good."""

    def __init__(self, client: Client, good: Product) -> None:
        self.client = client
        self.good = good
        self.address = f"/ban-hang/{good.seller_id}/hang/{good.id}/nhan/"

    def send(self, label: dict[str, str], verb: str = "publish") -> tuple[int, str]:
        key = as_rendered(self.client.get(self.address).content.decode())["key"]
        answer = self.client.post(self.address, {**label, "key": key, "verb": verb})
        return answer.status_code, answer.content.decode() or answer.headers["Location"]

    def photograph(self) -> None:
        shop().add_image(key=new_id(), product_id=self.good.id, content=photograph().read(), alt="Nấm")


@pytest.fixture
def labelling(desk_people: dict[str, Client], sen: Seller) -> Callable[..., Labelling]:
    return lambda branch="tinh-dau-duoc-lieu-khac": Labelling(
        desk_people["owner"], list_good(sen, branch=branch)
    )


def test_a_whole_label_and_a_photograph_bring_the_good_on_the_shelf(
    labelling: Callable[..., Labelling],
) -> None:
    screen = labelling()
    screen.photograph()
    assert screen.send(WHOLE)[0] == 302
    assert (now(screen.good).published, dict(now(screen.good).label)) == (True, WHOLE)


@pytest.mark.parametrize("missing", WHOLE)
def test_what_law_demands_is_asked_for_by_its_name_and_the_rest_is_kept(
    labelling: Callable[..., Labelling], missing: str
) -> None:
    screen = labelling()
    screen.photograph()
    status, page = screen.send(WHOLE | {missing: "  ", "warning": "Không dùng cho trẻ nhỏ"})
    assert status == 422
    assert f'href="#id_{missing}"' in page
    assert page.count("luật buộc phải có trên nhãn.") == 2, "in the summary and at the field"
    for text in ("Không dùng cho trẻ nhỏ", *(text for name, text in WHOLE.items() if name != missing)):
        assert text in page, text
    assert (now(screen.good).published, dict(now(screen.good).label)) == (False, {})


@pytest.mark.parametrize(
    ("branch", "enough"),
    [
        ("rau-cu-qua", {"net_quantity", "origin", "producer", "producer_address"}),
        ("gia-dung-trang-tri-luu-niem", {"net_quantity", "origin", "producer", "producer_address"}),
        (
            "gao-ngu-coc",
            {"net_quantity", "origin", "producer", "producer_address", "made_on", "best_before"},
        ),
    ],
)
def test_what_has_no_package_needs_no_package_s_label(
    labelling: Callable[..., Labelling], branch: str, enough: set[str]
) -> None:
    screen = labelling(branch)
    screen.photograph()
    assert screen.send({name: WHOLE[name] for name in enough})[0] == 302
    assert now(screen.good).published


def test_spirits_say_how_strong_they_are(labelling: Callable[..., Labelling]) -> None:
    screen = labelling("do-uong-co-con")
    screen.photograph()
    status, page = screen.send(WHOLE | {"ingredients": "Rượu nếp"})
    assert (status, now(screen.good).published) == (422, False)
    assert "Xin ghi cả độ cồn, ví dụ: etanol 29% thể tích." in page
    assert screen.send(WHOLE | {"ingredients": "Rượu nếp; etanol 29% thể tích"})[0] == 302


def test_without_a_photograph_the_label_is_kept_and_the_good_waits(
    labelling: Callable[..., Labelling],
) -> None:
    screen = labelling()
    status, location = screen.send(WHOLE)
    assert (status, location) == (302, screen.address.replace("/nhan/", "/anh/"))
    assert "Chưa lên kệ được vì chưa có ảnh" in screen.client.get(location).content.decode()
    assert (now(screen.good).published, dict(now(screen.good).label)) == (False, WHOLE)
    key = as_rendered(screen.client.get(location).content.decode())["key"]
    assert screen.client.post(location, {"key": key, "photos": photograph()}).status_code == 302
    kept = as_rendered(screen.client.get(screen.address).content.decode())
    assert {name: kept[name] for name in WHOLE} == WHOLE
    assert screen.send(kept)[0] == 302
    assert now(screen.good).published


def test_what_is_on_the_shelf_is_taken_off_however_its_label_stands(
    labelling: Callable[..., Labelling],
) -> None:
    screen = labelling()
    screen.photograph()
    screen.send(WHOLE)
    assert screen.send(WHOLE | {"origin": ""})[0] == 422
    assert (now(screen.good).published, now(screen.good).label["origin"]) == (True, "Việt Nam")
    assert screen.send(WHOLE | {"origin": ""}, verb="hide")[0] == 302
    assert not now(screen.good).published


def test_the_last_photograph_of_a_good_on_the_shelf_stays(labelling: Callable[..., Labelling]) -> None:
    screen = labelling()
    screen.photograph()
    screen.send(WHOLE)
    photos = screen.address.replace("/nhan/", "/anh/")
    (only,) = now(screen.good).images
    page = screen.client.post(photos, {"remove": only.id}, follow=True).content.decode()
    assert "Hàng trên kệ phải có ảnh." in page
    assert now(screen.good).images == (only,)
    screen.photograph()
    screen.client.post(photos, {"remove": only.id})
    assert [each.id == only.id for each in now(screen.good).images] == [False]


@pytest.mark.parametrize("who", ["same role elsewhere", "stranger", "nobody"])
def test_nobody_else_publishes(
    desk_people: dict[str, Client], labelling: Callable[..., Labelling], who: str
) -> None:
    screen = labelling()
    screen.photograph()
    answer = desk_people[who].post(screen.address, WHOLE | {"key": "k", "verb": "publish"})
    assert answer.status_code in {302, 403, 404}
    assert not now(screen.good).published


def test_each_size_has_its_price_and_stock_and_is_left_alone_when_untouched(
    desk_people: dict[str, Client], sen: Seller
) -> None:
    good = list_good(sen)
    two = ProductDraft(
        name=good.name,
        seller_id=good.seller_id,
        category_id=good.category_id,
        variants=(
            VariantDraft.unchanged(good.variant),
            VariantDraft(unit="túi 500 g", price=vnd(680_000), quantity=6, weight_g=500, sku="NLC-500"),
        ),
    )
    big = shop().update_product(key=new_id(), product_id=good.id, draft=two).variants[1]
    address = f"/ban-hang/{sen.pk}/hang/{good.id}/"
    sent = as_rendered(desk_people["owner"].get(address).content.decode())
    assert (sent[f"price_{big.id}"], sent[f"quantity_{big.id}"]) == ("680000", "6")
    # Two of them go while the form is open.
    shop().set_stock(key=new_id(), variant_id=big.id, quantity=4)
    assert desk_people["owner"].post(address, sent | {f"price_{big.id}": "650k"}).status_code == 302
    first, second = now(good).variants
    assert (first.price, first.available) == (vnd(350_000), 5)
    assert (second.price, second.available, second.weight_g, second.sku) == (vnd(650_000), 4, 500, "NLC-500")
    sent = as_rendered(desk_people["owner"].get(address).content.decode())
    assert desk_people["owner"].post(address, sent | {f"quantity_{big.id}": "9"}).status_code == 302
    assert [each.available for each in now(good).variants] == [5, 9]
    bad = desk_people["owner"].post(address, sent | {f"price_{big.id}": "rẻ"})
    assert bad.status_code == 422
    assert f'href="#id_price_{big.id}"' in bad.content.decode()
