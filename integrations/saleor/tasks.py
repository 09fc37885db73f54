"""What the worker tidies once a day."""

from __future__ import annotations

from celery import shared_task

from integrations.saleor.calls import forget_old


@shared_task(ignore_result=True)
def tidy_saleor() -> None:
    """Forget the keys of calls that nobody repeats any more."""
    forget_old()
