"""What every room of the dialect uses: money, addresses, metadata, images, common filters."""

from __future__ import annotations

from typing import Any

from graphene import (
    ID,
    Boolean,
    Field,
    Float,
    InputField,
    InputObjectType,
    Int,
    Interface,
    List,
    NonNull,
    ObjectType,
    String,
)

from backend.api.saleor.enums import (
    CountryCode,
    LanguageCodeEnum,
    MetadataErrorCode,
    OrderDirection,
    PermissionEnum,
    WeightUnitsEnum,
)
from backend.api.saleor.problems import PermissionDenied
from backend.api.saleor.rows import chosen_items, items
from backend.api.saleor.scalars import UUID, Date, DateTime, Decimal, Metadata, PositiveDecimal


def paged() -> dict[str, Any]:
    """The arguments of every connection."""
    return {"before": String(), "after": String(), "first": Int(), "last": Int()}


def countable(name: str, node: Any) -> Any:
    """``<name>CountableConnection`` over ``node`` (a type, or a function that gives it), with its edge: what
    connections.Connection answers."""
    cursor = {"node": Field(node, required=True), "cursor": String(required=True)}
    edge = type(f"{name}CountableEdge", (ObjectType,), {"__doc__": "A row, and where it stands.", **cursor})
    page = {
        "page_info": Field(PageInfo, required=True),
        "edges": List(NonNull(edge), required=True),
        "total_count": Int(),
    }
    return type(f"{name}CountableConnection", (ObjectType,), {"__doc__": "A page of rows.", **page})


def choice(name: str, kind: Any) -> Any:
    """The input ``name``: rows whose value of ``kind`` is this one, or one of these."""
    fields = {"eq": kind(), "one_of": List(NonNull(kind))}
    return type(name, (InputObjectType,), {"__doc__": "Which rows are wanted.", **fields})


def sorting(name: str, field: Any) -> Any:
    """The input ``name``: what rows are sorted by, and which way."""
    fields = {"direction": OrderDirection(required=True), "field": field(required=True)}
    return type(name, (InputObjectType,), {"__doc__": "What to sort by, and which way.", **fields})


class Reason(ObjectType):
    """One reason why a change was refused; what it is a change of adds its codes."""

    class Meta:
        abstract = True

    field = String()
    message = String()


class MetadataInput(InputObjectType):
    """One key and its text."""

    key = String(required=True)
    value = String(required=True)


class AddressInput(InputObjectType):
    """An address as it is sent; cityArea holds the commune and countryArea the province."""

    first_name = String()
    last_name = String()
    company_name = String()
    street_address_1 = String()
    street_address_2 = String()
    city = String()
    city_area = String()
    postal_code = String()
    country = CountryCode()
    country_area = String()
    phone = String()
    metadata = List(NonNull(MetadataInput))
    skip_validation = Boolean(default_value=False)


class ContainsFilterInput(InputObjectType):
    """Which rows are wanted: contains."""

    contains_any = List(NonNull(String))
    contains_all = List(NonNull(String))


class CountryCodeEnumFilterInput(InputObjectType):
    """Which rows are wanted: country code."""

    eq = CountryCode()
    one_of = List(NonNull(CountryCode))
    not_one_of = List(NonNull(CountryCode))


class CountryFilterInput(InputObjectType):
    """Which rows are wanted: country."""

    attached_to_shipping_zones = Boolean()


class DateRangeInput(InputObjectType):
    """Bounds, both included."""

    gte = Date()
    lte = Date()


class DateTimeRangeInput(InputObjectType):
    """Bounds, both included."""

    gte = DateTime()
    lte = DateTime()


class DateTimeFilterInput(InputObjectType):
    """Which rows are wanted: date time."""

    eq = DateTime()
    one_of = List(NonNull(DateTime))
    range = InputField(DateTimeRangeInput)


class DecimalRangeInput(InputObjectType):
    """Bounds, both included."""

    gte = Decimal()
    lte = Decimal()


class DecimalFilterInput(InputObjectType):
    """Which rows are wanted: decimal."""

    eq = Decimal()
    one_of = List(NonNull(Decimal))
    range = InputField(DecimalRangeInput)


GlobalIDFilterInput = choice("GlobalIDFilterInput", ID)


class IntRangeInput(InputObjectType):
    """Bounds, both included."""

    gte = Int()
    lte = Int()


class IntFilterInput(InputObjectType):
    """Which rows are wanted: int."""

    eq = Int()
    one_of = List(NonNull(Int))
    range = InputField(IntRangeInput)


class MetadataFilter(InputObjectType):
    """Metadata filter."""

    key = String(required=True)
    value = String()


MetadataValueFilterInput = choice("MetadataValueFilterInput", String)


class MetadataFilterInput(InputObjectType):
    """Which rows are wanted: metadata."""

    key = String(required=True)
    value = InputField(MetadataValueFilterInput)


class MoneyInput(InputObjectType):
    """Input: money."""

    currency = String(required=True)
    amount = PositiveDecimal(required=True)


class PriceRangeInput(InputObjectType):
    """Bounds, both included."""

    gte = Float()
    lte = Float()


class SeoInput(InputObjectType):
    """Input: seo."""

    title = String()
    description = String()


StringFilterInput = choice("StringFilterInput", String)


