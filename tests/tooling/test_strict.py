"""STRICT=1 lets nothing be skipped in silence, and a pure test runs on the first database only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api import saleor_documents
from tests.tooling.processes import ROOT

pytestmark = pytest.mark.pure

SUITE = """
import os
import pytest

def test_passes(): pass

@pytest.mark.pure
def test_is_pure(): pass

def test_skips(): pytest.skip("no such program")

@pytest.mark.skip(reason="not today")
def test_is_marked(): pass

@pytest.mark.xfail(reason="known")
def test_is_expected_to_fail(): assert False

def test_says_its_database(record_property):
    from tests.conftest import database_name
    with open(os.environ["SEEN"], "a") as seen:
        seen.write(database_name() + "\\n")
"""


def run_suite(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Runs a small suite under our conftest; returns the exit status and what was printed."""
    suite = folder / "suite"
    suite.mkdir(exist_ok=True)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    pure: x\n    alternate(p): x\n")
    (folder / "conftest.py").write_text("from tests.conftest import *  # noqa: F403\n")
    if not (suite / "test_suite.py").exists():
        (suite / "test_suite.py").write_text(SUITE)
    clean = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith("PYTEST_") and k not in ("STRICT", "TEST_DATABASES", "TEST_EVERYTHING")
    }
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--import-mode=importlib",
            "-p",
            "no:cacheprovider",
            *arguments,
        ],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT), "SEEN": str(folder / "seen"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_skips_are_failures_under_strict(tmp_path: Path) -> None:
    assert run_suite(tmp_path)[1].splitlines()[-1].startswith("3 passed, 2 skipped, 1 xfailed")
    status, said = run_suite(tmp_path, STRICT="1")
    assert status == 1
    assert "2 failed, 3 passed, 1 error" in said.splitlines()[-1]
    assert "STRICT=1 forbids skipping" in said
    assert "no such program" in said


def test_a_module_that_skips_itself_is_a_failure_under_strict(tmp_path: Path) -> None:
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "test_suite.py").write_text(
        "import pytest\npytest.importorskip('no_such_module')\ndef test_x(): pass\n"
    )
    status, said = run_suite(tmp_path, STRICT="1")
    assert status != 0
    assert "STRICT=1 forbids skipping" in said


def test_each_worker_gets_its_database_and_pure_tests_run_once(tmp_path: Path) -> None:
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "test_suite.py").write_text(SUITE.replace('pytest.skip("no such program")', "pass"))
    databases = json.dumps(["", "postgres://nobody@127.0.0.1:1/none"])
    _status, said = run_suite(
        tmp_path, "-n", "2", "--dist", "each", "-k", "passes or pure or database", TEST_DATABASES=databases
    )
    assert said.splitlines()[-1].startswith("5 passed")
    assert sorted((tmp_path / "seen").read_text().split()) == ["postgresql", "sqlite"]


SHARED = """
import os
import pytest

@pytest.mark.alternate("way")
@pytest.mark.parametrize("way", ["script-phone", "script-desk", "plain-phone", "plain-desk"])
def test_lives(way):
    from tests.conftest import database_name
    with open(os.environ["SEEN"], "a") as seen:
        seen.write(f"{database_name()} {way}\\n")
"""


def test_what_knows_no_database_is_shared_out(tmp_path: Path) -> None:
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "test_suite.py").write_text(SHARED)
    databases = json.dumps(["", "postgres://nobody@127.0.0.1:1/none"])

    run_suite(tmp_path, "-n", "2", "--dist", "each", TEST_DATABASES=databases)
    assert set((tmp_path / "seen").read_text().splitlines()) == {
        "sqlite script-phone",
        "sqlite plain-desk",
        "postgresql script-desk",
        "postgresql plain-phone",
    }

    run_suite(tmp_path, "-n", "2", "--dist", "each", TEST_DATABASES=databases, TEST_EVERYTHING="1")
    assert len((tmp_path / "seen").read_text().splitlines()) == 4 + 8


OF_SALEOR = "import pytest\n\n@pytest.mark.saleor_sdl\ndef test_holds(): pass\n"


def test_the_closing_lines_say_whether_saleors_schema_was_there(tmp_path: Path) -> None:
    """A checkout without it stays green, but says by name what nobody has looked at."""
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "test_suite.py").write_text(OF_SALEOR)
    status, said = run_suite(tmp_path, SALEOR_SDL=str(tmp_path))
    *_dots, line, last = said.splitlines()
    assert (status, last[:8]) == (0, "1 passed")
    assert line.startswith("Saleor's schema: NOT CHECKED, no ")
    assert "tests/api/test_saleor_documents.py (find_breaking_changes" in line

    (tmp_path / "schema.graphql").touch()
    assert (
        "Saleor's schema: checked. suite/test_suite.py: 1" in run_suite(tmp_path, SALEOR_SDL=str(tmp_path))[1]
    )


def test_every_file_that_needs_saleors_schema_is_named() -> None:
    marked = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        if path != Path(__file__) and "pytest.mark.saleor_sdl" in path.read_text(encoding="utf-8")
    }
    assert marked == set(saleor_documents.CHECKS)
