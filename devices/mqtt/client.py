"""The only file that knows paho-mqtt: connections of gateway and simulators to the broker.

Everything runs in the thread that calls `drive`; there is no second one. What paho 2.x does badly is dealt
with here (measured, see docs of the tests): an exception in a callback kills its loop and leaves
`is_connected()` true, so callbacks are guarded; a refused CONNACK looks like a connection, so the reason code
is looked at; subscriptions are made anew at every connect; its queues are unlimited, so they get a limit;
publishing in a forked child is silently lost, so it is an error; a message handed over before the connection
stands is neither sent nor lost, so it is refused instead.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import random
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

log = logging.getLogger(__name__)

# Half a minute without a sign of life and the broker sends the last will at one and a half of it.
KEEPALIVE_S: Final = 30
CONNECT_TIMEOUT_S: Final = 3.0
# Between TCP connect and the answers to CONNECT and SUBSCRIBE; a broker that takes longer is not well.
HANDSHAKE_TIMEOUT_S: Final = 5.0
# Programs of one market start together; what is settled after this was nothing.
COMPLAIN_AFTER_S: Final = 4.0
# How long a goodbye may wait for what is on its way.
GOODBYE_S: Final = 1.0
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 2.0
# Messages that wait for their acknowledgement. Whoever publishes keeps the truth elsewhere and comes again.
MAX_QUEUED: Final = 500


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came. Its retain flag is left out on purpose: brokers differ in when they set it."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes, retained, when the connection is lost."""

    topic: str
    payload: bytes


