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
from backend.sales.queries import seller_ids
from integrations.saleor.app import copies
from integrations.saleor.app.models import Installation, RepairRound, SellerLook

log = logging.getLogger(__name__)

PAGES: Final = 3
"""Pages of 100 products in one pass: the goods of a commune are through in one or two."""
SELLERS: Final = 20
"""Sellers in one pass whose orders are looked at."""
ORDERS: Final = 20
"""Orders of a seller that are read at once, the newest first."""
MOST_PAGES: Final = 10
"""Pages of one seller in one pass; what is older is gone on with when it is this seller's turn again."""
OVERLAP: Final = timedelta(hours=1)
"""So much further back than to the last look: two clocks disagree, and an order is placed before it can be read."""
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
    """The orders of the next sellers in turn."""
    place, _ = RepairRound.objects.get_or_create(pk=1)
    sellers = seller_ids(after=place.seller_cursor, limit=SELLERS)
    mended = sum(_orders_of(seller_id) for seller_id in sellers)
    RepairRound.objects.filter(pk=1).update(seller_cursor=sellers[-1] if len(sellers) == SELLERS else "")
    return mended


def _orders_of(seller_id: str) -> int:
    """Every order that was placed since the last look at this seller came to its end, however many known ones stand
    before it. The first look goes back to the first order of all.

    What is new is read in any case; a look that goes further back than MOST_PAGES is gone on with at its cursor.
    """
    look, _ = SellerLook.objects.get_or_create(pk=seller_id)
    since = look.whole_until - OVERLAP if look.whole_until else None
    began_at, after = clock.now(), None
    mended = 0
    for _page in range(MOST_PAGES):
        read_at = clock.now()
        page = shop().orders_page(seller_id=seller_id, after=after, limit=ORDERS)
        known = copies.known_among(order.id for order in page.items)
        mended += copies.keep(page.items, read_at=read_at)
        seen_before = all(order.id in known for order in page.items)
        if page.next is None or (since and seen_before and page.items and page.items[-1].created_at < since):
            SellerLook.objects.filter(pk=seller_id).update(
                whole_until=look.began_at or began_at, began_at=None, cursor=""
            )
            return mended
        if after is None and look.cursor:
            # The newest were read; on with what lies behind the place where the last pass stopped.
            began_at, after = look.began_at or began_at, look.cursor
        else:
            after = page.next
    SellerLook.objects.filter(pk=seller_id).update(began_at=look.began_at or began_at, cursor=after or "")
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
