"""Reading the register. ``stars_for`` is the only source of stars anywhere in the market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q

from backend.ocop.models import Certificate

MOST_PRODUCTS: Final = 1000
"""More products than any page shows; a larger request is a bug of the caller."""


@dataclass(frozen=True, slots=True)
class StarsInForce:
    """Stars that the register grants, with the proof to show beside them; ``expires_on`` still counts."""

    stars: int
    number: str
    decision_number: str
    issuer: str
    expires_on: date


def stars_for(product_ids: Sequence[str], on: date) -> dict[str, StarsInForce]:
    """The stars in force on the Vietnamese day ``on``, by product id; a product without any is absent.

    Call it at the moment of showing with ``clock.today()`` and keep the answer nowhere: an expiry or a
    revocation then shows at once. Where two certificates are in force the one issued last counts. One
    query.
    Raises ValueError for more than 1,000 products.
    Source: certificates hold 36 months and after that the label with stars may not be used (148/QĐ-TTg).
    """
    wanted = {each for each in product_ids if each}
    if len(wanted) > MOST_PRODUCTS:
        raise ValueError("too many products")
    return _in_force(Q(product_id__in=wanted), on) if wanted else {}


def all_stars(on: date) -> dict[str, StarsInForce]:
    """As ``stars_for``, of every product sold here: for counting and narrowing lists by stars. One query.

    As large as the register of one market, which is tens of certificates in a commune.
    """
    return _in_force(~Q(product_id=""), on)


def _in_force(products: Q, on: date) -> dict[str, StarsInForce]:
    rows = (
        Certificate.objects.filter(products, issued_on__lte=on, expires_on__gte=on)
        .select_related("superseded_by")
        .order_by("issued_on", "pk")
    )
    return {
        row.product_id: StarsInForce(row.stars, row.number, row.decision_number, row.issuer, row.expires_on)
        for row in rows
        if row.in_force_on(on)
    }
