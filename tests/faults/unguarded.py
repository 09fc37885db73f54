"""The market's web server with the guard of its stock taken out: read, check, save, as it is usually written.

A WSGI entry for the test that shows what the guard is for; the market never loads it. Everybody looks at the stock
before anybody saves, which is what happens by itself whenever two buyers are close enough to one another.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Final

from django.conf import settings

from backend.commerce.errors import InsufficientStock
from backend.commerce.values import Order
from backend.common.ids import new_id
from backend.project.wsgi import application  # sets Django up, which the engine's tables need

from backend.engine import buying, models  # isort: skip

__all__ = ["application"]

BUYERS: Final = 8
LOOK_WITHIN_S: Final = 20.0
_seen = threading.local()
_guarded = buying.complete_checkout


def _look_first(*, checkout_id: str, **given: Any) -> Order:
    """Reads the stock, waits for the other buyers to have read it, and goes on with what it read."""
    line = models.CheckoutLine.objects.get(checkout_id=checkout_id)
    _seen.stock = models.Stock.objects.get(variant_id=line.variant_id)
    folder = settings.DATA_DIR / "looked"
    folder.mkdir(exist_ok=True)
    (folder / new_id()).touch()
    deadline = time.monotonic() + LOOK_WITHIN_S
    while len(list(folder.iterdir())) < BUYERS and time.monotonic() < deadline:
        time.sleep(0.01)
    return _guarded(checkout_id=checkout_id, **given)


def _read_check_save(*, variant_id: int, quantity: int, name: str) -> None:
    if _seen.stock.quantity - _seen.stock.quantity_allocated < quantity:
        raise InsufficientStock(name=name, available=0)
    _seen.stock.quantity_allocated += quantity
    _seen.stock.save()


buying.complete_checkout = _look_first
buying.hold_stock = _read_check_save
