"""The whole market under its supervisor, as `make run` starts it: what is killed comes back, and nothing is left."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.project.supervisor import MARK
from tests.services.market import PARTS, Market, Template, eventually
from tests.tooling.processes import Witness

pytestmark = pytest.mark.slow


def family_of(pid: int) -> list[int]:
    """All processes of the run to which the children of a supervisor belong, however far down."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    marks = {
        word
        for child in children
        for word in Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
        if word.startswith(MARK.encode() + b"=")
    }
    assert len(marks) == 1
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if marks & set(path.read_bytes().split(b"\0")):
                found.append(int(path.parent.name))
        except OSError:
            continue  # ended meanwhile
    return found


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def market(market_template: Template) -> Iterator[Market]:
    with market_template.open() as found:
        yield found


def test_a_market_comes_back_from_kill_9_and_leaves_nothing(market: Market) -> None:
    # Every part runs, and what is killed is started again by the supervisor.
    for part in PARTS:
        assert market.process_of(part), part
    # At a first start, too, the broker knows every sound box.
    eventually(lambda: "8 boxes" in market.log(), "the boxes are there")
    assert not [line for line in market.log().splitlines() if "refused" in line or "uthori" in line]
    killed = market.kill("gateway")
    eventually(lambda: market.process_of("gateway") not in (0, killed), "the gateway is back")
    assert "đã dừng (tín hiệu SIGKILL), chạy lại sau 1 s" in market.log()

    # The supervisor itself is killed: web workers, mosquitto and beat go with it, and the ports are free.
    supervisor = market.supervisor
    witnesses = [Witness(pid) for pid in family_of(supervisor.pid)]
    assert len(witnesses) > len(PARTS)
    supervisor.kill()
    assert all(witness.saw_end() for witness in witnesses)
    for witness in witnesses:
        witness.close()
    for port in range(market.port, market.port + 3):
        assert is_free(port)
    market.stop()

    # The folder is free at once; a clean stop is a success.
    market.start()
    again = market.supervisor
    log = market.data_dir / "log" / "market.log"
    assert f"http://127.0.0.1:{market.port + 1}" in log.read_text(encoding="utf-8")
    witnesses = [Witness(pid) for pid in family_of(again.pid)]
    os.kill(again.pid, signal.SIGINT)
    assert again.wait(30) == 0
    assert all(witness.saw_end(0) for witness in witnesses)
