"""The Dockerfile: stages, sources, user, and health commands that are tried on what runs here."""

from __future__ import annotations

import fnmatch
import http.server
import os
import re
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.project import healthcheck
from backend.project.worker import show_life
from devices.mqtt.accounts import gateway_alive_path
from tests.deploy.reading import read_dockerfile
from tests.tooling.processes import ROOT

pytestmark = pytest.mark.pure

STAGES = read_dockerfile()


def test_what_builds_stays_behind() -> None:
    assert list(STAGES) == ["packages", "broker", "market"]
    assert {stage.base for stage in STAGES.values()} == {"python:3.13.7-slim-bookworm"}
    assert [origin for origin, _ in STAGES["market"].copies() if origin] == ["packages"]
    for name in ("broker", "market"):
        words = " ".join(STAGES[name].all("RUN"))
        assert not re.search(r"\b(pip|gcc|build-essential|curl|git)\b", words), name


def test_only_locked_packages_are_installed() -> None:
    (install,) = STAGES["packages"].all("RUN")
    assert "--require-hashes -r requirements/run.txt" in install


def test_what_is_copied_is_there_and_reaches_the_builder() -> None:
    sent = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    allowed = [line.removeprefix("!") for line in sent]
    sources = {
        source
        for stage in STAGES.values()
        for origin, all_ in stage.copies()
        if not origin
        for source in all_
    }
    for source in sources:
        assert (ROOT / source).exists(), source
        assert any(fnmatch.fnmatch(source, each) for each in allowed), source
    assert set(allowed) == sources
    assert {"backend", "payments", "devices", "integrations", "storefront", "manage.py"} <= sources


@pytest.mark.parametrize("name", ["broker", "market"])
def test_what_runs_is_not_root(name: str) -> None:
    stage = STAGES[name]
    assert stage.all("USER") == ["10001:10001"]
    order = [instruction for instruction, _ in stage.instructions]
    assert order.index("USER") > max(place for place, each in enumerate(order) if each in {"RUN", "COPY"})
    made = " ".join(stage.all("RUN"))
    assert "useradd --uid 10001" in made
    assert "install --directory --owner market --group market --mode 0700 /data /data/mqtt" in made


def test_the_image_of_the_market_starts_the_web_server_and_asks_it() -> None:
    assert STAGES["market"].command("CMD") == shlex.split(
        "gunicorn backend.project.wsgi:application --config python:backend.project.web_server"
    )
    assert STAGES["market"].command("HEALTHCHECK") == shlex.split("python -m backend.project.healthcheck web")


def test_the_broker_needs_no_packages() -> None:
    """Its image has none: -S leaves out this environment's."""
    (copied,) = STAGES["broker"].copies()
    assert copied == ("", ["devices"])
    command = STAGES["broker"].command("HEALTHCHECK")
    assert command == shlex.split("python -m devices.mqtt.broker --check")
    done = subprocess.run(
        [sys.executable, "-S", *command[1:], "--port", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Máy chủ MQTT không trả lời: ")


class Answer(http.server.BaseHTTPRequestHandler):
    """Stands for the web server: /health/ answers with the status that the test wants."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/health/" else 404)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def health(*arguments: str, **environment: str) -> tuple[int, str]:
    """The health command of the image, with this Python."""
    command = STAGES["market"].command("HEALTHCHECK")
    done = subprocess.run(
        [sys.executable, *command[1:-1], *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr.strip()


def test_the_web_server_s_health(web: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert health("web", PORT=str(web)) == (0, "")
    monkeypatch.setattr(Answer, "status", 500)
    assert health("web", PORT=str(web)) == (1, f"/health/ on port {web}: HTTP 500")


def test_no_web_server() -> None:
    status, said = health("web", PORT="1")
    assert status == 1
    assert said.startswith("/health/ on port 1: ")


def test_a_worker_is_well_while_its_tasks_end(tmp_path: Path) -> None:
    from celery.signals import task_success

    assert health("worker", DATA_DIR=str(tmp_path)) == (1, f"{tmp_path}/worker.alive: no sign of life yet")
    before = list(task_success.receivers)
    try:
        show_life(tmp_path)
        task_success.send(sender=None, result=None)
    finally:
        task_success.receivers = before
    assert health("worker", DATA_DIR=str(tmp_path)) == (0, "")
    long_ago = time.time() - healthcheck.WORKER_MAY_BE_QUIET_S - 70
    os.utime(tmp_path / "worker.alive", (long_ago, long_ago))
    assert health("worker", DATA_DIR=str(tmp_path)) == (
        1,
        f"{tmp_path}/worker.alive: no sign of life for 400 s",
    )


def test_a_gateway_is_well_while_it_has_database_and_broker(tmp_path: Path) -> None:
    path = gateway_alive_path(tmp_path)
    assert health("gateway", DATA_DIR=str(tmp_path))[0] == 1
    path.parent.mkdir()
    path.touch()
    assert health("gateway", DATA_DIR=str(tmp_path)) == (0, "")
    long_ago = time.time() - healthcheck.GATEWAY_MAY_BE_QUIET_S - 70
    os.utime(path, (long_ago, long_ago))
    assert health("gateway", DATA_DIR=str(tmp_path)) == (1, f"{path}: no sign of life for 100 s")


def test_an_unknown_program_has_no_health() -> None:
    assert health("kitchen") == (1, "usage: python -m backend.project.healthcheck web|worker|gateway")


def test_health_is_asked_without_loading_django() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import backend.project.healthcheck, sys; print('django' in sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
