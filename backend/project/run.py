"""`make run`: opens the market with one command.

1. Settings are read; a bad one, a taken port or a folder in use ends the start with one sentence.
2. The database is brought up to date, but only when something is missing: looking is cheap.
3. An empty market is filled: with demo goods (DEMO=1), or by a dialogue with who opens it (DEMO=0); the broker's list of
   sound boxes is written.
4. Static files are collected when they have changed since the last start.
5. This process, Django and all, becomes the slim supervisor (exec), which starts the programs.

All of 1-4 happen in one process, because loading Django costs a second each time.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import socket
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from backend.project.supervisor import (
    AlreadyRunning,
    FolderLock,
    Plan,
    Program,
    become_supervisor,
    die_with_parent,
)

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("backend", "payments", "devices", "integrations", "storefront")
LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


class CannotOpen(Exception):
    """The market cannot be opened; the text is one sentence for the person who tried."""


@dataclass(frozen=True)
class Door:
    """A port that the market will listen on."""

    host: str
    port: int
    what_vi: str
    what_en: str
    setting: str


def main(arguments: list[str]) -> int:
    """Opens the market; returns only when it cannot (1) or was interrupted (130)."""
    parser = argparse.ArgumentParser(prog="python -m backend.project.run", description=__doc__)
    parser.add_argument("--follow", action="store_true", help="stop when the program that started us ends")
    options = parser.parse_args(arguments)
    if options.follow:
        die_with_parent()
    try:
        lock, plan = prepare()
        become_supervisor(plan, lock)
    except CannotOpen as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def prepare() -> tuple[FolderLock, Plan]:
    """Steps 1-4. Raises CannotOpen, or SystemExit with one sentence for a bad setting."""
    # The programs inherit it.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.project.settings")
    try:
        from django.conf import settings

        data_dir: Path = settings.DATA_DIR
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = FolderLock(data_dir / "market.lock")
        lock.acquire()
    except AlreadyRunning as error:
        pid = error.pid or "?"
        raise CannotOpen(
            f"Thư mục dữ liệu này đang có một chợ khác chạy (tiến trình {pid}): dừng chợ ấy, "
            f"hoặc đặt DATA_DIR khác. / Another market is running on this data folder (process {pid})."
        ) from None
    except OSError as error:
        raise CannotOpen(
            f"Không ghi được vào thư mục dữ liệu {error.filename or ''}: {error.strerror}. / "
            "The data folder cannot be written: set DATA_DIR to another one."
        ) from None
    for door in doors():
        check_free(door)

    if not is_prepared():
        import django

        django.setup()
        update_database()
        fill_when_empty()
        introduce_devices()
        collect_static_when_changed()
        remember_prepared()
    return lock, Plan(programs=programs(), log=settings.DATA_DIR / "log" / "market.log", welcome=welcome())


def is_prepared() -> bool:
    """Whether steps 2-4 would find nothing to do, known without loading Django, which takes a second.

    Only sure knowledge counts: the same code, the same settings, and an SQLite database of the same schema with the
    same migrations as when all was last looked at. With any other database, or a doubt, the answer is no.
    """
    from django.conf import settings

    stamp: Path = settings.DATA_DIR / "prepared"
    now = preparation()
    return now is not None and stamp.exists() and stamp.read_text() == now


def remember_prepared() -> None:
    """Writes down what `is_prepared` compares at the next start."""
    from django.conf import settings

    now = preparation()
    stamp: Path = settings.DATA_DIR / "prepared"
    if now is None:
        stamp.unlink(missing_ok=True)
    else:
        stamp.write_text(now)


def preparation() -> str | None:
    """A fingerprint of everything that steps 2-4 depend on; None when that cannot be told."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if "sqlite" not in database["ENGINE"] or (settings.DATA_DIR / "filling").exists():
        return None
    path = Path(database["NAME"])
    digest = hashlib.sha256()

    def add(*words: object) -> None:
        digest.update(repr(words).encode())

    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as reader:
            add(path, path.stat().st_ino, reader.execute("PRAGMA schema_version").fetchone())
            add(reader.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall())
    except (OSError, sqlite3.Error):
        return None
    for name in (
        "PORT",
        "DEMO",
        "PUBLIC_URL",
        "MQTT_HOST",
        "MQTT_PORT",
        "DEMO_BANK_PORT",
        "SECRET_KEY",
        "STATIC_ROOT",
    ):
        add(name, getattr(settings, name))
    code = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix != ".pyc"]
    written = [settings.DATA_DIR / "demo" / name for name in ("bank.json", "soundboxes.json", "welcome.txt")]
    written.append(Path(settings.STATIC_ROOT) / "staticfiles.json")
    for path in sorted([*code, *written, ROOT / "requirements" / "run.txt"]):
        if path.is_file():
            about = path.stat()
            add(path, about.st_size, about.st_mtime_ns)
    return digest.hexdigest()


