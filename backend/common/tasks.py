"""The worker's side of the outbox. Losing any of these messages loses nothing."""

from __future__ import annotations

from celery import shared_task

from backend.common.outbox import relay


@shared_task(ignore_result=True)
def deliver_events() -> None:
    """Deliver what waits for the worker; nudged after commit, and swept by beat."""
    while relay.run_once("worker"):
        pass


@shared_task(ignore_result=True)
def prune_events() -> None:
    """Forget delivered events that nobody will ask for again."""
    relay.prune()
