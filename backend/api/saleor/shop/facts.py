"""What the shop says of itself."""

from __future__ import annotations

from typing import Final

from backend.commerce import naming
from backend.engine import listing

SHOP: Final = object()
"""The shop has nothing of its own that is not a setting."""
SPEAKS: Final = "3.23.28"
"""The release of Saleor whose schema this one is a part of."""


def market_name() -> str:
    """What people call the market."""
    return naming.CHANNEL_NAME


def has_orders() -> bool:
    """Whether anything was ever ordered."""
    return listing.has_orders()
