"""The gateway: the only process that speaks with the broker.

It hands the outbox's events to their consumer, publishes the commands that come of it, and writes down what
the devices answer. The database is the truth and the broker only carries: whatever is lost on the way, by a
kill of this process, of the broker or of a box, goes out again until a box has it or its minute is over.
Boxes never speak a command twice.

One thread. Nothing is kept here that is not in the database.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from backend.common import clock
from backend.common.outbox import relay
from devices.mqtt.accounts import (
    GATEWAY,
    Account,
    accounts_path,
    gateway_alive_path,
    gateway_secret,
    save_accounts,
)
from devices.mqtt.client import Connection, Message, drive
from devices.mqtt.contract import ContractError, Desired, Evt, Reported, Status, every_device, split_topic
from devices.soundboxes import queries, services

log = logging.getLogger(__name__)

POLL_S: Final = 0.05
# SQLite tells in 20 µs whether anybody has written since the last look, so it is asked more often, and the tables only
# when somebody has: quicker, and a third of the CPU time while nothing happens.
LOOK_S: Final = 0.01
# Accounts, settings, overdue commands, and commands that another process wrote.
HOUSEKEEPING_S: Final = 1.0
BEAT_S: Final = 5.0
PRUNE_S: Final = 3600.0
PAUSE_AFTER_ERROR_S: Final = 1.0


class AnotherGateway(Exception):
    """Another process of this machine is the gateway of this data folder."""


class LeaseLost(Exception):
    """Another machine has become the gateway; this one must stop."""


class MqttGateway:
    """See the module. `run` blocks until it is told to stop."""

    def __init__(self, *, host: str, port: int, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._machine = f"{socket.gethostname()}:"
        self._holder = f"{self._machine}{os.getpid()}"
        self._connection = Connection(
            host=host,
            port=port,
            user=GATEWAY,
            secret=gateway_secret(data_dir),
            subscriptions=[every_device("status"), every_device("reported"), every_device("evt")],
            on_message=self._message_came,
            on_connected=self._connected,
        )
        self._boxes_version: object = None
        self._data_version = -1
        self._settings_sent: dict[str, int] = {}
        self._send_at = clock.now()
        self._next: dict[str, float] = {}

    def run(self, stopping: Callable[[], bool]) -> None:
        """Work until `stopping()` is true, then say goodbye. Raises: AnotherGateway, LeaseLost."""
        with self._lock_of_this_machine():
            while not stopping() and not self._beat():
                time.sleep(PAUSE_AFTER_ERROR_S)  # standing by for the gateway of another machine
            try:
                while not stopping():
                    drive([self._connection], LOOK_S if connection.vendor == "sqlite" else POLL_S)
                    self._poll()
            finally:
                self._connection.close()
                with contextlib.suppress(DatabaseError):
                    services.release_gateway(holder=self._holder)

    def _poll(self) -> None:
        if not self._is_time("poll", LOOK_S if connection.vendor == "sqlite" else POLL_S):
            return
        try:
            keep_house = self._is_time("housekeeping", HOUSEKEEPING_S)
            if (self._somebody_wrote() or keep_house) and relay.run_once("gateway"):
                self._send_at = clock.now()
            if keep_house:
                self._keep_house()
            if self._connection.connected and clock.now() >= self._send_at:
                self._send()
        except LeaseLost:
            raise
        except Exception:
            # A database that restarts, a folder that is full: what the boxes say is still to be heard.
            log.exception("gateway: will try again")
            connection.close()
            self._next["poll"] = time.monotonic() + PAUSE_AFTER_ERROR_S

    def _somebody_wrote(self) -> bool:
        """Whether another connection may have changed the database since the last call."""
        if connection.vendor != "sqlite":
            return True
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version")
            (version,) = cursor.fetchone()
        before, self._data_version = self._data_version, int(version)
        return before != self._data_version

    def _keep_house(self) -> None:
        close_old_connections()
        services.end_overdue_commands()
        version = queries.boxes_version()
        if version != self._boxes_version:
            boxes = queries.accounts_and_settings()
            save_accounts(accounts_path(self._data_dir), [account for account, _ in boxes])
            if self._send_settings(boxes):
                self._boxes_version = version
        due_at = queries.next_due_at()
        if due_at is not None:
            self._send_at = min(self._send_at, due_at)
        if self._is_time("beat", BEAT_S) and not self._beat():
            raise LeaseLost
        if self._is_time("prune", PRUNE_S):
            services.prune_commands()

    def _send(self) -> None:
        due = queries.due_commands()
        for command in due:
            if self._connection.publish(f"{command.topic}/cmd", command.say.to_json()) is None:
                break  # the broker is gone or overrun; the rest stays due
            # After the publish: killed in between, it goes out once more and the box recognises it.
            services.mark_sent(command.id)
        self._send_at = queries.next_due_at() or clock.now() + timedelta(days=1)

    def _send_settings(self, boxes: list[tuple[Account, Desired]]) -> bool:
        """Publish, retained, what this broker has not got from us yet; return whether all of it has gone.

        Without a broker there is nothing to do: `_connected` starts anew.
        """
        for account, desired in boxes:
            if self._connection.connected and self._settings_sent.get(account.user) != desired.rev:
                sent = self._connection.publish(f"{account.base}/desired", desired.to_json(), retain=True)
                if sent is None:
                    return False
                self._settings_sent[account.user] = desired.rev
        return True

    def _connected(self) -> None:
        # The broker may have been restarted with nothing in its memory.
        self._settings_sent.clear()
        self._boxes_version = None
        self._next["housekeeping"] = 0.0
        services.send_again_now()
        self._send_at = clock.now()

    def _message_came(self, message: Message) -> None:
        try:
            _, device, leaf = split_topic(message.topic)
            if leaf == "evt":
                services.record_evt(device, Evt.from_json(message.payload))
            elif leaf == "reported":
                services.record_reported(device, Reported.from_json(message.payload))
            elif leaf == "status":
                status = Status.from_json(message.payload)
                services.record_status(device, status)
                if status.online:
                    self._send_at = clock.now()
        except ContractError as error:
            log.warning("%.100s: %s", message.topic, error)
        except DatabaseError:
            connection.close()
            raise

    def _beat(self) -> bool:
        """Show life in the database; return whether the gateway's row is ours."""
        try:
            ours = services.hold_gateway(
                holder=self._holder, same_machine=self._machine, connected=self._connection.connected
            )
            if ours and self._connection.connected:
                gateway_alive_path(self._data_dir).touch()
            return ours
        except DatabaseError:
            log.exception("gateway: no database")
            connection.close()
            return "beat" in self._next  # once it was ours, a moment without database does not take it away

    def _is_time(self, name: str, every_s: float) -> bool:
        now = time.monotonic()
        if now < self._next.get(name, 0.0):
            return False
        self._next[name] = now + every_s
        return True

    @contextlib.contextmanager
    def _lock_of_this_machine(self) -> Iterator[None]:
        """Held by the kernel for as long as this process lives, so a kill -9 leaves nothing to clean up."""
        path = self._data_dir / "mqtt" / "gateway.lock"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AnotherGateway from None
            yield
