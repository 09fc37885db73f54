"""The commerce port: the market sees products, stock, checkouts and orders only through ``shop()``."""

from __future__ import annotations

from backend.commerce.shop import Shop

_shop: Shop | None = None


def use_shop(engine: Shop) -> None:
    """Put ``engine`` behind the port; called once at start-up by the project."""
    global _shop
    _shop = engine


def shop() -> Shop:
    """The engine behind the port. Raises RuntimeError before start-up has chosen one."""
    if _shop is None:
        raise RuntimeError("No commerce engine has been chosen.")
    return _shop


__all__ = ["Shop", "shop", "use_shop"]
