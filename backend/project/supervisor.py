"""Runs the programs of a market together: one start, one log, one stop.

A supervisor starts named programs in the order that they need each other, waits until each answers, prints
what they say as one readable log (and keeps it in a file of limited size), starts a dead one again with
growing pauses, and on Ctrl-C or SIGTERM stops them in reverse order. It leaves nothing behind, also when it
is itself killed with -9:

1. Every program leads a session of its own and asks Linux (PR_SET_PDEATHSIG) to be killed with its parent.
2. That does not reach grandchildren (web workers, the beat beside a task worker). So a guardian, forked
   before anything else, holds the reading end of a pipe. When the supervisor dies in any way, the pipe ends,
   and the guardian kills the programs' process groups and every process that carries the mark of this run in
   its environment.

Only the standard library is used, and nothing of Django. It is single-threaded on purpose: code that runs
between fork and exec (PR_SET_PDEATHSIG) is safe only where no other thread can hold a lock.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import json
import logging.handlers
import os
import secrets
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NoReturn, TextIO
from urllib.parse import urlsplit

BACKOFF_FIRST_S = 1.0
BACKOFF_MAX_S = 30.0
# A program that lived this long was well; its next death is a new misfortune and not the same one again.
BACKOFF_RESET_S = 60.0
PROBE_EVERY_S = 0.05
PROBE_TIMEOUT_S = 5.0
# One line of a program, at most. Longer ones are cut, so that a dump cannot fill the memory or the log.
LINE_LIMIT_BYTES = 8192
LOG_FILE_BYTES = 5_000_000
LOG_FILES = 4
# The environment variable by which the guardian knows the processes of a run.
MARK = "MARKET_RUN"

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_COLOURS = (36, 33, 32, 35, 34, 31)


class AlreadyRunning(Exception):
    """Another market works over the same data folder. `pid` is its process, or None when unknown."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(f"another market holds this folder (process {pid or '?'})")
        self.pid = pid


