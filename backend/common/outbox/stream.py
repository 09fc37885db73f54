"""Live pages: one thread per process reads new events and fans them out to the browsers that wait for them.

A browser is told only *that* something changed, never what: it then asks for its own page through the ordinary door,
where access is checked. Listeners are bounded; who finds no place polls. The place of a browser that has gone is free
within a tenth of a second, because the thread that reads events also looks for connections that were closed: a till
opens a new page for every charge, and waiting for a heartbeat to fail would take its places for half a minute.
"""

from __future__ import annotations

import logging
import os
import queue
import select
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection as database

from backend.common.models import Event

log = logging.getLogger(__name__)

POLL_S: Final = 0.1
HEARTBEAT_S: Final = 12.0
MOST_LISTENERS: Final = 40
"""Per process; each holds a thread of the web server (see gunicorn's thread count in backend/project/run.py)."""
MOST_PER_VISITOR: Final = 4
MOST_PER_NETWORK: Final = 20
"""Of one network address, whatever number of visitors it says it has: half of all, so that nobody takes all places."""
MOST_AT_ONCE: Final = 500
"""Events read in one query."""
LOOK_BACK_S: Final = 10.0
"""On PostgreSQL ids are given before commit, so a smaller id may appear after a larger one; this is how long we look."""


@dataclass(eq=False)
class Listener:
    """One open stream: ``channels`` it wants ("intent:…", "stall:5"), and the ids waiting to be sent."""

    channels: frozenset[str]
    visitor: str
    network: str = ""
    connection: socket.socket | None = None
    """The browser's, where the web server tells it; looked at for its end and never read or written here."""
    inbox: queue.Queue[int] = field(default_factory=lambda: queue.Queue(maxsize=100))

    @property
    def gone(self) -> bool:
        """Whether the browser has closed the connection."""
        if self.connection is None:
            return False
        if self.connection.fileno() < 0:
            return True
        looker = select.poll()
        looker.register(self.connection, _CLOSED)
        return bool(looker.poll(0))


_CLOSED: Final = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR
"""POLLRDHUP is Linux's; elsewhere a closed browser is noticed when a heartbeat cannot be written."""
_END: Final = -1
"""Put into the inbox of a listener who has gone."""


def _channels_of(aggregate: str, payload: dict[str, Any]) -> set[str]:
    """An event is heard on its aggregate's channel and on its owner's, or owners' ("seller:3", "stall:5")."""
    names = {aggregate, *map(str, payload.get("owners") or ())}
    if payload.get("owner"):
        names.add(str(payload["owner"]))
    if payload.get("seller_id"):
        names.add(f"seller:{payload['seller_id']}")
    return names


class NoPlace(Exception):
    """Too many streams: in all, of one visitor or of one network; the page should poll."""


