"""kill -9 of a process that has placed an order through the adapter and has not yet written that down: whoever starts
again under the same key finds it. Three processes: this one, the one that dies, the one that starts again."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import timedelta

import pytest

from backend.accounts.models import Seller
from backend.api.services import create_app
from backend.commerce.values import Product
from backend.common import clock
from backend.engine import models as engine
from backend.sales.models import Purchase, Sale
from integrations.saleor.models import Call, Turn
from integrations.saleor.setup import PERMISSIONS
from tests.contract.conftest import Market
from tests.contract.legs import DialectLeg
from tests.engine.processes import start
from tests.sales.conftest import make_seller, sen, vi_tan

__all__ = ["make_seller", "sen", "vi_tan"]

pytestmark = pytest.mark.django_db(transaction=True)

SALEOR_HAS_DONE_IT: str = "integrations.saleor.buying:Buying._complete"
"""The order stands; the adapter has not yet kept the answer under the key."""
THE_PORT_HAS_ANSWERED: str = "integrations.saleor.buying:Buying.complete_checkout"
"""The answer is kept; the market has not yet written the order into its sale."""


@pytest.fixture
def market(sen: Seller) -> Market:
    return Market(DialectLeg())


@pytest.fixture
def process(sen: Seller, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Exit status and words of a process that places the purchase ``form-1``."""
    _app, token = create_app(actor="system:test", name="adapter", permissions=PERMISSIONS)
    monkeypatch.setenv("ADAPTER_TOKEN", token)
    monkeypatch.setenv("ALLOWED_HOSTS", "testserver")

    def run(good: Product, *more: str) -> tuple[int, str]:
        program = start("tests.saleor.placers", "form-1", str(sen.pk), good.variant.id, "24000", *more)
        out, err = program.communicate(timeout=90)
        assert "Traceback" not in err, err
        return program.returncode, out

    return run


@pytest.mark.parametrize("after", [SALEOR_HAS_DONE_IT, THE_PORT_HAS_ANSWERED], ids=["adapter", "market"])
def test_killed_between_the_port_call_and_our_commit_there_is_one_order(
    market: Market, sen: Seller, process: Callable[..., tuple[int, str]], after: str
) -> None:
    good = market.product(str(sen.pk), price=12_000, quantity=10)
    assert process(good, "--die-after", after) == (-signal.SIGKILL, "done\n")
    # The order stands in the shop, and the market knows of none.
    (placed,) = market.shop.orders_page(seller_id=str(sen.pk)).items
    sale = Sale.objects.get()
    assert (sale.order_id, sale.placed_at) == (None, None)
    assert Call.objects.get(key=f"{sale.pk}:complete").answered == (after == THE_PORT_HAS_ANSWERED)
    assert market.stock(good) == (10, 8)

    # Half a minute later nobody waits for the dead one any more.
    Turn.objects.update(until=clock.now() - timedelta(seconds=1))
    assert process(good) == (0, f"{placed.number}\n")
    again = Sale.objects.get()
    assert (again.pk, again.order_id, again.order_number) == (sale.pk, placed.id, placed.number)
    assert again.placed_at is not None
    assert Purchase.objects.count() == 1
    assert [each.id for each in market.shop.orders_page(seller_id=str(sen.pk)).items] == [placed.id]
    assert engine.Order.objects.count() == 1
    assert market.stock(good) == (10, 8)
