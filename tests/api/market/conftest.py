"""A market with a stall and a seller with an order, and people who may see them or not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import Membership, Seller, User
from backend.api.saleor import tokens
from backend.commerce import shop
from backend.commerce.values import LineDraft, ProductDraft, VariantDraft
from backend.common import clock
from backend.common.ids import new_id
from backend.common.money import Money, vnd
from backend.markets.models import Charge, Market, Stall
from backend.markets.services import create_market, create_stall, create_zone, open_charge
from backend.places.models import Commune
from backend.sales.models import Purchase, Sale
from backend.sales.services import Buyer, Choice, place_purchase, set_terms
from payments.payees.services import set_payee

NO_PASSWORD = "!"
"""Hashing one takes half a second, and nobody here signs in with it."""


@dataclass
class Answer:
    status: int
    body: dict[str, Any]

    @property
    def data(self) -> Any:
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def said(self) -> str:
        return str(self.body["errors"][0]["message"])


def post(query: str, who: User | None = None, client: Client | None = None, **variables: Any) -> Answer:
    headers = {}
    if who is not None:
        headers["Authorization"] = f"Bearer {tokens.make(who, kind='access', is_staff=False)}"
    answer = (client or Client()).post(
        "/market/graphql/",
        json.dumps({"query": query, "variables": variables}),
        content_type="application/json",
        headers=headers,
    )
    return Answer(answer.status_code, answer.json())


@dataclass
class World:
    market: Market
    other_market: Market
    stall: Stall
    other_stall: Stall
    charge: Charge
    seller: Seller
    other_seller: Seller
    buyer: User
    purchase: Purchase
    sale: Sale

    def person(self, role: str = "", scope: str = "", scope_id: object = "", *, ended: bool = False) -> User:

        count = User.objects.count()
        person = User.objects.create(
            phone=f"+849000008{count:02}", password=NO_PASSWORD, name=f"Người {count}"
        )
        if role:
            Membership.objects.create(
                user=person,
                role=role,
                scope=scope,
                scope_id=str(scope_id),
                ended_at=clock.now() if ended else None,
            )
        return person

    def people(self) -> dict[str, User | None]:
        """Everybody whom a door may meet, by what they are to this stall and this seller."""
        return {
            "nobody": None,
            "a stranger": self.person(),
            "the buyer": self.buyer,
            "the vendor": self.person("vendor", "stall", self.stall.pk),
            "the vendor's helper": self.person("helper", "stall", self.stall.pk),
            "who was vendor": self.person("vendor", "stall", self.stall.pk, ended=True),
            "another vendor": self.person("vendor", "stall", self.other_stall.pk),
            "the manager": self.person("manager", "market", self.market.pk),
            "another manager": self.person("manager", "market", self.other_market.pk),
            "the farmer": self.person("farmer", "seller", self.seller.pk),
            "the farmer's helper": self.person("helper", "seller", self.seller.pk),
            "who was farmer": self.person("farmer", "seller", self.seller.pk, ended=True),
            "another farmer": self.person("farmer", "seller", self.other_seller.pk),
            "an officer of the commune": self.person("officer", "commune", self.market.commune_id),
        }


def make_seller(name: str, commune: Commune) -> Seller:
    seller = Seller.objects.create(
        slug=name.lower().replace(" ", "-"),
        name=name,
        kind="household",
        commune=commune,
        phone="+84900000001",
    )
    set_terms(seller_id=seller.pk, courier_vnd=25_000, free_from_vnd=300_000, pickup=True, cash=True)
    set_payee(
        owner=seller.owner, bin="970436", account=f"00110{seller.pk:08}", account_name="SEN", actor="test"
    )
    return seller


@pytest.fixture
def world(transactional_db: None) -> World:
    thoai_son = Commune.objects.get(pk="30682")
    market = create_market(actor="test", name="Chợ Thoại Sơn", commune=thoai_son)
    other_market = create_market(actor="test", name="Chợ Vị Tân", commune=Commune.objects.get(pk="31333"))
    zone = create_zone(actor="test", market=market, name="Rau củ")
    stalls = [
        create_stall(actor="test", market=market, code=code, vendor_name=name, goods="Rau", zone=place)
        for code, name, place in (("A12", "Cô Bảy", zone), ("B03", "Chú Tư", None))
    ]
    for stall in stalls:
        set_payee(
            owner=stall.owner, bin="970436", account=f"00220{stall.pk:08}", account_name="BAY", actor="test"
        )
    view = open_charge(key=new_id(), stall_id=stalls[0].pk, amount=Money(50_000), note="rau", actor="test")
    seller, other_seller = make_seller("Sen", thoai_son), make_seller("Hoang Giang", thoai_son)
    good = shop().create_product(
        key=new_id(),
        draft=ProductDraft(
            name="Nấm linh chi",
            seller_id=str(seller.pk),
            category_id=shop().categories()[0].id,
            variants=(VariantDraft(unit="túi", price=vnd(350_000), quantity=9, weight_g=250),),
        ),
    )
    buyer = User.objects.create(phone="+84900000006", password=NO_PASSWORD, name="Trần Văn Nam")
    purchase = place_purchase(
        key=new_id(),
        user=buyer,
        buyer=Buyer(
            name="Trần Văn Nam",
            phone="+84900000006",
            email="",
            commune=thoai_son,
            street="Ấp 3",
        ),
        choices=[
            Choice(
                seller_id=seller.pk,
                lines=(LineDraft(good.variant.id, 2),),
                delivery="courier",
                payment="vietqr",
                confirmed_total=vnd(700_000),
            )
        ],
    )
    return World(
        market=market,
        other_market=other_market,
        stall=stalls[0],
        other_stall=stalls[1],
        charge=Charge.objects.get(pk=view.id),
        seller=seller,
        other_seller=other_seller,
        buyer=buyer,
        purchase=purchase,
        sale=purchase.sales.get(),
    )
