"""The query fields of this room."""

from __future__ import annotations

from graphene import ID, Argument, Field, List, NonNull, String

from backend.api.saleor.base import paged
from backend.api.saleor.connections import of_list, take
from backend.api.saleor.context import require, require_worker
from backend.api.saleor.enums import CountryCode, LanguageCodeEnum
from backend.api.saleor.ids import key_of
from backend.api.saleor.problems import one_of
from backend.api.saleor.shop.addresses import address_rules
from backend.api.saleor.shop.facts import SHOP
from backend.api.saleor.shop.menus import MENUS
from backend.api.saleor.shop.places import CHANNEL_ROW, ZONE, chosen_warehouses, warehouse_of
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
    PageCountableConnection,
    PageFilterInput,
    PageSortingInput,
    PageWhereInput,
    ShippingZoneCountableConnection,
    ShippingZoneFilterInput,
    Shop,
    Warehouse,
    WarehouseCountableConnection,
    WarehouseFilterInput,
    WarehouseSortingInput,
)
from backend.common.text import fold


class ShopQueries:
    """What shop adds to the query root."""

    warehouse = Field(Warehouse, id=ID(), external_reference=String())
    warehouses = Field(
        WarehouseCountableConnection,
        filter=Argument(WarehouseFilterInput),
        sort_by=Argument(WarehouseSortingInput),
        **paged(),
    )
    shipping_zones = Field(
        ShippingZoneCountableConnection,
        filter=Argument(ShippingZoneFilterInput),
        channel=String(),
        **paged(),
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
        **paged(),
    )
    page = Field(Page, id=ID(), slug=String(), slug_language_code=LanguageCodeEnum(), channel=String())
    pages = Field(
        PageCountableConnection,
        sort_by=Argument(PageSortingInput),
        filter=Argument(PageFilterInput),
        search=String(),
        where=Argument(PageWhereInput),
        channel=String(),
        **paged(),
    )
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

    @staticmethod
    def resolve_shop(root, info):
        return SHOP

    @staticmethod
    def resolve_channel(root, info, id=None, slug=None):
        one_of(id=id, slug=slug)
        return CHANNEL_ROW if CHANNEL_ROW.id == id or CHANNEL_ROW.slug == slug else None

    @staticmethod
    def resolve_channels(root, info):
        require_worker(info)
        return [CHANNEL_ROW]

    @staticmethod
    def resolve_warehouse(root, info, id=None, external_reference=None):
        require(info, "MANAGE_PRODUCTS", "MANAGE_ORDERS", "MANAGE_SHIPPING")
        one_of(id=id, external_reference=external_reference)
        seller_id = key_of(id, "Warehouse")
        if not seller_id or not info.context.requestor.reaches(seller_id):
            return None
        return warehouse_of(info.context, seller_id)

    @staticmethod
    def resolve_warehouses(root, info, filter=None, sort_by=None, **arguments):
        require(info, "MANAGE_PRODUCTS", "MANAGE_ORDERS", "MANAGE_SHIPPING")
        rows = chosen_warehouses(info.context, filter or {})
        if sort_by:
            rows = sorted(rows, key=lambda row: fold(row.name), reverse=str(sort_by["direction"]) == "DESC")
        return of_list(info, rows, take(arguments), key=lambda row: row.slug)

    # The market keeps no collections and pages: whoever asks for one finds none, which is no error.
    @staticmethod
    def resolve_collection(root, info, **arguments):
        return None

    @staticmethod
    def resolve_collections(root, info, **arguments):
        return of_list(info, [], take(arguments), key=str)

    @staticmethod
    def resolve_menu(root, info, channel=None, id=None, name=None, slug=None):
        return next((row for row in MENUS if slug == row.slug or id == row.id or name == row.name), None)

    @staticmethod
    def resolve_page(root, info, **arguments):
        return None

    @staticmethod
    def resolve_pages(root, info, **arguments):
        return of_list(info, [], take(arguments), key=str)

    @staticmethod
    def resolve_address_validation_rules(
        root, info, country_code, country_area=None, city=None, city_area=None
    ):
        return address_rules(str(country_code), country_area or "")

    @staticmethod
    def resolve_shipping_zones(root, info, filter=None, channel=None, **arguments):
        require(info, "MANAGE_SHIPPING")
        asked = filter or {}
        here = (
            channel in (None, CHANNEL_ROW.slug)
            and (asked.get("channels") is None or CHANNEL_ROW.id in asked["channels"])
            and fold(asked.get("search") or "") in fold(ZONE.name)
        )
        return of_list(info, [ZONE] if here else [], take(arguments), key=lambda row: row.pk)
