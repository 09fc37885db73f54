"""How often something may happen, counted in the cache that all processes share."""

from __future__ import annotations

import hashlib
from typing import Final

from django.core.cache import cache

from backend.common import clock

_PREFIX: Final = "limit"


def allow(what: str, whose: str, *, most: int, within_s: int) -> bool:
    """Count one ``what`` of ``whose`` and tell whether it is within ``most`` of this span of ``within_s`` seconds.

    Spans are those of the clock, so at their border twice as many may pass, and of several at the very same instant a few
    more. Beyond the limit nothing is written: a flood costs a read each.
    """
    span = int(clock.now().timestamp()) // within_s
    name = hashlib.sha256(whose.encode()).hexdigest()[:32]
    key = f"{_PREFIX}:{what}:{within_s}:{span}:{name}"
    count = cache.get(key, 0)
    if not isinstance(count, int) or count >= most:
        return False
    cache.set(key, count + 1, within_s)
    return True
