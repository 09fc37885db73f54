"""Fixtures of the payments room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from backend.common import clock
from tests.payments.bank import NOW, Bank, new_bank
from tests.payments.counter import Counter, open_counter


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


@pytest.fixture
def counter(
    transactional_db: None, live_server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Counter]:
    """An open demo bank before an open market."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    with open_counter(tmp_path, live_server.url) as opened:
        yield opened
