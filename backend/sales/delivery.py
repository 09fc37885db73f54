"""How goods change hands, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from backend.accounts.models import Seller
from backend.commerce.values import Delivery
from backend.common.money import ZERO, Money

PICKUP = "pickup"
COURIER = "courier"


def way_names() -> dict[str, str]:
    """The two ways as buyers read them; bringing comes first."""
    return {COURIER: _("Giao tận nơi"), PICKUP: _("Tự đến lấy")}


@dataclass(frozen=True)
class Terms:
    """A seller's terms; the defaults are those of a seller who has stated none: come and take it, pay in cash."""

    courier: Money | None = None
    free_from: Money | None = None
    pickup: bool = True
    cash: bool = True
    active: bool = True
    """Whether the seller sells at all; what was ordered before is still brought."""

    def options(self, subtotal: Money) -> tuple[Delivery, ...]:
        """The ways this seller offers for goods worth ``subtotal``; bringing comes first where it is offered."""
        ways, names = [], way_names()
        if self.courier is not None:
            free = self.free_from is not None and subtotal >= self.free_from
            ways.append(Delivery(COURIER, names[COURIER], ZERO if free else self.courier))
        if self.pickup:
            ways.append(Delivery(PICKUP, names[PICKUP], ZERO))
        return tuple(ways)


def terms_for(seller_ids: Iterable[int]) -> dict[int, Terms]:
    """The terms of each of ``seller_ids`` in one query."""
    wanted = list(seller_ids)
    rows = Seller.objects.filter(pk__in=wanted).values_list(
        "pk",
        "active",
        "terms__pk",
        "terms__courier_vnd",
        "terms__free_from_vnd",
        "terms__pickup",
        "terms__cash",
    )
    known = {
        pk: Terms(active=active)
        if stated is None
        else Terms(
            courier=None if courier is None else Money(courier),
            free_from=None if free_from is None else Money(free_from),
            pickup=pickup,
            cash=cash,
            active=active,
        )
        for pk, active, stated, courier, free_from, pickup, cash in rows
    }
    return {seller_id: known.get(seller_id, Terms()) for seller_id in wanted}
