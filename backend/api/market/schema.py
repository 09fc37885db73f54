"""The schema of /market/graphql/, built once."""

from __future__ import annotations

import functools
import threading

import graphene
from graphql import print_schema

from backend.api.market.queries import Query
from backend.api.saleor.execution import Executor

_LOCK = threading.Lock()


def build() -> graphene.Schema:
    """The schema anew."""
    return graphene.Schema(query=Query)


def as_text() -> str:
    """The schema in GraphQL's own language, as it is committed in schema.graphql."""
    return print_schema(build().graphql_schema) + "\n"


@functools.cache
def _built() -> Executor:
    return Executor(build().graphql_schema)


def executor() -> Executor:
    """The one executor of this process, built at the first request."""
    with _LOCK:
        return _built()
