"""Handing events on."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from django.db import OperationalError, transaction
from django.db.models import Exists, OuterRef, Q

from backend.common import audit, clock
from backend.common.errors import MarketError
from backend.common.ids import new_id
from backend.common.models import Delivery, Event
from backend.common.outbox.registry import Consumer, Runner, find_consumer

log = logging.getLogger(__name__)

MOST_AT_ONCE: Final = 200
MOST_ATTEMPTS: Final = 10
LEASE: Final = timedelta(minutes=2)
"""A handler that calls the network has this long before another runner may take its event over."""
KEEP: Final = timedelta(days=30)


class _Taken(Exception):
    """Somebody else delivered it in between."""


def back_off(attempts: int) -> timedelta:
    """The pause before the next try: 1, 2, 4 … seconds, at most five minutes."""
    return timedelta(seconds=min(2 ** max(attempts - 1, 0), 300))


def run_once(runner: Runner, *, limit: int = MOST_AT_ONCE) -> int:
    """Deliver what waits for ``runner``, oldest first; return how many were delivered.

    Within one consumer and aggregate an event waits for the one before it. A failed delivery is tried again later with
    growing pauses, and after ten failures is parked for a person, which lets the later ones pass; but not while the shop
    behind the port only does not answer.
    """
    now = clock.now()
    waiting = Delivery.objects.filter(runner=runner, done_at__isnull=True, parked_at__isnull=True)
    # Lanes that pause after a failure, or whose event somebody else is delivering. They are left out before counting to
    # the limit: with the mail server down, two hundred unsent mails must not stand in front of the next payment.
    paused = Q(next_at__gt=now) | Q(lease_until__gt=now)
    blocked = set(waiting.filter(paused).values_list("consumer", "aggregate"))
    delivered = tried = 0
    after = (0, 0)
    while tried < limit:
        page = list(
            waiting.filter(Q(event_id__gt=after[0]) | Q(event_id=after[0], pk__gt=after[1]))
            .exclude(paused)
            .select_related("event")
            .order_by("event_id", "pk")[:limit]
        )
        for delivery in page:
            lane = (delivery.consumer, delivery.aggregate)
            if lane in blocked:
                continue
            if tried >= limit:
                return delivered
            tried += 1
            if _deliver(delivery):
                delivered += 1
            else:
                blocked.add(lane)
        if len(page) < limit:
            break
        after = (page[-1].event_id, page[-1].pk)
    return delivered


def _deliver(delivery: Delivery) -> bool:
    """Whether the event is now with its consumer (through us or through somebody else)."""
    known = find_consumer(delivery.consumer)
    if known is None:
        _park(delivery, "no such consumer")
        return True
    try:
        if known.in_transaction:
            _deliver_within(known, delivery)
        else:
            _deliver_outside(known, delivery)
    except _Taken:
        # Somebody else has it, or is about to: until then the next event of its lane waits.
        return Delivery.objects.filter(pk=delivery.pk, done_at__isnull=False).exists()
    except Exception as error:
        log.exception("%s failed on %s", delivery.consumer, delivery.event)
        _note_failure(delivery, error)
        return False
    return True


def _deliver_within(known: Consumer, delivery: Delivery) -> None:
    with transaction.atomic(durable=True):
        # The mark first: on PostgreSQL its row lock makes a second runner wait here and then find nothing to do.
        marked = Delivery.objects.filter(pk=delivery.pk, done_at__isnull=True).update(done_at=clock.now())
        if marked == 0:
            raise _Taken
        known.handle(delivery.event)


def _deliver_outside(known: Consumer, delivery: Delivery) -> None:
    now = clock.now()
    lease = new_id()
    # Each write in a transaction: on SQLite only those queue for the lock in turn; a bare one would be overtaken.
    with transaction.atomic(durable=True):
        claimed = (
            Delivery.objects.filter(pk=delivery.pk, done_at__isnull=True)
            .filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now))
            .update(lease=lease, lease_until=now + LEASE)
        )
    if claimed == 0:
        raise _Taken
    known.handle(delivery.event)
    with transaction.atomic(durable=True):
        Delivery.objects.filter(pk=delivery.pk, lease=lease).update(done_at=clock.now(), lease_until=None)


def _note_failure(delivery: Delivery, error: Exception) -> None:
    attempts = delivery.attempts + 1
    now = clock.now()
    parks = attempts >= MOST_ATTEMPTS and not _passes(error)
    try:
        with transaction.atomic(durable=True):
            Delivery.objects.filter(pk=delivery.pk, done_at__isnull=True).update(
                attempts=attempts,
                next_at=now + back_off(attempts),
                lease_until=None,
                last_error=f"{type(error).__name__}: {error}"[:500],
                parked_at=now if parks else None,
            )
        if parks:
            _tell_parked(delivery)
    except OperationalError:
        # A busy database: the delivery stands as it stood and is tried again; the others of this round go on.
        log.warning("%s: the failure could not be noted.", delivery.consumer, exc_info=True)


def _passes(error: Exception) -> bool:
    """Whether somebody else is only busy, down or moving: that ends by itself, and no person can do anything about the
    event meanwhile."""
    return isinstance(error, MarketError) and error.status == 503


def _park(delivery: Delivery, why: str) -> None:
    with transaction.atomic(durable=True):
        Delivery.objects.filter(pk=delivery.pk).update(parked_at=clock.now(), last_error=why)
    _tell_parked(delivery)


def _tell_parked(delivery: Delivery) -> None:
    log.error(
        "parked: %s on %s; a person is needed: manage.py outbox (%s)",
        delivery.consumer,
        delivery.event,
        delivery.pk,
    )


def parked() -> list[Delivery]:
    """Deliveries that need a person, newest first, at most 100."""
    return list(
        Delivery.objects.filter(parked_at__isnull=False, done_at__isnull=True)
        .select_related("event")
        .order_by("-parked_at")[:100]
    )


def try_again(delivery_id: int, *, actor: str) -> bool:
    """Give a parked delivery ten more tries from now on; False when it is not parked (any more)."""
    with transaction.atomic():
        waiting = Delivery.objects.filter(pk=delivery_id, parked_at__isnull=False, done_at__isnull=True)
        found = waiting.update(parked_at=None, attempts=0, next_at=clock.now(), lease_until=None)
        if found:
            audit.record(actor, "delivery_tried_again", f"delivery:{delivery_id}")
    return bool(found)


def prune() -> int:
    """Forget events older than 30 days that every consumer has; return how many."""
    # Not exclude(deliveries__done_at__isnull=True): that would also keep what nobody ever wanted to hear.
    owed = Delivery.objects.filter(event=OuterRef("pk"), done_at__isnull=True)
    old = Event.objects.filter(~Exists(owed), created_at__lt=clock.now() - KEEP)
    ids = list(old.values_list("pk", flat=True)[:5000])
    Event.objects.filter(pk__in=ids).delete()
    return len(ids)
