"""The embedded engine (written next)."""

from __future__ import annotations

from backend.commerce.shop import Shop


class EmbeddedShop(Shop):
    """Behind the port."""
