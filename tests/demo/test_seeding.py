"""One command fills an empty market through its ordinary services, and a second one changes nothing."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import DjangoDbBlocker, Settings

from backend.accounts.access import access_seller
from backend.accounts.models import Membership, Seller, User
from backend.commerce import shop
from backend.commerce.measures import UnitPrice
from backend.commerce.values import Product
from backend.common import clock
from backend.common.errors import NotFound
from backend.common.models import AuditEntry
from backend.common.money import vnd
from backend.markets.access import access_stall, markets_of, read_stall
from backend.markets.models import Stall
from backend.ocop.queries import stars_for
from backend.project.demo import seeds
from backend.sales.delivery import terms_for
from backend.sales.pictures import pictures_of
from devices.mqtt.accounts import check_secret
from devices.soundboxes.models import Soundbox
from payments.feeds.models import FeedConnection
from payments.payees.queries import payee_for
from tests.services.pictures import shared, shared_folder

FOLDER: Path = project.DATA_DIR / "demo"


def counts() -> dict[str, int]:
    """Rows of every table, but for those that only tell that something was asked for again."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.fixture(scope="module")
def seeded(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The whole demo, as ``manage.py seed_demo`` makes it; returns what it said."""
    with django_db_blocker.unblock():
        said = io.StringIO()
        with shared(shared_folder(tmp_path_factory)):
            call_command("seed_demo", stdout=said)
        try:
            yield said.getvalue()
        finally:
            call_command("flush", interactive=False, verbosity=0)


def good(slug: str) -> Product:
    found = shop().find_product(slug=slug)
    assert found is not None
    return found


def all_goods() -> list[Product]:
    return [p for s in Seller.objects.all() for p in shop().products_page(seller_id=str(s.pk)).items]


def test_the_shelves_are_full(seeded: str) -> None:
    goods = all_goods()
    assert len(goods) == 46
    assert {len(each.images) for each in goods} == {1}
    assert {tuple(each.images[0].urls) for each in goods} == {(320, 640, 1080)}
    assert [each.slug for each in goods if not each.published or each.available == 0] == []
    assert "46 món hàng" in seeded


def test_the_lingzhi_of_the_first_journey(seeded: str) -> None:
    lingzhi = good("nam-linh-chi-do-kho")
    variant = lingzhi.variant
    assert (variant.unit, variant.price, variant.weight_g, variant.available) == (
        "túi 250 g", vnd(350_000), 250, 40,
    )  # fmt: skip
    assert variant.unit_price == UnitPrice(vnd(1_400_000), "kg")
    assert (variant.sku, variant.gtin) == ("BT-01", "9520110100014")
    assert lingzhi.label["made_on"] == date.fromordinal(clock.today().toordinal() - 24).strftime("%d/%m/%Y")
    assert lingzhi.label["producer"] == "Hộ Nguyễn Thị Sen"
    assert lingzhi.label["producer_address"] == (
        "Tổ 4, đường kênh Rạch Giá – Long Xuyên, Ấp Bắc Thạnh, Xã Thoại Sơn, An Giang"
    )
    assert lingzhi.images[0].alt == "Tranh vẽ: Nấm linh chi đỏ khô, túi 250 g"


def test_stars_are_those_of_the_register(seeded: str) -> None:
    goods = {each.id: each.slug for each in all_goods()}
    stars = stars_for(list(goods), on=date(2026, 11, 22))
    assert {goods[key]: each.stars for key, each in stars.items()} == {
        "nam-linh-chi-do-kho": 4,
        "dong-trung-ha-thao-say": 3,
        "sup-lo-trang": 3,
        "dua-le-vang": 3,
        "dua-leo": 3,
        "ca-phe-bot-robusta": 4,
        "mat-ong-hoa-ca-phe": 3,
        "khom-cau-duc": 4,
        "cha-ca-that-lat": 4,
    }
    lingzhi = stars[good("nam-linh-chi-do-kho").id]
    assert (lingzhi.expires_on, lingzhi.issuer) == (date(2028, 9, 15), "UBND tỉnh An Giang")
    tea = good("tra-linh-chi-tui-loc").id
    assert stars_for([tea], on=date(2026, 8, 18))[tea].stars == 3
    assert stars_for([tea], on=date(2026, 8, 19)) == {}


def test_everybody_has_an_account_and_three_confirm_by_hand(seeded: str) -> None:
    owners = [each.owner for each in Seller.objects.all()] + [each.owner for each in Stall.objects.all()]
    payees = [payee_for(owner) for owner in owners]
    assert len(payees) == 45
    assert len({(payee.bin, payee.account) for payee in payees if payee}) == 45
    by_hand = [payee.owner for payee in payees if payee and not payee.has_feed]
    wanted = Seller.objects.filter(slug__in=["ho-le-thi-hoa", "ho-ro-cham-h-yen", "ho-huynh-thi-muoi"])
    assert sorted(by_hand) == sorted(each.owner for each in wanted)


def test_delivery_terms(seeded: str) -> None:
    seller = Seller.objects.get(slug="ho-nguyen-thi-sen")
    terms = terms_for([seller.pk])[seller.pk]
    assert (terms.courier, terms.free_from, terms.pickup, terms.cash) == (
        vnd(25_000),
        vnd(300_000),
        True,
        True,
    )
    assert [(way.method, way.price) for way in terms.options(vnd(299_999))] == [
        ("courier", vnd(25_000)),
        ("pickup", vnd(0)),
    ]
    assert terms.options(vnd(300_000))[0].price == vnd(0)


def person(phone: str) -> User:
    return User.objects.get(phone=f"+84{phone[1:]}")


def test_people_may_act_where_they_belong_and_nowhere_else(seeded: str) -> None:
    assert [each.check_password("cho-xa-demo") for each in User.objects.all()] == [True] * 7
    assert User.objects.exclude(phone_verified_at=None).count() == 0  # no code has been delivered to anybody
    sen, stall = Seller.objects.get(slug="ho-nguyen-thi-sen"), Stall.objects.get(vendor_name="Cô Bảy rau")
    assert access_seller(person("0900000001"), sen.pk) == sen
    assert access_stall(person("0900000003"), stall.pk).code == "A12"
    assert access_stall(person("0900000004"), Stall.objects.get(vendor_name="Chú Tư cá").pk).code == "B03"
    assert [each.name for each in markets_of(person("0900000007"))] == ["Chợ Thoại Sơn"]
    assert read_stall(person("0900000007"), stall.pk) == stall
    officer = Membership.objects.get(user=person("0900000005"))
    assert (officer.role, officer.scope, officer.scope_id) == ("officer", "commune", "30682")
    assert not Membership.objects.filter(user=person("0900000006")).exists()
    for phone in ("0900000002", "0900000003", "0900000005", "0900000006", "0900000007"):
        with pytest.raises(NotFound):
            access_seller(person(phone), sen.pk)
    for phone in ("0900000001", "0900000004", "0900000005", "0900000006", "0900000007"):
        with pytest.raises(NotFound):
            access_stall(person(phone), stall.pk)


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def test_outside_programs_are_told_what_they_need(seeded: str) -> None:
    for name in ("bank.json", "soundboxes.json", "welcome.txt"):
        assert stat.S_IMODE((FOLDER / name).stat().st_mode) == 0o600
    feed, bank = FeedConnection.objects.get(), read("bank.json")
    assert set(bank) == {"webhook_url", "secret", "waiting_url", "waiting_token"}
    assert bank["webhook_url"] == f"http://127.0.0.1:8000/hooks/sepay/{feed.public_id}/"
    asked = Client().get("/demo/waiting.json", headers={"Authorization": f"Bearer {bank['waiting_token']}"})
    assert bank["waiting_url"] == "http://127.0.0.1:8000/demo/waiting.json"
    assert (asked.status_code, len(asked.json()["linked_accounts"])) == (200, 42)
    boxes = read("soundboxes.json")
    assert (boxes["host"], boxes["port"], len(boxes["boxes"])) == ("127.0.0.1", 8002, 8)
    first = boxes["boxes"][0]
    box = Soundbox.objects.get(device=first["device"])
    assert (first["topic"], first["stall"], first["volume"]) == (
        "cho/v1/thoai-son/cho-thoai-son/loa-ts-a12", "A12", 80,
    )  # fmt: skip
    assert len(pictures_of(Seller.objects.values_list("pk", flat=True))) == 5
    assert box.owner == Stall.objects.get(vendor_name="Cô Bảy rau").owner
    assert check_secret(first["password"], box.secret_hash)
    welcome = (FOLDER / "welcome.txt").read_text(encoding="utf-8").splitlines()
    assert welcome[0].endswith("password: cho-xa-demo")
    assert welcome[1] == "  0900000001  nông dân / farmer: Nguyễn Thị Sen"
    assert len(welcome) == 8


def test_a_second_call_changes_nothing(seeded: str) -> None:
    before, bank, boxes = counts(), read("bank.json"), read("soundboxes.json")
    said = io.StringIO()
    call_command("seed_demo", stdout=said)
    assert (counts(), read("bank.json"), read("soundboxes.json")) == (before, bank, boxes)
    assert said.getvalue() == ""


def test_a_repeat_of_every_step_changes_nothing_but_what_is_on_record(seeded: str) -> None:
    ignored = {"common.AuditEntry"}  # terms of delivery are stated anew, and the end is marked anew
    before = counts()
    AuditEntry.objects.filter(action="demo.seeded").delete()
    seeds.seed(io.StringIO())
    after = counts()
    assert {k: v for k, v in after.items() if k not in ignored} == {
        k: v for k, v in before.items() if k not in ignored
    }
    assert AuditEntry.objects.filter(action="demo.seeded").count() == 1


def test_addresses_follow_the_port(seeded: str, settings: Settings) -> None:
    settings.PORT, settings.MQTT_PORT = 8123, 8125
    seeds.seed(io.StringIO())
    assert read("bank.json")["waiting_url"] == "http://127.0.0.1:8123/demo/waiting.json"
    assert read("soundboxes.json")["port"] == 8125
    settings.PORT, settings.MQTT_PORT = 8000, 8002
    seeds.seed(io.StringIO())
    assert read("bank.json")["waiting_url"] == "http://127.0.0.1:8000/demo/waiting.json"


@pytest.mark.parametrize("content", [None, "not json", '{"boxes": [{"device": "loa-ts-a12"}]}'])
def test_a_lost_file_gives_the_boxes_new_passwords(seeded: str, content: str | None) -> None:
    old = read("soundboxes.json")["boxes"][0]
    path = FOLDER / "soundboxes.json"
    if content is None:
        path.unlink()
    else:
        path.write_text(content, encoding="utf-8")
    seeds.seed(io.StringIO())
    new = read("soundboxes.json")["boxes"][0]
    box = Soundbox.objects.get(device="loa-ts-a12")
    assert new["device"] == old["device"]
    assert (
        check_secret(new["password"], box.secret_hash),
        check_secret(old["password"], box.secret_hash),
    ) == (
        True,
        False,
    )


def test_a_real_market_gets_no_demo(seeded: str, settings: Settings) -> None:
    settings.DEMO = False
    before = counts()
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("seed_demo")
    assert counts() == before


def test_a_demo_knows_that_it_is_one(seeded: str) -> None:
    assert seeds.is_demo() is True
