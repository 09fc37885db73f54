"""Money that somebody asked to be given back. It is with the seller, and only the seller's own bank moves it: the market
tells the seller, and keeps what they say."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from backend.common import audit
from backend.common.money import Money
from backend.sales.models import Sale

MOST_KEPT: Final = 50
"""Requests for one sale that are told apart; staff who press oftener are heard no more."""


def ask_refund(*, key: str, order_id: str, amount: Money, actor: str) -> bool:
    """Somebody asked at the shop's own door that ``amount`` of this order goes back: it stands at the seller's desk until
    the seller says that it has. False for an order of nobody's. The same ``key`` again changes nothing."""
    with transaction.atomic():
        sale = Sale.objects.select_for_update().filter(order_id=order_id).first()
        if sale is None:
            return False
        if key not in sale.refund_keys and len(sale.refund_keys) < MOST_KEPT and amount.amount > 0:
            sale.refund_keys = [*sale.refund_keys, key]
            sale.refund_asked_vnd += amount.amount
            sale.save(update_fields=["refund_keys", "refund_asked_vnd"])
            audit.record(actor, "sales.refund_asked", f"sale:{sale.pk}", amount_vnd=amount.amount)
    return True


def note_refunded(*, sale_id: str, amount: Money, actor: str) -> bool:
    """The seller has sent back what stood on their screen. False when by now another amount is asked for."""
    with transaction.atomic():
        asked = Sale.objects.filter(pk=sale_id, refund_asked_vnd=amount.amount, refund_asked_vnd__gt=0)
        done = asked.update(refund_asked_vnd=0)
        if done:
            audit.record(actor, "sales.refunded_by_hand", f"sale:{sale_id}", amount_vnd=amount.amount)
    return bool(done)
