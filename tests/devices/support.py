"""Real processes for the tests of this room: a broker on a free port, and plain MQTT clients."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit, urlunsplit

import paho.mqtt.client as paho
from django.db import connection
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from devices.mqtt.accounts import Account, accounts_path, gateway_secret, hash_secret, save_accounts
from devices.mqtt.contract import base_topic
from tests.services.market import eventually
from tests.services.ports import free_port

ROOT: Final = Path(__file__).parents[2]
PATIENCE_S: Final = 20


def wait_for(condition: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Return as soon as `condition()` is true; fail after `patience_s`."""
    eventually(condition, what, within_s=patience_s)


class Program:
    """One program of the project as a process of its own, in its own group."""

    def __init__(self, *arguments: str, log: Path, **environment: str) -> None:
        self._arguments = arguments
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", **environment}
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._arguments],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def said(self) -> str:
        return self.log.read_text("utf-8", errors="replace") if self.log.exists() else ""

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """kill -9 of this process, and of nothing else."""
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def freeze(self) -> None:
        """SIGSTOP: alive for the broker, and deaf."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> int:
        """SIGTERM; return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE_S)
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


class BrokerProgram(Program):
    def __init__(self, kind: str, data_dir: Path, port: int | None = None) -> None:
        self.port = port or free_port()
        self.data_dir = data_dir
        super().__init__(
            *("-m", "devices.mqtt.broker", "--kind", kind),
            *("--data-dir", str(data_dir), "--port", str(self.port)),
            log=data_dir / "broker.log",
        )

    def start(self) -> Self:
        super().start()
        wait_for(self._listens, f"broker on {self.port}: {self.said()}")
        return self

    def _listens(self) -> bool:
        assert self.process.poll() is None, self.said()
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


def database_url() -> str:
    """The DATABASE_URL by which another process reaches the database of this test."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


class Accounts:
    """The accounts file of a test, with the secrets in the clear."""

    def __init__(self, data_dir: Path, *devices: str) -> None:
        self.data_dir = data_dir
        self.secrets = {device: f"secret-of-{device}" for device in devices}
        self._hashes = {device: hash_secret(secret) for device, secret in self.secrets.items()}
        self.write()

    @staticmethod
    def topic(device: str, leaf: str) -> str:
        return f"{base_topic('xa-thu', 'cho-thu', device)}/{leaf}"

    def write(self) -> None:
        save_accounts(
            accounts_path(self.data_dir),
            [
                Account(device, hash_, "device", base_topic("xa-thu", "cho-thu", device))
                for device, hash_ in self._hashes.items()
            ],
        )

    def revoke(self, device: str) -> None:
        del self._hashes[device]
        self.write()

    def secret_of(self, user: str) -> str:
        return gateway_secret(self.data_dir) if user == "gateway" else self.secrets[user]


class Peer:
    """A plain MQTT 3.1.1 client that can also misbehave."""

    def __init__(
        self,
        port: int,
        user: str,
        secret: str,
        *,
        client_id: str | None = None,
        clean: bool = True,
        will: tuple[str, bytes] | None = None,
        keepalive_s: int = 30,
        protocol: int = paho.MQTTv311,
    ) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self.answer: Any = None
        self.connected = False
        self._acknowledged: set[int] = set()
        self._granted: dict[int, Any] = {}
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=user if client_id is None else client_id,
            clean_session=clean if protocol != paho.MQTTv5 else None,
            protocol=MQTTProtocolVersion(protocol),
        )
        self.client.username_pw_set(user, secret)
        if will is not None:
            self.client.will_set(will[0], will[1], qos=1, retain=True)
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = self._on_disconnect
        self.client.on_message = self._on_message
        self.client.on_publish = self._on_publish
        self.client.on_subscribe = self._on_subscribe
        self._port = port
        self._keepalive_s = keepalive_s

    def connect(self) -> Self:
        self.answer = None
        self.client.connect("127.0.0.1", self._port, keepalive=self._keepalive_s)
        self.until(lambda: self.answer is not None, "an answer to CONNECT")
        return self

    def until(self, condition: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
        deadline = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"did not happen in {patience_s} s: {what}; have {self.messages}")
            self.client.loop(0.02)

    def subscribe(self, topic: str) -> None:
        """Subscribe and wait for the answer, whatever it is: mosquitto grants what it then never delivers."""
        _, mid = self.client.subscribe(topic, qos=1)
        assert mid is not None
        self.until(lambda: mid in self._granted, f"SUBACK for {topic}")

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        info = self.client.publish(topic, payload, qos=1, retain=retain)
        self.until(lambda: info.mid in self._acknowledged, f"PUBACK for {topic}")

    def until_told(self, topic: str, payload: bytes) -> None:
        self.until(lambda: (topic, payload) in self.messages, f"{payload!r} on {topic}")

    def vanish(self) -> None:
        """Lose the connection without a goodbye."""
        sock = self.client.socket()
        assert isinstance(sock, socket.socket)
        sock.shutdown(socket.SHUT_RDWR)
        self.client.loop(0.02)

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.answer = reason
        self.connected = not reason.is_failure

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.connected = False
        if self.answer is None:
            self.answer = reason

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        self.messages.append((message.topic, bytes(message.payload)))

    def _on_publish(self, _client: Any, _data: Any, mid: int, _reason: Any, _properties: Any) -> None:
        self._acknowledged.add(mid)

    def _on_subscribe(self, _client: Any, _data: Any, mid: int, reasons: Any, _properties: Any) -> None:
        self._granted[mid] = reasons
