"""`python -m backend.project.healthcheck web|worker|gateway`: whether that program of the market does its work.

For container engines, which ask every few seconds: so it loads nothing of Django, and answers in a fraction of a second.
The web server is asked for /health/, which asks the database. Worker and gateway touch a file when they have done
something that takes all they depend on (a task from the queue; a beat with database and broker), and the file's age is
looked at.
"""

from __future__ import annotations

import http.client
import os
import sys
import time
from pathlib import Path
from typing import Final

from devices.mqtt.accounts import gateway_alive_path

WORKER_ALIVE: Final = "worker.alive"
# The worker's sweep may be set to come every five minutes (SWEEP_S), the gateway's beat comes every five seconds.
WORKER_MAY_BE_QUIET_S: Final = 330
GATEWAY_MAY_BE_QUIET_S: Final = 30
TIMEOUT_S: Final = 4


def check_web(port: int) -> str:
    """What is wrong with the web server of this machine, or ""."""
    door = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        door.request("GET", "/health/")
        status = door.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"/health/ on port {port}: {error}"
    finally:
        door.close()
    return "" if status == 200 else f"/health/ on port {port}: HTTP {status}"


def check_file(path: Path, may_be_quiet_s: float) -> str:
    """What is wrong with the program that touches ``path``, or ""."""
    try:
        quiet_s = time.time() - path.stat().st_mtime
    except OSError:
        return f"{path}: no sign of life yet"
    return "" if quiet_s <= may_be_quiet_s else f"{path}: no sign of life for {quiet_s:.0f} s"


def main(arguments: list[str]) -> int:
    """Exit status 0 when all is well, else 1 and one line that says what is not."""
    data_dir = Path(os.environ.get("DATA_DIR") or "data")
    match arguments:
        case ["web"]:
            wrong = check_web(int(os.environ.get("PORT") or "8000"))
        case ["worker"]:
            wrong = check_file(data_dir / WORKER_ALIVE, WORKER_MAY_BE_QUIET_S)
        case ["gateway"]:
            wrong = check_file(gateway_alive_path(data_dir), GATEWAY_MAY_BE_QUIET_S)
        case _:
            wrong = "usage: python -m backend.project.healthcheck web|worker|gateway"
    if wrong:
        print(wrong, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
