"""Executing a document whose resolvers all answer at once.

graphql-core prepares every field of every row anew: its definition, arguments, path, the chance that it may be awaited. For
a list of 24 products that is most of the time of an answer. Here a selection is prepared once per request and run over all
rows that it meets. What the answer is, with its nulls and errors, is graphql-core's to define, and a test holds the two
against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from graphene.types.resolver import dict_or_attr_resolver
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    Undefined,
    default_type_resolver,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
    located_error,
)
from graphql.execution.collect_fields import collect_fields, collect_sub_fields
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from graphql.pyutils import inspect as shown

_ABSENT: Final = object()
MOST_OBJECTS: Final = 100_000
"""Objects in one answer. Lists without pages may be longer than a document's cost takes them to be."""


class TooManyObjects(GraphQLError):
    """The answer has grown beyond what one request may have; it is given up as a whole."""


class Run:
    """One operation of one request. ``errors`` fills while ``data`` is made."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        operation: OperationDefinitionNode,
        variables: dict[str, Any],
        context: Any,
        most: int = MOST_OBJECTS,
    ) -> None:
        self.schema = schema
        self.fragments = dict(fragments)
        self.operation = operation
        self.variables = variables
        self.context = context
        self.errors: list[GraphQLError] = []
        self.objects_left = most
        self._most = most

    def count_object(self) -> None:
        """One object more. Raises TooManyObjects."""
        self.objects_left -= 1
        if self.objects_left < 0:
            raise TooManyObjects(f"The answer has more than {self._most} objects.")

    def data(self) -> dict[str, Any] | None:
        """The answer's data; None when a field that may not be null failed all the way up."""
        root = self.schema.get_root_type(self.operation.operation)
        if root is None:
            self.errors.append(GraphQLError("The schema has no such operation.", [self.operation]))
            return None
        nodes = collect_fields(
            self.schema, self.fragments, self.variables, root, self.operation.selection_set
        )
        try:
            return run_object(self, prepare(self, root, nodes), None, ())
        except TooManyObjects as error:
            self.errors = [error]
            return None
        except GraphQLError as error:
            self.errors.append(error)
            return None
        finally:
            self.errors.sort(key=_place)

    def info(self, name: str, nodes: list[FieldNode], returns: Any, parent: GraphQLObjectType) -> Any:
        """What a resolver is told. One for all rows: the path is that of the field, not of the row."""
        return GraphQLResolveInfo(
            name,
            nodes,
            returns,
            parent,
            Path(None, name, parent.name),
            self.schema,
            self.fragments,
            None,
            self.operation,
            self.variables,
            self.context,
            _never,
        )


def _place(error: GraphQLError) -> tuple[Any, ...]:
    """Errors are told in the order of the document, then of the rows."""
    locations = [(each.line, each.column) for each in error.locations or ()]
    path = [(isinstance(step, str), step) for step in error.path or ()]
    return locations, path, error.message


def _never(value: Any) -> bool:
    """Nothing here is ever awaited."""
    del value
    return False


class Field:
    """A field of a selection, ready to be run for any row."""

    __slots__ = (
        "arguments",
        "attribute",
        "complete",
        "default",
        "info",
        "key",
        "nodes",
        "resolve",
        "typename",
    )

    key: str
    nodes: list[FieldNode]
    typename: str | None
    attribute: str
    default: Any
    resolve: Callable[..., Any]
    arguments: dict[str, Any]
    info: Any
    complete: Callable[[Any, tuple[Any, ...]], Any]


_META: Final = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
"""Fields of the query root that no type lists. Names with two underscores belong to GraphQL alone."""


def prepare(run: Run, parent: GraphQLObjectType, collected: Mapping[str, list[FieldNode]]) -> list[Field]:
    """The fields of a selection on ``parent``. Arguments that do not hold fail when the field is run, as they should."""
    fields = []
    for key, nodes in collected.items():
        name = nodes[0].name.value
        field = Field()
        field.key, field.nodes, field.typename, field.attribute = key, nodes, None, ""
        fields.append(field)
        if name == "__typename":
            field.typename = parent.name
            continue
        definition = _META.get(name) or parent.fields[name]
        resolve = definition.resolve
        field.info = run.info(name, nodes, definition.type, parent)
        field.complete = _completer(run, definition.type, field, f"{parent.name}.{name}")
        field.arguments = {}
        if definition.args:
            try:
                field.arguments = get_argument_values(definition, nodes[0], run.variables)
            except GraphQLError as error:
                resolve = partial(_fail, error)
        if isinstance(resolve, partial) and resolve.func is dict_or_attr_resolver:
            field.attribute, field.default = resolve.args
        elif resolve is None:
            field.attribute, field.default = name, None
        else:
            field.resolve = resolve
    return fields


def _fail(error: GraphQLError, root: Any, info: Any, **arguments: Any) -> Any:
    del root, info, arguments
    # A fresh one each time: the path is written into it.
    raise GraphQLError(error.message, error.nodes, original_error=error.original_error)


