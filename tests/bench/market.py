"""A whole market of the benchmark's own: fresh data folder, demo goods, every program, free ports."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

from tests.services.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
OPEN_WITHIN_S = 120.0
OPEN = "The market is open"


class DidNotOpen(Exception):
    """The text is what the market said last."""


class BenchMarket:
    """`python -m backend.project.run` over `data_dir`; closed on leaving, with everything that it started."""

    def __init__(self, data_dir: Path, *, web_processes: int = 2, **env: str) -> None:
        self.data_dir = data_dir
        self.port = free_ports(3)
        self.opened_in_s = 0.0
        self._env = {
            **os.environ,
            "PORT": str(self.port),
            "DATA_DIR": str(data_dir),
            "DEMO": "1",
            "WEB_PROCESSES": str(web_processes),
            "PYTHONUNBUFFERED": "1",
            # All our buyers are one person at one machine.
            "OPEN_ORDERS_PER_BUYER": "10000",
            "OPEN_ORDERS_PER_ADDRESS": "10000",
            **env,
        }
        for name in ("MQTT_PORT", "DEMO_BANK_PORT", "PUBLIC_URL", "ALLOWED_HOSTS"):
            self._env.pop(name, None)
        self._process: subprocess.Popen[bytes] | None = None
        self.said: deque[str] = deque(maxlen=400)
        self._rest = b""

    def __enter__(self) -> BenchMarket:
        self.open()
        return self

    def __exit__(self, *_about: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The supervisor's process number."""
        assert self._process is not None
        return self._process.pid

    def open(self) -> float:
        """Starts everything; returns the seconds until the market says that it is open. Raises DidNotOpen."""
        begun = time.monotonic()
        self.said.clear()
        self._rest = b""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "backend.project.run", "--follow"],
            cwd=ROOT,
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            self._wait_until_open(begun + OPEN_WITHIN_S)
        except BaseException:
            self.close()
            raise
        self.opened_in_s = time.monotonic() - begun
        return self.opened_in_s

    def close(self) -> float:
        """Stops it as Ctrl-C would; returns the seconds that took."""
        process, self._process = self._process, None
        if process is None:
            return 0.0
        begun = time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        return time.monotonic() - begun

    def drain(self) -> None:
        """Takes over what the market has said, so that it never waits for its reader."""
        self._read(0.0)

    def _wait_until_open(self, deadline: float) -> None:
        while not any(OPEN in line for line in self.said):
            if time.monotonic() > deadline or not self._read(deadline - time.monotonic()):
                raise DidNotOpen("\n".join(self.said))

    def _read(self, patience_s: float) -> bool:
        """Whether it still talks to us."""
        assert self._process is not None
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        while select.select([descriptor], [], [], max(patience_s, 0.0))[0]:
            data = os.read(descriptor, 65536)
            if not data:
                return False
            *lines, self._rest = (self._rest + data).split(b"\n")
            self.said.extend(line.decode("utf-8", "replace") for line in lines)
            patience_s = 0.0
        return True
