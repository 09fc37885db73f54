"""Who may see a sale: whoever holds its purchase's token, and the seller's own people."""

from __future__ import annotations

from backend.accounts.access import Person, access_seller
from backend.common.errors import NotFound
from backend.sales.models import Purchase, Sale

__all__ = ["Purchase", "access_purchase", "access_sale"]


def access_purchase(token: str) -> Purchase:
    """The purchase of ``token``. A phone number or an order number opens nothing. Raises NotFound."""
    purchase = (
        Purchase.objects.select_related("commune__province").filter(token=token).first()
        if len(token) == 32
        else None
    )
    if purchase is None:
        raise NotFound()
    return purchase


def access_sale(person: Person, sale_id: str) -> Sale:
    """A placed sale of a seller whose desk ``person`` may use. Raises NotFound to everybody else."""
    sale = (
        Sale.objects.select_related("seller", "purchase__commune__province")
        .filter(pk=sale_id, placed_at__isnull=False)
        .first()
    )
    if sale is None:
        raise NotFound()
    access_seller(person, sale.seller_id)
    return sale
