"""Delivery methods of a checkout: those of its seller."""

from __future__ import annotations

import json
from typing import Any

from backend.commerce.naming import CURRENCY, DELIVERY
from backend.common.money import total
from backend.sales.delivery import terms_for
from integrations.saleor.app.amounts import whole_amount
from integrations.saleor.app.errors import Malformed


def methods_for(body: dict[str, Any]) -> list[dict[str, Any]]:
    """What SHIPPING_LIST_METHODS_FOR_CHECKOUT is answered: the seller's ways, at today's prices.

    None for a basket over several sellers: each of them delivers its own order, so it has to become several checkouts.
    """
    try:
        checkout = body["checkout"]
        lines = checkout["lines"]
        sellers = {line["variant"]["product"]["seller"] for line in lines}
        # A checkout's own totals may not be asked for here: Saleor would have to ask for the delivery first.
        goods = [line["undiscountedTotalPrice"] for line in lines]
        currencies = {price["currency"] for price in goods}
        subtotal = total([whole_amount(price["amount"]) for price in goods])
    except (KeyError, TypeError):
        raise Malformed("The checkout is not as asked for.") from None
    agreed = checkout.get("agreed")
    if isinstance(agreed, str) and agreed and currencies <= {CURRENCY}:
        return [_method(*_agreed(agreed))]
    if currencies != {CURRENCY} or len(sellers) != 1:
        return []
    seller_id = sellers.pop()
    if (
        not isinstance(seller_id, str)
        or not (seller_id.isascii() and seller_id.isdigit())
        or len(seller_id) > 18
    ):
        return []
    terms = terms_for([int(seller_id)])[int(seller_id)]
    return [_method(way.method, way.name, way.price.amount) for way in terms.options(subtotal)]


def _method(method: str, name: str, price_vnd: int) -> dict[str, Any]:
    return {
        "id": method,
        "name": name,
        "amount": price_vnd,
        "currency": CURRENCY,
        "metadata": {DELIVERY: method},
    }


def _agreed(text: str) -> tuple[str, str, int]:
    """The one way that the market has already agreed on with the buyer, at the price that was confirmed: it stands in
    the checkout's private metadata, which only the market's own App writes."""
    try:
        agreed = json.loads(text)
        method, name, price = agreed["method"], agreed["name"], agreed["price"]
    except (ValueError, KeyError, TypeError):
        raise Malformed("The agreed delivery cannot be read.") from None
    if not isinstance(method, str) or not isinstance(name, str):
        raise Malformed("The agreed delivery cannot be read.")
    return method, name, whole_amount(price).amount
