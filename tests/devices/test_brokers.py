"""The same locks on both brokers. Each refusal also proves, by a message that arrives, that one hears."""

from __future__ import annotations

import itertools
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest

from devices.mqtt.accounts import accounts_path
from devices.mqtt.broker.embedded import Subscriptions
from tests.devices.support import ROOT, Accounts, BrokerProgram, Peer, wait_for
from tests.services.ports import free_port

pytestmark = pytest.mark.pure

TURNS = itertools.count()
CROWD = [f"m{number}" for number in range(30)]


@pytest.fixture(scope="module")
def running(
    broker_kind: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[BrokerProgram, Accounts]]:
    """One broker for all tests of its kind; each test has devices of its own."""
    folder = tmp_path_factory.mktemp("broker")
    pairs = [f"{letter}{turn}" for turn in range(100) for letter in "ab"]
    accounts = Accounts(folder, *pairs, *CROWD)
    program = BrokerProgram(broker_kind, folder).start()
    yield program, accounts
    program.stop()


class Market:
    """What one test has: the broker, and the devices "a" and "b", under names that no other test uses."""

    def __init__(self, broker: BrokerProgram, accounts: Accounts) -> None:
        self.broker = broker
        self.accounts = accounts
        self._turn = next(TURNS) % 100
        self.peers: list[Peer] = []

    def name(self, letter: str) -> str:
        return f"{letter}{self._turn}" if letter in "ab" else letter

    def topic(self, letter: str, leaf: str) -> str:
        return Accounts.topic(self.name(letter), leaf)

    def expand(self, topic: str) -> str:
        """ "b/cmd" to the full topic of b's commands; other texts stay as they are."""
        match = re.fullmatch(r"(.*)\b([ab])/(\w+)", topic)
        return topic if match is None else match[1] + self.topic(match[2], match[3])

    def connect(self, letter: str, **options: Any) -> Peer:
        user = self.name(letter)
        secret = options.pop("secret", None) or self.accounts.secret_of(user)
        if "client_id" in options:
            options["client_id"] = self.name(options["client_id"])
        peer = Peer(self.broker.port, user, secret, **options)
        self.peers.append(peer)
        return peer.connect()


@pytest.fixture
def market(running: tuple[BrokerProgram, Accounts]) -> Iterator[Market]:
    market = Market(*running)
    yield market
    for peer in market.peers:
        peer.client.disconnect()


def test_a_device_hears_its_commands_and_settings(market: Market) -> None:
    gateway, device = market.connect("gateway"), market.connect("a")
    gateway.publish(market.topic("a", "desired"), b"loud", retain=True)
    device.subscribe(market.topic("a", "desired"))
    device.subscribe(market.topic("a", "cmd"))
    gateway.publish(market.topic("a", "cmd"), b"say")
    device.until_told(market.topic("a", "cmd"), b"say")
    device.until_told(market.topic("a", "desired"), b"loud")


def test_the_market_hears_every_device(market: Market) -> None:
    gateway, one, other = market.connect("gateway"), market.connect("a"), market.connect("b")
    for leaf in ("status", "reported", "evt"):
        gateway.subscribe(f"cho/v1/+/+/+/{leaf}")
    one.publish(market.topic("a", "status"), b"here", retain=True)
    other.publish(market.topic("b", "evt"), b"done")
    gateway.until_told(market.topic("a", "status"), b"here")
    gateway.until_told(market.topic("b", "evt"), b"done")


@pytest.mark.parametrize(
    "wanted",
    [
        *("b/cmd", "b/desired", "cho/v1/xa-thu/cho-thu/+/cmd", "cho/#", "#"),
        *("+/+/+/+/+/cmd", "$share/group/b/cmd"),
    ],
)
def test_a_device_never_hears_another_one(market: Market, wanted: str) -> None:
    gateway, device, neighbour = market.connect("gateway"), market.connect("a"), market.connect("b")
    neighbour.subscribe(market.topic("b", "cmd"))
    gateway.publish(market.topic("b", "desired"), b"retained secret", retain=True)
    device.subscribe(market.topic("a", "cmd"))
    device.subscribe(market.expand(wanted))
    gateway.publish(market.topic("b", "cmd"), b"live secret")
    neighbour.until_told(market.topic("b", "cmd"), b"live secret")

    gateway.publish(market.topic("a", "cmd"), b"yours")
    device.until_told(market.topic("a", "cmd"), b"yours")
    assert device.messages == [(market.topic("a", "cmd"), b"yours")]


