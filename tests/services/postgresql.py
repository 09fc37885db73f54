"""A PostgreSQL server of the tests' own: on a free port, in a folder of its own, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

from backend.project.supervisor import die_with_parent
from tests.services.ports import free_port

USER = "market"
START_S = 60.0


class CannotStart(Exception):
    """The server is installed but does not start; the text is its own last words."""


def find_programs() -> Path | None:
    """The folder with `initdb` and `postgres`, of the newest version; None when none is installed."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if found:
        return max(found, key=lambda folder: int(folder.parent.name.partition(".")[0]))
    program = shutil.which("postgres")
    return Path(program).resolve().parent if program and shutil.which("initdb") else None


class PostgresServer:
    """Starts on entering and stops on leaving. Durability is off: nothing of it is to be kept.

    PostgreSQL refuses to run as root, so root hands the folder to the `postgres` user, or else to `nobody`.
    """

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self.port = 0
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The DATABASE_URL of an empty database on it."""
        return f"postgres://{USER}@127.0.0.1:{self.port}/market"

    def __enter__(self) -> PostgresServer:
        account = _account()
        self._folder = Path(tempfile.mkdtemp(prefix="choxa-postgresql-"))
        if account is not None:
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        try:
            self._start(account)
        except BaseException:
            self._clear()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def _start(self, account: pwd.struct_passwd | None) -> None:
        assert self._folder is not None
        data, log = self._folder / "data", self._folder / "log"
        user = account.pw_uid if account else None
        group = account.pw_gid if account else None
        made = subprocess.run(
            [
                self._programs / "initdb",
                "--no-sync",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                f"--username={USER}",
                f"--pgdata={data}",
            ],
            user=user,
            group=group,
            extra_groups=[] if account else None,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise CannotStart(made.stderr.strip())
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self._folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "200",
            "shared_buffers": "64MB",
            "timezone": "UTC",
        }
        for _attempt in range(3):  # somebody may take the port in between
            self.port = free_port()
            with log.open("wb") as output:
                self._process = subprocess.Popen(
                    [
                        self._programs / "postgres",
                        "-D",
                        data,
                        "-p",
                        str(self.port),
                        *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
                    ],
                    user=user,
                    group=group,
                    extra_groups=[] if account else None,
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    # Killed tests must not leave a server. (The wish is kept over exec, and made after the
                    # change of user, which would drop it.) SIGQUIT: it takes its children along.
                    preexec_fn=lambda: die_with_parent(signal.SIGQUIT),
                )
            if self._answers():
                self._createdb()
                return
        raise CannotStart(log.read_text(errors="replace").strip()[-500:])

    def _answers(self) -> bool:
        assert self._process is not None
        deadline = time.monotonic() + START_S
        while self._process.poll() is None and time.monotonic() < deadline:
            ready = subprocess.run(
                [self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False
            )
            if ready.returncode == 0:
                return True
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.1)
        return False

    def _createdb(self) -> None:
        subprocess.run(
            [self._programs / "createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "market"],
            check=True,
            capture_output=True,
        )

    def _clear(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # fast shutdown: does not wait for clients
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(10)
        self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def _account() -> pwd.struct_passwd | None:
    """Whom to be instead of root; None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise CannotStart("root needs a user 'postgres' or 'nobody' to run PostgreSQL as")
