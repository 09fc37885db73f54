"""The worker's round with a Saleor."""

from __future__ import annotations

import logging

from celery import shared_task

from integrations.saleor.app import hearing
from integrations.saleor.app.repair import repair

log = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def repair_from_saleor() -> None:
    """One bounded pass of repairing; a Saleor that is down is asked again the next time."""
    hearing.prune()
    try:
        repair()
    except Exception:
        log.warning("The repair pass stopped; the next one goes on.", exc_info=True)
