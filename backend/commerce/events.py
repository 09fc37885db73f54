"""Names of what a shop tells, as Saleor's webhooks name them (``Saleor-Event``)."""

from __future__ import annotations

from typing import Final

ORDER_CREATED: Final = "order_created"
ORDER_CONFIRMED: Final = "order_confirmed"
ORDER_PAID: Final = "order_paid"
ORDER_FULLY_PAID: Final = "order_fully_paid"
ORDER_REFUNDED: Final = "order_refunded"
"""Less of the order counts as paid than before: it was given back, or had been counted by mistake. What then comes again, up
to the most that was ever there, is ORDER_UPDATED: nobody can tell a refund that was undone from a second payment."""
ORDER_FULFILLED: Final = "order_fulfilled"
ORDER_CANCELLED: Final = "order_cancelled"
ORDER_UPDATED: Final = "order_updated"
PRODUCT_CREATED: Final = "product_created"
PRODUCT_UPDATED: Final = "product_updated"
STOCK_UPDATED: Final = "product_variant_stock_updated"

PRODUCT_EVENTS: Final = frozenset({PRODUCT_CREATED, PRODUCT_UPDATED, STOCK_UPDATED})
ORDER_EVENTS: Final = frozenset(
    {
        ORDER_CREATED,
        ORDER_CONFIRMED,
        ORDER_PAID,
        ORDER_FULLY_PAID,
        ORDER_REFUNDED,
        ORDER_FULFILLED,
        ORDER_CANCELLED,
        ORDER_UPDATED,
    }
)