@dataclass(frozen=True)
class Program:
    """One program of the market.

    `after` names programs that must answer before this one starts; it is stopped before they are. `ready_tcp`
    (host, port) or `ready_http` (a URL that must answer 2xx or 3xx) say when it answers; with neither, it
    counts as ready once started. When it has not answered after `ready_s`, that is said and those who wait
    are started all the same. `stop_s` is the time between SIGTERM and SIGKILL.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    ready_tcp: tuple[str, int] | None = None
    ready_http: str | None = None
    ready_s: float = 30.0
    stop_s: float = 8.0
    cwd: Path | None = None


def next_delay_s(previous_s: float, *, alive_s: float, first_s: float = BACKOFF_FIRST_S) -> float:
    """The pause before a dead program starts again: `first_s`, doubling to 30 s, anew after 60 s of life.

    `previous_s` is the pause before its last start, 0 when it has not been restarted yet.
    """
    if previous_s <= 0 or alive_s >= BACKOFF_RESET_S:
        return first_s
    return min(previous_s * 2, BACKOFF_MAX_S)


class FolderLock:
    """Keeps a second market away from a data folder.

    The kernel drops the lock with the last process that holds it: nothing to clean up after a crash.
    """

    def __init__(self, path: Path, *, patience_s: float = 3.0) -> None:
        """`patience_s`: how long to wait for a market just killed, which is being cleared away."""
        self._path = path
        self._patience_s = patience_s
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Takes the lock and writes our process id into it. Raises AlreadyRunning."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+", encoding="ascii")
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if error.errno not in (errno.EACCES, errno.EAGAIN):
                    raise
                holder = self._holder(file)
                # A dead holder's guardian keeps the lock until it has killed what was left: a moment.
                if (holder is not None and _alive(holder)) or time.monotonic() >= deadline:
                    file.close()
                    raise AlreadyRunning(holder) from None
                time.sleep(0.05)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    @classmethod
    def adopt(cls, path: Path, descriptor: int) -> FolderLock:
        """The lock that this process took before it became (exec) what it is now."""
        os.set_inheritable(descriptor, False)
        lock = cls(path)
        lock._file = os.fdopen(descriptor, "a+", encoding="ascii")
        return lock

    def hand_over(self) -> tuple[Path, int]:
        """Lets the lock outlive exec; returns what `adopt` needs."""
        assert self._file is not None
        os.set_inheritable(self._file.fileno(), True)
        return self._path, self._file.fileno()

    def release(self) -> None:
        """Gives the folder free. Calling it twice is no error."""
        if self._file is not None:
            self._file.close()
            self._file = None

    @staticmethod
    def _holder(file: IO[str]) -> int | None:
        file.seek(0)
        text = file.read(20).strip()
        return int(text) if text.isdigit() else None


class Log:
    """The one log: `12:03:04 web      | text` on a stream, and dated in a file that rotates by size."""

    def __init__(
        self, stream: TextIO, *, path: Path | None, width: int = 9, colour: bool | None = None
    ) -> None:
        self._stream: TextIO | None = stream
        self._width = width
        self._colour = (stream.isatty() and "NO_COLOR" not in os.environ) if colour is None else colour
        self._colours: dict[str, int] = {}
        self._file: logging.handlers.RotatingFileHandler | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = logging.handlers.RotatingFileHandler(
                path, maxBytes=LOG_FILE_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8"
            )
            path.chmod(0o600)  # what programs say may hold a name or a phone number

    def write(self, name: str, text: str) -> None:
        """One line said by `name`. A stream that is gone (closed terminal) is given up; the file goes on."""
        now = datetime.now().astimezone()
        label = f"{now:%H:%M:%S} {name:<{self._width}}|"
        if self._file is not None:
            record = logging.LogRecord(
                name, logging.INFO, "", 0, f"{now:%Y-%m-%d} {label} {text}", None, None
            )
            self._file.emit(record)
        if self._colour:
            code = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
            label = f"\x1b[{code}m{label}\x1b[0m"
        self._show(f"{label} {text}\n")

    def plain(self, text: str) -> None:
        """Text for the person at the terminal, without time and name, and not kept."""
        self._show(text)

    def _show(self, text: str) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            # What is still in its buffer must go somewhere, or Python's own end would fail over it.
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._stream.fileno())
            os.close(null)
            self._stream = None

    def close(self) -> None:
        """Closes the file; the stream belongs to the caller."""
        if self._file is not None:
            self._file.close()


class _Probe:
    """One question "do you answer?" to a program, never waiting: the supervisor's selector drives it."""

    def __init__(self, program: Program) -> None:
        self._url = urlsplit(program.ready_http) if program.ready_http else None
        if self._url is not None:
            address = (self._url.hostname or "127.0.0.1", self._url.port or 80)
        else:
            assert program.ready_tcp is not None
            address = program.ready_tcp
        self.deadline = time.monotonic() + PROBE_TIMEOUT_S
        self.result: bool | None = None
        self.events = selectors.EVENT_WRITE
        self.socket = socket.socket()
        self.socket.setblocking(False)
        if self.socket.connect_ex(address) not in (0, errno.EINPROGRESS):
            self.result = False

    def advance(self) -> None:
        """Goes one step on; `result` is set when the answer is known."""
        try:
            if self.events == selectors.EVENT_WRITE:
                if self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    self.result = False
                elif self._url is None:
                    self.result = True
                else:
                    path = self._url.path or "/"
                    request = (
                        f"GET {path} HTTP/1.0\r\nHost: {self._url.netloc}\r\nUser-Agent: supervisor\r\n\r\n"
                    )
                    self.socket.sendall(request.encode("ascii"))
                    self.events = selectors.EVENT_READ
            else:
                status = self.socket.recv(12).split(b" ")  # b"HTTP/1.1 200"
                self.result = len(status) > 1 and status[1][:1] in (b"2", b"3")
        except OSError:
            self.result = False


