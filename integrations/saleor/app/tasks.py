"""The worker's round with a Saleor."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings

from integrations.saleor.app import hearing, watch
from integrations.saleor.app.repair import repair

log = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def repair_from_saleor() -> None:
    """One bounded pass of repairing; a Saleor that is down is asked again the next time."""
    hearing.prune()
    if settings.SHOP_ENGINE != "saleor":
        # A market that has moved away from its Saleor: what it would read through the port are its own orders.
        return
    watch.watch()
    try:
        repair()
        watch.repaired()
    except Exception:
        log.warning("The repair pass stopped; the next one goes on.", exc_info=True)
