"""What the tests need from the machine: installed where that is allowed, named where it is not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest

from tests.services.postgresql import PostgresServer, find_programs
from tests.tooling.processes import Running, Witness, python, until
from tools import machine
from tools.machine import Need

pytestmark = pytest.mark.pure


class Shell:
    """Stands in for subprocess.run and for what it changes on the machine."""

    def __init__(self, *, works: bool) -> None:
        self.works = works
        self.installed: set[str] = set()
        self.commands: list[list[str]] = []

    def run(self, command: list[str], **_fields: object) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        if self.works and "install" in command:
            self.installed.update(command)
        return subprocess.CompletedProcess(command, 0 if self.works else 100, stdout="E: no network")


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A machine with apt-get, where nothing that the tests need is installed; we are root there."""
    stand_in = Shell(works=True)
    needs = (
        Need("songs", lambda: "espeak-ng" in stand_in.installed, "espeak-ng"),
        Need("pages", lambda: "chromium" in stand_in.installed, "chromium"),
    )
    monkeypatch.setattr(machine, "NEEDS", needs)
    monkeypatch.setattr(subprocess, "run", stand_in.run)
    monkeypatch.setattr(shutil, "which", lambda name, **_fields: f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.delenv("STRICT", raising=False)
    return stand_in


def test_root_installs_what_is_missing_and_says_so(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.installed.add("chromium")
    assert machine.main() == 0
    assert [command[:3] for command in shell.commands] == [
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "install"],
    ]
    assert shell.commands[1][-1] == "espeak-ng"
    assert "chromium" not in shell.commands[1]
    assert capsys.readouterr().out == "Cài các gói Debian / installing Debian packages: espeak-ng\n"


def test_nothing_is_done_when_nothing_is_missing(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.installed |= {"chromium", "espeak-ng"}
    assert machine.main() == 0
    assert shell.commands == []
    assert capsys.readouterr().out == ""


def test_others_are_told_what_will_be_skipped(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert machine.main() == 0
    assert shell.commands == []
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "Thiếu / missing: espeak-ng -> songs skipped",
        "Thiếu / missing: chromium -> pages skipped",
        "  sudo apt-get install --no-install-recommends espeak-ng chromium",
    ]


@pytest.mark.parametrize("root", [True, False])
def test_strict_accepts_nothing_missing(shell: Shell, monkeypatch: pytest.MonkeyPatch, root: bool) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    monkeypatch.setenv("STRICT", "1")
    shell.works = False
    assert machine.main() == 1


def test_a_failed_installation_shows_why(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.works = False
    assert [need.package for need in machine.prepare()] == ["espeak-ng", "chromium"]
    assert "E: no network" in capsys.readouterr().out


@pytest.fixture
def programs() -> Path:
    found = find_programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    return found


def test_a_server_of_its_own_is_there_and_gone(programs: Path) -> None:
    with PostgresServer(programs) as server:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT 6 * 7").fetchone() == (42,)
            row = connection.execute("SHOW data_directory").fetchone()
        assert row is not None
        folder = Path(row[0]).parent
        assert folder.is_dir()
    assert not folder.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url)


def test_a_server_dies_with_the_tests_that_started_it(programs: Path) -> None:
    source = (
        "import signal\nfrom pathlib import Path\n"
        "from tests.services.postgresql import PostgresServer\n"
        f"with PostgresServer(Path({str(programs)!r})) as server:\n"
        "    print('up', server._process.pid, server._folder, flush=True)\n"
        "    signal.pause()\n"
    )
    tests = Running(python(source))
    try:
        _up, pid, folder = tests.wait_for("up").split()
        server = Witness(int(pid))
        tests.kill(signal.SIGKILL)
        assert server.saw_end()
        server.close()
        until(lambda: not list(Path(folder).glob("data/postmaster.pid")), "the server has cleared up")
        shutil.rmtree(folder)
    finally:
        tests.close()