class _Hub:
    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._listeners: set[Listener] = set()
        self._visitors: Counter[str] = Counter()
        self._networks: Counter[str] = Counter()
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()

    def join(self, listener: Listener) -> None:
        with self._mutex:
            if not self._has_place(listener):
                self._let_go_of_the_gone()
                if not self._has_place(listener):
                    raise NoPlace
            self._listeners.add(listener)
            self._visitors[listener.visitor] += 1
            self._networks[listener.network] += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._tail, name="live-pages", daemon=True)
                self._thread.start()

    def leave(self, listener: Listener) -> None:
        with self._mutex:
            self._remove(listener)

    def _has_place(self, listener: Listener) -> bool:
        return (
            len(self._listeners) < MOST_LISTENERS
            and self._visitors[listener.visitor] < MOST_PER_VISITOR
            and (not listener.network or self._networks[listener.network] < MOST_PER_NETWORK)
        )

    def _remove(self, listener: Listener) -> None:
        if listener not in self._listeners:
            return
        self._listeners.discard(listener)
        for counted, name in ((self._visitors, listener.visitor), (self._networks, listener.network)):
            counted[name] -= 1
            if counted[name] <= 0:
                del counted[name]

    def _let_go_of_the_gone(self) -> None:
        """Frees the places, and the threads, of browsers that have closed. Called with the mutex held."""
        for listener in [each for each in self._listeners if each.gone]:
            self._remove(listener)
            # A full inbox is one whose thread hangs in a write, which fails by itself.
            with suppress(queue.Full):
                listener.inbox.put_nowait(_END)

    def _tail(self) -> None:
        seen: dict[int, float] = {}
        floor = max(newest_id() - 50, 0)
        while True:
            try:
                with self._mutex:
                    self._let_go_of_the_gone()
                    if not self._listeners:
                        # Nobody waits: the thread ends and the next listener starts a new one.
                        self._thread = None
                        database.close()
                        return
                    listeners = list(self._listeners)
                # Ids first, which are cheap to read again; the rest only of those that are new. All of them, however
                # many: a limit here would let a busy market's pages fall behind for good.
                ids = Event.objects.filter(pk__gt=floor).order_by("pk").values_list("pk", flat=True)
                fresh = [pk for pk in ids if pk not in seen]
                for start in range(0, len(fresh), MOST_AT_ONCE):
                    some = Event.objects.filter(pk__in=fresh[start : start + MOST_AT_ONCE]).order_by("pk")
                    for pk, aggregate, payload in some.values_list("pk", "aggregate", "payload"):
                        seen[pk] = time.monotonic()
                        names = _channels_of(aggregate, payload)
                        for listener in listeners:
                            if listener.channels & names:
                                # A full inbox loses nothing: the page re-reads everything on its next event anyway.
                                with suppress(queue.Full):
                                    listener.inbox.put_nowait(pk)
                horizon = time.monotonic() - LOOK_BACK_S
                floor = max([floor, *(pk for pk, at in seen.items() if at <= horizon)])
                seen = {pk: at for pk, at in seen.items() if pk > floor}
            except Exception:
                log.exception("live pages: reading events failed")
                database.close()
            time.sleep(POLL_S)


_hub = _Hub()


def _new_hub() -> None:
    global _hub
    _hub = _Hub()


os.register_at_fork(after_in_child=_new_hub)


@contextmanager
def listening(
    channels: set[str], visitor: str, connection: socket.socket | None = None, *, network: str = ""
) -> Iterator[Listener]:
    """A place in the fan-out for the length of the block, or until the browser closes ``connection``.

    ``visitor`` and ``network`` must be what the market itself knows of who asks, never what they say: places are counted
    by both. Raises NoPlace.
    """
    listener = Listener(frozenset(channels), visitor, network, connection)
    hub = _hub
    hub.join(listener)
    try:
        yield listener
    finally:
        hub.leave(listener)


def missed_since(last_event_id: int, channels: set[str]) -> bool:
    """Whether something happened on ``channels`` after ``last_event_id``: what a resumed stream asks first.

    True also when too much has happened to look through: to read a page again costs less than to miss its payment.
    """
    rows = list(
        Event.objects.filter(pk__gt=last_event_id)
        .order_by("pk")
        .values_list("aggregate", "payload")[: MOST_AT_ONCE + 1]
    )
    return len(rows) > MOST_AT_ONCE or any(
        channels & _channels_of(aggregate, payload) for aggregate, payload in rows
    )


def newest_id() -> int:
    """The id of the newest event, 0 when there is none."""
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def server_sent(listener: Listener, *, start_id: int, changed_already: bool) -> Iterator[bytes]:
    """The body of a ``text/event-stream`` answer: ``event: changed`` per event, a comment as heartbeat; it ends when
    the browser has gone.

    Closing the database connection first is the caller's duty; this loop does not touch it.
    """
    yield f"retry: 3000\nid: {start_id}\n\n".encode()
    if changed_already:
        yield f"event: changed\nid: {start_id}\ndata: {start_id}\n\n".encode()
    while True:
        try:
            pk = listener.inbox.get(timeout=HEARTBEAT_S)
        except queue.Empty:
            yield b": still here\n\n"
            continue
        if pk == _END:
            return
        yield f"event: changed\nid: {pk}\ndata: {pk}\n\n".encode()
