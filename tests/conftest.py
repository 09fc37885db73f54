"""How every test run is set up: its own folder and database, no network, no silent skip under STRICT=1."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from zlib import crc32

import django
import pytest
from django.conf import settings
from pytest_django import DjangoDbBlocker

# --- before Django reads its settings ---

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
# Set by tools/run_tests.py: one entry per worker; "" is SQLite.
_DATABASES: list[str] = json.loads(os.environ.get("TEST_DATABASES", "[]")) if _WORKER else []
_TURN = int(_WORKER.removeprefix("gw")) if _WORKER else 0


def _set_up_environment() -> None:
    """Settings come from the environment, so a developer's own must not reach the tests; DATABASE_URL may."""
    folder = tempfile.mkdtemp(prefix="choxa-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.mkdir(os.path.join(folder, "static"))  # whitenoise warns at every request when it is missing
    for name in (
        "PORT",
        "PUBLIC_URL",
        "ALLOWED_HOSTS",
        "MQTT_PORT",
        "DEMO_BANK_PORT",
        "EMAIL_URL",
        "SALEOR_APIS",
        "CELERY_BROKER_URL",
    ):
        os.environ.pop(name, None)
    # The suite starts programs hundreds of times: where nobody may keep compiled modules, each start would compile
    # Django and the market anew, which takes longer than what the test asks.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    os.environ |= {"DATA_DIR": folder, "DEMO": "1", "SECRET_KEY": "only-for-tests-" + "x" * 40}
    if _DATABASES:
        os.environ["DATABASE_URL"] = _DATABASES[_TURN]


# Not in pyproject.toml, and gone from the environment before xdist's workers inherit it: pytest-django would
# read the settings before the line below has run.
_set_up_environment()
os.environ["DJANGO_SETTINGS_MODULE"] = "backend.project.settings"
django.setup()
del os.environ["DJANGO_SETTINGS_MODULE"]
# Hashing a password takes a third of a second, on purpose; tests do it a thousand times. Programs that a test starts
# hash as the market does, and what they hashed can be checked here.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]

STRICT = os.environ.get("STRICT") == "1"

# The whole market as a fixture. Imported here, after Django has its settings.
pytest_plugins = ["tests.services.market"]


def database_name() -> str:
    """What the tests of this process work on."""
    return "postgresql" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "sqlite"


def pytest_report_header() -> str:
    return f"database: {'sqlite, postgresql' if 'TEST_DATABASES' in os.environ else database_name()}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Shares out what need not run on every database, so that all have the same to do.

    A test that knows no database (`pure`) runs once. Of a parameter that has nothing to do with the database
    (`alternate`), each database gets every other value; TEST_EVERYTHING=1 gives each all of them.
    """
    if not _DATABASES:
        return
    elsewhere = [item for item in items if _turn_of(item) not in (None, _TURN)]
    left_out = set(elsewhere)
    items[:] = [item for item in items if item not in left_out]
    if _TURN % 2:
        # pytest-django puts what asks the database in this process first. The others wait for browsers and programs
        # a good deal: one worker begins with them, so that they never do so together.
        items.sort(key=_asks_database)
    config.hook.pytest_deselected(items=elsewhere)


def _asks_database(item: pytest.Item) -> bool:
    fixtures: Sequence[str] = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or bool(
        {"db", "transactional_db"} & set(fixtures)
    )


def _turn_of(item: pytest.Item) -> int | None:
    """Whose turn a test is; None: everybody's."""
    if item.get_closest_marker("pure"):
        return crc32(item.nodeid.encode()) % len(_DATABASES)
    marker = item.get_closest_marker("alternate")
    if marker is None or os.environ.get("TEST_EVERYTHING") == "1":
        return None
    callspec = getattr(item, "callspec", None)
    if callspec is None or marker.args[0] not in callspec.indices:
        return None
    index: int = callspec.indices[marker.args[0]]
    # 0 1 1 0 0 1 …: where values come in pairs (on a phone, at a desk), nobody gets only first or second ones.
    return (index + index // 2) % len(_DATABASES)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Says on which database a test failed; under STRICT=1 turns a skip into a failure."""
    report = yield
    if STRICT and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"STRICT=1 forbids skipping {item.nodeid}: {_reason(report)}"
    if report.failed:
        report.sections.append(("database", database_name()))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says whether Saleor's own schema was there to be held against: its checks are not collected without it."""
    from tests.api import saleor_documents

    passed: list[pytest.TestReport] = terminalreporter.stats.get("passed", [])
    ran = Counter(each.nodeid.partition("::")[0] for each in passed if "saleor_sdl" in each.keywords)
    line = saleor_documents.closing_line(ran)
    if line:
        terminalreporter.write_line(line)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if STRICT and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"STRICT=1 forbids skipping {report.nodeid}: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])
    return str(getattr(report, "wasxfail", report.longrepr))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database, with a quick way of emptying it."""
    from tests.services.emptying import Emptier

    emptier = Emptier()
    emptier.put_in(django_db_blocker)
    yield
    emptier.take_out()


@pytest.fixture
def new_database(tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes empty databases, of the kind that this process works on, for programs that a test starts itself.

    Each call returns a DATABASE_URL.
    """
    from tests.services import databases

    with databases.Maker(os.environ.get("DATABASE_URL", ""), tmp_path) as maker:
        yield maker.make


@pytest.fixture
def need_program() -> Callable[[str], str]:
    """Finds a program of the machine, such as `chromium`; the test is skipped by that name when missing."""

    def find(name: str) -> str:
        path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if path is None:
            pytest.skip(f"{name} is not installed (apt-get install {name})")
        return path

    return find
