"""What the market tells a Saleor about itself: who it is, what it may do, what it wants to hear."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from backend.commerce.naming import GATEWAY

VERSION: Final = "1.0.0"
REQUIRED: Final = ">=3.23 <4"
"""deliveryOptionsCalculate, without which no order is placed, came with 3.23."""
PERMISSIONS: Final = (
    "HANDLE_PAYMENTS",
    "MANAGE_CHANNELS",
    "MANAGE_CHECKOUTS",
    "MANAGE_ORDERS",
    "MANAGE_PRODUCTS",
    "MANAGE_SHIPPING",
)
"""The fewest under which Saleor delivers the events below (one whose permission is missing never comes), and under
which the shop works: MANAGE_CHECKOUTS to note the agreed delivery, MANAGE_CHANNELS for the warehouse of a new seller."""

ORDER_EVENTS: Final = (
    "order_created",
    "order_confirmed",
    "order_paid",
    "order_fully_paid",
    "order_refunded",
    "order_fulfilled",
    "order_cancelled",
    "order_expired",
    "order_updated",
)
GOODS_EVENTS: Final = (
    "product_created",
    "product_updated",
    "product_deleted",
    "product_metadata_updated",
    "product_variant_created",
    "product_variant_updated",
    "product_variant_deleted",
    "product_variant_stock_updated",
    "product_variant_out_of_stock",
    "product_variant_back_in_stock",
)
ANSWERED_EVENTS: Final = (
    "payment_gateway_initialize_session",
    "transaction_initialize_session",
    "transaction_process_session",
    "transaction_charge_requested",
    "transaction_refund_requested",
    "transaction_cancelation_requested",
    "shipping_list_methods_for_checkout",
)
"""Those that Saleor waits for; it asks an App's first webhook for each."""

_DOCUMENTS: Final = Path(__file__).parent / "subscriptions"


@cache
def subscription(name: str) -> str:
    """The subscription that says what a webhook carries: ids, and for payments what is asked. No personal data."""
    return (_DOCUMENTS / f"{name}.graphql").read_text(encoding="utf-8")


def manifest() -> dict[str, Any]:
    """The manifest. Its addresses come from PUBLIC_URL, never from the request: Saleor strips the port from Host."""
    webhooks = [
        _webhook("orders", asynchronous=ORDER_EVENTS),
        _webhook("goods", asynchronous=GOODS_EVENTS),
        *(_webhook(event, synchronous=(event,)) for event in ANSWERED_EVENTS),
    ]
    return {
        "id": GATEWAY,
        "version": VERSION,
        "requiredSaleorVersion": REQUIRED,
        "name": "Chợ Xã",
        "about": "Chợ của xã: VietQR và tiền mặt, cách giao hàng theo từng người bán. "
        "The market of a commune: VietQR and cash, delivery methods per seller.",
        "author": "Chợ Xã",
        "permissions": list(PERMISSIONS),
        "homepageUrl": settings.PUBLIC_URL,
        "tokenTargetUrl": absolute("saleor-register"),
        "webhooks": webhooks,
    }


def _webhook(
    name: str, *, asynchronous: tuple[str, ...] = (), synchronous: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {
        "name": name,
        "identifier": name,
        "targetUrl": absolute("saleor-webhook"),
        "asyncEvents": [event.upper() for event in asynchronous],
        "syncEvents": [event.upper() for event in synchronous],
        "query": subscription(name),
        "isActive": True,
    }


def absolute(view: str, **kwargs: str) -> str:
    """The public address of one of our views."""
    return f"{settings.PUBLIC_URL}{reverse(view, kwargs=kwargs or None)}"
