"""What staff and programs settle at /graphql/ holds for the market too."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.api.saleor.keys import read_key
from backend.commerce import shop
from backend.commerce.values import Product
from backend.common import clock
from backend.common.outbox import relay
from backend.engine import selling
from backend.engine.errors import AlreadyCharged
from backend.engine.models import Order, TransactionEvent
from backend.sales.models import Sale
from backend.sales.services import cancel_unpaid
from payments.intents.queries import find_intent
from tests.api.buying import documents as doc
from tests.api.buying.conftest import Caller, ordered
from tests.api.buying.test_orders import fulfill
from tests.api.buying.test_paying import VIETQR, opened, report

TOTAL = 195_000


def deliver() -> None:
    while relay.run_once("worker"):
        pass


def by_transfer(who: Caller, good: Product) -> str:
    """An order whose buyer has been shown a code."""
    order = ordered(who, good)
    who.do(doc.PAY, id=order, gateway=VIETQR, amount=TOTAL)
    deliver()
    return order


@pytest.mark.parametrize("how", ["confirmed", "reported"])
@pytest.mark.parametrize("heard", [True, False])
def test_what_was_settled_does_not_expire(
    anyone: Caller, staff: Caller, program: Caller, linh_chi: Product, how: str, heard: bool
) -> None:
    order = by_transfer(anyone, linh_chi)
    if how == "confirmed":
        staff.do(doc.ORDER_CONFIRM, id=order)
    else:
        assert report(program, opened(program, order), "CHARGE_SUCCESS", TOTAL, "FT1")["errors"] == []
    if heard:
        deliver()
        sale = Sale.objects.get()
        assert (sale.hold_until, sale.seen_by_seller_at is not None) == (None, how == "confirmed")
        intent = find_intent("order", sale.pk)
        assert intent is not None
        assert (intent.cancelled_at is not None) == (how == "reported")
    Sale.objects.update(hold_until=clock.now() - timedelta(seconds=1))
    assert cancel_unpaid() == 0
    sale = Sale.objects.get()
    assert (sale.cancel_asked_at, sale.hold_until, Order.objects.get().status) == (None, None, "unfulfilled")


def test_an_order_is_marked_as_paid_once_and_its_code_ends(
    anyone: Caller, staff: Caller, linh_chi: Product
) -> None:
    order = ordered(anyone, linh_chi)
    deliver()
    staff.do(doc.MARK_PAID, id=order, ref="BIÊN NHẬN 7")
    # Somebody who had looked at it before comes second, with another receipt.
    with pytest.raises(AlreadyCharged):
        selling.mark_as_paid(
            order_id=read_key(order, "Order"), psp_reference="8", user_ref="", actor="user:1"
        )
    assert (TransactionEvent.objects.count(), Order.objects.get().charged_vnd) == (1, TOTAL)
    deliver()
    assert Sale.objects.get().hold_until is None


def test_what_is_paid_by_transfer_is_not_handed_over_before_its_money(
    anyone: Caller, staff: Caller, program: Caller, linh_chi: Product
) -> None:
    order = by_transfer(anyone, linh_chi)
    staff.do(doc.ORDER_CONFIRM, id=order)
    (refusal,) = fulfill(staff, order, 2)["errors"]
    assert (refusal["code"], shop().variants([linh_chi.variant.id])[linh_chi.variant.id].quantity) == (
        "CANNOT_FULFILL_UNPAID_ORDER",
        10,
    )
    report(program, opened(program, order), "CHARGE_SUCCESS", TOTAL, "FT1")
    assert fulfill(staff, order, 2)["order"]["status"] == "FULFILLED"


def test_cash_is_booked_as_the_last_goods_change_hands(
    anyone: Caller, staff: Caller, linh_chi: Product
) -> None:
    order = ordered(anyone, linh_chi)
    deliver()
    staff.do(doc.ORDER_CONFIRM, id=order)
    assert fulfill(staff, order, 1)["order"]["status"] == "PARTIALLY_FULFILLED"
    assert Order.objects.get().charged_vnd == 0
    assert fulfill(staff, order, 1)["order"]["status"] == "FULFILLED"
    kept = Order.objects.get()
    assert (kept.charged_vnd, kept.charge_status) == (TOTAL, "full")
