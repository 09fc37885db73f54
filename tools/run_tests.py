"""`make test`: the suite on SQLite and on PostgreSQL at once, closing with one summary.

pytest-xdist runs two workers with `--dist each`: the first works on SQLite, the second on PostgreSQL, and
each runs every test, but for those marked `pure`, which know no database, and the values of a parameter marked
`alternate`, which does not touch it: these are shared out between them, unless TEST_EVERYTHING=1.
tests/conftest.py gives each worker its DATABASE_URL. Arguments are handed to pytest.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from types import FrameType

from tests.services.postgresql import CannotStart, PostgresServer, find_programs
from tools import machine


def main(arguments: list[str]) -> int:
    """pytest's exit status; 1 when STRICT=1 and something that the tests need is missing."""
    strict = os.environ.get("STRICT") == "1"
    if machine.main():
        return 1
    environment = dict(os.environ)
    command = [sys.executable, "-m", "pytest"]
    with ExitStack() as services:
        programs = find_programs()
        server: PostgresServer | None = None
        if programs is not None:
            try:
                server = services.enter_context(PostgresServer(programs))
            except CannotStart as error:
                print(f"PostgreSQL: {error}", flush=True)
                if strict:
                    return 1
        if server is not None:
            environment["TEST_DATABASES"] = json.dumps(["", server.url])
            command += ["-n", "2", "--dist", "each", "--max-worker-restart=0"]
        else:
            print("Chỉ chạy trên SQLite / on SQLite alone", flush=True)
            command += ["-n", "2"]
        return _run([*command, *arguments], environment)


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Runs pytest so that stopping us stops it, and it can still clear up."""
    process = subprocess.Popen(command, env=environment)

    def hand_on(number: int, _frame: FrameType | None) -> None:
        process.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, hand_on)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to pytest as well
    return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
