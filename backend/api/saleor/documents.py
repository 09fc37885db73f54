"""Parsing, validating and weighing documents, once per text."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLList,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    parse,
    validate,
)

from backend.commerce.drafts import MOST_VARIANTS

MOST_TOKENS: Final = 10_000
"""Of a document; the longest of a public storefront has some 900, full introspection 500."""
MOST_DEPTH: Final = 20
"""Nested fields; the deepest document that Saleor's own clients send has 13."""
MOST_ALIASES: Final = 100
MOST_MUTATIONS: Final = 4
MOST_COST: Final = 50_000
"""Saleor's own limits (GRAPHQL_ALIAS_COUNT_LIMIT, GRAPHQL_MUTATION_COUNT_LIMIT, GRAPHQL_QUERY_MAX_COMPLEXITY)."""
ROWS: Final = {"variants": MOST_VARIANTS}
ROWS_OF_OTHERS: Final = 2
"""How many rows a list without pages is taken to have, for ``cost``: a product's variants, then all others. Most have
one or two; for the few that have more there is running.MOST_OBJECTS. A page of a hundred products with all that the
market itself asks of each costs some 33,000."""
_FREE: Final = frozenset({"edges", "node", "pageInfo", "errors"})
MOST_NODES: Final = 20_000
"""Fields after fragments are spread; nested fragments grow as powers."""
MOST_KEPT: Final = 500
LONGEST_KEPT: Final = 50_000
"""A cache of 500 texts of 50 kB is 25 MB at worst; what is longer is parsed anew."""


class TooComplex(GraphQLError):
    """The document asks for more than one request may."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that holds against the schema, or the errors why it does not."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...]
    fragments: Mapping[str, FragmentDefinitionNode]
    operations: tuple[OperationDefinitionNode, ...]


class Documents:
    """A bounded cache of prepared documents, the least used going first. Safe among threads."""

    def __init__(self, schema: GraphQLSchema, most: int = MOST_KEPT) -> None:
        self._schema = schema
        self._most = most
        self._kept: OrderedDict[str, Prepared] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def prepare(self, text: str) -> Prepared:
        """Parse and validate ``text``, or remember having done so."""
        with self._lock:
            found = self._kept.get(text)
            if found is not None:
                self._kept.move_to_end(text)
                return found
        made = self._make(text)
        if len(text) <= LONGEST_KEPT:
            with self._lock:
                self._kept[text] = made
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return made

    def _make(self, text: str) -> Prepared:
        try:
            document = parse(text, no_location=False, max_tokens=MOST_TOKENS)
            fragments = {
                each.name.value: each
                for each in document.definitions
                if isinstance(each, FragmentDefinitionNode)
            }
            operations = tuple(
                each for each in document.definitions if isinstance(each, OperationDefinitionNode)
            )
            for operation in operations:
                _Measure(fragments).check(operation)
        except GraphQLError as error:
            return Prepared(None, (error,), {}, ())
        except RecursionError:
            return Prepared(None, (TooComplex("The document is nested too deeply."),), {}, ())
        errors = validate(self._schema, document, max_errors=20)
        if errors:
            return Prepared(None, tuple(errors), {}, ())
        return Prepared(document, (), fragments, operations)


class _Measure:
    """Counts before validation, so that a hostile document costs no more than being parsed."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._aliases = 0
        self._nodes = 0

    def check(self, operation: OperationDefinitionNode) -> None:
        if operation.operation.value == "mutation":
            self._count_mutations(operation.selection_set, 0, ())
        self._walk(operation.selection_set, 1, ())

    def _count_mutations(self, selections: SelectionSetNode, found: int, inside: tuple[str, ...]) -> int:
        """Top-level fields with those of fragments. Stops at the first too many, however fragments multiply."""
        for each in selections.selections:
            if isinstance(each, FieldNode):
                found += 1
                if found > MOST_MUTATIONS:
                    raise TooComplex(f"Mutation count exceeds the limit of {MOST_MUTATIONS}.")
            elif isinstance(each, InlineFragmentNode):
                found = self._count_mutations(each.selection_set, found, inside)
            elif isinstance(each, FragmentSpreadNode):
                self._nodes += 1
                if self._nodes > MOST_NODES:
                    raise TooComplex(f"The document asks for more than {MOST_NODES} fields.")
                name = each.name.value
                if name not in inside and name in self._fragments:
                    found = self._count_mutations(self._fragments[name].selection_set, found, (*inside, name))
        return found

    def _walk(self, selections: SelectionSetNode, depth: int, inside: tuple[str, ...]) -> None:
        if depth > MOST_DEPTH:
            raise TooComplex(f"The document is nested deeper than {MOST_DEPTH} fields.")
        for each in selections.selections:
            self._nodes += 1
            if self._nodes > MOST_NODES:
                raise TooComplex(f"The document asks for more than {MOST_NODES} fields.")
            if isinstance(each, FieldNode):
                if each.alias is not None:
                    self._aliases += 1
                    if self._aliases > MOST_ALIASES:
                        raise TooComplex(f"The document has more than {MOST_ALIASES} aliases.")
                if each.selection_set is not None:
                    introspection = each.name.value.startswith("__")
                    self._walk(each.selection_set, depth if introspection else depth + 1, inside)
            elif isinstance(each, InlineFragmentNode):
                self._walk(each.selection_set, depth, inside)
            elif isinstance(each, FragmentSpreadNode):
                name = each.name.value
                # A circle is for validation to refuse.
                if name not in inside and name in self._fragments:
                    self._walk(self._fragments[name].selection_set, depth, (*inside, name))


