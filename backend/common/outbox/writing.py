"""Writing an event in the transaction of its cause."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from importlib import import_module
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from backend.common import clock
from backend.common.ids import new_id
from backend.common.models import Delivery, Event
from backend.common.outbox.registry import consumers_for

log = logging.getLogger(__name__)


class Happening(NamedTuple):
    """That ``name`` happened to ``aggregate`` ("order:…"), with what consumers need to know as JSON."""

    name: str
    aggregate: str
    payload: dict[str, Any]


def emit(name: str, aggregate: str, payload: dict[str, Any]) -> Event:
    """Write that ``name`` happened to ``aggregate``, as emit_all does."""
    (event,) = emit_all([Happening(name, aggregate, payload)])
    return event


def emit_all(happenings: Iterable[Happening]) -> list[Event]:
    """Write what happened, in this order, in two statements however much it is.

    Raises RuntimeError outside a transaction: an event without its change, or a change without its event, must not be;
    and in a process that does not know every room's consumers.
    After commit the worker is nudged; if that fails the sweeper delivers.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("emit() belongs inside the transaction that changes something.")
    if not settings.MAY_EMIT:
        raise RuntimeError("This process knows too few rooms to emit: nobody would be told.")
    now = clock.now()
    written = Event.objects.bulk_create(
        Event(key=new_id(), name=each.name, aggregate=each.aggregate, payload=each.payload, created_at=now)
        for each in happenings
    )
    deliveries = [
        Delivery(event=event, consumer=each.name, runner=each.runner, aggregate=event.aggregate, next_at=now)
        for event in written
        for each in consumers_for(event.name)
    ]
    if deliveries:
        Delivery.objects.bulk_create(deliveries)
    if any(each.runner == "worker" for each in deliveries):
        _nudge_after_commit()
    return written


def _nudge_after_commit() -> None:
    # One nudge per transaction, however many events it emits.
    if any(getattr(hook[1], "is_outbox_nudge", False) for hook in connection.run_on_commit):
        return

    def nudge() -> None:
        try:
            import_module(settings.TASK_APP)  # tasks are sent through the app that was made last
            from backend.common.tasks import deliver_events

            deliver_events.delay()
        except Exception:
            log.warning("The task queue took no nudge; the sweeper will deliver.", exc_info=True)

    nudge.is_outbox_nudge = True  # type: ignore[attr-defined]
    transaction.on_commit(nudge)
