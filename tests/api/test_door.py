"""The door at /graphql/: what comes in, what goes out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from backend.api.saleor.documents import MOST_KEPT, Documents
from backend.api.saleor.schema import executor


def post(body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    text = body if isinstance(body, str) else json.dumps(body)
    answer = Client().post("/graphql/", text, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def message(body: dict[str, Any]) -> str:
    return str(body["errors"][0]["message"])


def test_answers_with_cost() -> None:
    assert post({"query": "{ __typename }"}) == (
        200,
        {
            "data": {"__typename": "Query"},
            "extensions": {"cost": {"requestedQueryCost": 0, "maximumAvailable": 50000}},
        },
    )


@pytest.mark.parametrize("address", ["/graphql/", "/market/graphql/"])
def test_other_sites_programs_need_no_token_against_forged_forms(address: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(address, json.dumps({"query": "{ __typename }"}), content_type="application/json")
    assert (answer.status_code, answer.json()["data"]) == (200, {"__typename": "Query"})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{", "Unable to parse query."),
        ("7", "Unable to parse query."),
        ({"variables": {}}, "Must provide a query string."),
        ([{"query": "{ __typename }"}], "Number of batch queries exceeded."),
        ({"query": "{"}, "Syntax Error: Expected Name, found <EOF>."),
        ({"query": "{ nothing }"}, "Cannot query field 'nothing' on type 'Query'."),
        (
            {"query": "query A { __typename } query B { __typename }"},
            "Must provide operation name if query contains multiple operations.",
        ),
        ({"query": "{ __typename }", "operationName": "A"}, 'Unknown operation named "A".'),
        (
            {"query": "query ($s: String!) { channel(slug: $s) { id } }"},
            "Variable '$s' of required type 'String!' was not provided.",
        ),
        ({"query": '{ channel(slug: "\0") { id } }'}, "A NUL is no text."),
    ],
)
def test_what_cannot_be_understood_is_a_bad_request(body: Any, said: str) -> None:
    status, answer = post(body)

    assert (status, message(answer)) == (400, said)
    kind = "GraphQLSyntaxError" if said.startswith("Syntax") else "GraphQLError"
    assert answer["errors"][0]["extensions"]["exception"]["code"] == kind
    assert "data" not in answer


def test_only_posts_are_answered() -> None:
    assert Client().put("/graphql/").status_code == 405
    page = Client().get("/graphql/")
    assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_other_sites_may_ask_but_see_no_cookie() -> None:
    answer = Client().options("/graphql/", headers={"Origin": "https://shop.example"})

    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Access-Control-Allow-Methods"] == "POST, OPTIONS"
    assert "Access-Control-Allow-Credentials" not in answer


def nested(depth: int) -> str:
    return '{ category(slug: "a") ' + "{ parent " * depth + "{ id }" + " }" * depth + " }"


def wide(levels: int) -> str:
    inner = "{ id }"
    for _ in range(levels - 1):
        inner = "{ product { productVariants(first: 100) { edges { node " + inner + " } } } }"
    return "{ productVariants(first: 100) { edges { node " + inner + " } } }"


def in_circles(levels: int) -> str:
    inner = "{ id }"
    for _ in range(levels):
        inner = "{ variants { product " + inner + " } }"
    return '{ product(slug: "a") ' + inner + " }"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (nested(19), "The document is nested deeper than 20 fields."),
        (
            "{ " + " ".join(f"a{n}: __typename" for n in range(101)) + " }",
            "The document has more than 100 aliases.",
        ),
        (
            "mutation { " + " ".join(f'm{n}: tokenVerify(token: "") {{ isValid }}' for n in range(5)) + " }",
            "Mutation count exceeds the limit of 4.",
        ),
        (
            "mutation { ...a ... { "
            + " ".join(f'm{n}: tokenVerify(token: "") {{ isValid }}' for n in range(2))
            + " } } fragment a on Mutation { "
            + " ".join(f'a{n}: tokenVerify(token: "") {{ isValid }}' for n in range(3))
            + " }",
            "Mutation count exceeds the limit of 4.",
        ),
        (
            "{ ...f0 } "
            + " ".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(18))
            + " fragment f18 on Query { __typename }",
            "The document asks for more than 20000 fields.",
        ),
        (
            wide(4),
            "The query exceeds the maximum cost of 50000. Actual cost: 2020201",
        ),
        (
            in_circles(4),
            "The query exceeds the maximum cost of 50000. Actual cost: 176842",
        ),
    ],
)
def test_documents_have_limits(text: str, said: str) -> None:
    status, answer = post({"query": text})

    assert (status, message(answer)) == (400, said)


def test_too_long_a_body_is_refused() -> None:
    status, answer = post({"query": "{ __typename }", "variables": {"a": "x" * 1_000_000}})

    assert (status, message(answer)) == (400, "The request is too long.")


@pytest.mark.pure
def test_documents_are_remembered_within_bounds() -> None:
    documents = Documents(executor().schema, most=3)
    first = documents.prepare("{ a: __typename }")

    assert documents.prepare("{ a: __typename }") is first
    for name in "bcd":
        documents.prepare(f"{{ {name}: __typename }}")
    assert len(documents) == 3
    assert documents.prepare("{ a: __typename }") is not first
    assert MOST_KEPT == 500
