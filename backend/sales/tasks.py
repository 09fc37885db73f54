"""The worker's round: orders past their time, and what a lost process left half done."""

from __future__ import annotations

from celery import shared_task

from backend.sales import services


@shared_task(ignore_result=True)
def cancel_unpaid_orders() -> None:
    """Cancel unpaid orders whose time is over; finish half-done placings and cancellations."""
    services.cancel_unpaid()
    services.sweep()


@shared_task(ignore_result=True)
def forget_visitors() -> None:
    """Forget where purchases came from that limit nothing any more."""
    services.forget_visitors()
