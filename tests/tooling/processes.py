"""Small Python programs under test: started, listened to with deadlines, and seen to end."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A deadline, not a pause: only a test that is about to fail waits as long as this.
DEADLINE_S = 20.0


class Running:
    """A started program whose output is read line by line."""

    def __init__(self, argv: list[str], *, env: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            argv,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._pending: deque[str] = deque()
        self._rest = b""

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait_for(self, text: str) -> str:
        """The first line, of those not yet handed out or still to come, that contains `text`."""
        while (line := self._next()) is not None:
            if text in line:
                return line
        raise AssertionError(f"{text!r} was never said; what was said:\n" + "\n".join(self.lines))

    def wait_for_all(self, *texts: str) -> None:
        """Waits until every text was said, in any order."""
        missing = set(texts)
        while missing:
            line = self.wait_for("")
            missing -= {text for text in missing if text in line}

    def finish(self) -> int:
        """Waits for its end and reads what is left; returns its exit status."""
        while self._next() is not None:
            pass
        return self.process.wait(DEADLINE_S)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(number)

    def close(self) -> None:
        """For the end of a test, whatever happened."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(DEADLINE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _next(self) -> str | None:
        """The next line; None at the end of the output."""
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        deadline = time.monotonic() + DEADLINE_S
        while not self._pending:
            if not select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise AssertionError("silent for too long; what was said:\n" + "\n".join(self.lines))
            data = os.read(descriptor, 65536)
            if not data:
                return None
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._pending.extend(line.decode() for line in lines)
        self.lines.append(self._pending.popleft())
        return self.lines[-1]


def python(source: str) -> list[str]:
    """The command that runs a piece of Python."""
    return [sys.executable, "-c", source]


def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for what only looking can tell (a row in /proc, a file). Fails with `what` at the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what}"
        select.select([], [], [], 0.01)


class Witness:
    """Holds a handle on a process, so that its end is seen even when its number is used again."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._descriptor = os.pidfd_open(pid)

    def saw_end(self, within_s: float = DEADLINE_S) -> bool:
        """Whether the process ends within the time."""
        return bool(select.select([self._descriptor], [], [], within_s)[0])

    def close(self) -> None:
        os.close(self._descriptor)


def children(pid: int) -> list[int]:
    """The process numbers of its children now."""
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
