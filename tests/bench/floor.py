"""The floor: bare Django on the same server, database and rows, so that ratios survive a drifting machine.

No middleware, no template, no session. What the market's own pages take beyond it is the price of being pages.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.load import BadAnswer, KeptConnection
from tests.services.ports import free_port

START_S = 20.0


@contextlib.contextmanager
def floor(*, data_dir: Path, processes: int) -> Iterator[int]:
    """Serves the bare view beside the market; the value is its port. Raises RuntimeError when it does not start."""
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "tests.bench.floor_app:application"),
            *("--config", "python:backend.project.web_server", "--bind", f"127.0.0.1:{port}"),
            *("--workers", str(processes), "--threads", "64"),
        ],
        env={**os.environ, "DATA_DIR": str(data_dir), "DEMO": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    client = KeptConnection(port)
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            client.get("/")
        except (OSError, BadAnswer):
            time.sleep(0.05)
        else:
            client.close()
            return
    raise RuntimeError("the bare view did not start")
