"""What the catalogue hears: goods and certificates that have changed. Each is read anew; nothing is taken
from the event but whom it is about, so repeats and a changed order do no harm."""

from __future__ import annotations

from backend.accounts.services import SELLER_STOPPED
from backend.catalogue import services
from backend.commerce import events
from backend.common.outbox import Event, consumer


@consumer("catalogue.cards", events=set(events.PRODUCT_EVENTS), in_transaction=False)
def on_product(event: Event) -> None:
    """Goods were listed, changed, or have another stock."""
    services.refresh([event.payload["product_id"]])


@consumer("catalogue.unlist", events={SELLER_STOPPED})
def on_seller_stopped(event: Event) -> None:
    """Out of lists and search at once, whether or not the shop answers now."""
    services.unlist_seller(event.payload["seller_id"])
