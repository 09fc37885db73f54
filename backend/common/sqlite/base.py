"""SQLite with a fair write lock.

SQLite's own busy handler is unfair: at saturation a writer was measured to wait up to five seconds while others passed it.
Writers here queue for a lock file before ``BEGIN IMMEDIATE`` and leave it after COMMIT or ROLLBACK, which cut the longest
wait ten to twenty times. The kernel frees the lock of a process that dies. A wait beyond ``LOCK_WAIT_S`` is an
OperationalError, which the web layer answers with 503. See docs/adr/0002-sqlite-first.md.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections import deque
from typing import Any, Final

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

LOCK_WAIT_S: Final = 20.0
"""How long a writer waits for its turn: longer than any healthy write, shorter than a person's patience."""
_PAUSE_S: Final = 0.0005
"""Between two looks at the other processes' lock; one thread per process looks, so this costs next to nothing."""


class _Gate:
    """First come, first served among the threads of this process, then flock among processes."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._mutex = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._taken = False
        self._file: int | None = None
        self._pid = os.getpid()

    def enter(self) -> None:
        deadline = time.monotonic() + LOCK_WAIT_S
        turn = threading.Event()
        with self._mutex:
            if self._taken:
                self._queue.append(turn)
            else:
                self._taken = True
                turn.set()
        if not turn.wait(LOCK_WAIT_S):
            with self._mutex:
                if not turn.is_set():
                    self._queue.remove(turn)
                    raise OperationalError("database is locked: too many writers")
        try:
            if self._file is None:
                self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            while True:
                try:
                    fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise OperationalError("database is locked: too many writers") from None
                    time.sleep(_PAUSE_S)
        except BaseException:
            self._pass_on()
            raise

    def leave(self) -> None:
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._pass_on()

    def _pass_on(self) -> None:
        with self._mutex:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._taken = False


_gates: dict[str, _Gate] = {}
_gates_mutex = threading.Lock()


def _forget_gates() -> None:
    """A forked child must not share its parent's open lock file: flock belongs to the open file, not to the process."""
    global _gates_mutex
    _gates.clear()
    _gates_mutex = threading.Lock()


os.register_at_fork(after_in_child=_forget_gates)


def _gate_for(name: str) -> _Gate | None:
    if ":memory:" in name or "mode=memory" in name or not name:
        return None
    with _gates_mutex:
        gate = _gates.get(name)
        if gate is None:
            gate = _gates[name] = _Gate(f"{name}.write-lock")
        return gate


class DatabaseWrapper(base.DatabaseWrapper):
    _held: _Gate | None = None

    def _start_transaction_under_autocommit(self) -> None:
        gate = _gate_for(str(self.settings_dict["NAME"])) if self._held is None else None
        if gate is not None:
            gate.enter()
            self._held = gate
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._let_go()
            raise

    def _let_go(self) -> None:
        gate, self._held = self._held, None
        if gate is not None:
            gate.leave()

    def _commit(self) -> Any:
        try:
            result = super()._commit()  # type: ignore[misc]
        except BaseException:
            # COMMIT failed: Django rolls back next, and that lets go.
            raise
        self._let_go()
        return result

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._let_go()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._let_go()