class _Part:
    """A program and what is known of its present run."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.start_at: float | None = None  # when it is due to be started (again); None: not due
        self.delay_s = 0.0
        self.ready = False
        self.late = False  # not ready in time, and said so
        self.probe: _Probe | None = None
        self.probe_at = 0.0
        self.kill_at: float | None = None
        self.killed = False
        self.rest = b""
        self.cutting = False

    @property
    def passable(self) -> bool:
        """Whether those who come after it may start."""
        return self.ready or self.late


class Supervisor:
    """Starts, watches and stops programs; see the module's text."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        log: Log,
        backoff_first_s: float = BACKOFF_FIRST_S,
        on_ready: Callable[[], None] | None = None,
    ) -> None:
        """`on_ready` is called once, when every program has answered (or its time for that is over)."""
        self._parts = {program.name: _Part(program) for program in programs}
        if len(self._parts) != len(programs):
            raise ValueError("two programs have the same name")
        seen: set[str] = set()
        for program in programs:
            if missing := set(program.after) - seen:
                raise ValueError(f"{program.name} comes after {missing}, which must be named before it")
            seen.add(program.name)
        self._log = log
        self._backoff_first_s = backoff_first_s
        self._on_ready = on_ready
        self._stopping = False
        self._interrupts = 0
        self._selector = selectors.DefaultSelector()
        self._mark = secrets.token_hex(8)
        self._guardian = _Guardian(self._mark)

    def run(self) -> int:
        """Runs until told to stop by SIGINT, SIGTERM or SIGHUP; returns 0.

        Must be called from the main thread of a process without other threads.
        """
        self._guardian.start()
        wake_read, wake_write = socket.socketpair()
        wake_read.setblocking(False)
        wake_write.setblocking(False)
        self._selector.register(wake_read, selectors.EVENT_READ, None)
        previous_wakeup = signal.set_wakeup_fd(wake_write.fileno(), warn_on_full_buffer=False)
        previous = {
            number: signal.signal(number, handler)
            for number, handler in (
                (signal.SIGINT, self._asked_to_stop),
                (signal.SIGTERM, self._asked_to_stop),
                (signal.SIGHUP, self._asked_to_stop),
                (signal.SIGCHLD, lambda _number, _frame: None),
            )
        }
        now = time.monotonic()
        for part in self._parts.values():
            part.start_at = now
        try:
            while not (self._stopping and all(part.process is None for part in self._parts.values())):
                self._step(wake_read)
        finally:
            self._guardian.kill_everything()
            for number, handler in previous.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(previous_wakeup)
            wake_read.close()
            wake_write.close()
            self._selector.close()
        return 0

    # -- one turn of the loop --

    def _step(self, wake_read: socket.socket) -> None:
        now = time.monotonic()
        if self._stopping:
            self._stop_those_nobody_needs(now)
        else:
            self._start_those_due(now)
            self._ask_those_not_ready(now)
            if self._on_ready is not None and all(part.passable for part in self._parts.values()):
                announce, self._on_ready = self._on_ready, None
                announce()
        for key, _mask in self._selector.select(self._pause_s(time.monotonic())):
            if key.fileobj is wake_read:
                with contextlib.suppress(BlockingIOError):
                    wake_read.recv(4096)
                continue
            part: _Part = key.data
            if part.probe is not None and key.fileobj is part.probe.socket:
                self._advance(part, part.probe)
            else:
                self._read(part)
        self._reap()

    def _pause_s(self, now: float) -> float | None:
        moments: list[float] = []
        for part in self._parts.values():
            if part.process is None:
                if not self._stopping and part.start_at is not None and self._may_start(part):
                    moments.append(part.start_at)
                continue
            if part.kill_at is not None:
                moments.append(part.kill_at)
            if not self._stopping and not part.ready:
                moments.append(part.probe.deadline if part.probe else part.probe_at)
        return max(0.0, min(moments) - now) if moments else None

    # -- starting --

    def _may_start(self, part: _Part) -> bool:
        return all(self._parts[name].passable for name in part.program.after)

    def _start_those_due(self, now: float) -> None:
        for part in self._parts.values():
            if (
                part.process is None
                and part.start_at is not None
                and part.start_at <= now
                and self._may_start(part)
            ):
                self._start(part)

    def _start(self, part: _Part) -> None:
        program = part.program
        part.start_at = None
        part.ready = False
        part.rest = b""
        part.started_at = part.probe_at = time.monotonic()
        supervisor_pid = os.getpid()
        try:
            process = subprocess.Popen(
                list(program.argv),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **program.env, MARK: self._mark},
                cwd=program.cwd,
                start_new_session=True,
                preexec_fn=lambda: _die_with(supervisor_pid),  # no other thread exists here
            )
        except OSError as error:
            self._say(program.name, f"không khởi động được / cannot start: {error}")
            self._again(part, now=part.started_at)
            return
        assert process.stdout is not None
        part.process = process
        self._guardian.watch(process.pid)
        os.set_blocking(process.stdout.fileno(), False)
        self._selector.register(process.stdout, selectors.EVENT_READ, part)
        if program.ready_tcp is None and program.ready_http is None:
            part.ready = True

    def _ask_those_not_ready(self, now: float) -> None:
        for part in self._parts.values():
            if part.process is None or part.ready:
                continue
            if not part.late and now - part.started_at >= part.program.ready_s:
                part.late = True
                self._say(
                    part.program.name,
                    f"chưa trả lời sau {part.program.ready_s:g} s / no answer yet",
                )
            if part.probe is not None:
                if now >= part.probe.deadline:
                    self._drop_probe(part)
                    part.probe_at = now + PROBE_EVERY_S
                continue
            if now >= part.probe_at:
                part.probe = _Probe(part.program)
                if part.probe.result is None:
                    self._selector.register(part.probe.socket, part.probe.events, part)
                else:
                    part.probe.socket.close()
                    part.probe = None
                    part.probe_at = now + PROBE_EVERY_S

    def _advance(self, part: _Part, probe: _Probe) -> None:
        probe.advance()
        if probe.result is None:
            self._selector.modify(probe.socket, probe.events, part)
            return
        part.ready = probe.result
        self._drop_probe(part)
        part.probe_at = time.monotonic() + PROBE_EVERY_S

    def _drop_probe(self, part: _Part) -> None:
        if part.probe is not None:
            with contextlib.suppress(KeyError):
                self._selector.unregister(part.probe.socket)
            part.probe.socket.close()
            part.probe = None

    # -- what they say --

    def _say(self, name: str, text: str) -> None:
        self._log.write(name, text)

    def _read(self, part: _Part) -> bool:
        """Takes over what a program has said; False when there was nothing."""
        assert part.process is not None
        assert part.process.stdout is not None
        try:
            data = os.read(part.process.stdout.fileno(), 65536)
        except BlockingIOError:
            return False
        if not data:
            with contextlib.suppress(KeyError):
                self._selector.unregister(part.process.stdout)
            return False
        *lines, part.rest = (part.rest + data).split(b"\n")
        for line in lines:
            if not part.cutting:
                self._say(part.program.name, _text(line))
            part.cutting = False
        if len(part.rest) > LINE_LIMIT_BYTES:
            if not part.cutting:
                self._say(part.program.name, _text(part.rest))
            part.cutting = True
            part.rest = b""
        return True

    # -- dying and stopping --

    def _reap(self) -> None:
        if self._guardian.died():
            self._guardian.start()
            for part in self._parts.values():
                if part.process is not None:
                    self._guardian.watch(part.process.pid)
        for part in self._parts.values():
            process = part.process
            if process is None or process.poll() is None:
                continue
            # What it left behind would hold its port: a dead leader's group goes with it.
            _kill_group(process.pid)
            while self._read(part):
                pass
            if part.rest and not part.cutting:
                self._say(part.program.name, _text(part.rest))
            assert process.stdout is not None
            with contextlib.suppress(KeyError):
                self._selector.unregister(process.stdout)
            process.stdout.close()
            self._drop_probe(part)
            self._guardian.forget(process.pid)
            now = time.monotonic()
            part.process = None
            part.kill_at = None
            part.ready = part.cutting = False
            if not self._stopping:
                how = _how(process.returncode)
                self._again(part, now=now, alive_s=now - part.started_at, how=how)

    def _again(
        self, part: _Part, *, now: float, alive_s: float = 0.0, how: tuple[str, str] | None = None
    ) -> None:
        part.delay_s = next_delay_s(part.delay_s, alive_s=alive_s, first_s=self._backoff_first_s)
        part.start_at = now + part.delay_s
        vi, en = how or ("không chạy", "not running")
        self._say(
            part.program.name,
            f"đã dừng ({vi}), chạy lại sau {part.delay_s:g} s / stopped ({en}), again in {part.delay_s:g} s",
        )

    def _asked_to_stop(self, number: int, _frame: object) -> None:
        # Only flags are set in a signal handler; the loop does the rest.
        self._interrupts += number == signal.SIGINT
        self._stopping = True

    def _stop_those_nobody_needs(self, now: float) -> None:
        needed = {
            name for part in self._parts.values() if part.process is not None for name in part.program.after
        }
        impatient = self._interrupts > 1
        for part in self._parts.values():
            process = part.process
            if process is None:
                continue
            self._drop_probe(part)
            if impatient or (part.kill_at is not None and now >= part.kill_at):
                if not part.killed:
                    part.killed = True
                    self._say(part.program.name, "không chịu dừng, bị ngắt / would not stop, killed")
                _kill_group(process.pid)
                part.kill_at = now + 1.0
            elif part.kill_at is None and part.program.name not in needed:
                part.kill_at = now + part.program.stop_s
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()


