"""The embedded broker: amqtt on loopback, with its doors locked.

amqtt 0.12 is a convenient MQTT 3.1.1 broker, but not a safe one. What this subclass closes, each with a test
that fails without it:

- it hands every newcomer the retained messages of everybody's subscriptions;
- it changes or deletes a stored session before it has checked the password, so that anyone who knows a client
id could
  empty or take over a box's session;
- it lets any client use any client id;
- it publishes last wills without asking the access list, and keeps an old will's retain flag;
- a reconnect while the old connection is still thought alive ends with the new one marked as disconnected;
- its loops over subscriptions break when one is added meanwhile, which leaves a connection that hears
nothing;
- it takes a goodbye for a loss, and sends the last will, when the connection ends right after it;
- it never ends a connection whose client has gone silent, so that no last will is sent;
- queues of absent clients and packets have no limit.

Sessions live in memory: a restart forgets them, and the market sends again what no box has acknowledged.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from amqtt.adapters import StreamReaderAdapter, StreamWriterAdapter
from amqtt.broker import Broker
from amqtt.contexts import Action as AmqttAction
from amqtt.errors import AMQTTError, MQTTError, NoDataError
from amqtt.mqtt.connack import NOT_AUTHORIZED, ConnackPacket
from amqtt.mqtt.disconnect import DisconnectPacket
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import Session

from devices.mqtt.accounts import Action, check_secret
from devices.mqtt.broker.following import LOOK_EVERY_S, AccountsFile
from devices.mqtt.contract import MAX_PAYLOAD_BYTES

log = logging.getLogger(__name__)

MAX_QUEUED_PER_CLIENT: Final = 200
# The largest packet: a payload of the contract and its topic.
MAX_PACKET_BYTES: Final = MAX_PAYLOAD_BYTES + 1_024
CONNECT_TIMEOUT_S: Final = 5
TAKE_OVER_TIMEOUT_S: Final = 5
# A client that says goodbye and comes again at once: its goodbye is still being read.
GOODBYE_S: Final = 0.2
SESSION_EXPIRY_S: Final = 7 * 86_400


class Subscriptions(dict[str, list[tuple[Session, int]]]):
    """Subscriptions by filter that may be changed while somebody walks over them."""

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.keys()))

    def items(self) -> Any:
        return [(topic_filter, list(entries)) for topic_filter, entries in super().items()]


class _PacketTooLarge(Exception):
    pass


class _Handler(BrokerProtocolHandler):  # type: ignore[misc]  # amqtt is not typed
    """One connection's protocol: hears a goodbye whenever it comes, and ends when the client is silent for too long."""

    _goodbye: DisconnectPacket | None = None

    async def handle_disconnect(self, disconnect: DisconnectPacket | None) -> None:
        self._goodbye = self._goodbye or disconnect
        await super().handle_disconnect(disconnect)

    async def wait_disconnect(self) -> DisconnectPacket | None:
        # Both may have happened before amqtt gets round to waiting for them.
        if self._goodbye is None and not self._reader_stopped.is_set():
            await super().wait_disconnect()
        return self._goodbye

    def handle_read_timeout(self) -> None:
        self._ending = asyncio.ensure_future(self.handle_connection_closed())


class _LimitedReader(StreamReaderAdapter):  # type: ignore[misc]  # amqtt is not typed
    """Reads no packet that is larger than any of ours, and ends in order."""

    async def read(self, n: int = -1) -> bytes:
        if n > MAX_PACKET_BYTES:
            raise _PacketTooLarge(f"a packet of {n} bytes")  # amqtt goes on after errors that it knows
        if self._reader.at_eof():
            # amqtt cancels what it has just begun, a goodbye for one, when the stream ends: let that happen first.
            await asyncio.sleep(0)
        data: bytes = await super().read(n)
        return data


