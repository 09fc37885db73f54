"""The commerce port: the market sees products, stock, checkouts and orders only through ``shop()``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backend.commerce.shop import Shop
from backend.commerce.values import Order

Copies = Callable[[Sequence[str]], dict[str, Order]]
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


def _no_copies(ids: Sequence[str]) -> dict[str, Order]:
    del ids
    return {}


_copies: Copies = _no_copies


def use_copies(find: Copies) -> None:
    """Where orders of an engine that may not answer are kept; called once at start-up by the project."""
    global _copies
    _copies = find


def kept_orders(ids: Sequence[str]) -> dict[str, Order]:
    """Orders as they were last seen, for pages alone: what is decided is asked of ``shop()``."""
    return _copies(ids)


__all__ = ["Shop", "kept_orders", "shop", "use_copies", "use_shop"]