def cost(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, Any],
) -> int:
    """What a valid operation may cost: one per object field, times the rows of every list above it.

    Leaves are free. A page of 24 products that asks five objects of each costs 1 + 24 * 5. A list without pages counts
    as ROWS says. The schema itself (``__schema``, ``__type``) is free; GraphQL's own rules bound how
    often it may be asked within itself.
    """
    root = schema.get_root_type(operation.operation)
    return _Scale(schema, fragments, variables).weigh(operation.selection_set, root, 1)


class _Scale:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def weigh(self, selections: SelectionSetNode, parent: Any, times: int) -> int:
        total = 0
        for each in selections.selections:
            if isinstance(each, FieldNode):
                name = each.name.value
                if each.selection_set is None or name.startswith("__"):
                    continue
                returns = parent.fields[name].type
                below = get_named_type(returns)
                if name in _FREE:
                    total += self.weigh(each.selection_set, below, times)
                    continue
                rows = ROWS.get(name, ROWS_OF_OTHERS) if _is_list(returns) else _page(each, self._variables)
                total += times + self.weigh(each.selection_set, below, times * rows)
            elif isinstance(each, InlineFragmentNode):
                inside = each.type_condition
                kind = self._schema.type_map[inside.name.value] if inside is not None else parent
                total += self.weigh(each.selection_set, kind, times)
            elif isinstance(each, FragmentSpreadNode):
                fragment = self._fragments[each.name.value]
                kind = self._schema.type_map[fragment.type_condition.name.value]
                total += self.weigh(fragment.selection_set, kind, times)
        return total


def _is_list(returns: Any) -> bool:
    return isinstance(get_nullable_type(returns), GraphQLList)


def _page(field: FieldNode, variables: Mapping[str, Any]) -> int:
    """The rows of a connection's page; 1 for a single object."""
    for argument in field.arguments:
        if argument.name.value in {"first", "last"}:
            value: Any = None
            if isinstance(argument.value, IntValueNode):
                value = int(argument.value.value)
            elif isinstance(argument.value, VariableNode):
                value = variables.get(argument.value.name.value)
            if isinstance(value, int) and value > 0:
                return min(value, 100)
    return 1