class LockedBroker(Broker):  # type: ignore[misc]  # amqtt is not typed
    """amqtt's broker with authentication first, an access list, and sessions that belong to their user."""

    def __init__(self, *, host: str, port: int, accounts: AccountsFile) -> None:
        super().__init__(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"{host}:{port}"}},
                "session_expiry_interval": SESSION_EXPIRY_S,
                "plugins": {},
            }
        )
        self._accounts = accounts
        self._subscriptions = Subscriptions()

    async def follow_accounts(self) -> None:
        """Read the accounts again when they change and cut off whoever is gone or has a new secret."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            before = self._accounts.users
            if not self._accounts.look():
                continue
            log.info("%s devices may connect", len(self._accounts.users) - 1)
            for user in [user for user in before if self._accounts.users.get(user) != before[user]]:
                try:
                    await self._cut_off(user)
                    await self._cleanup_session(user)
                except Exception:  # the others must still be cut off
                    log.exception("could not end the session of %s", user)

    async def stream_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
    ) -> None:
        """One client, from its first byte to its last. Whatever goes wrong ends this connection only."""
        adapter = StreamWriterAdapter(writer)
        try:
            await self._client_connected(listener_name, _LimitedReader(reader), adapter)
        except (OSError, EOFError, AMQTTError, MQTTError, NoDataError, TimeoutError, ValueError) as error:
            log.info("a connection ended: %r", error)
        finally:
            writer.close()

    async def _initialize_client_session(
        self, reader: Any, writer: Any, remote_address: str, remote_port: int
    ) -> tuple[BrokerProtocolHandler, Session]:
        # 1. Read CONNECT.
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                handler, session = await _Handler.init_from_connect(reader, writer, self.plugins_manager)
        except NoDataError as error:
            raise AMQTTError(str(error)) from error
        # 2. Who is it? Nothing is touched before this is known.
        user = session.username or ""
        if not self._is_known(user, session.password or "") or session.client_id != user:
            log.warning("%s:%s was refused as %.60r", remote_address, remote_port, user)
            await ConnackPacket.build(0, NOT_AUTHORIZED).to_stream(writer)
            raise AMQTTError("not authorised")
        # 3. A last will is a message like any other.
        if session.will_flag and not self._may(user, "write", session.will_topic or ""):
            session.will_flag = False
        session.keep_alive = math.ceil(session.keep_alive * 1.5)  # [MQTT-3.1.2-24]
        # 4. An older connection of the same user ends first, and completely.
        await self._cut_off(user)
        # 5. Continue the stored session, or start a new one.
        if session.clean_session:
            await self._delete_session(user)
        elif user in self._sessions:
            stored, _ = self._sessions[user]
            for name in ("will_flag", "will_message", "will_topic", "will_qos", "will_retain", "keep_alive"):
                setattr(stored, name, getattr(session, name))
            stored.clean_session = False
            session = stored
            session.parent = 1
        return handler, session

    async def _authenticate(self, session: Session, _: Any) -> bool:
        return True  # done in _initialize_client_session, before anything else

    async def _topic_filtering(self, session: Session, topic: str, action: AmqttAction) -> bool:
        wanted: Action = "write" if action == AmqttAction.PUBLISH else "read"
        return self._may(session.client_id or "", wanted, topic)

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        owners = self._subscriptions.get(subscription[0], [])
        if any(owner.client_id == session.client_id for owner, _ in owners):
            await super()._publish_retained_messages_for_subscription(subscription, session)

    async def _retain_broadcast_message(
        self, broadcast: dict[str, Any], qos: int, target_session: Session
    ) -> None:
        while target_session.retained_messages.qsize() >= MAX_QUEUED_PER_CLIENT:
            target_session.retained_messages.get_nowait()  # the oldest: it is past its time first
        await super()._retain_broadcast_message(broadcast, qos, target_session)

    def _is_known(self, user: str, secret: str) -> bool:
        account = self._accounts.users.get(user)
        return account is not None and check_secret(secret, account.secret_hash)

    def _may(self, user: str, action: Action, topic: str) -> bool:
        account = self._accounts.users.get(user)
        return account is not None and account.may(action, topic)

    async def _cut_off(self, user: str) -> None:
        """End the connection of `user`, if there is one, and wait until its session knows."""
        clock = asyncio.get_running_loop().time
        patience, deadline = clock() + GOODBYE_S, clock() + TAKE_OVER_TIMEOUT_S
        while user in self._sessions and self._sessions[user][0].transitions.is_connected():
            _, handler = self._sessions[user]
            if clock() > deadline:
                # Its loop hangs in a delivery. It keeps its session object; everybody else forgets it.
                log.warning("the old connection of %s does not end; it is left behind", user)
                await self._delete_session(user)
                return
            if clock() > patience:
                await handler.handle_connection_closed()
            await asyncio.sleep(0.01)


def run(*, host: str, port: int, data_dir: Path) -> int:
    """Run until SIGTERM or SIGINT; return 0."""
    # amqtt logs every packet and every refusal of its own; ours are enough.
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    logging.getLogger("transitions").setLevel(logging.ERROR)
    asyncio.run(_serve(host, port, data_dir))
    return 0


async def _serve(host: str, port: int, data_dir: Path) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    broker = LockedBroker(
        host=f"[{host}]" if ":" in host else host, port=port, accounts=AccountsFile(data_dir)
    )
    await broker.start()
    log.info("embedded broker on %s:%s", host, port)
    following = asyncio.create_task(broker.follow_accounts())
    await stopping.wait()
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(TAKE_OVER_TIMEOUT_S):
            await broker.shutdown()
