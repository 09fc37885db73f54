"""The whole market as it runs for people: the supervisor with its web processes, worker, broker, gateway,
demo bank and sound boxes, filled with the demo goods, over a database and a folder of its own.

Filling takes seconds, so it is done once per test process, into a template; each market starts from a copy.
A market dies with the test process, whatever happens to that.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import json
import os
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final, TypeVar

import psycopg
import pytest

from tests.services.databases import Maker
from tests.services.pictures import shared_folder
from tests.services.ports import free_ports

ROOT: Final = Path(__file__).resolve().parents[2]
# Deadlines, not pauses: only a test that is about to fail waits as long as this.
FILL_S: Final = 180.0
OPEN_S: Final = 60.0
DEADLINE_S: Final = 20.0
# By what a program's command line tells which part it is.
PARTS: Final = {
    "web": "gunicorn",
    "worker": "backend.project.worker",
    "broker": "devices.mqtt.broker",
    "gateway": "mqtt_gateway",
    "bank": "payments.demobank",
    "soundbox": "devices.simulators.soundbox",
}
PASSWORD: Final = "cho-xa-demo"
"""Of every login of the demo (README)."""

Found = TypeVar("Found")


class CannotOpen(Exception):
    """The market did not open; the text is what it said."""


def eventually(look: Callable[[], Found], what: str, *, within_s: float = DEADLINE_S) -> Found:
    """What `look` returns as soon as that is true. Fails with `what` at the deadline.

    For what only looking can tell: a line in a file, a row, a process.
    """
    deadline = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        select.select([], [], [], 0.02)
    return found


class Market:
    """A market that runs. Made by `Template.open`."""

    def __init__(
        self, folder: Path, database_url: str, settings: dict[str, str], *, port: int | None = None
    ) -> None:
        self.data_dir = folder / "data"
        self.database_url = database_url
        self._output = folder / "output.log"
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._log_mark = 0
        self._wanted_port = port
        self.port = 0

    @property
    def url(self) -> str:
        """Of the market's pages, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def bank_url(self) -> str:
        """Of the demo bank."""
        return f"http://127.0.0.1:{self.port + 1}"

    def start(self) -> None:
        """Starts every program and waits until all of them answer. Raises CannotOpen."""
        for _attempt in range(3):  # somebody may take a port in between
            self.port = self._wanted_port or free_ports(3)
            with self._output.open("wb") as output:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "backend.project.run", "--follow"],
                    cwd=ROOT,
                    env=environment(
                        **self._settings,
                        DATA_DIR=str(self.data_dir),
                        DATABASE_URL=self.database_url,
                        PORT=str(self.port),
                    ),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            try:
                eventually(self._open_or_dead, "the market opens", within_s=OPEN_S)
            except AssertionError:
                self.stop()
                raise CannotOpen(self.log()) from None
            if self._process.poll() is None and self._answers():
                return
            self.stop()
            if "đang bị chiếm" not in self.log():
                break
        raise CannotOpen(self.log())

    def stop(self) -> None:
        """Stops everything, as Ctrl-C does, and by force when that does not help."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(DEADLINE_S)
        self._process = None

    # -- what it says --

    def log(self) -> str:
        """Everything that its programs have printed."""
        return self._output.read_text(encoding="utf-8", errors="replace") if self._output.exists() else ""

    def mark_log(self) -> None:
        """From here on `news` counts."""
        self._log_mark = len(self.log())

    def news(self) -> str:
        """What its programs have printed since `mark_log`."""
        return self.log()[self._log_mark :]

    def said(self, stall: str = "") -> list[str]:
        """The sentences that the sound boxes have said, in order; only those at `stall` ("A12") if given."""
        path = self.data_dir / "demo" / "said.jsonl"
        if not path.exists():
            return []
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
        return [str(line["text"]) for line in lines if str(line["stall"]).startswith(stall)]

    def mails(self, to: str = "") -> list[EmailMessage]:
        """The e-mails that the market has sent, oldest first; only those to an address if given."""
        found: list[EmailMessage] = []
        for path in sorted((self.data_dir / "mail").glob("*.log"), key=lambda each: each.stat().st_mtime_ns):
            for part in path.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
                if part.strip():
                    mail = email.message_from_bytes(part, policy=email.policy.default)
                    assert isinstance(mail, EmailMessage)
                    if to in str(mail["To"]):
                        found.append(mail)
        return found

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What is stored, seen past the market: the answer to a query that only reads."""
        if self.database_url.startswith("postgres"):
            with psycopg.connect(self.database_url) as connection:
                return connection.execute(query.encode()).fetchall()
        path = self.database_url.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reader:
            return reader.execute(query).fetchall()

    # -- its programs --

    @property
    def supervisor(self) -> subprocess.Popen[bytes]:
        """The process that the others hang on; the market must run."""
        assert self._process is not None
        return self._process

    def process_of(self, part: str) -> int:
        """The process id of a part that runs ("worker"); 0 when it does not run now."""
        assert self._process is not None
        own = self._process.pid
        for child in Path(f"/proc/{own}/task/{own}/children").read_text().split():
            with contextlib.suppress(OSError):
                if PARTS[part].encode() in Path(f"/proc/{child}/cmdline").read_bytes():
                    return int(child)
        return 0

    def kill(self, part: str) -> int:
        """Kills a part with -9 and returns the id it had; the supervisor starts it again by itself."""
        pid = eventually(lambda: self.process_of(part), f"{part} runs")
        os.kill(pid, signal.SIGKILL)
        return pid

    def _open_or_dead(self) -> bool:
        assert self._process is not None
        return self._process.poll() is not None or "The market is open" in self.log()

    def _answers(self) -> bool:
        for address in (f"{self.url}/health/", f"{self.bank_url}/health"):
            try:
                with urllib.request.urlopen(address, timeout=DEADLINE_S) as answer:  # noqa: S310 - our own
                    if answer.status != 200:
                        return False
            except (urllib.error.URLError, OSError):
                return False
        return True