UUIDFilterInput = choice("UUIDFilterInput", UUID)


class CountryDisplay(ObjectType):
    """A country by code and name."""

    code = String(required=True)
    country = String(required=True)


class MetadataItem(ObjectType):
    """One key and its text."""

    key = String(required=True)
    value = String(required=True)


KINDS: dict[type, type] = {}
"""The type of each kind of row that stands behind the interface alone; rooms add theirs."""


SELLERS: dict[type, Any] = {}
"""How a row that has no ``seller_id`` itself tells whose it is: a function of (row, info)."""


def _private(root, info):
    guard = getattr(root, "GUARD", ("MANAGE_PRODUCTS",))
    of_row = SELLERS.get(type(root))
    seller_id = getattr(root, "seller_id", None) if of_row is None else of_row(root, info)
    requestor = info.context.requestor
    if not requestor.may(*guard) or (seller_id is not None and not requestor.reaches(seller_id)):
        # As Saleor: which permission it would take is not told here.
        raise PermissionDenied()
    return root.private_metadata


class ObjectWithMetadata(Interface):
    """Whatever carries keys and texts of its callers."""

    private_metadata = List(NonNull(MetadataItem), required=True)
    private_metafield = String(key=String(required=True))
    private_metafields = Metadata(keys=List(NonNull(String)))
    metadata = List(NonNull(MetadataItem), required=True)
    metafield = String(key=String(required=True))
    metafields = Metadata(keys=List(NonNull(String)))

    @staticmethod
    def resolve_type(instance, info):
        kind = getattr(instance, "KIND", None)
        return KINDS[type(instance)] if kind is None else info.schema.get_type(kind).graphene_type

    # Rows carry ``metadata`` and, where they have any, ``private_metadata`` as dicts, and name in ``GUARD`` the
    # permissions that open the private ones.

    @staticmethod
    def resolve_metadata(root, info):
        return items(root.metadata)

    @staticmethod
    def resolve_metafield(root, info, key):
        return root.metadata.get(key)

    @staticmethod
    def resolve_metafields(root, info, keys=None):
        return chosen_items(root.metadata, keys)

    @staticmethod
    def resolve_private_metadata(root, info):
        return items(_private(root, info))

    @staticmethod
    def resolve_private_metafield(root, info, key):
        return _private(root, info).get(key)

    @staticmethod
    def resolve_private_metafields(root, info, keys=None):
        return chosen_items(_private(root, info), keys)


class Address(ObjectType):
    """An address: city and cityArea hold the commune, countryArea the province."""

    class Meta:
        interfaces = (ObjectWithMetadata,)

    id = ID(required=True)
    first_name = String(required=True)
    last_name = String(required=True)
    company_name = String(required=True)
    street_address_1 = String(required=True)
    street_address_2 = String(required=True)
    city = String(required=True)
    city_area = String(required=True)
    postal_code = String(required=True)
    country = Field(CountryDisplay, required=True)
    country_area = String(required=True)
    phone = String()
    is_default_shipping_address = Boolean()
    is_default_billing_address = Boolean()


class MetadataError(Reason):
    """One reason why metadata was refused."""

    code = MetadataErrorCode(required=True)


class DeleteMetadata(ObjectType):
    """Answer to the change of this name."""

    errors = List(NonNull(MetadataError), required=True)
    item = Field(ObjectWithMetadata)


class DeletePrivateMetadata(ObjectType):
    """Answer to the change of this name."""

    errors = List(NonNull(MetadataError), required=True)
    item = Field(ObjectWithMetadata)


class File(ObjectType):
    """A stored file."""

    url = String(required=True)
    content_type = String()


class Image(ObjectType):
    """A picture and its words."""

    url = String(required=True)
    alt = String()


class LanguageDisplay(ObjectType):
    """A language by code and name."""

    code = LanguageCodeEnum(required=True)
    language = String(required=True)


class Money(ObjectType):
    """An amount in one currency."""

    currency = String(required=True)
    amount = Float(required=True)
    fractional_amount = Int(required=True)
    fraction_digits = Int(required=True)


class PageInfo(ObjectType):
    """Where this page begins and ends."""

    has_next_page = Boolean(required=True)
    has_previous_page = Boolean(required=True)
    start_cursor = String()
    end_cursor = String()


class Permission(ObjectType):
    """What somebody may do."""

    code = PermissionEnum(required=True)
    name = String(required=True)


class TaxedMoney(ObjectType):
    """An amount with and without tax; the market charges none, so the three agree."""

    currency = String(required=True)
    gross = Field(Money, required=True)
    net = Field(Money, required=True)
    tax = Field(Money, required=True)


class TaxedMoneyRange(ObjectType):
    """From the lowest to the highest price."""

    start = Field(TaxedMoney)
    stop = Field(TaxedMoney)


class UpdateMetadata(ObjectType):
    """Answer to the change of this name."""

    errors = List(NonNull(MetadataError), required=True)
    item = Field(ObjectWithMetadata)


class UpdatePrivateMetadata(ObjectType):
    """Answer to the change of this name."""

    errors = List(NonNull(MetadataError), required=True)
    item = Field(ObjectWithMetadata)


class Weight(ObjectType):
    """A weight in one unit."""

    unit = WeightUnitsEnum(required=True)
    value = Float(required=True)
