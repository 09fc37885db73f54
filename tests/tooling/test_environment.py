"""Settings from the environment, and from files that the environment names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.project import environment
from tests.tooling.processes import ROOT

pytestmark = pytest.mark.pure


@pytest.fixture(autouse=True)
def _its_own_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_known", {})
    for name in ("SOUP", "SOUP_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_a_default_a_value_and_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert environment.text("SOUP", "phở", "Soup.") == "phở"
    monkeypatch.setenv("SOUP", " bún ")
    assert environment.text("SOUP", "phở", "Soup.") == "bún"
    monkeypatch.delenv("SOUP")
    (tmp_path / "soup").write_text("canh chua\n", encoding="utf-8")
    monkeypatch.setenv("SOUP_FILE", str(tmp_path / "soup"))
    assert environment.text("SOUP", "phở", "Soup.") == "canh chua"


def test_numbers_and_switches_come_from_files_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "soup"
    monkeypatch.setenv("SOUP_FILE", str(path))
    path.write_text("12\n")
    assert environment.number("SOUP", 1, "Bowls.") == 12
    path.write_text("0")
    assert environment.switch("SOUP", True, "Whether.") is False
    path.write_text("twelve")
    with pytest.raises(environment.BadSetting, match="SOUP='twelve'"):
        environment.number("SOUP", 1, "Bowls.")


def test_an_empty_file_is_no_value(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "soup").write_text("\n")
    monkeypatch.setenv("SOUP_FILE", str(tmp_path / "soup"))
    assert environment.text("SOUP", "phở", "Soup.") == "phở"


def test_both_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "soup").write_text("canh")
    monkeypatch.setenv("SOUP_FILE", str(tmp_path / "soup"))
    monkeypatch.setenv("SOUP", "bún")
    with pytest.raises(environment.BadSetting, match="the only one of SOUP and SOUP_FILE"):
        environment.text("SOUP", "phở", "Soup.")


@pytest.mark.parametrize(
    "make", [lambda path: None, lambda path: path.write_bytes(b"\xff\xfe\x00"), Path.mkdir]
)
def test_a_file_that_cannot_be_read_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make: object
) -> None:
    path = tmp_path / "soup"
    make(path)  # type: ignore[operator]
    monkeypatch.setenv("SOUP_FILE", str(path))
    with pytest.raises(environment.BadSetting) as refused:
        environment.text("SOUP", "phở", "Soup.")
    # The name of the file, never a word of what is in it.
    assert str(refused.value).startswith(f"Thiết lập SOUP_FILE={str(path)!r} chưa đúng")


def test_what_is_taken_is_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "soup").write_text("canh")
    monkeypatch.setenv("SOUP_FILE", str(tmp_path / "soup"))
    assert environment.take("SOUP") == "canh"
    assert "SOUP_FILE" not in os.environ
    monkeypatch.setenv("SOUP", "bún")
    assert environment.take("SOUP") == "bún"
    assert environment.take("SOUP") == ""


def test_the_database_s_password_may_stand_apart_from_its_address(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("a:b@c/d\n")
    done = subprocess.run(
        [
            *(sys.executable, "-c"),
            "from backend.project.settings import DATABASES as d; print(d['default']['PASSWORD'], d['default']['USER'])",
        ],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": "postgres://market@postgres:5432/market",
            "DATABASE_PASSWORD_FILE": str(tmp_path / "password"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "a:b@c/d market\n"