@dataclass(frozen=True)
class Plan:
    """What to supervise: the programs, where to keep the log, and what to tell once all of them answer."""

    programs: Sequence[Program]
    log: Path
    welcome: str


def become_supervisor(plan: Plan, lock: FolderLock) -> NoReturn:
    """Replaces this process by a supervisor of the plan; the lock goes along.

    The process that prepares a market has Django loaded, some 60 MB that a supervisor does not need for days.
    """
    path, descriptor = lock.hand_over()
    content = {
        "programs": [asdict(program) for program in plan.programs],
        "log": str(plan.log),
        "welcome": plan.welcome,
        "lock": [str(path), descriptor],
    }
    with tempfile.TemporaryFile() as file:
        file.write(json.dumps(content, default=str).encode())
        file.flush()
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        os.set_inheritable(file.fileno(), True)
        sys.stdout.flush()
        sys.stderr.flush()
        # By its file, isolated and without site-packages: it needs only the standard library.
        command = [sys.executable, "-I", "-S", __file__, str(file.fileno())]
        os.execv(sys.executable, command)  # noqa: S606 - our own interpreter and our own file


def _supervise(descriptor: int) -> int:
    """The other side of `become_supervisor`."""
    with os.fdopen(descriptor, encoding="utf-8") as file:
        content = json.load(file)
    path, lock_descriptor = content["lock"]
    lock = FolderLock.adopt(Path(path), lock_descriptor)
    found = [_program(fields) for fields in content["programs"]]
    log = Log(sys.stdout, path=Path(content["log"]), width=max(len(program.name) for program in found) + 1)
    try:
        return Supervisor(found, log=log, on_ready=lambda: log.plain(content["welcome"])).run()
    finally:
        log.close()
        lock.release()


