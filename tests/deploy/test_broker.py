"""The broker as docker-compose.yml starts it, for real: mosquitto with TLS, and an access list per device."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import paho.mqtt.client as paho
import pytest

from devices.mqtt.broker import mosquitto
from tests.deploy.reading import read_compose
from tests.devices.support import Accounts, Peer, Program, wait_for
from tests.services.ports import free_ports
from tests.tooling.processes import ROOT

pytestmark = pytest.mark.pure


class Broker:
    """The service `mosquitto`: its command and its health check, with ports and secrets of this test."""

    def __init__(self, folder: Path) -> None:
        service = read_compose()["services"]["mosquitto"]
        self.folder = folder
        self.plain_port = free_ports(2)
        self.tls_port = self.plain_port + 1
        self.accounts = Accounts(folder, "loa-a1", "loa-b2")
        self.authority = folder / "secrets" / "mqtt_authority.pem"
        subprocess.run(
            ["sh", str(ROOT / "deploy" / "secrets.sh"), "localhost", str(folder / "secrets")],
            check=True,
            capture_output=True,
        )
        places = {
            "8883": str(self.tls_port),
            "/run/secrets/mqtt_certificate": str(folder / "secrets" / "mqtt_certificate.pem"),
            "/run/secrets/mqtt_key": str(folder / "secrets" / "mqtt_key.pem"),
        }
        command = [places.get(word, word) for word in service["command"]]
        self.health = [places.get(word, word) for word in service["healthcheck"]["test"][1:]]
        self.environment = {
            **service["environment"],
            "DATA_DIR": str(folder),
            "MQTT_PORT": str(self.plain_port),
        }
        assert command[0] == self.health[0] == "python"
        self.program = Program(*command[1:], log=folder / "log", **self.environment)

    def check(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *self.health[1:]],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def box(
        self, user: str, *, secret: str | None = None, protocol: int = paho.MQTTv311, **options: Any
    ) -> Box:
        return Box(
            self,
            user,
            self.accounts.secret_of(user) if secret is None else secret,
            protocol=protocol,
            **options,
        )


class Box(Peer):
    """A client that comes through the door with TLS and knows the market's authority."""

    def __init__(self, broker: Broker, user: str, secret: str, **options: Any) -> None:
        super().__init__(broker.tls_port, user, secret, **options)
        self.refusals: list[int] = []
        self.client.tls_set(ca_certs=str(broker.authority))

    def connect(self) -> Self:
        self.answer = None
        self.client.connect("localhost", self._port, keepalive=30)
        self.until(lambda: self.answer is not None, "an answer to CONNECT")
        return self

    def _on_publish(self, client: Any, data: Any, mid: int, reason: Any, properties: Any) -> None:
        super()._on_publish(client, data, mid, reason, properties)
        self.refusals.append(reason.value)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    if mosquitto.find_binary() is None:
        pytest.skip("mosquitto is not installed (apt-get install mosquitto)")
    broker = Broker(tmp_path_factory.mktemp("mosquitto"))
    broker.program.start()
    wait_for(lambda: _is_open(broker, broker.tls_port), f"the broker's doors: {broker.program.said()}")
    yield broker
    assert broker.program.stop() == 0


def _is_open(broker: Broker, port: int) -> bool:
    assert broker.program.running, broker.program.said()
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def topic(device: str, leaf: str) -> str:
    return Accounts.topic(device, leaf)


@pytest.fixture
def gateway(broker: Broker) -> Iterator[Peer]:
    """The market's side, through the plain door on loopback, hearing everything."""
    peer = Peer(broker.plain_port, "gateway", broker.accounts.secret_of("gateway")).connect()
    peer.subscribe("cho/v1/#")
    yield peer
    peer.client.disconnect()


def test_a_box_has_its_own_topics_over_tls(broker: Broker, gateway: Peer) -> None:
    box = broker.box("loa-a1").connect()
    for leaf in ("cmd", "desired"):
        box.subscribe(topic("loa-a1", leaf))
    for leaf in ("status", "reported", "evt"):
        box.publish(topic("loa-a1", leaf), leaf.encode())
        gateway.until_told(topic("loa-a1", leaf), leaf.encode())
    for leaf in ("cmd", "desired"):
        gateway.publish(topic("loa-a1", leaf), leaf.encode())
        box.until_told(topic("loa-a1", leaf), leaf.encode())
    box.client.disconnect()


@pytest.mark.parametrize(
    "forbidden",
    [
        *(topic("loa-b2", leaf) for leaf in ("status", "reported", "evt", "cmd", "desired")),
        *(topic("loa-a1", leaf) for leaf in ("cmd", "desired", "other")),
        *("cho/v1/xa-thu/cho-thu/loa-a1", "x", "cho/v1/xa-khac/cho-thu/loa-a1/evt"),
    ],
)
def test_a_box_speaks_for_nobody_else_and_is_told_so(broker: Broker, gateway: Peer, forbidden: str) -> None:
    """MQTT 5 says why: 135, not authorized."""
    gateway.messages.clear()
    box = broker.box("loa-a1", protocol=paho.MQTTv5).connect()
    box.publish(forbidden, b"forged", retain=True)
    box.publish(topic("loa-a1", "evt"), b"after")
    gateway.until_told(topic("loa-a1", "evt"), b"after")
    assert box.refusals == [135, 0]
    assert (forbidden, b"forged") not in gateway.messages
    box.client.disconnect()


