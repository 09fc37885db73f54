"""The query fields of this room."""

from __future__ import annotations

from graphene import ID, Argument, Field, Int, List, NonNull, String

from backend.api.saleor.enums import CountryCode, LanguageCodeEnum
from backend.api.saleor.shop.types import (
    AddressValidationData,
    Channel,
    Collection,
    CollectionCountableConnection,
    CollectionFilterInput,
    CollectionSortingInput,
    CollectionWhereInput,
    Menu,
    Page,
    Shop,
    Warehouse,
    WarehouseCountableConnection,
    WarehouseFilterInput,
    WarehouseSortingInput,
)


class ShopQueries:
    """What shop adds to the query root."""

    warehouse = Field(Warehouse, id=ID(), external_reference=String())
    warehouses = Field(
        WarehouseCountableConnection,
        filter=Argument(WarehouseFilterInput),
        sort_by=Argument(WarehouseSortingInput),
        before=String(),
        after=String(),
        first=Int(),
        last=Int(),
    )
    shop = Field(Shop, required=True)
    collection = Field(
        Collection, id=ID(), slug=String(), slug_language_code=LanguageCodeEnum(), channel=String()
    )
    collections = Field(
        CollectionCountableConnection,
        filter=Argument(CollectionFilterInput),
        where=Argument(CollectionWhereInput),
        sort_by=Argument(CollectionSortingInput),
        channel=String(),
        before=String(),
        after=String(),
        first=Int(),
        last=Int(),
    )
    page = Field(Page, id=ID(), slug=String(), slug_language_code=LanguageCodeEnum(), channel=String())
    menu = Field(Menu, channel=String(), id=ID(), name=String(), slug=String())
    channel = Field(Channel, id=ID(), slug=String())
    channels = List(NonNull(Channel))
    address_validation_rules = Field(
        AddressValidationData,
        country_code=CountryCode(required=True),
        country_area=String(),
        city=String(),
        city_area=String(),
    )
