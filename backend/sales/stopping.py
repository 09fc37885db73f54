"""A seller who sells no more: their goods leave the shop, on every engine, and what was ordered is still brought."""

from __future__ import annotations

import logging
from typing import Final

from backend.commerce import shop
from backend.commerce.errors import ShopUnavailable
from backend.commerce.values import Order, Product, ProductDraft, VariantDraft
from backend.common.errors import MarketError

log = logging.getLogger(__name__)

MOST_OPEN: Final = 100
"""Of a seller's newest orders, looked through for those that are not at an end."""
OPEN: Final = frozenset({"unconfirmed", "unfulfilled", "partially fulfilled"})


def take_off_the_shelf(*, seller_id: str, key: str) -> None:
    """In the shop itself, where other storefronts look. Safe to repeat under the same ``key``; one good that cannot be
    taken off holds up no other. Raises the refusal of the last such good."""
    trouble: MarketError | None = None
    after: str | None = None
    while True:
        page = shop().products_page(seller_id=seller_id, after=after)
        for product in page.items:
            if product.published:
                try:
                    _take_off(product, key=f"{key}:{product.id}")
                except ShopUnavailable:
                    raise
                except MarketError as refusal:
                    log.warning("%s stays on the shelf: %s", product.id, refusal.code)
                    trouble = refusal
        if page.next is None:
            break
        after = page.next
    if trouble is not None:
        raise trouble


def _take_off(product: Product, *, key: str) -> None:
    draft = ProductDraft(
        name=product.name,
        seller_id=product.seller_id,
        category_id=product.category_id,
        variants=tuple(VariantDraft.unchanged(each) for each in product.variants),
        description=product.description,
        label=dict(product.label),
        published=False,
    )
    shop().update_product(key=key, product_id=product.id, draft=draft)


def open_orders(seller_id: str) -> list[Order]:
    """Of the seller's newest orders those that still wait for money, packing or hand-over."""
    page = shop().orders_page(seller_id=seller_id, limit=MOST_OPEN)
    return [order for order in page.items if order.status in OPEN]
