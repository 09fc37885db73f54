from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.mqtt.broker import mosquitto
from tests.devices.support import Accounts, BrokerProgram


@pytest.fixture(scope="module", params=["embedded", "mosquitto"])
def broker_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    if kind == "mosquitto" and mosquitto.find_binary() is None:
        pytest.skip("mosquitto is not installed")
    return kind


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    """The devices "a" and "b", known to the broker from its start."""
    return Accounts(tmp_path, "a", "b")


@pytest.fixture
def broker(broker_kind: str, accounts: Accounts, tmp_path: Path) -> Iterator[BrokerProgram]:
    """The real broker program on a free port."""
    program = BrokerProgram(broker_kind, tmp_path)
    program.start()
    yield program
    program.stop()
