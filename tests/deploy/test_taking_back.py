"""What an operator's commands gave, others take back: on record, and a second time without harm."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

import backend.commerce
from backend.accounts.access import has_role, sellers_of
from backend.accounts.models import Membership, Seller, User
from backend.accounts.services import create_person, create_seller, grant_role
from backend.api.services import create_app
from backend.catalogue import queries as catalogue
from backend.commerce.errors import ShopUnavailable
from backend.common.models import AuditEntry
from backend.common.outbox import relay
from backend.places.models import Commune
from integrations.saleor.adapter import SaleorShop
from tests.contract.conftest import Market
from tests.contract.legs import LEGS, InProcess

pytestmark = pytest.mark.django_db
SYSTEM = "system:test"


def run(*words: str) -> str:
    said = io.StringIO()
    call_command(*words, stdout=said)
    return said.getvalue()


def refused(*words: str) -> str:
    with pytest.raises(CommandError) as refusal:
        call_command(*words, stdout=io.StringIO())
    return str(refusal.value)


def acts(actor: str) -> list[tuple[str, str]]:
    return list(AuditEntry.objects.filter(actor=actor).order_by("pk").values_list("action", "subject"))


@pytest.fixture
def sen(db: None) -> User:
    return create_person(
        actor=SYSTEM, name="Nguyễn Thị Sen", password="mot-mat-khau-that-dai", phone="0912345678"
    )


@pytest.fixture
def seller(sen: User) -> Seller:
    commune = Commune.objects.get(pk="31333")
    return create_seller(
        actor=SYSTEM,
        name="Hộ Nguyễn Thị Sen",
        kind="household",
        commune=commune,
        phone="0912345678",
        owner=sen,
    )


@pytest.fixture(
    params=[
        pytest.param(leg, marks=[pytest.mark.pure] if leg == "dialect" else [])
        for leg in ("engine", "dialect")
    ]
)
def market(request: pytest.FixtureRequest, db: None, monkeypatch: pytest.MonkeyPatch) -> Market:
    """The embedded engine, and the adapter, behind the port."""
    market = Market(LEGS[request.param]())
    monkeypatch.setattr(backend.commerce, "_shop", market.shop)
    return market


@pytest.fixture(autouse=True)
def plain_files(settings: Settings) -> None:
    """Pages without the manifest of collected files."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


def deliver() -> None:
    while relay.run_once("worker"):
        pass


def listed_outside() -> int:
    """What another storefront finds."""
    text = '{ products(channel: "cho") { totalCount } }'
    answer = Client().post("/graphql/", json.dumps({"query": text}), content_type="application/json")
    count: int = answer.json()["data"]["products"]["totalCount"]
    return count


def test_the_goods_of_a_seller_who_stops_leave_the_shop(market: Market, seller: Seller, sen: User) -> None:
    goods = market.product(str(seller.pk), quantity=5)
    other = market.product(market.seller(), name="Bí đao")
    order = market.order(goods, 2)
    deliver()
    assert [card.product_id for card in catalogue.search("mồng tơi").cards] == [goods.id]
    assert listed_outside() == 2

    said = run("stop_seller", f"seller:{seller.pk}")
    assert said.startswith(f"seller:{seller.pk} Hộ Nguyễn Thị Sen: đã ngừng bán, ")
    assert said.rstrip().endswith(f": {order.number}")
    assert sellers_of(sen) == []
    deliver()

    assert catalogue.search("mồng tơi").cards == ()
    after = market.shop.products([goods.id, other.id])
    assert [after[goods.id].published, after[other.id].published] == [False, True]
    assert (after[goods.id].variant.price, after[goods.id].available) == (goods.variant.price, 3)
    assert listed_outside() == 1
    assert Client().get(f"/hang/{goods.slug}/").status_code == 404
    found = market.shop.find_order(order.id)
    assert found is not None
    assert found.status == "unconfirmed"

    again = run("stop_seller", str(seller.pk))
    assert "đã ngừng bán từ trước, không có gì đổi" in again
    assert acts("system:stop_seller") == [("seller_stopped", f"seller:{seller.pk}")]


