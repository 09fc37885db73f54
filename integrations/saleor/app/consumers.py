"""What follows when a Saleor said that an order has changed."""

from __future__ import annotations

from backend.commerce import shop
from backend.common import clock
from backend.common.outbox import Event, consumer
from integrations.saleor.app import copies
from integrations.saleor.app.hearing import ORDER_TOUCHED


@consumer("saleor.read_order", events={ORDER_TOUCHED}, in_transaction=False)
def read_order(event: Event) -> None:
    """Read the order anew and tell the market what is different. Safe to repeat; with Saleor down it is tried later."""
    order_id = event.payload["order_id"]
    if copies.was_read_since(order_id, event.created_at):
        return
    read_at = clock.now()
    order = shop().find_order(order_id)
    if order is not None:
        copies.keep([order], read_at=read_at)
