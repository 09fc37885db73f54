"""Counting what strangers send: exact while it is little, and bounded in what it costs when it is a flood."""

from __future__ import annotations

import threading
import time
from typing import Final

from django.db.models import F

from integrations.saleor.app.models import Installation

MOST_WRITES: Final = 20
WITHIN_S: Final = 60.0


class Tally:
    """Requests with a wrong signature, by installation. At most MOST_WRITES durable writes in WITHIN_S and process; what
    comes beyond is held and added to the next one. A process that ends forgets what it holds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[int, int] = {}
        self._began = 0.0
        self._writes = 0

    def add(self, installation: Installation) -> None:
        """Count one."""
        with self._lock:
            now = time.monotonic()
            if not self._began or now - self._began >= WITHIN_S:
                self._began, self._writes = now, 0
            held = self._held.get(installation.pk, 0) + 1
            if self._writes >= MOST_WRITES:
                self._held[installation.pk] = held
                return
            self._writes += 1
            self._held.pop(installation.pk, None)
        Installation.objects.filter(pk=installation.pk).update(refused=F("refused") + held)


refused: Final = Tally()
