"""What the worker tidies once a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from celery import shared_task

from backend.common import clock
from backend.engine import images
from backend.engine.models import Checkout

KEEP_CHECKOUTS: Final = timedelta(days=7)
"""A basket that nobody finished; one that became an order has nothing left to say either."""


@shared_task(ignore_result=True)
def tidy_engine() -> None:
    """Forget old checkouts and the files of uploads that were killed half-way."""
    Checkout.objects.filter(created_at__lt=clock.now() - KEEP_CHECKOUTS).delete()
    images.sweep()
