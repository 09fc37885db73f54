"""Fixtures of the payments room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from backend.common import clock
from tests.payments.bank import NOW, Bank, new_bank


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the market's clock."""

    def at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return at


@pytest.fixture
def bank(db: None, set_clock: Callable[[datetime], None]) -> Bank:
    """A bank with one payee, at ten in the morning of 22 November 2026 in Vietnam."""
    set_clock(NOW)
    return new_bank()
