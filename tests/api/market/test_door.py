"""The door at /market/graphql/: what it takes, its limits, and that its schema is described and committed."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from django.test import Client
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType
from pytest_django import Settings

from backend.accounts.models import User
from backend.api.market.schema import as_text, build
from backend.api.market.views import ASSETS
from backend.api.saleor import tokens
from tests.api.market.conftest import NO_PASSWORD, post
from tools import check_market_schema

pytestmark = pytest.mark.django_db

DEAR = (
    "{ markets(first: 100) { edges { node { stalls(first: 100) { edges { node { charges(first: 100) "
    "{ edges { node { payment { reference } } } } } } } } } } }"
)


@pytest.mark.pure
def test_the_committed_schema_is_the_one_that_is_served() -> None:
    assert check_market_schema.PAGE.read_text(encoding="utf-8") == as_text()


@pytest.mark.pure
def test_a_difference_is_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "schema.graphql"
    page.write_text(as_text().replace("vendorName: String!", "vendorName: String"))
    monkeypatch.setattr(check_market_schema, "PAGE", page)
    assert check_market_schema.main([]) == 1
    said = capsys.readouterr().out.splitlines()
    assert "-  vendorName: String" in said
    assert "+  vendorName: String!" in said
    assert check_market_schema.main(["--write"]) == 0
    assert page.read_text() == as_text()


@pytest.mark.pure
def test_everything_is_described() -> None:
    silent: list[str] = []
    for name, kind in build().graphql_schema.type_map.items():
        if name.startswith("__") or name in {"ID", "Int", "String", "Boolean", "Float"}:
            continue
        if not kind.description:
            silent.append(name)
        if isinstance(kind, GraphQLEnumType):
            silent += [f"{name}.{value}" for value, each in kind.values.items() if not each.description]
        if isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
            for field, each in kind.fields.items():
                if not each.description:
                    silent.append(f"{name}.{field}")
                for argument, one in getattr(each, "args", {}).items():
                    if not one.description:
                        silent.append(f"{name}.{field}({argument})")
    assert silent == []


def test_it_answers_a_post_and_shows_a_page_to_a_browser() -> None:
    answer = post("{ provinces { code } }")
    assert (answer.status, len(answer.data["provinces"])) == (200, 34)
    page = Client().get("/market/graphql/")
    assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert Client().put("/market/graphql/").status_code == 405


def test_a_cookie_opens_nothing() -> None:
    person = User.objects.create(phone="+84900000099", password=NO_PASSWORD, name="Chị Sen")
    client = Client()
    client.force_login(person)
    assert post("{ me { name } }", client=client).data == {"me": None}
    assert post("{ me { name } }", who=person).data == {"me": {"name": "Chị Sen"}}


def test_a_password_that_was_changed_ends_its_tokens() -> None:
    person = User.objects.create(phone="+84900000099", password=NO_PASSWORD, name="Chị Sen")
    token = tokens.make(person, kind="access", is_staff=False)
    person.password = "!another"
    person.save()
    answer = Client().post(
        "/market/graphql/",
        '{"query": "{ me { name } }"}',
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.json()["data"] == {"me": None}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("{ nothing }", "Cannot query field 'nothing' on type 'Query'."),
        (
            "{ " + " ".join(f"p{n}: provinces {{ code }}" for n in range(101)) + " }",
            "The document has more than 100 aliases.",
        ),
        (
            "{ stall(id: 1) "
            + "{ market { stalls(first: 1) { edges { node " * 6
            + "{ id }"
            + " } } } }" * 6
            + " }",
            "The document is nested deeper than 20 fields.",
        ),
        (
            DEAR,
            "The query exceeds the maximum cost of 50000. Actual cost: 1010101",
        ),
    ],
)
def test_limits_are_those_of_the_other_door(query: str, said: str) -> None:
    answer = post(query)
    assert (answer.status, answer.said) == (400, said)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "{ sellers { edges { cursor } } }",
            "You must provide a `first` or `last` value to properly paginate the `sellers` connection.",
        ),
        (
            "{ sellers(first: 101) { edges { cursor } } }",
            "Requesting 101 records on the `sellers` connection exceeds the `first` limit of 100 records.",
        ),
        ('{ sellers(first: 1, after: "x") { edges { cursor } } }', "Received cursor is invalid."),
        ('{ sellers(first: 1, after: "WyJ4Il0=") { edges { cursor } } }', "Received cursor is invalid."),
        (
            '{ sellers(first: 1, after: "WyJcdTAwMDAiXQ==") { edges { cursor } } }',
            "Received cursor is invalid.",
        ),
        (
            '{ communes(first: 1, after: "WyJcdTAwMDAiXQ==") { edges { cursor } } }',
            "Received cursor is invalid.",
        ),
        ('{ sellers(first: 1, after: "WyIxIiwiMiJd") { edges { cursor } } }', "Received cursor is invalid."),
        ("{ seller { id } }", "Either `id` or `slug` is needed."),
        ('{ communeSearch(text: "vi tan", first: 21) { code } }', "Argument `first` must be 1 to 20."),
    ],
)
def test_arguments_that_no_list_takes(query: str, said: str) -> None:
    answer = post(query)
    assert (answer.status, answer.said) == (200, said)


def test_graphiql_is_for_the_demo_alone(settings: Settings) -> None:
    client = Client()
    page = client.get("/market/graphql/").content.decode()
    named = set(re.findall(r'(?:src|href)="([^"]+)"', page)) - {"data:,"}
    assert named == {f"/market/graphql/{name}" for name in ASSETS}
    for address in named:
        plain, packed = client.get(address), client.get(address, headers={"Accept-Encoding": "gzip, br"})
        assert plain.status_code == packed.status_code == 200
        content = gzip.decompress(packed.content) if "Content-Encoding" in packed else packed.content
        assert content == plain.content
    assert client.get("/market/graphql/other.js").status_code == 404
    # The fonts in its stylesheet are the page's alone to use.
    assert "font-src 'self' data:;" in client.get("/market/graphql/").headers["Content-Security-Policy"]
    assert "font-src 'self';" in client.get("/graphql/").headers["Content-Security-Policy"]
    settings.DEMO = False
    assert "graphiql" not in client.get("/market/graphql/").content.decode()
    assert {client.get(address).status_code for address in named} == {404}
