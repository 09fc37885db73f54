"""With a real Saleor: the App down, and webhooks lost. Collected only where there is one (real_saleor.py)."""

from __future__ import annotations

import pytest

from tests.contract.legs import real_saleor
from tests.integrations.real_saleor import HAS_SALEOR, pay, place_order, repair, switch_webhooks, told
from tests.services.behind_saleor import BehindSaleor
from tests.services.market import Template, eventually

if HAS_SALEOR:
    pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

    def test_the_app_down(market_template: Template) -> None:
        """Ordering goes on; paying by code says that it failed; what was missed is caught up, once."""
        order = place_order(real_saleor())
        assert order.status == "unconfirmed"
        assert pay(order)["transactionEvent"]["type"] == "CHARGE_FAILURE"
        with market_template.open() as market:
            assert isinstance(market_template, BehindSaleor)
            repair(market, market_template.settings)
            eventually(lambda: told(market, order), "the order is known")
            assert told(market, order) == ["order_created"]
            answer = pay(order)
            assert answer["transactionEvent"]["type"] == "CHARGE_ACTION_REQUIRED"
            assert answer["data"]["amount"] == 60_000
            # Meanwhile Saleor sends again what it could not deliver.
            eventually(
                lambda: market.rows("SELECT 1 FROM saleor_heard_webhook WHERE event = 'order_created'"),
                "Saleor tells late",
                within_s=90,
            )
            assert told(market, order) == ["order_created"]

    def test_webhooks_lost(market_template: Template) -> None:
        """Nobody tells the market of an order; the repair pass finds it, and its cancelling."""
        assert isinstance(market_template, BehindSaleor)
        shop = real_saleor()
        with market_template.open() as market:
            switch_webhooks(on=False)
            try:
                order = place_order(shop)
                repair(market, market_template.settings)
                assert told(market, order) == ["order_created"]
            finally:
                switch_webhooks(on=True)
            shop.cancel_order(key=order.id, order_id=order.id, reason="thử")
            eventually(lambda: told(market, order)[1:], "the cancelling is told", within_s=60)
            assert told(market, order) == ["order_created", "order_cancelled"]
