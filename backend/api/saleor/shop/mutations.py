"""The mutation fields of this room."""

from __future__ import annotations

from graphene import Argument, Field

from backend.api.saleor.context import require
from backend.api.saleor.problems import Refused, change
from backend.api.saleor.shop.places import seller_of_slug, warehouse_of
from backend.api.saleor.shop.types import WarehouseCreate, WarehouseCreateInput


class ShopMutations:
    """What shop adds to the mutation root."""

    create_warehouse = Field(WarehouseCreate, input=Argument(WarehouseCreateInput, required=True))

    @staticmethod
    @change(WarehouseCreate)
    def resolve_create_warehouse(root, info, input):
        """A seller's warehouse is there as soon as the seller is: nothing is kept, and a repeat is no error."""
        seller_id = seller_of_slug(input.get("slug") or "")
        require(info, "MANAGE_PRODUCTS", seller_id=seller_id)
        if not seller_id or len(seller_id) > 40:
            raise Refused("INVALID", "A warehouse is one seller's: its slug is seller-<id>.", "slug")
        return {"warehouse": warehouse_of(info.context, seller_id)}