@pytest.mark.parametrize(
    "wanted", [topic("loa-b2", "cmd"), topic("loa-b2", "desired"), "cho/v1/+/+/+/cmd", "cho/#", "#"]
)
def test_a_box_hears_nobody_else_s_commands(broker: Broker, gateway: Peer, wanted: str) -> None:
    neighbour = broker.box("loa-b2").connect()
    neighbour.subscribe(topic("loa-b2", "cmd"))
    box = broker.box("loa-a1").connect()
    box.subscribe(wanted)
    box.subscribe(topic("loa-a1", "cmd"))
    gateway.publish(topic("loa-b2", "cmd"), b"for b2")
    neighbour.until_told(topic("loa-b2", "cmd"), b"for b2")
    gateway.publish(topic("loa-a1", "cmd"), b"for a1")
    box.until_told(topic("loa-a1", "cmd"), b"for a1")
    assert {of for of, _ in box.messages} == {topic("loa-a1", "cmd")}
    for peer in (neighbour, box):
        peer.client.disconnect()


@pytest.mark.parametrize(
    ("user", "secret"),
    [("loa-a1", "wrong"), ("loa-a1", "secret-of-loa-b2"), ("nobody", "x"), ("gateway", "x"), ("loa-a1", "")],
)
def test_a_wrong_password_is_refused(broker: Broker, user: str, secret: str) -> None:
    box = broker.box(user, secret=secret, protocol=paho.MQTTv5).connect()
    assert (box.connected, box.answer.value) == (False, 135)


def test_nobody_comes_in_without_a_name(broker: Broker) -> None:
    box = broker.box("loa-a1", protocol=paho.MQTTv5)
    box.client.username_pw_set(None)
    assert box.connect().answer.value == 135


def test_a_client_id_does_not_take_another_box_s_session(broker: Broker, gateway: Peer) -> None:
    """The client id is the user name, whatever the client says."""
    victim = broker.box("loa-b2", clean=False).connect()
    victim.subscribe(topic("loa-b2", "cmd"))
    thief = broker.box("loa-a1", client_id="loa-b2", clean=False).connect()
    assert thief.connected is True
    gateway.publish(topic("loa-b2", "cmd"), b"still mine")
    victim.until_told(topic("loa-b2", "cmd"), b"still mine")
    assert (topic("loa-b2", "cmd"), b"still mine") not in thief.messages
    for peer in (victim, thief):
        peer.client.disconnect()


def handshake(broker: Broker, context: ssl.SSLContext, name: str = "localhost") -> str:
    with (
        socket.create_connection(("127.0.0.1", broker.tls_port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=name) as secured,
    ):
        return secured.version() or ""


def test_the_broker_proves_itself_by_its_name(broker: Broker) -> None:
    knowing = ssl.create_default_context(cafile=str(broker.authority))
    assert handshake(broker, knowing) in {"TLSv1.2", "TLSv1.3"}
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(broker, knowing, "cho-khac.vn")
    with pytest.raises(
        ssl.SSLCertVerificationError, match=r"self-signed certificate in certificate chain|unable to get"
    ):
        handshake(broker, ssl.create_default_context())


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls_is_refused(broker: Broker) -> None:
    old = ssl.create_default_context(cafile=str(broker.authority))
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match=r"PROTOCOL_VERSION|protocol version"):
        handshake(broker, old)


def test_nothing_is_said_in_the_clear_at_the_open_door(broker: Broker) -> None:
    plain = Peer(broker.tls_port, "loa-a1", broker.accounts.secret_of("loa-a1"))
    plain.client.connect("127.0.0.1", broker.tls_port)
    plain.until(lambda: plain.client.socket() is None, "the broker hangs up")
    assert plain.connected is False


def test_the_plain_door_is_loopback_s_alone(broker: Broker) -> None:
    written = (broker.folder / "mqtt" / "mosquitto" / "mosquitto.conf").read_text()
    listeners = [line for line in written.splitlines() if line.startswith("listener ")]
    assert listeners == [f"listener {broker.plain_port} 127.0.0.1", f"listener {broker.tls_port}"]


def test_health_is_both_doors(broker: Broker, tmp_path: Path) -> None:
    assert broker.check().returncode == 0
    broker.health[-1] = str(broker.plain_port)  # a door, but none with TLS
    try:
        asked = broker.check()
        assert asked.returncode == 1
        assert asked.stderr.startswith("Máy chủ MQTT không trả lời: ")
    finally:
        broker.health[-1] = str(broker.tls_port)


def test_a_door_with_tls_wants_its_certificate(tmp_path: Path) -> None:
    for arguments in (["--kind", "mosquitto"], ["--kind", "embedded", "--certificate", "x", "--key", "y"]):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "devices.mqtt.broker",
                "--tls-port",
                "1",
                *arguments,
                "--data-dir",
                str(tmp_path),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (
            1,
            "Cửa TLS cần --kind mosquitto và tệp đọc được ở --certificate, --key.\n",
        )
