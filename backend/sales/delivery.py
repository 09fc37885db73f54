"""How goods change hands, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from backend.commerce.values import Delivery
from backend.common.money import ZERO, Money
from backend.sales.models import DeliveryTerms

PICKUP = "pickup"
COURIER = "courier"


@dataclass(frozen=True)
class Terms:
    """A seller's terms; the defaults are those of a seller who has stated none: come and take it, pay in cash."""

    courier: Money | None = None
    free_from: Money | None = None
    pickup: bool = True
    cash: bool = True

    def options(self, subtotal: Money) -> tuple[Delivery, ...]:
        """The ways this seller offers for goods worth ``subtotal``; bringing comes first where it is offered."""
        ways = []
        if self.courier is not None:
            free = self.free_from is not None and subtotal >= self.free_from
            ways.append(Delivery(COURIER, _("Giao tận nơi"), ZERO if free else self.courier))
        if self.pickup:
            ways.append(Delivery(PICKUP, _("Tự đến lấy"), ZERO))
        return tuple(ways)


def terms_for(seller_ids: Iterable[int]) -> dict[int, Terms]:
    """The terms of each of ``seller_ids`` in one query."""
    wanted = list(seller_ids)
    known = {
        row.seller_id: Terms(
            courier=None if row.courier_vnd is None else Money(row.courier_vnd),
            free_from=None if row.free_from_vnd is None else Money(row.free_from_vnd),
            pickup=row.pickup,
            cash=row.cash,
        )
        for row in DeliveryTerms.objects.filter(seller_id__in=wanted)
    }
    return {seller_id: known.get(seller_id, Terms()) for seller_id in wanted}