# -- 1: ports --


def doors() -> list[Door]:
    """The ports that this start needs."""
    from django.conf import settings

    found = [Door(settings.BIND, settings.PORT, "trang chợ", "web", "PORT")]
    if settings.MQTT_HOST in LOCAL_HOSTS:
        found.append(Door("127.0.0.1", settings.MQTT_PORT, "MQTT", "MQTT", "MQTT_PORT"))
    if settings.DEMO:
        found.append(
            Door("127.0.0.1", settings.DEMO_BANK_PORT, "ngân hàng thử", "demo bank", "DEMO_BANK_PORT")
        )
    return found


def check_free(door: Door) -> None:
    """Raises CannotOpen when another program listens there, or we may not."""
    family = socket.AF_INET6 if ":" in door.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((door.host, door.port))
        except OSError as error:
            raise CannotOpen(
                f"Cổng {door.port} ({door.what_vi}) đang bị chiếm hoặc không được phép dùng: "
                f"đặt {door.setting} khác, ví dụ PORT=8010 make run. / "
                f"Port {door.port} ({door.what_en}) cannot be used ({error.strerror}); "
                f"set another {door.setting}."
            ) from None


# -- 2 and 3: the database --


def update_database() -> None:
    """Applies the migrations that are missing. Raises CannotOpen when the database does not answer."""
    from django.core.management import call_command
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            print("Chuẩn bị cơ sở dữ liệu… / Preparing the database…", flush=True)
            call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        raise CannotOpen(
            f"Không dùng được cơ sở dữ liệu (DATABASE_URL): {reason} / The database cannot be used."
        ) from None


def fill_when_empty() -> None:
    """Demo goods, or the dialogue of a first opening, when nobody is known yet.

    A mark in the data folder stands while it runs, so that a filling that was cut short is taken up again.
    Raises CannotOpen for a demo's folder with DEMO=0: its passwords are known to everybody.
    """
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.core.management import CommandError, call_command

    from backend.project.demo.seeds import is_demo, tell_programs

    mark: Path = settings.DATA_DIR / "filling"
    if not settings.DEMO and is_demo():
        raise CannotOpen(
            "Thư mục dữ liệu này là chợ thử, mật khẩu ai cũng biết: đặt DATA_DIR khác để mở chợ thật. / "
            "This data folder holds the demo, whose passwords everybody knows: set another DATA_DIR."
        )
    # open_market makes everything in one transaction; only the demo's goods can be cut short.
    if get_user_model().objects.exists() and not (settings.DEMO and mark.exists()):
        tell_programs()  # PORT may be another one than the last time
        return
    mark.touch()
    try:
        if settings.DEMO:
            print("Bày hàng mẫu cho chợ… / Filling the market with demo goods…", flush=True)
            call_command("seed_demo")
        else:
            call_command("open_market")
    except CommandError as error:
        raise CannotOpen(str(error)) from None
    mark.unlink()


def introduce_devices() -> None:
    """Writes down for the broker which sound boxes may connect, before it starts.

    The gateway keeps that file, but starts after the broker: at a first start every box would be refused, and complain,
    until it has looked.
    """
    from django.conf import settings

    from devices.mqtt.accounts import accounts_path, save_accounts
    from devices.soundboxes.queries import accounts_and_settings

    save_accounts(accounts_path(settings.DATA_DIR), [account for account, _ in accounts_and_settings()])


# -- 4: static files --


