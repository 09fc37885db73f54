"""The connection against a real broker: what paho 2.x does badly must not happen here."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devices.mqtt.client import MAX_QUEUED, Connection, Message, Will, drive
from tests.devices.support import Accounts, BrokerProgram
from tests.services.ports import free_port

pytestmark = pytest.mark.pure

TOPIC = Accounts.topic


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerProgram]:
    folder = tmp_path_factory.mktemp("broker")
    Accounts(folder, *(f"d{number}" for number in range(20)))
    program = BrokerProgram("embedded", folder).start()
    yield program
    program.stop()


class Line:
    """Connections of one test, driven together."""

    def __init__(self, port: int, data_dir: Path) -> None:
        self.port = port
        self._accounts = Accounts(data_dir, *(f"d{number}" for number in range(20)))
        self.connections: list[Connection] = []

    def open(
        self,
        user: str,
        *subscriptions: str,
        on_message: Callable[[Message], None] = lambda _: None,
        on_connected: Callable[[], None] | None = None,
        on_delivered: Callable[[int], None] | None = None,
        secret: str | None = None,
        will: Will | None = None,
    ) -> Connection:
        connection = Connection(
            host="127.0.0.1",
            port=self.port,
            user=user,
            secret=secret or self._accounts.secret_of(user),
            subscriptions=subscriptions,
            on_message=on_message,
            on_connected=on_connected,
            on_delivered=on_delivered,
            will=will,
        )
        self.connections.append(connection)
        return connection

    def until(self, condition: Callable[[], bool], patience_s: float = 10) -> None:
        deadline = time.monotonic() + patience_s
        while not condition():
            assert time.monotonic() < deadline, "did not happen"
            drive(self.connections, 0.02)


@pytest.fixture
def line(broker: BrokerProgram, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    # Every test writes the same accounts with new salts; the file stays as the broker knows it.
    monkeypatch.setattr(Accounts, "write", lambda _self: None)
    line = Line(broker.port, broker.data_dir)
    yield line
    for connection in line.connections:
        connection.close()


def test_a_callback_that_raises_neither_stops_the_line_nor_passes_unseen(line: Line) -> None:
    heard: list[bytes] = []

    def stumble(message: Message) -> None:
        heard.append(message.payload)
        raise RuntimeError("stumbled")

    gateway = line.open("gateway", TOPIC("d0", "evt"), on_message=stumble)
    device = line.open("d0")
    line.until(lambda: gateway.connected and device.connected)
    for number in range(3):
        device.publish(TOPIC("d0", "evt"), f"{number}".encode())
    line.until(lambda: len(heard) == 3)
    assert heard == [b"0", b"1", b"2"]
    assert gateway.failures == 3
    assert gateway.connected


def test_a_refused_connect_is_not_a_connection(line: Line) -> None:
    stranger = line.open("d1", secret="wrong")
    line.until(lambda: stranger.complaint != "")
    assert stranger.complaint == "refused by the broker: Not authorized"
    assert stranger.connected is False
    assert stranger.publish(TOPIC("d1", "evt"), b"x") is None


def test_a_broker_that_is_away_is_complained_of_when_it_lasts_and_then_once(
    line: Line, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connection = line.open("d9")
    now = 1_000.0
    monkeypatch.setattr("devices.mqtt.client.time.monotonic", lambda: now)
    for _ in range(20):
        connection._complain("away")
        now += 1
    assert [record.getMessage() for record in caplog.records] == ["d9: away"]


def test_what_cannot_go_is_refused_and_not_kept(line: Line) -> None:
    heard: list[bytes] = []
    gateway = line.open(
        "gateway", TOPIC("d2", "evt"), on_message=lambda message: heard.append(message.payload)
    )
    line.until(lambda: gateway.connected)
    device = line.open("d2")
    assert device.publish(TOPIC("d2", "evt"), b"too early") is None
    line.until(lambda: device.connected)
    assert device.publish(TOPIC("d2", "evt"), b"now") is not None
    line.until(lambda: bool(heard))
    assert heard == [b"now"]


def test_the_number_of_a_message_comes_back_when_the_broker_has_it(line: Line) -> None:
    delivered: list[int] = []
    device = line.open("d3", on_delivered=delivered.append)
    line.until(lambda: device.connected)
    numbers = [device.publish(TOPIC("d3", "evt"), b"x") for _ in range(3)]
    line.until(lambda: len(delivered) == 3)
    assert delivered == numbers


def test_the_queue_has_a_limit(line: Line) -> None:
    device = line.open("d4")
    line.until(lambda: device.connected)
    taken = [device.publish(TOPIC("d4", "evt"), b"x") for _ in range(MAX_QUEUED * 2)]
    assert taken[0] is not None
    assert taken[-1] is None
    assert sum(mid is not None for mid in taken) <= MAX_QUEUED + 1


def test_subscriptions_are_made_anew_at_every_connect(line: Line, tmp_path: Path) -> None:
    """The broker forgets everything when it is killed; so each connect starts from nothing."""
    accounts = Accounts.__new__(Accounts)
    accounts.data_dir = tmp_path
    forgetful = BrokerProgram("embedded", tmp_path)
    Path(tmp_path / "mqtt").mkdir()
    for name in ("accounts.json", "gateway.secret"):
        (tmp_path / "mqtt" / name).write_bytes((line_folder(line) / "mqtt" / name).read_bytes())
    forgetful.start()
    try:
        line.port = forgetful.port
        connects: list[int] = []
        heard: list[bytes] = []
        device = line.open(
            "d5",
            TOPIC("d5", "cmd"),
            on_message=lambda message: heard.append(message.payload),
            on_connected=lambda: connects.append(len(connects)),
        )
        gateway = line.open("gateway")
        line.until(lambda: device.connected and gateway.connected)
        forgetful.kill()
        line.until(lambda: not device.connected and not gateway.connected)
        forgetful.start()
        line.until(lambda: device.connected and gateway.connected)
        gateway.publish(TOPIC("d5", "cmd"), b"after")
        line.until(lambda: heard == [b"after"])
        assert connects == [0, 1]
    finally:
        forgetful.stop()


def line_folder(line: Line) -> Path:
    return line._accounts.data_dir


def test_a_missing_broker_is_waited_for(broker: BrokerProgram, line: Line) -> None:
    line.port = free_port()
    lonely = line.open("d6")
    line.until(lambda: lonely.complaint.startswith("no broker at 127.0.0.1"))
    started = time.monotonic()
    drive(line.connections, 0.05)
    assert time.monotonic() - started < 1  # and nobody is held up by it
    lonely._address = ("127.0.0.1", broker.port)
    line.until(lambda: lonely.connected)
    assert lonely.complaint == ""


def test_a_forked_child_is_told_that_it_has_no_connection(line: Line) -> None:
    """paho's answer there would be "sent", and the message would be lost."""
    device = line.open("d7")
    line.until(lambda: device.connected)
    child = os.fork()
    if child == 0:
        try:
            device.publish(TOPIC("d7", "evt"), b"x")
        except RuntimeError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_a_goodbye_sends_no_last_will(line: Line) -> None:
    heard: list[bytes] = []
    gateway = line.open(
        "gateway", TOPIC("d8", "status"), on_message=lambda message: heard.append(message.payload)
    )
    line.until(lambda: gateway.connected)
    polite = line.open("d8", will=Will(TOPIC("d8", "status"), b"lost"))
    line.until(lambda: polite.connected)
    polite.publish(TOPIC("d8", "status"), b"stopped", retain=True)
    polite.close()
    again = line.open("d8")
    line.until(lambda: again.connected)
    again.publish(TOPIC("d8", "status"), b"back", retain=True)
    line.until(lambda: b"back" in heard)
    assert heard == [b"stopped", b"back"]
    assert polite.publish(TOPIC("d8", "status"), b"x") is None
