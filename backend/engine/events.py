"""What the engine tells after a change, and the audit row beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from backend.commerce import events
from backend.common import audit
from backend.common.outbox import Happening, emit, emit_all
from backend.engine.models import Order

ACTOR: Final = "shop"
"""The port carries no person. An audit row of the engine names the caller's key instead, and the caller's own
row, written with the same key, names who it was."""


def tell_product(name: str, product_id: int, seller_id: str, **more: Any) -> None:
    """Emit product event ``name``; belongs inside the transaction of the change."""
    emit(name, f"product:{product_id}", {"product_id": str(product_id), "seller_id": seller_id, **more})


def _of_stock(products: Iterable[int], seller_id: str) -> list[Happening]:
    """One stock event per product: what can be ordered of it has changed."""
    return [
        Happening(
            events.STOCK_UPDATED,
            f"product:{product_id}",
            {"product_id": str(product_id), "seller_id": seller_id},
        )
        for product_id in sorted(products)
    ]


def tell_order(names: Iterable[str], order: Order, *, stock_of: Iterable[int] = (), **more: Any) -> None:
    """Emit the order events ``names``, with the facts that a consumer needs and no personal data.

    ``stock_of``: the products of which more or less can be ordered by it; their stock events follow.
    """
    payload = {
        "order_id": order.key,
        "seller_id": order.seller_id,
        "number": order.number,
        "status": order.status,
        "charge_status": order.charge_status,
        "total_vnd": order.total_vnd,
        "charged_vnd": order.charged_vnd,
        **more,
    }
    told = [Happening(name, f"order:{order.key}", payload) for name in names]
    emit_all(told + _of_stock(stock_of, order.seller_id))


def note(key: str, action: str, subject: str, **data: Any) -> None:
    """The audit row of a change made under the caller's ``key``."""
    audit.record(ACTOR, action, subject, key=key, **data)