def test_a_newcomer_is_not_handed_the_retained_messages_of_others(market: Market) -> None:
    """amqtt 0.12 gives every newcomer what is retained under anybody's subscription."""
    gateway = market.connect("gateway")
    neighbour = market.connect("b", clean=False)
    neighbour.subscribe(market.topic("b", "desired"))
    gateway.publish(market.topic("b", "desired"), b"retained secret", retain=True)
    neighbour.until_told(market.topic("b", "desired"), b"retained secret")

    device = market.connect("a", clean=False)
    device.subscribe(market.topic("a", "cmd"))
    gateway.publish(market.topic("a", "cmd"), b"yours")
    device.until_told(market.topic("a", "cmd"), b"yours")
    assert device.messages == [(market.topic("a", "cmd"), b"yours")]


@pytest.mark.parametrize("topic", ["b/evt", "b/status", "b/cmd", "a/cmd", "a/desired", "x"])
def test_a_device_speaks_only_for_itself(market: Market, topic: str) -> None:
    gateway, device, neighbour = market.connect("gateway"), market.connect("a"), market.connect("b")
    gateway.subscribe("cho/v1/#")
    neighbour.subscribe(market.topic("b", "cmd"))
    topic = market.expand(topic)
    device.publish(topic, b"forged", retain=True)
    device.publish(market.topic("a", "evt"), b"real")
    gateway.until_told(market.topic("a", "evt"), b"real")
    gateway.publish(market.topic("b", "cmd"), b"after")
    neighbour.until_told(market.topic("b", "cmd"), b"after")

    assert (topic, b"forged") not in gateway.messages
    assert neighbour.messages == [(market.topic("b", "cmd"), b"after")]


def test_a_last_will_cannot_speak_for_another_device(market: Market) -> None:
    gateway = market.connect("gateway")
    gateway.subscribe("cho/v1/#")
    device = market.connect("a", will=(market.topic("b", "status"), b"forged"))
    device.vanish()
    honest = market.connect("b", will=(market.topic("b", "status"), b"lost"))
    honest.vanish()
    gateway.until_told(market.topic("b", "status"), b"lost")
    assert (market.topic("b", "status"), b"forged") not in gateway.messages


def test_a_last_will_tells_of_a_lost_device_and_is_retained(market: Market) -> None:
    device = market.connect("a", will=(market.topic("a", "status"), b"lost"))
    device.publish(market.topic("a", "status"), b"here", retain=True)
    watcher = market.connect("gateway")
    watcher.subscribe(market.topic("a", "status"))
    watcher.until_told(market.topic("a", "status"), b"here")
    device.vanish()
    watcher.until_told(market.topic("a", "status"), b"lost")
    later = market.connect("gateway")
    later.subscribe(market.topic("a", "status"))
    later.until_told(market.topic("a", "status"), b"lost")
    assert later.messages == [(market.topic("a", "status"), b"lost")]


@pytest.mark.parametrize(
    ("user", "secret"),
    [
        ("a", "wrong"),
        ("a", "secret-of-b0"),
        ("nobody", "secret-of-a0"),
        ("gateway", "wrong"),
        ("gateway", ""),
    ],
)
def test_a_wrong_secret_is_refused(market: Market, user: str, secret: str) -> None:
    assert market.connect(user, secret=secret or " ").connected is False


def test_nobody_is_let_in_without_a_name(market: Market) -> None:
    nameless = Peer(market.broker.port, market.name("a"), "")
    nameless.client.username_pw_set(None)
    assert nameless.connect().connected is False


def test_a_stranger_who_knows_a_client_id_cannot_touch_its_session(market: Market) -> None:
    """amqtt 0.12 deletes or takes over the stored session before it checks the password."""
    gateway, device = market.connect("gateway"), market.connect("a", clean=False)
    device.subscribe(market.topic("a", "cmd"))
    device.client.disconnect()
    device.until(lambda: not device.connected, "goodbye")
    gateway.publish(market.topic("a", "cmd"), b"while away")

    for clean in (True, False):
        assert market.connect("a", secret="wrong", clean=clean).connected is False

    back = market.connect("a", clean=False)
    back.until_told(market.topic("a", "cmd"), b"while away")


def test_a_device_cannot_take_the_session_of_another_by_its_client_id(market: Market) -> None:
    gateway, victim = market.connect("gateway"), market.connect("b", clean=False)
    victim.subscribe(market.topic("b", "cmd"))
    victim.client.disconnect()
    victim.until(lambda: not victim.connected, "goodbye")
    gateway.publish(market.topic("b", "cmd"), b"for b")

    thief = market.connect("a", client_id="b", clean=False)  # refused, or let in as "a": either is safe
    if thief.connected:
        thief.subscribe(market.topic("a", "cmd"))
        gateway.publish(market.topic("a", "cmd"), b"for a")
        thief.until_told(market.topic("a", "cmd"), b"for a")
    assert (market.topic("b", "cmd"), b"for b") not in thief.messages

    back = market.connect("b", clean=False)
    back.until_told(market.topic("b", "cmd"), b"for b")


