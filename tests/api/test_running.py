"""Our way of executing gives graphql-core's answers: data, nulls, errors and where they stand."""

from __future__ import annotations

from typing import Any

import graphene
import pytest
from django.test import RequestFactory
from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    execute_sync,
    get_introspection_query,
    parse,
)
from graphql.execution.values import get_variable_values

from backend.api.saleor.context import Context
from backend.api.saleor.documents import Documents
from backend.api.saleor.running import Run
from backend.api.saleor.schema import executor
from tests.api.conftest import Goods
from tests.api.test_products import DETAIL, LIST, PAGE


def both(schema: GraphQLSchema, text: str, variables: dict[str, Any], context: Any) -> tuple[Any, Any]:
    """Data and errors of an operation, run by us and by graphql-core."""
    prepared = Documents(schema).prepare(text)
    assert prepared.errors == ()
    operation = prepared.operations[0]
    assert isinstance(operation, OperationDefinitionNode)
    coerced = get_variable_values(schema, operation.variable_definitions, variables)
    assert isinstance(coerced, dict)
    run = Run(schema, prepared.fragments, operation, coerced, context())
    ours = run.data(), [each.formatted for each in run.errors]
    theirs = execute_sync(schema, parse(text), variable_values=variables, context_value=context())
    return ours, (theirs.data, [each.formatted for each in theirs.errors or []])


class Kind(graphene.Enum):
    ONE = 1
    TWO = 2


class Named(graphene.Interface):
    name = graphene.String(required=True)

    @staticmethod
    def resolve_type(instance: Any, info: Any) -> Any:
        return {"cat": Cat, "dog": Dog}.get(instance["kind"], "none")


class Cat(graphene.ObjectType):
    class Meta:
        interfaces = (Named,)

    lives = graphene.Int()


class Dog(graphene.ObjectType):
    class Meta:
        interfaces = (Named,)

    barks = graphene.Boolean(required=True)


class Deep(graphene.ObjectType):
    here = graphene.String()
    must = graphene.String(required=True)
    numbers = graphene.List(graphene.NonNull(graphene.Int))
    loose = graphene.List(graphene.Int)
    kind = graphene.Field(Kind)
    deeper = graphene.Field(lambda: Deep)
    sure = graphene.Field(lambda: Deep, required=True)
    fails = graphene.String(loud=graphene.Boolean(required=True))

    @staticmethod
    def resolve_fails(root: Any, info: Any, loud: bool) -> str:
        raise GraphQLError("loud" if loud else "quiet")


class Query(graphene.ObjectType):
    deep = graphene.Field(Deep)
    deeps = graphene.List(Deep)
    all_deeps = graphene.List(graphene.NonNull(Deep), required=True)
    animals = graphene.List(Named)

    @staticmethod
    def resolve_deep(root: Any, info: Any) -> Any:
        return info.context["deep"]

    @staticmethod
    def resolve_deeps(root: Any, info: Any) -> Any:
        return [info.context["deep"], None, {"must": "x"}]

    @staticmethod
    def resolve_all_deeps(root: Any, info: Any) -> Any:
        return info.context["all"]

    @staticmethod
    def resolve_animals(root: Any, info: Any) -> Any:
        return [
            {"kind": "cat", "name": "Mun", "lives": 9},
            {"kind": "dog", "name": "Vàng", "barks": None},
            {"kind": "fish", "name": "?"},
        ]


DEEP = {
    "here": "a",
    "must": None,
    "numbers": [1, "x", 3],
    "loose": [1, "x", None],
    "kind": Kind.ONE,
    "deeper": {"here": "b", "must": "c", "sure": {"must": None}},
}


@pytest.mark.pure
@pytest.mark.parametrize(
    "text",
    [
        "{ deep { here } }",
        "{ deep { here must } }",
        "{ deep { numbers loose kind } }",
        "{ deep { deeper { here must sure { must } } } }",
        "{ deeps { must } }",
        "{ allDeeps { must } deep { here } }",
        "{ animals { __typename name ... on Cat { lives } ... on Dog { barks } } }",
        "query ($yes: Boolean = true) { deep { here @skip(if: $yes) also: here @include(if: $yes) } }",
        "{ deep { ...A ...B } } fragment A on Deep { deeper { here } } fragment B on Deep { deeper { must } }",
        "{ deep { a: fails(loud: true) b: fails(loud: false) } __typename }",
        "query ($loud: Boolean!) { deep { fails(loud: $loud) } }",
    ],
)
def test_answers_as_graphql_core_does(text: str) -> None:
    schema = graphene.Schema(query=Query, types=[Cat, Dog]).graphql_schema
    variables = {"loud": True} if "$loud" in text else {}
    ours, theirs = both(schema, text, variables, lambda: {"deep": DEEP, "all": [{"must": "x"}, DEEP]})
    # Of a type that is none of an interface's, each says it in words of its own.
    for errors in (ours[1], theirs[1]):
        for each in errors:
            if each["path"][:1] == ["animals"] and each["path"][1:] == [2]:
                each["message"] = ""

    assert ours == theirs


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        (PAGE, {}),
        (DETAIL, {"slug": "dua-leo"}),
        (LIST, {"first": 3, "sortBy": {"field": "PRICE", "direction": "DESC"}}),
        (LIST, {}),
        ('{ product(slug: "dua-leo") { variants { sku stocks { quantity } } } shop { name version } }', {}),
        ("{ channels { id } me { email } }", {}),
    ],
)
def test_the_dialect_answers_as_graphql_core_does(goods: Goods, text: str, variables: dict[str, Any]) -> None:
    def context() -> Context:
        return Context(RequestFactory().post("/graphql/"))

    ours, theirs = both(executor().schema, text, variables, context)

    assert ours == theirs


@pytest.mark.pure
def test_introspection_answers_as_graphql_core_does() -> None:
    ours, theirs = both(executor().schema, get_introspection_query(), {}, lambda: None)

    assert ours == theirs
    assert ours[1] == []
    named = (
        '{ __type(name: "Product") { name fields { name type { kind } } } none: __type(name: "No") { name } }'
    )
    ours, theirs = both(executor().schema, named, {}, lambda: None)
    assert ours == theirs


@pytest.mark.pure
@pytest.mark.parametrize(("most", "whole"), [(4, True), (3, False)])
def test_an_answer_that_grows_too_long_is_given_up_as_a_whole(most: int, whole: bool) -> None:
    schema = graphene.Schema(query=Query, types=[Cat, Dog]).graphql_schema
    prepared = Documents(schema).prepare("{ deep { here } deeps { here } }")
    run = Run(schema, prepared.fragments, prepared.operations[0], {}, {"deep": DEEP}, most=most)

    assert (run.data() is not None) == whole
    assert [each.message for each in run.errors] == ([] if whole else ["The answer has more than 3 objects."])