def test_with_saleor_down_they_leave_the_market_at_once(
    market: Market, seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not isinstance(market.shop, SaleorShop):
        return
    goods = market.product(str(seller.pk))
    deliver()

    def down(*_: object, **__: object) -> None:
        raise ShopUnavailable()

    with monkeypatch.context() as patched:
        patched.setattr(InProcess, "_post", down)
        assert "Saleor chưa trả lời" in run("stop_seller", f"seller:{seller.pk}")
        deliver()
        assert catalogue.search("mồng tơi").cards == ()
    assert market.shop.products([goods.id])[goods.id].published


def test_who_is_no_seller_is_named(seller: Seller) -> None:
    said = refused("stop_seller", "seller:999")
    assert said.startswith("seller=seller:999: không có người bán này")
    assert f"seller:{seller.pk} Hộ Nguyễn Thị Sen" in said
    assert refused("stop_seller", "Sen").startswith("seller=Sen: ")
    assert Seller.objects.get().active


def test_a_role_ends_and_stays_on_record(sen: User, seller: Seller) -> None:
    where = f"seller:{seller.pk}"
    said = run("end_role", "0912345678", "farmer", where)
    assert said.startswith(f"Nguyễn Thị Sen, người sản xuất, {where}: đã thôi vai trò này.")
    assert not has_role(sen, Membership.Scope.SELLER, seller.pk, [Membership.Role.FARMER])
    assert "đã thôi từ trước, không có gì đổi" in run("end_role", f"user:{sen.pk}", "farmer", where)
    assert acts("system:end_role") == [("role_ended", where)]
    assert Membership.objects.get().ended_at is not None


def test_a_role_that_nobody_held_is_told_with_those_that_are(sen: User, seller: Seller) -> None:
    assert f"farmer seller:{seller.pk} Hộ Nguyễn Thị Sen" in refused(
        "end_role", "0912345678", "helper", f"seller:{seller.pk}"
    )
    for place in ("seller:999", "seller", "commune:31333", "xa:1"):
        assert refused("end_role", "0912345678", "farmer", place)
    assert Membership.objects.get().ended_at is None


def test_a_commune_keeps_its_last_administrator(sen: User) -> None:
    grant_role(actor=SYSTEM, user=sen, role="admin", scope="commune", scope_id="31333")
    assert "quản trị viên cuối cùng" in refused("end_role", "0912345678", "admin", "commune:31333")
    assert Membership.objects.get().ended_at is None


def test_a_program_is_sent_away(db: None) -> None:
    app, token = create_app(actor=SYSTEM, name="Sổ kho", permissions=["MANAGE_PRODUCTS"])

    def me() -> object:
        answer = Client().post(
            "/graphql/",
            json.dumps({"query": "{ app { name } }"}),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        return answer.json()["data"]["app"]

    assert me() == {"name": "Sổ kho"}
    assert f"app:{app.pk} Sổ kho" in refused("revoke_app", "Sổ khác")
    assert "đã thu lại khóa" in run("revoke_app", "Sổ kho")
    assert me() is None
    assert "đã thu lại từ trước, không có gì đổi" in run("revoke_app", f"app:{app.pk}")
    assert acts("system:revoke_app") == [("api_app.revoked", f"app:{app.pk}")]


def test_of_two_programs_with_one_name_the_number_says_which(db: None) -> None:
    first, _token = create_app(actor=SYSTEM, name="Kho", permissions=[])
    second, _token = create_app(actor=SYSTEM, name="Kho", permissions=[])
    said = refused("revoke_app", "Kho")
    assert f"app:{first.pk} Kho" in said
    assert f"app:{second.pk} Kho" in said
    run("revoke_app", f"app:{first.pk}")
    assert f"app:{second.pk} Kho" in run("revoke_app", "Kho")
