"""The repair pass: what webhooks did not tell is found by reading, a bounded part at a time.

A lost webhook is no error that anybody notices: Saleor gives up after five minutes. So the catalogue and the orders are
read through all over again, slowly, page by page; where the market and Saleor disagree, Saleor is right.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from backend.catalogue import services as catalogue
from backend.commerce import shop
from backend.common import clock
from backend.sales.queries import selling_ids
from integrations.saleor.app import copies
from integrations.saleor.app.models import Installation, RepairRound

log = logging.getLogger(__name__)

PAGES: Final = 3
"""Pages of 100 products in one pass: the goods of a commune are through in one or two."""
SELLERS: Final = 20
"""Sellers in one pass whose newest orders are looked at."""
ORDERS: Final = 20
"""Orders of a seller that are read at once; while none of them was known, the page after them is read, too."""
MOST_PAGES: Final = 5
OPEN_ORDERS: Final = 100
REREAD: Final = timedelta(minutes=10)
"""An order that may still change is read again this long after the last time."""


def repair() -> dict[str, int]:
    """One pass; returns what was mended. Nothing where no Saleor has installed the market.

    With Saleor down it raises what the port raises, having kept what it had read.
    """
    if not Installation.objects.exists():
        return {}
    return {"orders": _orders(), "open": _open_orders(), "gone": _goods()}


def _goods() -> int:
    """Read on in the catalogue. At its end, what this round has not seen is asked for by its id: it is gone, or came
    behind us."""
    place, _ = RepairRound.objects.get_or_create(pk=1)
    cursor = place.product_cursor or None
    began = place.began_at
    if cursor is None or began is None:
        began = clock.now()
        RepairRound.objects.filter(pk=1).update(began_at=began)
    for _page in range(PAGES):
        cursor = catalogue.mend_page(after=cursor)
        RepairRound.objects.filter(pk=1).update(product_cursor=cursor or "")
        if cursor is None:
            return catalogue.mend_unseen(since=began)
    return 0


def _orders() -> int:
    """The newest orders of the next sellers in turn."""
    place, _ = RepairRound.objects.get_or_create(pk=1)
    sellers = selling_ids(after=place.seller_cursor, limit=SELLERS)
    mended = sum(_orders_of(seller_id) for seller_id in sellers)
    RepairRound.objects.filter(pk=1).update(seller_cursor=sellers[-1] if len(sellers) == SELLERS else "")
    return mended


def _orders_of(seller_id: str) -> int:
    mended = 0
    after: str | None = None
    for _page in range(MOST_PAGES):
        read_at = clock.now()
        page = shop().orders_page(seller_id=seller_id, after=after, limit=ORDERS)
        known = copies.known_among(order.id for order in page.items)
        mended += copies.keep(page.items, read_at=read_at)
        if known or page.next is None:
            break
        after = page.next
    return mended


def _open_orders() -> int:
    """Orders that were last heard of a while ago, such as those whose cancelling was lost."""
    waiting = copies.open_copies(before=clock.now() - REREAD, limit=OPEN_ORDERS)
    if not waiting:
        return 0
    read_at = clock.now()
    found = shop().orders(waiting)
    copies.touch(set(waiting) - set(found))
    return copies.keep(found.values(), read_at=read_at)
