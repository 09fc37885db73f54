"""The schema: what the rooms contribute, put together once."""

from __future__ import annotations

import functools
import threading
from typing import Any

import graphene
from django.conf import settings
from graphene.utils.str_converters import to_camel_case
from graphql import GraphQLObjectType, GraphQLSchema

from backend.api.saleor.account.mutations import AccountMutations, AddressBookMutations
from backend.api.saleor.account.queries import AccountQueries
from backend.api.saleor.checkout.mutations import CheckoutMutations
from backend.api.saleor.checkout.queries import CheckoutQueries
from backend.api.saleor.execution import Executor
from backend.api.saleor.metadata import MetadataMutations
from backend.api.saleor.order.mutations import OrderMutations
from backend.api.saleor.order.queries import OrderQueries
from backend.api.saleor.products.mutations import ProductsMutations
from backend.api.saleor.products.queries import ProductsQueries
from backend.api.saleor.products.types import (
    AssignedBooleanAttribute,
    AssignedMultiChoiceAttribute,
    AssignedNumericAttribute,
    AssignedPlainTextAttribute,
    AssignedSingleChoiceAttribute,
)
from backend.api.saleor.shop.mutations import ShopMutations
from backend.api.saleor.shop.queries import ShopQueries
from backend.api.saleor.shop.types import (
    AssignedFileAttribute,
    AssignedSingleCollectionReferenceAttribute,
)
from backend.api.saleor.transaction.mutations import TransactionMutations
from backend.api.saleor.transaction.queries import TransactionQueries
from backend.api.saleor.transaction.types import OtherPaymentMethodDetails

QUERIES: tuple[Any, ...] = (
    ProductsQueries,
    ShopQueries,
    AccountQueries,
    CheckoutQueries,
    OrderQueries,
    TransactionQueries,
)
MUTATIONS: tuple[Any, ...] = (
    ProductsMutations,
    ShopMutations,
    MetadataMutations,
    AccountMutations,
    AddressBookMutations,
    CheckoutMutations,
    OrderMutations,
    TransactionMutations,
)
UNREFERENCED: tuple[Any, ...] = (
    AssignedBooleanAttribute,
    AssignedFileAttribute,
    AssignedMultiChoiceAttribute,
    AssignedNumericAttribute,
    AssignedPlainTextAttribute,
    AssignedSingleChoiceAttribute,
    AssignedSingleCollectionReferenceAttribute,
    OtherPaymentMethodDetails,
)
"""Types that are only reached through an interface."""

OF_PEOPLE: tuple[Any, ...] = (AccountQueries, AccountMutations)
"""What is served where a Saleor has the goods and the orders: signing in, which /market/graphql/ needs."""
OF_THE_SHOP = frozenset(
    {"addresses", "checkoutIds", "orders", "defaultShippingAddress", "defaultBillingAddress"}
)
"""What a person's fields tell of the embedded engine's own tables."""

TAKEN_IN = frozenset({"checkoutCreate", "checkoutComplete"})
"""What begins an order or places it. Whatever else is written on an open checkout holds nothing and is moved nowhere."""

_LOCK = threading.Lock()


def build() -> graphene.Schema:
    """The schema anew; a room is one line in QUERIES and one in MUTATIONS."""
    query = type("Query", (*QUERIES, graphene.ObjectType), {"__doc__": "Reading the market."})
    mutation = type("Mutation", (*MUTATIONS, graphene.ObjectType), {"__doc__": "Changing it."})
    return graphene.Schema(query=query, mutation=mutation, types=list(UNREFERENCED))


def build_of_people() -> GraphQLSchema:
    """The part of the schema that knows people alone, and nothing of goods or orders."""
    queries, mutations = OF_PEOPLE
    query = type("Query", (queries, graphene.ObjectType), {"__doc__": "Who asks."})
    mutation = type("Mutation", (mutations, graphene.ObjectType), {"__doc__": "Signing in and up."})
    whole = graphene.Schema(query=query, mutation=mutation).graphql_schema
    user = whole.type_map["User"]
    assert isinstance(user, GraphQLObjectType)
    for name in OF_THE_SHOP:
        del user.fields[name]
    # Anew, with the types alone that can still be reached.
    return GraphQLSchema(query=whole.query_type, mutation=whole.mutation_type)


@functools.cache
def _built(embedded: bool) -> Executor:
    schema = build().graphql_schema if embedded else build_of_people()
    return Executor(schema, harmless=_fields(AccountMutations) | (_fields(CheckoutMutations) - TAKEN_IN))


def _fields(mixin: Any) -> frozenset[str]:
    return frozenset(to_camel_case(name) for name, each in vars(mixin).items() if is_field(each))


def is_field(each: Any) -> bool:
    """Whether it is a field of a mixin, and not one of its functions."""
    return isinstance(each, graphene.Field)


def executor() -> Executor:
    """The one executor of this process, built at the first request."""
    with _LOCK:
        return _built(settings.SHOP_ENGINE == "embedded")
