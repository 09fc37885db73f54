"""A process that is killed while it places an order leaves the whole order behind, or nothing of it."""

from __future__ import annotations

import signal

import pytest

from backend.common.models import AuditEntry, CallKey, Event
from backend.engine import models
from tests.contract.conftest import Market, new_key
from tests.engine.processes import start

pytestmark = pytest.mark.django_db(transaction=True)

WITHIN = [
    "backend.engine.buying.hold_stock",
    "backend.engine.buying.tell_order",
    "backend.engine.events.emit_all",
    "backend.engine.buying.audit",
]


def complete_and_die(checkout_id: str, key: str, after: str) -> None:
    program = start("tests.engine.buyers", checkout_id, "--key", key, "--die-after", after)
    out, err = program.communicate("go\n", timeout=60)
    assert (program.returncode, out) == (-signal.SIGKILL, "ready\n"), err


@pytest.mark.parametrize("after", WITHIN)
def test_killed_within_nothing_is_left_and_the_same_key_places_the_order(market: Market, after: str) -> None:
    product = market.product(quantity=5)
    checkout, key = market.checkout(product, 2), new_key()
    events, entries = Event.objects.count(), AuditEntry.objects.count()

    complete_and_die(checkout.id, key, after)
    assert market.stock(product) == (5, 5)
    assert market.shop.find_checkout(checkout.id) == checkout
    assert models.Order.objects.count() == 0
    assert models.OrderLine.objects.count() == 0
    assert Event.objects.count() == events
    assert AuditEntry.objects.count() == entries
    assert not CallKey.objects.filter(pk=key).exists()

    order = market.complete(checkout, key=key)
    assert order.lines[0].quantity == 2
    assert market.stock(product) == (5, 3)


def test_killed_after_the_commit_the_same_key_finds_the_order(market: Market) -> None:
    product = market.product(quantity=5)
    checkout, key = market.checkout(product, 2), new_key()
    complete_and_die(checkout.id, key, "backend.engine.buying.once")
    (placed,) = market.shop.orders_page(seller_id=product.seller_id).items
    assert market.complete(checkout, key=key) == placed
    assert models.Order.objects.count() == 1
    assert market.stock(product) == (5, 3)
