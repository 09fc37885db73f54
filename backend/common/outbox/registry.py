"""Who wants to hear of what. A room registers its consumers in its ``consumers.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from backend.common.models import Event

Runner = Literal["worker", "gateway"]
Handler = Callable[[Event], None]


@dataclass(frozen=True)
class Consumer:
    """``in_transaction``: the handler and its mark commit together (exactly once). Otherwise it runs outside any
    transaction, may call the port or the network, and must be idempotent under ``event.key``."""

    name: str
    events: frozenset[str]
    runner: Runner
    in_transaction: bool
    handle: Handler


_consumers: dict[str, Consumer] = {}


def consumer(
    name: str, *, events: set[str], runner: Runner = "worker", in_transaction: bool = True
) -> Callable[[Handler], Handler]:
    """Register the decorated handler as ``name`` for ``events``. Raises ValueError when the name is taken."""

    def register(handle: Handler) -> Handler:
        known = _consumers.get(name)
        if known is not None and known.handle.__qualname__ != handle.__qualname__:
            raise ValueError(f"Two consumers are called {name}.")
        _consumers[name] = Consumer(name, frozenset(events), runner, in_transaction, handle)
        return handle

    return register


def consumers_for(event_name: str) -> list[Consumer]:
    """The consumers of ``event_name``, in the order of their registration."""
    return [each for each in _consumers.values() if event_name in each.events]


def find_consumer(name: str) -> Consumer | None:
    """The consumer called ``name``, or None when its code is gone."""
    return _consumers.get(name)


def all_consumers() -> list[Consumer]:
    """Every registered consumer."""
    return list(_consumers.values())


def forget(name: str) -> None:
    """Take a consumer out again (tests)."""
    _consumers.pop(name, None)