def test_a_reconnect_before_the_old_connection_is_known_to_be_dead(market: Market) -> None:
    """amqtt 0.12 marks the new connection as disconnected when the old one ends."""
    gateway, old = market.connect("gateway"), market.connect("a", clean=False)
    old.subscribe(market.topic("a", "cmd"))
    new = market.connect("a", clean=False)  # the old socket is still open
    new.subscribe(market.topic("a", "cmd"))
    for number in range(3):
        gateway.publish(market.topic("a", "cmd"), f"{number}".encode())
        new.until_told(market.topic("a", "cmd"), f"{number}".encode())
    old.until(lambda: not old.connected, "the old connection ends")
    assert old.messages == []


def test_a_goodbye_is_not_a_loss(market: Market) -> None:
    """amqtt 0.12 sends the last will when the connection ends right after the goodbye."""
    gateway = market.connect("gateway")
    gateway.subscribe(market.topic("a", "status"))
    for _round in range(5):
        device = market.connect("a", will=(market.topic("a", "status"), b"lost"))
        device.client.publish(market.topic("a", "status"), b"bye", qos=1, retain=True)
        device.client.disconnect()
    market.connect("a").publish(market.topic("a", "status"), b"end", retain=True)
    gateway.until_told(market.topic("a", "status"), b"end")
    assert b"lost" not in [payload for _, payload in gateway.messages]


def test_a_silent_device_is_taken_for_lost(market: Market) -> None:
    """amqtt 0.12 keeps a connection for ever whose client says nothing."""
    gateway = market.connect("gateway")
    gateway.subscribe(market.topic("a", "status"))
    device = market.connect("a", will=(market.topic("a", "status"), b"lost"), keepalive_s=1)
    device.subscribe(market.topic("a", "cmd"))
    # Nobody drives the device from here on: its socket stays open and it sends no ping.
    gateway.until_told(market.topic("a", "status"), b"lost")


def test_messages_wait_for_a_device_that_is_away(market: Market) -> None:
    gateway, device = market.connect("gateway"), market.connect("a", clean=False)
    device.subscribe(market.topic("a", "cmd"))
    device.vanish()
    for number in range(10):
        gateway.publish(market.topic("a", "cmd"), f"{number}".encode())
    back = market.connect("a", clean=False)
    back.until(lambda: len(back.messages) >= 10, "ten messages")
    assert sorted(back.messages) == [(market.topic("a", "cmd"), f"{number}".encode()) for number in range(10)]


def test_a_revoked_device_is_cut_off_and_stays_out(market: Market) -> None:
    revoked, other, gateway = market.connect("a"), market.connect("b"), market.connect("gateway")
    other.subscribe(market.topic("b", "cmd"))
    market.accounts.revoke(market.name("a"))
    revoked.until(lambda: not revoked.connected, "the connection ends", patience_s=5)

    assert market.connect("a").connected is False
    gateway.publish(market.topic("b", "cmd"), b"still here")
    other.until_told(market.topic("b", "cmd"), b"still here")
    assert other.connected


def test_an_unreadable_accounts_file_changes_nothing(market: Market) -> None:
    path = accounts_path(market.broker.data_dir)
    path.write_text('{"accounts": [{"user": "gateway"')
    wait_for(lambda: "accounts.json" in market.broker.said(), "the broker looked at the file")
    try:
        assert market.connect("a").connected
        assert market.connect("gateway").connected
    finally:
        market.accounts.write()


def test_many_devices_connect_at_once_and_all_of_them_hear(market: Market) -> None:
    """amqtt 0.12 leaves a connection deaf when somebody subscribes while it is being set up."""
    port = market.broker.port
    gateway = market.connect("gateway")
    for name in CROWD:
        gateway.publish(Accounts.topic(name, "desired"), b"set", retain=True)

    for _round in range(
        2
    ):  # the second time their sessions are known, with thirty subscriptions to walk over
        peers = [Peer(port, name, market.accounts.secret_of(name), clean=False) for name in CROWD]
        for peer in peers:
            peer.client.connect("127.0.0.1", port)
        for peer, name in zip(peers, CROWD, strict=True):
            peer.client.loop(0.02)
            peer.client.subscribe([(Accounts.topic(name, leaf), 1) for leaf in ("cmd", "desired")])
        for peer, name in zip(peers, CROWD, strict=True):
            peer.until_told(Accounts.topic(name, "desired"), b"set")
            gateway.publish(Accounts.topic(name, "cmd"), b"say")
            peer.until_told(Accounts.topic(name, "cmd"), b"say")
        for peer in peers:
            peer.client.disconnect()


