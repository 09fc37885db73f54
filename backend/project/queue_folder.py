"""Celery's queue in a folder, with kombu's filesystem transport made safe for several processes.

kombu 5.7 opens a message's file under its final name and writes afterwards. A worker that looks in between takes the
empty file, fails over it as JSON, and ends: seen on an idle market every few minutes, since beat writes while the worker
reads. Here files get their final name only when they are whole. What a queue loses is only a nudge (docs/adr/0003), but
a worker that dies takes its schedules with it.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Writes each file beside its place and moves it there, which is one step for whoever looks."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        # Files are read in the order of their names: by time, and then by what makes them unique.
        name = f"{now_s() * 1000:016.0f}_{os.urandom(8).hex()}.{queue}.msg"
        try:
            _write(Path(self.data_folder_out) / name, dumps(payload))
        except OSError as error:
            raise ChannelError(f"Cannot add {name} to the queue") from error

    def _queue_bind(
        self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None
    ) -> None:
        binding = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        path: Path = self._exchange_file(exchange)  # type: ignore[attr-defined]
        try:
            self.control_folder.mkdir(exist_ok=True)
            with (self.control_folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                bindings = self.get_table(exchange)
                if binding not in bindings:
                    _write(path, dumps([binding, *bindings]))
        except OSError as error:
            raise ChannelError(f"Cannot write {path}") from error


class Transport(filesystem.Transport):
    """The transport behind `filesystem://` in CELERY_BROKER_URL."""

    Channel = Channel


def now_s() -> float:
    """By the wall, so that what waits from before a restart of the machine comes first."""
    return time.time()


def use() -> None:
    """Puts this transport in the place of kombu's own."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"


def _write(path: Path, text: str) -> None:
    """A whole file or none, under a name that no reader looks for until then."""
    handle, made = tempfile.mkstemp(prefix=".", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(made, path)
    except BaseException:
        os.unlink(made)
        raise
