"""Taking turns: whoever changes something in Saleor is alone with it, across all threads and processes.

A turn ends by itself, so that a killed process holds up nobody for long. So that it never ends under somebody who is
alive but slow, the client renews all turns of its thread before each request, for as long as this one may take; and a
turn that somebody else has taken over meanwhile stops the request before it is sent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from backend.commerce.errors import ShopUnavailable
from backend.common import clock
from backend.common.ids import new_id
from integrations.saleor.client import CONNECT_S
from integrations.saleor.models import Turn

SPARE_S: Final = 8.0
"""What a turn lasts beyond the longest request: looking up the name, writing down the answer, clocks that disagree."""
BEYOND_S: Final = 10.0
"""How much longer than a turn others wait for it: a killed process costs them time, not the call."""
LOOK_S: Final = 0.04

_mine = threading.local()


def turn_s() -> float:
    """How long a killed process holds up the others: as long as one request to Saleor can last, and a little."""
    return CONNECT_S + settings.SALEOR_TIMEOUT_S + SPARE_S


def wait_s() -> float:
    return turn_s() + BEYOND_S


class _Held:
    """A turn of this thread. ``sure_until`` is of the monotonic clock: until then nobody else can have it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.holder = new_id()
        self.sure_until = 0.0

    def take(self) -> bool:
        lasts = turn_s()
        with transaction.atomic(durable=True):
            # Only now: a database that is busy may have kept this waiting.
            began, now = time.monotonic(), clock.now()
            until = now + timedelta(seconds=lasts)
            fresh = Turn(name=self.name, holder=self.holder, until=until)
            Turn.objects.bulk_create([fresh], ignore_conflicts=True)
            mine = Turn.objects.filter(name=self.name, holder=self.holder).exists()
            if not mine:
                over = Turn.objects.filter(name=self.name, until__lt=now)
                mine = bool(over.update(holder=self.holder, until=until))
        self.sure_until = began + lasts
        return mine

    def renew(self, for_s: float) -> None:
        if time.monotonic() + for_s <= self.sure_until:
            return
        lasts = for_s + SPARE_S
        with transaction.atomic(durable=True):
            began, until = time.monotonic(), clock.now() + timedelta(seconds=lasts)
            mine = Turn.objects.filter(name=self.name, holder=self.holder).update(until=until)
        if not mine:
            raise ShopUnavailable()
        self.sure_until = began + lasts


def _held() -> list[_Held]:
    if not hasattr(_mine, "turns"):
        _mine.turns = []
    turns: list[_Held] = _mine.turns
    return turns


def renew(for_s: float = 1.0) -> None:
    """Keep the turns of this thread for the ``for_s`` seconds of the next request. Writes nothing while that is certain
    anyway. Raises ShopUnavailable when one of them was over and is somebody else's now: what was begun is found out by
    whoever repeats the call under its key."""
    for each in _held():
        each.renew(for_s)


@contextmanager
def turn(name: str) -> Generator[None]:
    """Nobody else is in this block with the same ``name`` (at most 160 characters). Raises ShopUnavailable after
    ``wait_s`` of waiting, RuntimeError inside an open transaction."""
    mine = _Held(name)
    patience = time.monotonic() + wait_s()
    while not mine.take():
        if time.monotonic() > patience:
            raise ShopUnavailable()
        time.sleep(LOOK_S)
        renew()
    held = _held()
    held.append(mine)
    try:
        yield
    finally:
        held.remove(mine)
        Turn.objects.filter(name=name, holder=mine.holder).delete()
