"""tools/setup.sh and the Makefile: what they do on machines that lack something, and that a second call is free."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tooling.processes import ROOT

pytestmark = pytest.mark.pure

TOOLS = ("sh", "cat", "cmp", "rm", "dirname", "tail", "mkdir", "uname")

# Stand-ins for an interpreter: they answer the few questions that the script asks.
OLD = """
case "$*" in
  *"sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"*) exit 1;;
  *print*) echo 3.9;;
esac
"""
NO_VENV = """
case "$*" in
  *ensurepip*) exit 1;;
  *print*) echo 3.11;;
esac
"""
# A complete interpreter that cannot install anything.
NO_NETWORK = """
case "$*" in
  *"-m venv"*) mkdir -p .venv/bin; cat "$0" >.venv/bin/python; chmod +x .venv/bin/python;;
  *"-m pip"*|*"-m uv"*) exit 1;;
  *print*) echo 3.11;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the script with locks of its own, and a PATH that has only what the test puts there."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "requirements").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "tools" / "setup.sh", tmp_path / "tools")
    for name in ("run", "dev", "uv"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"{name}==1\n")
    for tool in (*TOOLS, "chmod"):
        found = shutil.which(tool)
        if found:
            (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def interpreter(checkout: Path, name: str, answers: str) -> None:
    """Puts a stand-in for an interpreter on the PATH."""
    path = checkout / "bin" / name
    path.write_text(f"#!/bin/sh\n{answers}\n")
    path.chmod(0o755)


def setup(checkout: Path, want: str = "run", **environment: str) -> tuple[int, str, str]:
    """Runs the script; returns exit status, what it said, and what it complained of."""
    done = subprocess.run(
        ["/bin/sh", "tools/setup.sh", want],
        cwd=checkout,
        env={"PATH": str(checkout / "bin"), "TMPDIR": str(checkout), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def installed(checkout: Path, kind: str) -> None:
    """As if the script had installed everything in this folder."""
    (checkout / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    python = checkout / ".venv" / "bin" / "python"
    python.write_text(f"#!/bin/sh\n{NO_NETWORK}\n")
    python.chmod(0o755)
    locks = [(checkout / "requirements" / f"{name}.txt").read_text() for name in (kind, "uv")]
    (checkout / ".venv" / f".stamp-{kind}").write_text(f"{checkout}\n" + "".join(locks))


def test_a_python_that_is_too_old(checkout: Path) -> None:
    interpreter(checkout, "python3", OLD)
    status, _said, complaint = setup(checkout)
    assert status == 1
    assert len(complaint.splitlines()) == 1
    assert "Cần Python 3.11 trở lên (máy này có 3.9)" in complaint
    assert "Python 3.11 or newer is needed (here: 3.9)" in complaint
    assert not (checkout / ".venv").exists()


def test_a_newer_python_under_another_name_is_found(checkout: Path) -> None:
    interpreter(checkout, "python3", OLD)
    interpreter(checkout, "python3.12", NO_VENV)
    assert "Thiếu python3-venv" in setup(checkout)[2]


@pytest.mark.parametrize("usual", ["3.11", "3.12"])
def test_the_newest_that_the_locks_support_is_taken_whatever_python3_is(checkout: Path, usual: str) -> None:
    interpreter(checkout, "python3", NO_NETWORK.replace("3.11", usual))
    interpreter(checkout, "python3.11", NO_NETWORK)
    interpreter(checkout, "python3.13", NO_NETWORK.replace("3.11", "3.13"))
    interpreter(checkout, "python3.12", NO_NETWORK.replace("3.11", "3.12"))
    assert "Chuẩn bị Python 3.13 trong" in setup(checkout)[1]


def test_python3_itself_is_taken_where_it_is_the_newest(checkout: Path) -> None:
    interpreter(checkout, "python3", NO_NETWORK.replace("3.11", "3.13"))
    interpreter(checkout, "python3.11", NO_NETWORK)
    assert "Chuẩn bị Python 3.13 trong" in setup(checkout)[1]


# Too new for the locks, as the script itself asks.
NEW = OLD.replace("3.9", "3.14")


@pytest.mark.parametrize("asked", [{}, {"PYTHON": "python3"}])
def test_a_python_that_is_newer_than_the_locks(checkout: Path, asked: dict[str, str]) -> None:
    interpreter(checkout, "python3", NEW)
    status, _said, complaint = setup(checkout, **asked)
    assert status == 1
    assert len(complaint.splitlines()) == 1
    assert "Python 3.14 mới hơn bản mà các gói được khóa cho (3.11 đến 3.13)" in complaint
    assert "Python 3.14 is newer than what the packages are locked for" in complaint
    interpreter(checkout, "python3.12", NO_NETWORK.replace("3.11", "3.12"))
    if not asked:
        assert "Chuẩn bị Python 3.12 trong" in setup(checkout)[1]


def test_python3_venv_is_missing(checkout: Path) -> None:
    interpreter(checkout, "python3", NO_VENV)
    status, _said, complaint = setup(checkout)
    assert status == 1
    assert len(complaint.splitlines()) == 1
    assert "sudo apt install python3-venv" in complaint
    assert not (checkout / ".venv").exists()


def test_the_python_that_was_asked_for_is_not_there(checkout: Path) -> None:
    status, _said, complaint = setup(checkout, PYTHON="python3.99")
    assert status == 1
    assert "Không tìm thấy python3.99" in complaint


def test_packages_that_cannot_be_fetched(checkout: Path) -> None:
    interpreter(checkout, "python3", NO_NETWORK)
    status, said, complaint = setup(checkout)
    assert status == 1
    assert "using pip (slower)" in said
    assert complaint.splitlines()[-1].startswith("Không tải được các gói: kiểm tra mạng")
    assert not list((checkout / ".venv").glob(".stamp-*"))


@pytest.mark.parametrize(("have", "want"), [("run", "run"), ("dev", "dev"), ("dev", "run")])
def test_what_is_installed_is_not_installed_again(checkout: Path, have: str, want: str) -> None:
    installed(checkout, have)
    assert setup(checkout, want) == (0, "", "")


def test_a_venv_for_running_does_not_do_for_developing(checkout: Path) -> None:
    installed(checkout, "run")
    assert "Cập nhật các gói" in setup(checkout, "dev")[1]


@pytest.mark.parametrize("lock", ["run", "uv"])
def test_a_changed_lock_is_installed(checkout: Path, lock: str) -> None:
    installed(checkout, "run")
    (checkout / "requirements" / f"{lock}.txt").write_text("another==2\n")
    assert "Cập nhật các gói" in setup(checkout)[1]


def test_a_moved_folder_is_set_up_anew(checkout: Path) -> None:
    installed(checkout, "run")
    moved = checkout.with_name("moved")
    checkout.rename(moved)
    assert "Cập nhật các gói" in setup(moved)[1]


def test_another_python_makes_a_new_environment(checkout: Path) -> None:
    installed(checkout, "run")
    interpreter(checkout, "python3.12", NO_NETWORK.replace("3.11", "3.12"))
    (checkout / ".venv" / "old").touch()
    assert "Chuẩn bị Python 3.12" in setup(checkout, PYTHON="python3.12")[1]
    assert not (checkout / ".venv" / "old").exists()
    installed(checkout, "run")
    interpreter(checkout, "python3.11", NO_NETWORK)
    assert setup(checkout, PYTHON="python3.11") == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "runs"),
    [
        (["run"], ".venv/bin/python -m backend.project.run --follow"),
        (["pay", "REF=CX1"], '.venv/bin/python -m payments.demobank pay --ref "CX1"'),
        (["pay", "REF=CX1", "AMOUNT=5000"], '-m payments.demobank pay --ref "CX1" --amount "5000"'),
        (["test"], ".venv/bin/python -m tools.run_tests"),
        (["check"], ".venv/bin/python -m tools.check"),
        (["bench"], ".venv/bin/python -m tests.bench"),
        (["tour"], "TOUR=1 .venv/bin/python -m pytest tests/journeys"),
        (
            ["faults"],
            "FAULT_PAYMENTS=${FAULT_PAYMENTS:-10000} .venv/bin/python -m tools.run_tests tests/faults",
        ),
        (["journeys"], "TEST_EVERYTHING=1 .venv/bin/python -m tools.run_tests tests/journeys"),
        (["messages"], ".venv/bin/python -m tools.messages"),
        (["lock"], ".venv/bin/python -m uv pip compile"),
        (["setup"], "sh tools/setup.sh dev"),
    ],
)
def test_targets_of_make(arguments: list[str], runs: str) -> None:
    done = subprocess.run(["make", "-n", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    assert runs in done.stdout


def test_make_pay_wants_a_reference() -> None:
    shown = subprocess.run(["make", "-n", "pay"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    guard = next(line for line in shown.splitlines() if "REF is missing" in line)
    done = subprocess.run(["/bin/sh", "-c", guard], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "Thiếu mã: make pay REF=… [AMOUNT=…] / REF is missing"
