"""What checkouts and orders show of goods and places: one door to the rooms that know them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backend.api.saleor.context import Context
from backend.api.saleor.products.reading import load_variants, variant_of
from backend.api.saleor.shop.places import CHANNEL_ROW, warehouse_of

__all__ = ["channel_row", "variant_of", "want_variants", "warehouse_of"]


def channel_row() -> Any:
    """The one channel."""
    return CHANNEL_ROW


def want_variants(context: Context, pks: Iterable[int]) -> None:
    """These variants are then read together."""
    context.loader(load_variants).want(pks)
