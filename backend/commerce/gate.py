"""Whether the shop takes anything in just now. While a market changes its engine it takes nothing: what came in behind the
reader's back would stay behind."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from backend.commerce.shop import Shop

Check = Callable[[], None]
"""Raises ShopUnavailable while nothing is taken in."""

WRITING: Final = frozenset(
    {
        "create_product",
        "update_product",
        "add_image",
        "remove_image",
        "set_stock",
        "create_checkout",
        "complete_checkout",
        "confirm_order",
        "fulfill_order",
        "cancel_order",
        "report_charge",
    }
)
"""The port's methods that change something."""


def _open() -> None:
    return None


_check: Check = _open


def use_gate(check: Check) -> None:
    """Let ``check`` decide from now on; called once at start-up by the project."""
    global _check
    _check = check


def check_open() -> None:
    """Raises ShopUnavailable while the shop takes nothing in."""
    _check()


def gated(engine: Shop) -> Shop:
    """``engine``, whose writing methods ask first from now on."""
    kind = type(engine)

    def asking(name: str) -> Callable[..., Any]:
        plain = getattr(kind, name)

        @wraps(plain)
        def call(*args: Any, **more: Any) -> Any:
            check_open()
            return plain(*args, **more)

        return call

    engine.__class__ = type(kind.__name__, (kind,), {name: asking(name) for name in WRITING})
    return engine
