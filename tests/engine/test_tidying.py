from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from backend.common import clock
from backend.engine.tasks import tidy_engine
from tests.contract.conftest import Market


def test_old_checkouts_are_forgotten_and_their_orders_are_not(
    market: Market, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = market.product()
    left, bought = market.checkout(product), market.checkout(product)
    order = market.complete(bought)
    tidy_engine()
    assert market.shop.find_checkout(left.id) is not None
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    young = market.checkout(product)
    tidy_engine()
    assert market.shop.find_checkout(left.id) is None
    assert market.shop.find_checkout(young.id) == young
    assert market.shop.find_order(order.id) == order
    assert market.complete(bought) == order