class Template:
    """A market that is filled and does not run; markets are opened from copies of it."""

    def __init__(self, folder: Path, maker: Maker, pictures: Path) -> None:
        self._folder = folder
        self._maker = maker
        self._count = 0
        self._database = maker.make()
        done = subprocess.run(
            [sys.executable, "-m", "tests.services.pictures", str(pictures)],
            cwd=ROOT,
            env=environment(
                DATA_DIR=str(folder / "data"), DATABASE_URL=self._database, PORT=str(free_ports(3))
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=FILL_S,
            check=False,
        )
        if done.returncode:
            raise CannotOpen(done.stdout)

    @contextlib.contextmanager
    def open(self, **settings: str) -> Iterator[Market]:
        """A running market from a copy; `settings` are environment variables (UNPAID_HOLD_S="30")."""
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        # Pictures and static files are only ever written anew, never changed, so that a link is a copy.
        shutil.copytree(self._folder / "data", folder / "data", copy_function=_copy_or_link)
        market = Market(folder, self._maker.copy(self._database), settings)
        try:
            market.start()
            yield market
        finally:
            market.stop()


def environment(**settings: str) -> dict[str, str]:
    """Ours, with the demo's settings; DATA_DIR, DATABASE_URL and PORT must be among `settings`."""
    return {
        **os.environ,
        "DEMO": "1",
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "backend.project.settings",
        **settings,
    }


def _copy_or_link(source: str, target: str) -> None:
    if "/media/" in source or "/static/" in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


@pytest.fixture(scope="session")
def market_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """The filled market of this test process, on the kind of database that the process works on; with SALEOR_MARKET
    the one that stands in that folder with a real Saleor behind it."""
    folder = tmp_path_factory.mktemp("market")
    if os.environ.get("SALEOR_MARKET"):
        from tests.services.behind_saleor import BehindSaleor

        yield BehindSaleor(Path(os.environ["SALEOR_MARKET"]), folder)
        return
    with Maker(os.environ.get("DATABASE_URL", ""), folder) as maker:
        yield Template(folder, maker, shared_folder(tmp_path_factory))
        if not os.environ.get("KEEP"):
            for each in folder.iterdir():
                shutil.rmtree(each, ignore_errors=True)
