"""What the worker does for the catalogue once a day."""

from __future__ import annotations

from celery import shared_task

from backend.catalogue import services


@shared_task(ignore_result=True)
def follow_the_calendar() -> None:
    """Certificates begin and end by the day, without an event."""
    services.refresh_stars()
