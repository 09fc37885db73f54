"""Orders of the engine that a market has left, from the copies that it keeps: people see what they bought and sold."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from backend.commerce.errors import OrderNotFound
from backend.commerce.shop import Shop
from backend.commerce.values import Order
from backend.common.money import Money
from backend.sales.moving import has_sale
from integrations.saleor.answers import is_id
from integrations.saleor.app import copies

log = logging.getLogger(__name__)


def with_kept_orders(engine: Shop, *, saleor: bool) -> Shop:
    """``engine`` (a Saleor or not), which also answers for orders that it never had, from now on."""
    kind = type(engine)

    def is_its_own(order_id: str) -> bool:
        return is_id(order_id, "Order") == saleor

    def find_order(self: Shop, order_id: str) -> Order | None:
        if is_its_own(order_id):
            return kind.find_order(self, order_id)
        # One that was moved on is somebody's under its new id alone: whoever still asks by the old one, such as a storefront
        # of the Saleor that was left, gets no second order.
        return copies.find_copy(order_id) if has_sale(order_id) else None

    def orders(self: Shop, ids: Sequence[str]) -> dict[str, Order]:
        found = kind.orders(self, [each for each in ids if is_its_own(each)])
        others = [each for each in ids if not is_its_own(each)]
        if others:
            found = {**found, **copies.find_copies(others)}
        return {each: found[each] for each in ids if each in found}

    def report_charge(self: Shop, *, key: str, order_id: str, amount: Money, psp_reference: str) -> Order:
        """Money for an order that ended on the other engine: its payment shows it, and a person decides."""
        if is_its_own(order_id):
            return kind.report_charge(
                self, key=key, order_id=order_id, amount=amount, psp_reference=psp_reference
            )
        kept = copies.find_copy(order_id)
        if kept is None:
            raise OrderNotFound()
        log.warning("%s came for order %s, which ended on another engine", amount, order_id)
        return kept

    new = {"find_order": find_order, "orders": orders, "report_charge": report_charge}
    engine.__class__ = type(kind.__name__, (kind,), new)
    return engine
