"""The supervisor, with small real programs: order, log, restarts, stopping, and nothing left behind."""

from __future__ import annotations

import os
import pty
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.project import supervisor
from backend.project.supervisor import AlreadyRunning, FolderLock, Log, Program, Supervisor, next_delay_s
from tests.tooling.processes import Running, Witness, children, python, until

pytestmark = pytest.mark.pure

# What the programs under test have in common. `tell` prints at once; `wait` waits for SIGTERM.
PRELUDE = """
import os, signal, socket, subprocess, sys
def tell(text): os.write(1, (text + "\\n").encode())
def on_term(action): signal.signal(signal.SIGTERM, lambda *_: (action(), sys.exit(0)))
"""
SLEEPER = PRELUDE + "tell(f'pid {os.getpid()}'); signal.pause()"


def polite(name: str) -> str:
    """A program that says when it starts and when it is asked to stop."""
    return PRELUDE + f"on_term(lambda: tell('{name} stopping')); tell('{name} started'); signal.pause()"


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts a supervisor over programs written as `Program(...)` source lines."""
    started: list[Running] = []

    def start(*programs: str, options: str = "", before: str = "", colour: str = "None") -> Running:
        source = (
            "import sys\nfrom pathlib import Path\n"
            "from backend.project import supervisor\n"
            "from backend.project.supervisor import FolderLock, Log, Program, Supervisor\n"
            f"here = Path({str(tmp_path)!r})\n"
            f"{before}\n"
            f"log = Log(sys.stdout, path=here / 'log' / 'market.log', colour={colour})\n"
            f"programs = [{', '.join(programs)}]\n"
            "ready = lambda: log.plain('ALL READY\\n')\n"
            f"sys.exit(Supervisor(programs, log=log, on_ready=ready, {options}).run())\n"
        )
        started.append(Running(python(source)))
        return started[-1]

    yield start
    for running in started:
        running.close()


def program(name: str, source: str, **fields: object) -> str:
    """The source of one Program."""
    more = "".join(f", {key}={value!r}" for key, value in fields.items())
    return f"Program({name!r}, [sys.executable, '-c', {source!r}]{more})"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pid_in(line: str) -> int:
    return int(line.rsplit(" ", 1)[1])


# -- starting --


def test_a_program_starts_when_what_it_needs_answers(
    supervise: Callable[..., Running], tmp_path: Path
) -> None:
    port = free_port()
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    slow = PRELUDE + (
        f"tell('waiting'); open({str(gate)!r}).read()\n"
        f"s = socket.create_server(('127.0.0.1', {port}))\n"
        "tell('listening')\n"
        "while True: s.accept()"
    )
    needy = PRELUDE + (
        f"answer = socket.socket().connect_ex(('127.0.0.1', {port}))\n"
        "tell('reached' if answer == 0 else 'refused')\n"
        "signal.pause()"
    )
    market = supervise(
        program("slow", slow, ready_tcp=("127.0.0.1", port)), program("needy", needy, after=("slow",))
    )
    market.wait_for("waiting")
    gate.write_text("go")
    market.wait_for("needy    | reached")
    market.kill(signal.SIGTERM)
    assert market.finish() == 0


def test_silent_programs_are_announced_too(supervise: Callable[..., Running]) -> None:
    market = supervise(program("silent", "import signal; signal.pause()"))
    market.wait_for("ALL READY")


def test_an_http_program_is_ready_only_when_it_answers_well(
    supervise: Callable[..., Running], tmp_path: Path
) -> None:
    port = free_port()
    web = PRELUDE + (
        "import http.server\n"
        "class H(http.server.BaseHTTPRequestHandler):\n"
        "    asked = 0\n"
        "    def do_GET(self):\n"
        "        H.asked += 1\n"
        "        tell(f'answer {H.asked} to {self.path}')\n"
        "        self.send_response(503 if H.asked < 4 else 200); self.end_headers()\n"
        "    def log_message(self, *a): pass\n"
        f"http.server.HTTPServer(('127.0.0.1', {port}), H).serve_forever()"
    )
    market = supervise(program("web", web, ready_http=f"http://127.0.0.1:{port}/health/"))
    market.wait_for("ALL READY")
    market.kill(signal.SIGTERM)
    market.finish()
    asked = [line for line in market.lines if "answer" in line]
    assert [line.rsplit("| ", 1)[1] for line in asked] == [f"answer {n} to /health/" for n in (1, 2, 3, 4)]


def test_a_program_that_never_answers_holds_nobody_up(supervise: Callable[..., Running]) -> None:
    market = supervise(
        program("mute", SLEEPER, ready_tcp=("127.0.0.1", free_port()), ready_s=0.2),
        program("next", polite("next"), after=("mute",)),
    )
    market.wait_for("mute     | chưa trả lời sau 0.2 s / no answer yet")
    market.wait_for_all("next started", "ALL READY")


def test_a_missing_program_is_said_and_tried_again(supervise: Callable[..., Running]) -> None:
    market = supervise("Program('ghost', ['/nowhere/ghost'])", options="backoff_first_s=0.01")
    market.wait_for("ghost    | không khởi động được / cannot start: [Errno 2]")
    market.wait_for("again in 0.02 s")
    market.kill(signal.SIGTERM)
    assert market.finish() == 0


@pytest.mark.parametrize(
    ("programs", "complaint"),
    [
        ([Program("a", ["x"]), Program("a", ["y"])], "same name"),
        ([Program("a", ["x"], after=("b",)), Program("b", ["y"])], "named before"),
    ],
)
def test_a_list_that_cannot_work_is_refused(programs: list[Program], complaint: str) -> None:
    with open(os.devnull, "w", encoding="utf-8") as stream, pytest.raises(ValueError, match=complaint):
        Supervisor(programs, log=Log(stream, path=None))


# -- the log --


def test_the_log_has_time_name_and_text_on_screen_and_in_a_file(
    supervise: Callable[..., Running], tmp_path: Path
) -> None:
    talker = PRELUDE + (
        "tell('chợ mở cửa'); print('lỗi', file=sys.stderr, flush=True)\n"
        "sys.stdout.buffer.write(b'bad \\xff byte\\n' + b'x' * 9000 + b'\\nno newline')\n"
        "sys.stdout.flush()\n"
        "signal.pause()"
    )
    market = supervise(program("talker", talker))
    market.wait_for("xxx")
    market.kill(signal.SIGTERM)
    market.finish()
    shown = [line for line in market.lines if "talker" in line]
    assert all(re.match(r"\d\d:\d\d:\d\d talker   \| ", line) for line in shown)
    texts = [line.split("| ", 1)[1] for line in shown]
    assert texts == ["chợ mở cửa", "lỗi", "bad \ufffd byte", "x" * 8192 + "…", "no newline"]
    log = tmp_path / "log" / "market.log"
    kept = log.read_text(encoding="utf-8").splitlines()
    assert [line[11:] for line in kept] == shown
    assert all(re.match(r"\d{4}-\d\d-\d\d ", line) for line in kept)
    assert log.stat().st_mode & 0o777 == 0o600


def test_the_log_file_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LOG_FILE_BYTES", 1000)
    with open(os.devnull, "w", encoding="utf-8") as stream:
        log = Log(stream, path=tmp_path / "market.log")
        for number in range(500):
            log.write("web", f"line {number}")
        log.close()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["market.log", "market.log.1", "market.log.2", "market.log.3"]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    assert "line 499" in (tmp_path / "market.log").read_text(encoding="utf-8")


def test_colours_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)

    def shown(make: Callable[[], tuple[int, int]]) -> str:
        reader, writer = make()
        with os.fdopen(writer, "w", encoding="utf-8") as stream:
            Log(stream, path=None).write("web", "hello")
            text = os.read(reader, 1000).decode()
        os.close(reader)
        return text

    assert "\x1b[" not in shown(os.pipe)
    assert shown(pty.openpty).startswith("\x1b[36m")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in shown(pty.openpty)


def test_a_closed_terminal_does_not_stop_the_market(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        log = Log(stream, path=tmp_path / "market.log")
        os.close(reader)
        log.write("web", "one")
        log.write("web", "two")
        log.close()
    kept = (tmp_path / "market.log").read_text(encoding="utf-8")
    assert [line.split("| ")[1] for line in kept.splitlines()] == ["one", "two"]


# -- restarts --


def test_pauses_double_to_half_a_minute_and_begin_anew_after_a_minute_of_life() -> None:
    delays = [0.0]
    for _ in range(7):
        delays.append(next_delay_s(delays[-1], alive_s=0.5))
    assert delays[1:] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    assert next_delay_s(30.0, alive_s=59.9) == 30.0
    assert next_delay_s(30.0, alive_s=60.0) == 1.0


def test_a_dead_program_is_started_again_and_said_so(supervise: Callable[..., Running]) -> None:
    market = supervise(
        program("weak", PRELUDE + "tell('weak started'); sys.exit(3)"), options="backoff_first_s=0.01"
    )
    market.wait_for("đã dừng (mã 3), chạy lại sau 0.01 s / stopped (exit 3), again in 0.01 s")
    market.wait_for("weak started")
    market.wait_for("again in 0.02 s")
    market.wait_for("weak started")
    market.wait_for("again in 0.04 s")


def test_the_pause_is_kept(supervise: Callable[..., Running]) -> None:
    source = PRELUDE + "import time; tell(f'started {time.monotonic()}'); sys.exit(1)"
    market = supervise(program("weak", source), options="backoff_first_s=0.3")
    first, second, third = (float(market.wait_for("started").split()[-1]) for _ in range(3))
    assert second - first >= 0.3
    assert third - second >= 0.6


def test_a_killed_program_comes_back_without_what_it_left_behind(supervise: Callable[..., Running]) -> None:
    port = free_port()
    # The leader's child holds the port, as a web worker does; it would keep the port from the next leader.
    source = PRELUDE + (
        f"s = socket.create_server(('127.0.0.1', {port}))\n"
        "pid = os.fork()\n"
        "tell(f'leader {os.getpid()}') if pid else None\n"
        "signal.pause()"
    )
    market = supervise(program("web", source), options="backoff_first_s=0.01")
    first = pid_in(market.wait_for("leader"))
    os.kill(first, signal.SIGKILL)
    market.wait_for("tín hiệu SIGKILL")
    assert pid_in(market.wait_for("leader")) != first


# -- stopping --


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stops_in_reverse_order(supervise: Callable[..., Running], number: signal.Signals) -> None:
    market = supervise(
        program("a", polite("a")),
        program("b", polite("b"), after=("a",)),
        program("c", polite("c"), after=("b",)),
    )
    market.wait_for_all("a started", "b started", "c started")
    market.kill(number)
    assert market.finish() == 0
    stopped = [line.rsplit("| ", 1)[1] for line in market.lines if line.endswith("stopping")]
    assert stopped == ["c stopping", "b stopping", "a stopping"]


def test_one_that_will_not_stop_is_killed_with_its_children(supervise: Callable[..., Running]) -> None:
    stubborn = PRELUDE + (
        "signal.signal(signal.SIGTERM, lambda *_: tell('no'))\n"
        "pid = os.fork()\n"
        "tell(f'child {pid}') if pid else None\n"
        "while True: signal.pause()"
    )
    market = supervise(program("mule", stubborn, stop_s=0.2))
    child = Witness(pid_in(market.wait_for("child")))
    market.kill(signal.SIGTERM)
    market.wait_for("no")
    market.wait_for("không chịu dừng, bị ngắt / would not stop, killed")
    assert market.finish() == 0
    assert child.saw_end(0)
    child.close()


def test_a_second_ctrl_c_kills_at_once(supervise: Callable[..., Running]) -> None:
    stubborn = PRELUDE + (
        "signal.signal(signal.SIGTERM, lambda *_: tell('no'))\ntell('up')\nwhile True: signal.pause()"
    )
    market = supervise(program("mule", stubborn, stop_s=3600))
    market.wait_for("up")
    market.kill(signal.SIGINT)
    market.wait_for("no")
    market.kill(signal.SIGINT)
    assert market.finish() == 0


# -- nothing left behind --

FAMILY = PRELUDE + (
    "pid = os.fork()\n"
    "if pid == 0:\n"
    "    if os.fork() == 0:\n"
    "        os.setsid()\n"  # leaves the group, as a daemon does
    "        tell(f'runaway {os.getpid()}')\n"
    "        signal.pause()\n"
    "    tell(f'grandchild {os.getpid()}')\n"
    "    signal.pause()\n"
    "tell(f'child {os.getpid()}')\n"
    "signal.pause()"
)


def family(market: Running) -> list[Witness]:
    """Handles on child, grandchild and runaway, who report in any order."""
    lines = [market.wait_for("family") for _ in range(3)]
    return [Witness(pid_in(line)) for line in lines]


def test_killing_the_supervisor_leaves_no_orphan(supervise: Callable[..., Running]) -> None:
    market = supervise(program("family", FAMILY))
    witnesses = family(market)
    assert len(witnesses) == 3
    market.kill(signal.SIGKILL)
    assert [witness.saw_end() for witness in witnesses] == [True, True, True]
    assert market.finish() == -signal.SIGKILL


def test_a_killed_guardian_is_replaced(supervise: Callable[..., Running]) -> None:
    market = supervise(program("family", FAMILY))
    witnesses = family(market)
    child = next(w.pid for w in witnesses if any(line.endswith(f"| child {w.pid}") for line in market.lines))
    guardian = next(pid for pid in children(market.pid) if pid != child)
    os.kill(guardian, signal.SIGKILL)
    until(lambda: set(children(market.pid)) - {child, guardian} != set(), "a new guardian")
    market.kill(signal.SIGKILL)
    assert [witness.saw_end() for witness in witnesses] == [True, True, True]


def test_stopping_takes_the_runaways_too(supervise: Callable[..., Running]) -> None:
    market = supervise(program("family", FAMILY))
    witnesses = family(market)
    market.kill(signal.SIGTERM)
    assert market.finish() == 0
    assert [witness.saw_end(0) for witness in witnesses] == [True, True, True]


def test_it_can_follow_its_parent(tmp_path: Path) -> None:
    inner = (
        "import sys\nfrom backend.project.supervisor import Log, Program, Supervisor, die_with_parent\n"
        "die_with_parent()\n"
        f"programs = [Program('a', [sys.executable, '-c', {SLEEPER!r}])]\n"
        "sys.exit(Supervisor(programs, log=Log(sys.stdout, path=None)).run())"
    )
    outer = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {inner!r}]).wait()"
    make = Running(python(outer))
    try:
        program_ = Witness(pid_in(make.wait_for("pid")))
        make.kill(signal.SIGKILL)
        assert program_.saw_end()
        program_.close()
    finally:
        make.close()


# -- one market per folder --


def test_a_second_market_over_the_same_folder_is_refused(tmp_path: Path) -> None:
    first = FolderLock(tmp_path / "market.lock")
    first.acquire()
    with pytest.raises(AlreadyRunning) as refused:
        FolderLock(tmp_path / "market.lock").acquire()
    assert refused.value.pid == os.getpid()
    first.release()
    second = FolderLock(tmp_path / "market.lock")
    second.acquire()
    second.release()


def test_after_a_kill_the_folder_is_free_as_soon_as_all_is_cleared_away(
    supervise: Callable[..., Running], tmp_path: Path
) -> None:
    market = supervise(
        program("family", FAMILY), before="lock = FolderLock(here / 'market.lock')\nlock.acquire()"
    )
    witnesses = family(market)
    with pytest.raises(AlreadyRunning):
        FolderLock(tmp_path / "market.lock").acquire()
    market.kill(signal.SIGKILL)
    market.process.wait()
    lock = FolderLock(tmp_path / "market.lock")
    lock.acquire()  # waits for the guardian, which holds the lock until nothing is left
    assert [witness.saw_end(0) for witness in witnesses] == [True, True, True]
    lock.release()