def _program(fields: dict[str, Any]) -> Program:
    tcp, cwd = fields["ready_tcp"], fields["cwd"]
    return Program(
        **{
            **fields,
            "after": tuple(fields["after"]),
            "ready_tcp": (tcp[0], tcp[1]) if tcp else None,
            "cwd": Path(cwd) if cwd else None,
        }
    )


class _Guardian:
    """A forked process that outlives the supervisor by the moment it takes to kill what that started."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._writer = -1
        self._pid = 0

    def start(self) -> None:
        """Forks the guardian; it knows nothing yet."""
        if self._writer >= 0:
            os.close(self._writer)
        reader, self._writer = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            # From here on: the guardian. It keeps no terminal, reacts to no stop signal, and never returns.
            status = 1
            try:
                os.close(self._writer)
                os.setsid()
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
                    signal.signal(number, signal.SIG_IGN)
                null = os.open(os.devnull, os.O_RDWR)
                # Who reads our output must see its end when the supervisor is gone.
                for descriptor in (0, 1, 2):
                    os.dup2(null, descriptor)
                _guard(reader, self._mark)
                status = 0
            finally:
                os._exit(status)
        os.close(reader)

    def died(self) -> bool:
        """Whether somebody killed it; a new one is then needed."""
        return os.waitpid(self._pid, os.WNOHANG)[0] != 0

    def watch(self, group: int) -> None:
        """From now on the process group is killed with the supervisor."""
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        """The group is gone; its number may come to belong to someone else."""
        self._tell(f"-{group}\n")

    def kill_everything(self) -> None:
        """Ends the pipe, as death would, and waits until the guardian has done its work."""
        with contextlib.suppress(OSError):
            os.close(self._writer)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)

    def _tell(self, message: str) -> None:
        with contextlib.suppress(BrokenPipeError):
            os.write(self._writer, message.encode("ascii"))


def _guard(reader: int, mark: str) -> None:
    groups: set[int] = set()
    rest = b""
    while data := os.read(reader, 4096):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            group = int(line[1:])
            if line[:1] == b"+":
                groups.add(group)
            else:
                groups.discard(group)
    for group in groups:
        _kill_group(group)
    # Those who left their group. Again until none is found, because one may fork while we look.
    while marked := _marked(mark):
        for pid in marked:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _marked(mark: str) -> list[int]:
    """The living processes whose environment carries the mark of a run (Linux; elsewhere none is seen)."""
    wanted = f"{MARK}={mark}".encode("ascii")
    found: list[int] = []
    try:
        names = os.listdir("/proc")
    except OSError:
        return found
    for name in names:
        if not name.isdigit() or int(name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            # A process that is dead but not yet waited for has an empty environment, so the search ends.
            if wanted in Path(f"/proc/{name}/environ").read_bytes().split(b"\0"):
                found.append(int(name))
    return found


def die_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """Asks to be sent `number` when our parent dies (Linux; elsewhere nothing happens)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def _die_with(parent: int) -> None:
    # Runs between fork and exec.
    die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


# Loaded here, because loading a library between fork and exec is not safe.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _text(line: bytes) -> str:
    """A line as text; one that is too long is cut and shows it."""
    cut = "…" if len(line) > LINE_LIMIT_BYTES else ""
    return line[:LINE_LIMIT_BYTES].decode("utf-8", "replace").rstrip("\r") + cut


def _how(status: int) -> tuple[str, str]:
    """How a process ended, in Vietnamese and English."""
    if status < 0:
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = str(-status)
        return f"tín hiệu {name}", f"signal {name}"
    return f"mã {status}", f"exit {status}"


if __name__ == "__main__":
    sys.exit(_supervise(int(sys.argv[1])))
