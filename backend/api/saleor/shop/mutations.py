"""The mutation fields of this room."""

from __future__ import annotations

from graphene import ID, Argument, Field

from backend.api.saleor.context import require
from backend.api.saleor.ids import key_of
from backend.api.saleor.problems import Refused, change
from backend.api.saleor.shop.delivering import list_method, new_method
from backend.api.saleor.shop.places import CHANNEL_ROW, SETTINGS, ZONE, seller_of_slug, warehouse_of
from backend.api.saleor.shop.types import (
    ChannelCreate,
    ChannelCreateInput,
    ChannelUpdate,
    ChannelUpdateInput,
    ShippingMethodChannelListingInput,
    ShippingMethodChannelListingUpdate,
    ShippingPriceCreate,
    ShippingPriceInput,
    ShippingZoneCreate,
    ShippingZoneCreateInput,
    ShippingZoneUpdate,
    ShippingZoneUpdateInput,
    WarehouseCreate,
    WarehouseCreateInput,
)
from backend.commerce import naming


class ShopMutations:
    """What shop adds to the mutation root."""

    create_warehouse = Field(WarehouseCreate, input=Argument(WarehouseCreateInput, required=True))
    channel_update = Field(
        ChannelUpdate, id=ID(required=True), input=Argument(ChannelUpdateInput, required=True)
    )
    shipping_zone_update = Field(
        ShippingZoneUpdate, id=ID(required=True), input=Argument(ShippingZoneUpdateInput, required=True)
    )

    channel_create = Field(ChannelCreate, input=Argument(ChannelCreateInput, required=True))
    shipping_zone_create = Field(ShippingZoneCreate, input=Argument(ShippingZoneCreateInput, required=True))
    shipping_price_create = Field(ShippingPriceCreate, input=Argument(ShippingPriceInput, required=True))
    shipping_method_channel_listing_update = Field(
        ShippingMethodChannelListingUpdate,
        id=ID(required=True),
        input=Argument(ShippingMethodChannelListingInput, required=True),
    )

    @staticmethod
    @change(WarehouseCreate)
    def resolve_create_warehouse(root, info, input):
        """A seller's warehouse is there as soon as the seller is: nothing is kept, and a repeat is no error."""
        seller_id = seller_of_slug(input.get("slug") or "")
        require(info, "MANAGE_PRODUCTS", seller_id=seller_id)
        if not seller_id or len(seller_id) > 40:
            raise Refused("INVALID", "A warehouse is one seller's: its slug is seller-<id>.", "slug")
        return {"warehouse": warehouse_of(info.context, seller_id)}

    # A program that prepares a shop puts every warehouse into the channel and the zone. Here they are, from the first.
    @staticmethod
    @change(ChannelUpdate)
    def resolve_channel_update(root, info, id, input):
        require(info, "MANAGE_CHANNELS")
        if id != CHANNEL_ROW.id:
            raise Refused("NOT_FOUND", f"Couldn't resolve to a node: {id}", "id")
        check_warehouses(input.get("add_warehouses"))
        return {"channel": CHANNEL_ROW}

    # What is wanted and there already is given, anything else refused: the market has one channel and one zone.
    @staticmethod
    @change(ChannelCreate)
    def resolve_channel_create(root, info, input):
        require(info, "MANAGE_CHANNELS")
        if input["slug"] != CHANNEL_ROW.slug:
            raise Refused("INVALID", f"The market has one channel, {CHANNEL_ROW.slug}.", "slug")
        if input["currency_code"] != naming.CURRENCY:
            raise Refused("INVALID", f"The market sells in {naming.CURRENCY}.", "currencyCode")
        if input["default_country"] != naming.COUNTRY:
            raise Refused("INVALID", f"The market sells in {naming.COUNTRY}.", "defaultCountry")
        if input.get("is_active") is False:
            raise Refused("INVALID", "The market's channel is always active.", "isActive")
        for name, settings in SETTINGS.items():
            for each, wanted in (input.get(name) or {}).items():
                if wanted != settings[each]:
                    raise Refused("INVALID", f"The market sells by {each} {settings[each]}.", _camel(name))
        check_warehouses(input.get("add_warehouses"))
        _check_zones(input.get("add_shipping_zones"))
        return {"channel": CHANNEL_ROW}

    @staticmethod
    @change(ShippingZoneCreate)
    def resolve_shipping_zone_create(root, info, input):
        require(info, "MANAGE_SHIPPING")
        if not (input.get("name") or "").strip():
            raise Refused("REQUIRED", "This field is required.", "name")
        if set(input.get("countries") or [naming.COUNTRY]) != {naming.COUNTRY} or input.get("default"):
            raise Refused("INVALID", f"The market sends goods within {naming.COUNTRY}.", "countries")
        check_warehouses(input.get("add_warehouses"))
        unknown = [each for each in input.get("add_channels") or () if each != CHANNEL_ROW.id]
        if unknown:
            raise Refused("NOT_FOUND", "Couldn't resolve to a node.", "addChannels", channels=unknown)
        return {"shipping_zone": ZONE}

    @staticmethod
    @change(ShippingPriceCreate)
    def resolve_shipping_price_create(root, info, input):
        require(info, "MANAGE_SHIPPING")
        _check_zones([input["shipping_zone"]] if input.get("shipping_zone") else ())
        if input.get("type", "PRICE") != "PRICE":
            raise Refused("INVALID", "Delivery is priced by what is ordered.", "type")
        return {"shipping_zone": ZONE, "shipping_method": new_method(info.context, input.get("name") or "")}

    @staticmethod
    @change(ShippingMethodChannelListingUpdate)
    def resolve_shipping_method_channel_listing_update(root, info, id, input):
        require(info, "MANAGE_SHIPPING")
        return {"shipping_method": list_method(info.context, id, input)}

    @staticmethod
    @change(ShippingZoneUpdate)
    def resolve_shipping_zone_update(root, info, id, input):
        require(info, "MANAGE_SHIPPING")
        if id != ZONE.id:
            raise Refused("NOT_FOUND", f"Couldn't resolve to a node: {id}", "id")
        check_warehouses(input.get("add_warehouses"))
        return {"shipping_zone": ZONE}


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(each.capitalize() for each in tail)


def _check_zones(ids) -> None:
    """Raises Refused for any other zone than the one."""
    if any(each != ZONE.id for each in ids or ()):
        raise Refused("NOT_FOUND", "Couldn't resolve to a node.", "shippingZone")


def check_warehouses(ids) -> None:
    """Raises Refused for what is no warehouse."""
    unknown = [each for each in ids or () if not key_of(each, "Warehouse")]
    if unknown:
        raise Refused("NOT_FOUND", "Couldn't resolve to a node.", "addWarehouses", warehouses=unknown)
