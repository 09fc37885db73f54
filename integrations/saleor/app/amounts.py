"""Amounts as Saleor's webhooks write them."""

from __future__ import annotations

from backend.common.money import Money
from integrations.saleor.amounts import NoAmount, dong
from integrations.saleor.app.errors import Malformed


def whole_amount(number: object) -> Money:
    """``number`` đồng. Raises Malformed for what is no whole amount."""
    try:
        return dong(number)
    except NoAmount as error:
        raise Malformed(str(error)) from None
