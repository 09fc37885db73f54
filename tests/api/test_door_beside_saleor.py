"""/graphql/ where a real Saleor has the goods and the orders: it signs people in, and opens no table of the engine."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from graphql import find_breaking_changes
from pytest_django import Settings

from backend.api.saleor.schema import build, build_of_people
from backend.api.services import create_app
from tests.api.buying import documents as doc
from tests.api.buying.conftest import PASSWORD, Caller, person

pytestmark = [pytest.mark.django_db, pytest.mark.pure]


@pytest.fixture
def beside(settings: Settings) -> None:
    settings.SHOP_ENGINE = "saleor"


def ask(text: str, *, path: str = "/graphql/", token: str = "") -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = Client().post(
        path, json.dumps({"query": text}), content_type="application/json", headers=headers
    )
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    "text",
    [
        "{ products(first: 1) { totalCount } }",
        '{ order(id: "T3JkZXI6MQ==") { id } }',
        '{ checkout(id: "Q2hlY2tvdXQ6MQ==") { id } }',
        "{ shop { name } }",
        "mutation { checkoutCreate(input: {lines: []}) { checkout { id } } }",
        'mutation { orderCancel(id: "T3JkZXI6MQ==") { errors { code } } }',
        "{ me { orders(first: 1) { totalCount } } }",
        "{ me { checkoutIds } }",
        "{ me { addresses { city } } }",
    ],
)
def test_the_engine_s_goods_and_orders_are_not_served(text: str, settings: Settings) -> None:
    assert ask(text)[0] == 200
    settings.SHOP_ENGINE = "saleor"
    status, answer = ask(text)
    assert status == 400
    assert answer["errors"][0]["message"].startswith("Cannot query field")


def test_signing_in_is_and_opens_the_market_s_own_door(beside: None) -> None:
    person("Lan", "lan@thu.vn")
    given = Caller().do(doc.SIGN_IN, email="lan@thu.vn", password=PASSWORD)
    assert ask("{ me { email } }", token=given["token"])[1]["data"] == {"me": {"email": "lan@thu.vn"}}
    assert ask("{ me { name } }", path="/market/graphql/", token=given["token"])[1]["data"] == {
        "me": {"name": "Lan"}
    }
    assert len(Client().get("/.well-known/jwks.json").json()["keys"]) == 1


def test_a_program_still_learns_who_it_is(beside: None) -> None:
    _app, token = create_app(actor="system:test", name="Sổ sách", permissions=["MANAGE_ORDERS"])
    assert ask("{ app { name permissions { code } } }", token=token)[1]["data"] == {
        "app": {"name": "Sổ sách", "permissions": [{"code": "MANAGE_ORDERS"}]}
    }


def test_the_page_says_so(beside: None) -> None:
    assert "Hàng và đơn của chợ này ở Saleor" in Client().get("/graphql/").content.decode()


def test_it_is_a_part_of_the_whole_schema_that_names_no_goods() -> None:
    people, whole = build_of_people(), build().graphql_schema
    assert {name for name in people.type_map if not name.startswith("__")}.isdisjoint(
        {"Order", "Product", "Checkout", "TransactionItem", "Address"}
    )
    assert find_breaking_changes(people, whole) == []
