"""From a request's text to its answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.utils import OperationalError
from graphql import FieldNode, GraphQLError, GraphQLSchema, OperationDefinitionNode
from graphql.execution.values import get_variable_values

from backend.api.saleor.context import Context
from backend.api.saleor.documents import MOST_COST, Documents, Prepared, cost
from backend.api.saleor.problems import BadArgument
from backend.api.saleor.running import Run
from backend.commerce.gate import check_open
from backend.common.errors import MarketError

log = logging.getLogger(__name__)

UNEXPECTED: Final = "Internal Server Error"


@dataclass(frozen=True, slots=True)
class Answer:
    """The HTTP status and the JSON of an answer."""

    status: int
    body: dict[str, Any]


class Executor:
    """Answers documents against one schema. ``harmless``: its mutations that leave goods and orders alone, those of
    accounts and of open checkouts."""

    def __init__(self, schema: GraphQLSchema, *, harmless: frozenset[str] = frozenset()) -> None:
        self.schema = schema
        self.harmless = harmless | {"__typename"}
        self.documents = Documents(schema)

    def answer(
        self, text: str, variables: Mapping[str, Any], operation_name: str | None, context: Context
    ) -> Answer:
        """400 for what cannot be understood, 200 for everything else, as Saleor does."""
        prepared = self.documents.prepare(text)
        if prepared.document is None:
            return refuse(*prepared.errors)
        try:
            operation = _chosen(prepared, operation_name)
        except GraphQLError as error:
            return refuse(error)
        coerced = get_variable_values(
            self.schema, operation.variable_definitions, dict(variables), max_errors=20
        )
        if isinstance(coerced, list):
            return refuse(*coerced)
        requested = cost(self.schema, operation, prepared.fragments, coerced)
        if requested > MOST_COST:
            too_dear = GraphQLError(
                f"The query exceeds the maximum cost of {MOST_COST}. Actual cost: {requested}"
            )
            return refuse(too_dear, requested=requested, code="QueryCostError")
        if _takes_something_in(operation, self.harmless):
            try:
                check_open()
            except MarketError as closed:
                pausing = GraphQLError(str(closed), original_error=closed)
                said = {"data": None, "errors": [describe(pausing)], "extensions": _extensions(requested)}
                return Answer(200, said)
        run = Run(self.schema, prepared.fragments, operation, coerced, context)
        data, errors = run.data(), run.errors
        body: dict[str, Any] = {"data": data}
        if errors:
            body["errors"] = [describe(error) for error in errors]
        body["extensions"] = _extensions(requested)
        return Answer(200, body)


def _takes_something_in(operation: OperationDefinitionNode, harmless: frozenset[str]) -> bool:
    """Whether the shop may be changed by it. What people do with their accounts and on open
    checkouts (``harmless``) changes nothing there."""
    if operation.operation.value != "mutation":
        return False
    selected = operation.selection_set.selections
    return not all(isinstance(each, FieldNode) and each.name.value in harmless for each in selected)


def _chosen(prepared: Prepared, name: str | None) -> OperationDefinitionNode:
    if name:
        for each in prepared.operations:
            if each.name is not None and each.name.value == name:
                return each
        raise GraphQLError(f'Unknown operation named "{name}".')
    if len(prepared.operations) != 1:
        raise GraphQLError("Must provide operation name if query contains multiple operations.")
    operation = prepared.operations[0]
    if operation.operation.value == "subscription":
        raise GraphQLError("Subscriptions are not served here.")
    return operation


def _extensions(requested: int) -> dict[str, Any]:
    return {"cost": {"requestedQueryCost": requested, "maximumAvailable": MOST_COST}}


def refuse(*errors: GraphQLError, requested: int = 0, code: str | None = None) -> Answer:
    """A request that is not executed at all."""
    body: dict[str, Any] = {"errors": [describe(error, code) for error in errors]}
    body["extensions"] = _extensions(requested)
    return Answer(400, body)


def describe(error: GraphQLError, code: str | None = None) -> dict[str, Any]:
    """An error as Saleor writes it. What nobody meant to tell is logged, and told by no more than its kind."""
    cause = error.original_error
    message = error.message
    if cause is not None and not isinstance(cause, GraphQLError):
        if isinstance(cause, MarketError):
            message = str(cause)
            code = cause.code
        elif isinstance(cause, OperationalError) and "locked" in str(cause):
            message, code = "The market is busy. Try again.", "BUSY"
        else:
            log.error("a resolver failed at %s", error.path, exc_info=cause)
            message, code = UNEXPECTED, "InternalServerError"
    found: dict[str, Any] = {"message": message}
    if error.locations:
        found["locations"] = [{"line": each.line, "column": each.column} for each in error.locations]
    if error.path:
        found["path"] = list(error.path)
    kind = type(cause) if isinstance(cause, GraphQLError) else type(error)
    name = "GraphQLError" if kind is BadArgument else kind.__name__
    found["extensions"] = {"exception": {"code": code or name}}
    return found
