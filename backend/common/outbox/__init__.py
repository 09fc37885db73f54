"""The outbox: events written with the change that caused them, handed on afterwards until each consumer has them.

Order is kept per aggregate and consumer. A kill at any instant loses nothing and repeats nothing that a consumer has
recorded. The task queue is only a nudge.
"""

from __future__ import annotations

from backend.common.models import Event
from backend.common.outbox.registry import Consumer, consumer, consumers_for
from backend.common.outbox.writing import Happening, emit, emit_all

__all__ = ["Consumer", "Event", "Happening", "consumer", "consumers_for", "emit", "emit_all"]