def collect_static_when_changed() -> None:
    """Collects, fingerprints and compresses static files, unless the sources are those of the last time."""
    from django.conf import settings
    from django.core.management import call_command

    stamp: Path = settings.DATA_DIR / "static.stamp"
    wanted = static_fingerprint()
    if stamp.exists() and stamp.read_text() == wanted and Path(settings.STATIC_ROOT).is_dir():
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(wanted)


def static_fingerprint() -> str:
    """A hash over names and contents of all static files and over the packages that treat them."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256((ROOT / "requirements" / "run.txt").read_bytes())
    for finder in get_finders():
        for name, storage in finder.list([]):
            digest.update(name.encode() + b"\0")
            digest.update(Path(storage.path(name)).read_bytes())
    return digest.hexdigest()


# -- 5: the programs --


def programs() -> list[Program]:
    """What runs, in the order in which each needs what comes before it."""
    from django.conf import settings

    python = sys.executable
    # Settled here once, so that every program, Django or not, sees the same values.
    env = {
        "PORT": str(settings.PORT),
        "DATA_DIR": str(settings.DATA_DIR),
        "DEMO": "1" if settings.DEMO else "0",
        "PUBLIC_URL": settings.PUBLIC_URL,
        "MQTT_HOST": settings.MQTT_HOST,
        "MQTT_PORT": str(settings.MQTT_PORT),
        "DEMO_BANK_PORT": str(settings.DEMO_BANK_PORT),
        # glibc would keep an arena of its own for each of many threads; two were measured to save 25 MB.
        "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"),
    }
    mqtt = (settings.MQTT_HOST, settings.MQTT_PORT)
    found: list[Program] = []
    own_broker = settings.MQTT_HOST in LOCAL_HOSTS
    if own_broker:
        found.append(Program("broker", [python, "-m", "devices.mqtt.broker"], env=env, ready_tcp=mqtt))
    found += [
        Program(
            "web",
            [
                *(python, "-m", "gunicorn", "backend.project.wsgi:application"),
                *("--config", "python:backend.project.web_server"),
            ],
            env=env,
            ready_http=f"http://127.0.0.1:{settings.PORT}/health/",
        ),
        Program("worker", [python, "-m", "backend.project.worker"], env=env, stop_s=10),
        Program(
            "gateway",
            [python, "manage.py", "mqtt_gateway"],
            env={**env, "DJANGO_SETTINGS_MODULE": "backend.project.gateway_settings"},
            after=("broker",) if own_broker else (),
        ),
    ]
    if settings.DEMO:
        found += [
            Program(
                "bank",
                [python, "-m", "payments.demobank"],
                env=env,
                after=("web",),
                ready_tcp=("127.0.0.1", settings.DEMO_BANK_PORT),
            ),
            Program(
                "soundbox",
                [python, "-m", "devices.simulators.soundbox"],
                env=env,
                after=("gateway",),
            ),
        ]
    return found


def welcome() -> str:
    """What the person at the terminal reads when the market is open."""
    from django.conf import settings

    lines = [f"Chợ đã mở / The market is open: {settings.PUBLIC_URL}"]
    local = f"http://127.0.0.1:{settings.PORT}"
    if urlsplit(settings.PUBLIC_URL).hostname not in LOCAL_HOSTS:
        lines.append(f"Trên máy này / on this machine: {local}")
    if settings.DEMO:
        lines.append(f"Ngân hàng thử / demo bank: http://127.0.0.1:{settings.DEMO_BANK_PORT}")
        # Who may sign in is known to those who filled the market.
        logins: Path = settings.DATA_DIR / "demo" / "welcome.txt"
        if logins.exists():
            lines += logins.read_text(encoding="utf-8").splitlines()
    elif settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        lines += [
            f"Thư của chợ chỉ được ghi vào {settings.EMAIL_FILE_PATH}, không đến tay ai: đặt EMAIL_URL.",
            "Mails are only written to that folder and reach nobody: set EMAIL_URL (docs/settings.md).",
        ]
    lines.append("Dừng chợ: Ctrl-C / stop with Ctrl-C.")
    width = max(len(line) for line in lines)
    rule = "─" * (width + 2)
    return "\n".join(["", rule, *(f" {line}" for line in lines), rule, "", ""])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
