"""The programs of a market, started so that each can be killed at any instant and is there again at once."""

from __future__ import annotations

import http.client
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backend.project.run import programs
from backend.project.supervisor import Program, die_with_parent
from tests.services.ports import free_ports
from tests.tooling.processes import ROOT, children

# Five thousand payments are prepared in some two minutes on a busy machine.
WORLD_WITHIN_S = 900
OPEN_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Site:
    """Where a market of a test's own lives."""

    data_dir: Path
    database_url: str
    port: int

    @property
    def env(self) -> dict[str, str]:
        """What its programs are told by the environment."""
        return {
            "DATA_DIR": str(self.data_dir),
            "DATABASE_URL": self.database_url,
            "PORT": str(self.port),
            "DEMO_BANK_PORT": str(self.port + 1),
            "MQTT_PORT": str(self.port + 2),
            "DEMO": "1",
            "SWEEP_S": "1",
        }


def new_site(data_dir: Path, database_url: str) -> Site:
    """A place with free ports. Its broker's port stays closed: announcements wait in the database."""
    data_dir.mkdir(parents=True, exist_ok=True)
    return Site(data_dir, database_url, free_ports(3))


def programs_of(site: Site, settings: Any, names: Sequence[str]) -> list[Program]:
    """The very programs that `make run` starts, for this site. `settings` is pytest-django's fixture."""
    settings.PORT, settings.BIND = site.port, "127.0.0.1"
    settings.DATA_DIR, settings.DEMO = site.data_dir, True
    settings.PUBLIC_URL = f"http://127.0.0.1:{site.port}"
    settings.MQTT_HOST, settings.MQTT_PORT = "127.0.0.1", site.port + 2
    settings.DEMO_BANK_PORT = site.port + 1
    settings.WEB_PROCESSES, settings.WEB_THREADS = 2, 16
    found = {program.name: program for program in programs()}
    return [replace(found[name], env={**found[name].env, **site.env}) for name in names]


def run_world(site: Site, *arguments: str) -> str:
    """`python -m tests.faults.world …` over this site; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.world", *arguments],
        cwd=ROOT,
        env={**os.environ, **site.env},
        capture_output=True,
        text=True,
        timeout=WORLD_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Part:
    """One program; `kill` is kill -9 of all of it, and it runs again when that returns."""

    def __init__(self, program: Program, log: Path) -> None:
        self.name = program.name
        self.kills = 0
        self._program = program
        self._log = log
        self._process = self._start()

    def kill(self) -> None:
        """Ends the whole program at once, children and all, and starts it anew."""
        self.kills += 1
        self._end()
        self._process = self._start()

    def kill_child(self, number: int) -> bool:
        """Ends one of its children at once (a web process, which its master replaces); False when it has none."""
        living = sorted(children(self._process.pid))
        if not living:
            return False
        with suppress(ProcessLookupError):
            os.kill(living[number % len(living)], signal.SIGKILL)
        self.kills += 1
        return True

    def close(self) -> None:
        """Ends it for good."""
        self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as output:
            return subprocess.Popen(
                list(self._program.argv),
                env={**_without_settings(os.environ), "PYTHONUNBUFFERED": "1", **self._program.env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGKILL),
            )

    def _end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(20)


class Market:
    """Several parts over one site; they end with the block."""

    def __init__(self, site: Site, found: Sequence[Program]) -> None:
        self.site = site
        self._programs = found
        self.parts: dict[str, Part] = {}

    def __enter__(self) -> Market:
        for program in self._programs:
            self.parts[program.name] = Part(program, self.site.data_dir / f"{program.name}.log")
        deadline = time.monotonic() + OPEN_WITHIN_S
        while not self.answers():
            assert time.monotonic() < deadline, self.said()
        return self

    def __exit__(self, *_about: object) -> None:
        for part in self.parts.values():
            part.close()

    def answers(self) -> bool:
        """Whether the web server serves pages now."""
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=5)
        try:
            connection.request("GET", "/health/")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            select.select([], [], [], 0.02)
            return False
        finally:
            connection.close()

    def said(self) -> str:
        """The end of what its programs have said, for the message of a failed test."""
        tails = []
        for program in self._programs:
            text = (self.site.data_dir / f"{program.name}.log").read_text(errors="replace")
            tails.append(f"--- {program.name}\n{text[-3000:]}")
        return "\n".join(tails)


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The test's own DJANGO_SETTINGS_MODULE and SECRET_KEY are kept; its folder and database are not."""
    return {name: value for name, value in environment.items() if name not in ("DATA_DIR", "DATABASE_URL")}
