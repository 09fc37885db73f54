"""The mutation fields of this room."""

from __future__ import annotations

from graphene import ID, Argument, Field

from backend.api.saleor.context import require
from backend.api.saleor.ids import key_of
from backend.api.saleor.problems import Refused, change
from backend.api.saleor.shop.places import CHANNEL_ROW, ZONE, seller_of_slug, warehouse_of
from backend.api.saleor.shop.types import (
    ChannelUpdate,
    ChannelUpdateInput,
    ShippingZoneUpdate,
    ShippingZoneUpdateInput,
    WarehouseCreate,
    WarehouseCreateInput,
)


class ShopMutations:
    """What shop adds to the mutation root."""

    create_warehouse = Field(WarehouseCreate, input=Argument(WarehouseCreateInput, required=True))
    channel_update = Field(
        ChannelUpdate, id=ID(required=True), input=Argument(ChannelUpdateInput, required=True)
    )
    shipping_zone_update = Field(
        ShippingZoneUpdate, id=ID(required=True), input=Argument(ShippingZoneUpdateInput, required=True)
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

    @staticmethod
    @change(ShippingZoneUpdate)
    def resolve_shipping_zone_update(root, info, id, input):
        require(info, "MANAGE_SHIPPING")
        if id != ZONE.id:
            raise Refused("NOT_FOUND", f"Couldn't resolve to a node: {id}", "id")
        check_warehouses(input.get("add_warehouses"))
        return {"shipping_zone": ZONE}


def check_warehouses(ids) -> None:
    """Raises Refused for what is no warehouse."""
    unknown = [each for each in ids or () if not key_of(each, "Warehouse")]
    if unknown:
        raise Refused("NOT_FOUND", "Couldn't resolve to a node.", "addWarehouses", warehouses=unknown)
