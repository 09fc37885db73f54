"""The mutation fields of this room."""

from __future__ import annotations

from graphene import Argument, Field

from backend.api.saleor.shop.types import WarehouseCreate, WarehouseCreateInput


class ShopMutations:
    """What shop adds to the mutation root."""

    create_warehouse = Field(WarehouseCreate, input=Argument(WarehouseCreateInput, required=True))
