"""What buyers write into metadata says nothing about whose an order is."""

from __future__ import annotations

import pytest
from django.core import mail
from pytest_django import Settings

from backend.accounts.models import Seller
from backend.commerce.naming import SELLER
from backend.commerce.values import Product
from backend.common.outbox import relay
from backend.engine.models import Checkout, Order
from backend.sales.models import Sale
from tests.api.buying import documents as doc
from tests.api.buying.conftest import Caller, filled, ordered

FORGED = [
    {"key": "sale", "value": "x"},
    {"key": "payment", "value": "cash"},
    {"key": SELLER, "value": "999"},
    {"key": "cho.cancel_reason", "value": "x"},
    {"key": "cho.note", "value": "Gọi trước"},
    {"key": "gift", "value": "yes"},
]


def deliver() -> None:
    while relay.run_once("worker"):
        pass


def test_buyers_write_no_key_of_the_market(anyone: Caller, program: Caller, linh_chi: Product) -> None:
    key = filled(anyone, linh_chi)
    anyone.ask(doc.METADATA, id=key, input=FORGED)
    assert Checkout.objects.get().metadata == {"cho.note": "Gọi trước", "gift": "yes"}
    program.ask(doc.METADATA, id=key, input=FORGED[:1])
    assert Checkout.objects.get().metadata["sale"] == "x"


@pytest.mark.parametrize("named", ["nothing", "anothers"])
def test_an_order_is_adopted_whatever_it_says_of_itself(
    anyone: Caller, lan: Caller, linh_chi: Product, sen: Seller, settings: Settings, named: str
) -> None:
    Seller.objects.filter(pk=sen.pk).update(email="sen@thu.vn")
    ordered(lan, linh_chi)
    deliver()
    first = Sale.objects.get()
    mail.outbox.clear()
    ordered(anyone, linh_chi)
    forged = Order.objects.order_by("-number")[0]
    Order.objects.filter(pk=forged.pk).update(
        metadata={**forged.metadata, "sale": first.pk if named == "anothers" else "x"}
    )
    deliver()
    sale = Sale.objects.get(order_id=forged.key)
    assert sale.pk != first.pk
    # Its seller and its buyer are told, each of this order.
    assert sorted(message.to[0] for message in mail.outbox) == ["khach@thu.vn", "sen@thu.vn"]
    links = "".join(str(message.body) for message in mail.outbox)
    assert (sale.pk in links, sale.purchase.token in links) == (True, True)
    assert (first.pk in links, first.purchase.token in links) == (False, False)