def test_subscriptions_may_change_while_somebody_walks_over_them() -> None:
    """amqtt 0.12 walks over a plain dict with pauses in between, and the connection that breaks stays
    open.
    """
    subscriptions = Subscriptions(a=[], b=[])
    for topic_filter in subscriptions:
        subscriptions[f"{topic_filter}+"] = []
    for topic_filter, _ in subscriptions.items():
        subscriptions[f"{topic_filter}-"] = []
    assert sorted(subscriptions) == ["a", "a+", "a+-", "a-", "b", "b+", "b+-", "b-"]


def test_a_packet_larger_than_any_of_ours_ends_its_connection_only(market: Market) -> None:
    gateway, device = market.connect("gateway"), market.connect("a")
    gateway.subscribe("cho/v1/#")
    device.client.publish(market.topic("a", "evt"), b"x" * 1_000_000, qos=1)
    device.until(lambda: not device.connected, "the connection ends")
    again = market.connect("a")
    again.publish(market.topic("a", "evt"), b"small")
    gateway.until_told(market.topic("a", "evt"), b"small")
    assert [payload for topic, payload in gateway.messages if topic == market.topic("a", "evt")] == [b"small"]


def test_a_queue_for_an_absent_device_is_bounded(market: Market) -> None:
    gateway, device = market.connect("gateway"), market.connect("a", clean=False)
    device.subscribe(market.topic("a", "cmd"))
    device.client.disconnect()
    device.until(lambda: not device.connected, "goodbye")
    for number in range(300):
        gateway.publish(market.topic("a", "cmd"), f"{number}".encode())
    back = market.connect("a", clean=False)
    back.until(lambda: len(back.messages) >= 200, "what was kept")
    gateway.publish(market.topic("a", "cmd"), b"last")
    back.until_told(market.topic("a", "cmd"), b"last")
    assert len(back.messages) <= 250


def test_other_protocol_versions_do_not_get_past_the_locks(market: Market) -> None:
    """The contract is MQTT 3.1.1; a broker may speak MQTT 5 too, but then with the same access list."""
    gateway = market.connect("gateway")
    gateway.publish(market.topic("b", "desired"), b"secret", retain=True)
    modern = market.connect("a", protocol=paho.MQTTv5)
    if modern.connected:
        modern.subscribe("cho/#")
        modern.subscribe(market.topic("a", "cmd"))
        gateway.publish(market.topic("a", "cmd"), b"yours")
        modern.until_told(market.topic("a", "cmd"), b"yours")
    assert [payload for _, payload in modern.messages] in ([], [b"yours"])


def test_kill_9_of_the_broker_program_leaves_no_orphan_on_the_port(broker: BrokerProgram) -> None:
    broker.kill()

    def is_free() -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", broker.port))
            except OSError:
                return False
            return True

    wait_for(is_free, "the port is free", patience_s=5)
    broker.start()


def test_sigterm_ends_the_broker_cleanly(broker: BrokerProgram, accounts: Accounts) -> None:
    assert Peer(broker.port, "a", accounts.secret_of("a")).connect().connected
    assert broker.stop() == 0


def test_sigint_ends_the_broker_cleanly(broker: BrokerProgram) -> None:
    broker.process.send_signal(signal.SIGINT)
    assert broker.process.wait(10) == 0


def broker_refuses(*arguments: str, data_dir: Path) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "devices.mqtt.broker", "--data-dir", str(data_dir), *arguments],
        cwd=ROOT,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert result.returncode == 1
    return result.stderr.decode()


def test_a_taken_port_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = broker_refuses("--port", str(port), data_dir=tmp_path)
    assert said == f"Cổng {port} (MQTT) đang có chương trình khác dùng: hãy đặt MQTT_PORT khác.\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "mqtt.example"])  # noqa: S104
def test_the_broker_listens_on_this_machine_only(tmp_path: Path, host: str) -> None:
    said = broker_refuses("--host", host, "--port", str(free_port()), data_dir=tmp_path)
    assert said == f"Máy chủ MQTT kèm theo chỉ nghe trên máy này, không nghe ở {host}.\n"
