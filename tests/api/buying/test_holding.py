"""Orders of other storefronts hold stock as those of the market's own pages do: so many at once, and for so long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import Settings

from backend.commerce import shop
from backend.commerce.values import Product
from backend.common import clock
from backend.common.outbox import relay
from backend.engine.models import Order
from backend.sales.models import Purchase, Sale
from backend.sales.services import cancel_unpaid
from tests.api.buying import documents as doc
from tests.api.buying.conftest import Caller, filled, ordered


def left_of(good: Product) -> int:
    return shop().variants([good.variant.id])[good.variant.id].available


def adopted() -> None:
    """The market has heard of the orders."""
    while relay.run_once("worker"):
        pass


def test_an_order_in_cash_waits_as_long_as_every_other(
    anyone: Caller, lan: Caller, linh_chi: Product
) -> None:
    ordered(lan, linh_chi)
    ordered(anyone, linh_chi)
    adopted()
    for sale in Sale.objects.select_related("purchase"):
        assert sale.placed_at is not None
        assert sale.hold_until == sale.placed_at + timedelta(days=2)
        assert len(sale.purchase.visitor) == 32
    of_lan, of_nobody = (sale.purchase.user for sale in Sale.objects.order_by("pk"))
    assert (of_lan and of_lan.email, of_nobody) == ("lan@thu.vn", None)
    Sale.objects.update(hold_until=clock.now() - timedelta(seconds=1))
    assert (cancel_unpaid(), left_of(linh_chi)) == (2, 10)


@pytest.mark.parametrize("limit", ["OPEN_ORDERS_PER_BUYER", "OPEN_ORDERS_PER_ADDRESS"])
def test_nobody_holds_more_than_the_limit(
    anyone: Caller, linh_chi: Product, settings: Settings, limit: str
) -> None:
    setattr(settings, limit, 2)
    placed = [ordered(anyone, linh_chi, quantity=1) for _ in range(2)]
    third = filled(anyone, linh_chi, quantity=1)
    (refusal,) = anyone.ask(doc.COMPLETE, id=third)["errors"]
    assert (refusal["code"], "chưa trả tiền" in refusal["message"]) == ("INVALID", True)
    assert (left_of(linh_chi), Order.objects.count(), Purchase.objects.count()) == (8, 2, 2)
    adopted()
    assert anyone.refused(doc.COMPLETE, id=third) == [("INVALID", None)]
    Sale.objects.filter(order_id=Order.objects.order_by("pk")[0].key).update(hold_until=None)
    assert anyone.do(doc.COMPLETE, id=third)["order"]["id"] not in placed


def test_an_account_is_counted_by_itself(
    anyone: Caller, lan: Caller, linh_chi: Product, settings: Settings
) -> None:
    settings.OPEN_ORDERS_PER_BUYER = 1
    ordered(anyone, linh_chi, quantity=1)
    ordered(lan, linh_chi, quantity=1)
    assert lan.refused(doc.COMPLETE, id=filled(lan, linh_chi, quantity=1)) == [("INVALID", None)]


def test_a_program_has_counted_its_own_buyers(program: Caller, linh_chi: Product, settings: Settings) -> None:
    settings.OPEN_ORDERS_PER_BUYER = settings.OPEN_ORDERS_PER_ADDRESS = 1
    for _ in range(3):
        ordered(program, linh_chi, quantity=1)
    assert Order.objects.count() == 3
