"""Opening a market: every reason for which it cannot be opened is one clear sentence and no traceback."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pytest_django import Settings

from backend.project import run
from backend.project.supervisor import FolderLock
from devices.mqtt.accounts import accounts_path, check_secret, load_accounts
from devices.soundboxes.services import register_soundbox
from tests.services.ports import free_ports
from tests.tooling.processes import ROOT


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Settings of a market of its own: a new folder, three free ports."""
    return {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "DATA_DIR": str(tmp_path / "data"),
        "PORT": str(free_ports(3)),
        "DEMO": "1",
    }


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A program that has a port."""
    with socket.create_server(("127.0.0.1", free_ports(3))) as server:
        yield server


def refusal(environment: dict[str, str]) -> str:
    """What an attempt to open the market says before it gives up."""
    done = subprocess.run(
        [sys.executable, "-m", "backend.project.run"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "http", "PORT='http'"),
        ("PORT", "70000", "PORT='70000'"),
        ("DEMO", "yes", "DEMO='yes'"),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL="),
    ],
)
def test_a_bad_setting(environment: dict[str, str], name: str, value: str, says: str) -> None:
    assert says in refusal({**environment, name: value})


@pytest.mark.pure
@pytest.mark.parametrize(
    ("setting", "what"), [("PORT", "web"), ("MQTT_PORT", "MQTT"), ("DEMO_BANK_PORT", "demo bank")]
)
def test_a_taken_port(environment: dict[str, str], listener: socket.socket, setting: str, what: str) -> None:
    port = listener.getsockname()[1]
    said = refusal({**environment, setting: str(port)})
    assert said.startswith(f"Cổng {port} ")
    assert f"Port {port} ({what}) cannot be used (Address already in use); set another {setting}." in said


@pytest.mark.pure
def test_a_folder_in_use(environment: dict[str, str]) -> None:
    lock = FolderLock(Path(environment["DATA_DIR"]) / "market.lock")
    lock.acquire()
    said = refusal(environment)
    lock.release()
    assert f"(tiến trình {os.getpid()})" in said
    assert f"(process {os.getpid()})" in said


@pytest.mark.pure
def test_a_folder_that_cannot_be_written(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = refusal({**environment, "DATA_DIR": str(tmp_path / "file" / "data"), "SECRET_KEY": "x"})
    assert said.startswith("Không ghi được vào thư mục dữ liệu")


@pytest.mark.pure
def test_a_database_that_does_not_answer(environment: dict[str, str]) -> None:
    port = free_ports(1)
    said = refusal({**environment, "DATABASE_URL": f"postgres://u:secret@127.0.0.1:{port}/m"})
    assert said.startswith("Không dùng được cơ sở dữ liệu (DATABASE_URL): ")
    assert "secret" not in said


@pytest.mark.pure
def test_a_file_that_is_no_database(environment: dict[str, str]) -> None:
    folder = Path(environment["DATA_DIR"])
    folder.mkdir()
    (folder / "market.sqlite3").write_bytes(b"Not a database at all. " * 100)
    assert refusal(environment).startswith("Không dùng được cơ sở dữ liệu (DATABASE_URL): ")


@pytest.mark.pure
def test_demo_programs_only_run_with_demo(settings: Settings) -> None:
    settings.DEMO = True
    with_demo = {program.name for program in run.programs()}
    settings.DEMO = False
    without = {program.name for program in run.programs()}
    assert with_demo == {"broker", "web", "worker", "gateway", "bank", "soundbox"}
    assert without == {"broker", "web", "worker", "gateway"}


@pytest.mark.pure
def test_a_broker_elsewhere_is_not_started_here(settings: Settings) -> None:
    settings.MQTT_HOST = "mqtt.example.vn"
    found = {program.name: program for program in run.programs()}
    assert "broker" not in found
    assert found["gateway"].after == ()
    assert [door.setting for door in run.doors()] == ["PORT", "DEMO_BANK_PORT"]


@pytest.mark.pure
def test_static_files_are_collected_only_when_they_changed(settings: Settings, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("a{}")
    settings.STATICFILES_DIRS = [source]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.DATA_DIR = tmp_path
    run.collect_static_when_changed()
    collected = tmp_path / "static" / "staticfiles.json"
    first = collected.stat().st_mtime_ns
    run.collect_static_when_changed()
    assert collected.stat().st_mtime_ns == first
    (source / "a.css").write_text("b{}")
    run.collect_static_when_changed()
    assert collected.stat().st_mtime_ns != first
    assert [path.read_text() for path in (tmp_path / "static").glob("a.*.css")] == ["b{}"]


@pytest.mark.django_db
def test_the_broker_knows_the_sound_boxes_before_it_starts(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    box = register_soundbox(
        device="loa-a12", owner="stall:1", xa="vi-tan", cho="cho-vi-tan", label="A12", actor="test"
    )
    run.introduce_devices()
    known = load_accounts(accounts_path(tmp_path))
    assert list(known) == ["loa-a12"]
    assert check_secret(box.secret, known["loa-a12"].secret_hash)


@pytest.fixture
def prepared(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project and a database that were prepared; returns their folder."""
    data = tmp_path / "data"
    (tmp_path / "backend" / "common").mkdir(parents=True)
    (tmp_path / "backend" / "common" / "models.py").write_text("x = 1")
    (data / "demo").mkdir(parents=True)
    (data / "demo" / "bank.json").write_text("{}")
    with closing(sqlite3.connect(data / "market.sqlite3")) as database:
        database.execute("CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT)")
        database.execute("INSERT INTO django_migrations (app, name) VALUES ('common', '0001')")
        database.commit()
    monkeypatch.setattr(run, "ROOT", tmp_path)
    settings.DATA_DIR = data
    settings.STATIC_ROOT = data / "static"
    monkeypatch.setitem(
        settings.DATABASES,
        "default",
        {"ENGINE": "backend.common.sqlite", "NAME": str(data / "market.sqlite3")},
    )
    run.remember_prepared()
    return tmp_path