class Connection:
    """One client of the broker: a persistent session that reconnects by itself with growing pauses.

    Calls `on_message` for every message and `on_connected` after each (re)connect, once the subscriptions are
    stand; both run inside `drive` and may publish. What they raise is logged and counted in `failures`, never
    lost in the network loop. QoS 1 throughout: a message may come twice, and after a crash of the broker not
    at all.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        user: str,
        secret: str,
        subscriptions: Sequence[str],
        on_message: Callable[[Message], None],
        on_connected: Callable[[], None] | None = None,
        on_delivered: Callable[[int], None] | None = None,
        will: Will | None = None,
        keepalive_s: int = KEEPALIVE_S,
    ) -> None:
        """`user` is also the client id, which the brokers of this project insist on."""
        self.user = user
        self.connected = False
        self.failures = 0
        self.complaint = ""
        """Why the last try to connect failed, empty when it did not."""
        self._complain_at = math.inf
        self._address = (host, port)
        self._keepalive_s = keepalive_s
        self._subscriptions = list(subscriptions)
        self._on_message = on_message
        self._on_connected = on_connected
        self._on_delivered = on_delivered
        self._pid = os.getpid()
        self._next_try = 0.0
        self._pause_s = FIRST_PAUSE_S
        self._handshake_until = 0.0
        self._closed = False
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=user, clean_session=False, protocol=paho.MQTTv311
        )
        client.username_pw_set(user, secret)
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_queued_messages_set(MAX_QUEUED)
        client.suppress_exceptions = True  # a second net under the guards below
        if will is not None:
            client.will_set(will.topic, will.payload, qos=1, retain=True)
        client.on_connect = self._connect_answered
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._subscribed
        client.on_message = self._message_came
        client.on_publish = self._message_acknowledged
        self._client = client
        self._unacknowledged: set[int] = set()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int | None:
        """Hand one message to the network; return its number for `on_delivered`, or None when it could not
        go.

        None means: not connected, or too much is waiting. Nothing is kept then; the caller comes again.
        Raises: RuntimeError in a forked child, where the message would be lost without a sign.
        """
        if os.getpid() != self._pid:
            raise RuntimeError("a connection of the broker does not survive fork()")
        if not self.connected:
            return None
        info = self._client.publish(topic, payload, qos=1, retain=retain)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return None
        self._unacknowledged.add(info.mid)
        return info.mid

    def step(self) -> None:
        """Connect when it is time to, send pings, notice a dead peer. `drive` calls it."""
        now = time.monotonic()
        if self._closed:
            return
        if self._client.socket() is None:
            if now >= self._next_try:
                self._connect(now)
            return
        if not self.connected and now > self._handshake_until:
            log.warning("%s: the broker does not answer", self.user)
            self._drop()
            return
        self._client.loop_misc()

    def close(self) -> None:
        """Say goodbye (the last will is not sent) and stay closed."""
        deadline = time.monotonic() + GOODBYE_S
        while self.connected and self._unacknowledged and time.monotonic() < deadline:
            drive([self], 0.02)  # what was published last is to arrive
        self._closed = True
        if self._client.socket() is not None:
            self._client.disconnect()
            while self._client.socket() is not None and self.pending and time.monotonic() < deadline:
                self._client.loop_write()
        self.connected = False

    @property
    def pending(self) -> bool:
        """Whether bytes wait to be written."""
        return self._client.socket() is not None and self._client.want_write()

    def _connect(self, now: float) -> None:
        # The next pause is settled first: whatever happens below, tries stay apart.
        self._next_try = now + self._pause_s * random.uniform(0.8, 1.2)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        self._handshake_until = now + HANDSHAKE_TIMEOUT_S
        try:
            self._client.connect(*self._address, keepalive=self._keepalive_s)
        except OSError as error:
            self._complain(f"no broker at {self._address[0]}:{self._address[1]} ({error})")

    def _drop(self) -> None:
        """Cut the connection without a goodbye, so that the broker sends the last will."""
        self.connected = False
        sock = self._client.socket()
        if isinstance(sock, socket.socket):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            self._client.loop_read()

    def _connect_answered(
        self,
        client: paho.Client,
        _userdata: Any,
        _flags: paho.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._complain(f"refused by the broker: {reason}")
            return
        if self._subscriptions:
            client.subscribe([(topic, 1) for topic in self._subscriptions])
        else:
            self._stands()

    def _subscribed(
        self, _client: paho.Client, _userdata: Any, _mid: int, _reasons: Any, _properties: Any
    ) -> None:
        # The answer says when, not what: mosquitto grants what its access list then never delivers.
        self._stands()

    def _stands(self) -> None:
        self.connected = True
        self.complaint = ""
        self._unacknowledged.clear()
        self._pause_s = FIRST_PAUSE_S
        log.info("%s: connected to %s:%s", self.user, *self._address)
        if self._on_connected is not None:
            self._guard(self._on_connected)

    def _complain(self, complaint: str) -> None:
        # A broker may start later than we do, and be away for hours: said when it lasts, and then once.
        now = time.monotonic()
        if complaint != self.complaint:
            self.complaint = complaint
            self._complain_at = now + COMPLAIN_AFTER_S
        elif now >= self._complain_at:
            self._complain_at = math.inf
            log.warning("%s: %s", self.user, complaint)

    def _disconnected(
        self,
        _client: paho.Client,
        _userdata: Any,
        _flags: paho.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if self.connected and not self._closed:
            log.warning("%s: connection lost: %s", self.user, reason)
        self.connected = False

    def _message_came(self, _client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:
        self._guard(lambda: self._on_message(Message(message.topic, bytes(message.payload))))

    def _message_acknowledged(
        self, _client: paho.Client, _userdata: Any, mid: int, _reason: ReasonCode, _properties: Properties
    ) -> None:
        self._unacknowledged.discard(mid)
        delivered = self._on_delivered
        if delivered is not None:
            self._guard(lambda: delivered(mid))

    def _guard(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            self.failures += 1
            log.exception("%s: a callback failed", self.user)


def drive(connections: Sequence[Connection], timeout_s: float) -> None:
    """Do what the network asks of these connections, waiting at most `timeout_s` seconds for it."""
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            connection.step()
            sock = connection._client.socket()
            if sock is not None:
                events = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.pending else 0)
                selector.register(sock, events, connection)
        if not selector.get_map():
            time.sleep(timeout_s)
            return
        for key, events in selector.select(timeout_s):
            ready: Connection = key.data
            if events & selectors.EVENT_READ:
                ready._client.loop_read()
            if events & selectors.EVENT_WRITE and ready._client.socket() is not None:
                ready._client.loop_write()
