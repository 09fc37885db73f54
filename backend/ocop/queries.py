"""Reading the register. ``stars_for`` is the only source of stars anywhere in the market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q

from backend.common import clock
from backend.common.pages import Rows
from backend.ocop.models import Certificate, Producer

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


STANDINGS: Final = ("in_force", "not_yet", "revoked", "superseded", "expired")


def certificates(
    *,
    on: date,
    standing: str = "in_force",
    stars: int | None = None,
    commune_code: str = "",
    seller_id: int | None = None,
) -> Rows[Certificate]:
    """The register's certificates of one standing (STANDINGS) on the Vietnamese day ``on``; "" for all of them.

    The conditions are those of ``Certificate.standing``, in its order, so that each has exactly one. Raises ValueError
    for a standing that there is not.
    """
    rows = Certificate.objects.select_related("producer__seller__commune__province", "superseded_by")
    revoked = Q(revoked_at__lt=clock.day_bounds(on)[1])
    superseded = Q(superseded_by__issued_on__lte=on)
    match standing:
        case "":
            pass
        case "revoked":
            rows = rows.filter(revoked)
        case "superseded":
            rows = rows.filter(superseded).exclude(revoked)
        case "not_yet":
            rows = rows.filter(issued_on__gt=on).exclude(revoked).exclude(superseded)
        case "expired":
            rows = rows.filter(issued_on__lte=on, expires_on__lt=on).exclude(revoked).exclude(superseded)
        case "in_force":
            rows = rows.filter(issued_on__lte=on, expires_on__gte=on).exclude(revoked).exclude(superseded)
        case _:
            raise ValueError(standing)
    if stars is not None:
        rows = rows.filter(stars=stars)
    if commune_code:
        rows = rows.filter(producer__seller__commune_id=commune_code)
    if seller_id is not None:
        rows = rows.filter(producer__seller_id=seller_id)
    return Rows(rows)


def find_certificate(number: str, issuer: str) -> Certificate | None:
    """The certificate to which ``issuer`` gave this number, whatever its standing."""
    return (
        Certificate.objects.select_related("producer__seller__commune__province", "superseded_by")
        .filter(number=number, issuer=issuer)
        .first()
    )


def producers() -> Rows[Producer]:
    """Whom the register knows, of those who sell here now."""
    return Rows(Producer.objects.select_related("seller__commune__province").filter(seller__active=True))


def producers_of(seller_ids: Sequence[int]) -> dict[int, Producer]:
    """The register's entry of each seller that has one. One query."""
    rows = Producer.objects.select_related("seller__commune__province").filter(seller_id__in=seller_ids)
    return {row.seller_id: row for row in rows}