def execute(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "data" / "market.sqlite3")) as database:
        database.execute(statement)
        database.commit()


@pytest.mark.pure
def test_a_market_as_it_was_left_is_opened_without_looking_again(prepared: Path) -> None:
    assert run.is_prepared()
    execute(prepared, "CREATE TEMP TABLE x (y)")
    (prepared / "backend" / "common" / "models.pyc").touch()
    assert run.is_prepared()


@pytest.mark.pure
@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "backend" / "common" / "models.py").write_text("x = 22"),
        lambda folder: (folder / "backend" / "new.html").touch(),
        lambda folder: (folder / "data" / "demo" / "bank.json").unlink(),
        lambda folder: (folder / "data" / "filling").touch(),
        lambda folder: (folder / "data" / "prepared").unlink(),
        lambda folder: (folder / "data" / "market.sqlite3").unlink(),
        lambda folder: execute(folder, "CREATE TABLE another (x)"),
        lambda folder: execute(folder, "DELETE FROM django_migrations"),
        lambda folder: execute(folder, "INSERT INTO django_migrations (app, name) VALUES ('sales', '0001')"),
    ],
)
def test_any_change_makes_it_look_again(prepared: Path, change: Callable[[Path], object]) -> None:
    change(prepared)
    assert not run.is_prepared()


@pytest.mark.pure
@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", 9000), ("DEMO", False), ("SECRET_KEY", "another"), ("MQTT_HOST", "elsewhere")],
)
def test_another_setting_makes_it_look_again(
    prepared: Path, settings: Settings, name: str, value: object
) -> None:
    setattr(settings, name, value)
    assert not run.is_prepared()


@pytest.mark.pure
def test_a_server_s_database_is_always_looked_at(
    prepared: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = {"ENGINE": "django.db.backends.postgresql", "NAME": "market"}
    monkeypatch.setitem(settings.DATABASES, "default", elsewhere)
    run.remember_prepared()
    assert not run.is_prepared()