def run_object(run: Run, fields: list[Field], root: Any, path: tuple[Any, ...]) -> dict[str, Any]:
    """Every field of one row. Raises the located error of a field that may not be null."""
    run.count_object()
    data: dict[str, Any] = {}
    as_dict = isinstance(root, dict)
    for field in fields:
        if field.typename is not None:
            data[field.key] = field.typename
            continue
        try:
            if field.attribute:
                value = (
                    root.get(field.attribute, field.default)
                    if as_dict
                    else getattr(root, field.attribute, field.default)
                )
            else:
                value = field.resolve(root, field.info, **field.arguments)
            data[field.key] = field.complete(value, (*path, field.key))
        except TooManyObjects:
            raise
        except Exception as raised:
            error = _located(raised, field.nodes, (*path, field.key))
            if isinstance(field.info.return_type, GraphQLNonNull):
                raise error from raised
            run.errors.append(error)
            data[field.key] = None
    return data


def _located(error: Exception, nodes: list[FieldNode], path: tuple[Any, ...]) -> GraphQLError:
    """As located_error, which leaves alone what has been located further in."""
    return located_error(error, nodes, list(path))


Complete = Callable[[Any, tuple[Any, ...]], Any]


def _completer(run: Run, returns: Any, field: Field, name: str) -> Complete:
    """How a resolver's value becomes JSON."""
    if isinstance(returns, GraphQLNonNull):
        inner = _completer(run, returns.of_type, field, name)

        def never_null(value: Any, path: tuple[Any, ...]) -> Any:
            completed = inner(value, path)
            if completed is None:
                raise TypeError(f"Cannot return null for non-nullable field {name}.")
            return completed

        return never_null
    if isinstance(returns, GraphQLList):
        return _list_completer(run, returns, field, name)
    if is_leaf_type(returns):
        return _leaf_completer(returns)
    if is_abstract_type(returns):
        return _abstract_completer(run, returns, field)
    return _object_completer(run, returns, field)


def _list_completer(run: Run, returns: Any, field: Field, name: str) -> Complete:
    each_type = returns.of_type
    item = _completer(run, each_type, field, name)
    required = isinstance(each_type, GraphQLNonNull)

    def complete(value: Any, path: tuple[Any, ...]) -> Any:
        if value is None:
            return None
        if isinstance(value, str | bytes | dict) or not hasattr(value, "__iter__"):
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{name}'.")
        found = []
        for place, each in enumerate(value):
            try:
                found.append(item(each, (*path, place)))
            except TooManyObjects:
                raise
            except Exception as raised:
                error = _located(raised, field.nodes, (*path, place))
                if required:
                    raise error from raised
                run.errors.append(error)
                found.append(None)
        return found

    return complete


def _leaf_completer(returns: Any) -> Complete:
    serialize = returns.serialize
    # Members are texts equal to their names, so one table serves both.
    table = {str(name): str(name) for name in returns.values} if is_enum_type(returns) else {}
    same = {"String": str, "ID": str, "Boolean": bool, "Int": _ABSENT, "Float": float}.get(returns.name)

    def complete(value: Any, path: tuple[Any, ...]) -> Any:
        if value is None or type(value) is same:
            return value if same is not float or value is None else serialize(value)
        if table and isinstance(value, str) and value in table:
            return table[value]
        done = serialize(value)
        if done is None or done is Undefined:
            raise TypeError(
                f"Expected `{shown(returns)}.serialize({shown(value)})` to return non-nullable value, "
                f"returned: {shown(done)}"
            )
        return done

    return complete


def _object_completer(run: Run, returns: GraphQLObjectType, field: Field) -> Complete:
    prepared: list[Field] | None = None

    def complete(value: Any, path: tuple[Any, ...]) -> Any:
        nonlocal prepared
        if value is None:
            return None
        if prepared is None:
            prepared = _below(run, returns, field)
        if returns.is_type_of is not None and not returns.is_type_of(value, field.info):
            raise GraphQLError(
                f"Expected value of type '{returns.name}' but got: {shown(value)}.", field.nodes
            )
        return run_object(run, prepared, value, path)

    return complete


def _abstract_completer(run: Run, returns: Any, field: Field) -> Complete:
    by_type: dict[str, list[Field]] = {}
    resolve_type = returns.resolve_type or default_type_resolver

    def complete(value: Any, path: tuple[Any, ...]) -> Any:
        if value is None:
            return None
        name: Any = resolve_type(value, field.info, returns)
        if name not in by_type:
            found = run.schema.type_map.get(name) if isinstance(name, str) else None
            if not isinstance(found, GraphQLObjectType) or not run.schema.is_sub_type(returns, found):
                raise GraphQLError(
                    f"Abstract type '{returns.name}' was resolved to {shown(name)}, which is none of its types.",
                    field.nodes,
                )
            by_type[name] = _below(run, found, field)
        return run_object(run, by_type[name], value, path)

    return complete


def _below(run: Run, returns: GraphQLObjectType, field: Field) -> list[Field]:
    return prepare(
        run, returns, collect_sub_fields(run.schema, run.fragments, run.variables, returns, field.nodes)
    )
