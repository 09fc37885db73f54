"""A public storefront asks for the whole schema when it is built."""

from __future__ import annotations

import pytest
from graphql import build_client_schema, get_introspection_query
from graphql.utilities import print_schema

from backend.api.saleor.schema import executor
from tests.api.conftest import Door


@pytest.mark.django_db
def test_the_whole_schema_can_be_asked_for(anybody: Door) -> None:
    answer = anybody(get_introspection_query(descriptions=True))
    found = build_client_schema(answer.data)

    assert set(found.type_map) == set(executor().schema.type_map)
    assert "assignedAttribute(slug: String!): AssignedAttribute" in print_schema(found)
