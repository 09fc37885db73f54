"""The first opening of a real market: asked in a terminal, or told by the environment; never a known password."""

from __future__ import annotations

import io
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from backend.accounts.access import has_role
from backend.accounts.models import Membership, User
from backend.accounts.services import create_person
from backend.common.models import AuditEntry
from backend.markets.models import Market
from tests.accounts.conftest import PASSWORD, SYSTEM

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 60.0


@pytest.fixture
def told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An environment that answers every question."""
    settings.MARKET_COMMUNE = "31333"
    settings.MARKET_NAME = "Chợ Vị Tân"
    settings.MARKET_ADMIN_NAME = "Nguyễn Thị Sen"
    settings.MARKET_ADMIN_LOGIN = "0912 345 678"
    monkeypatch.setenv("MARKET_ADMIN_PASSWORD", PASSWORD)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return settings


def _open() -> str:
    out = io.StringIO()
    call_command("open_market", stdout=out)
    return out.getvalue()


def _nothing_opened() -> bool:
    return not (
        User.objects.exists()
        or Market.objects.exists()
        or Membership.objects.exists()
        or AuditEntry.objects.exists()
    )


@pytest.mark.django_db
def test_the_environment_can_answer_everything(told: Settings, client: Client) -> None:
    said = _open()

    market, admin = Market.objects.get(), User.objects.get()
    assert (market.name, market.commune_id) == ("Chợ Vị Tân", "31333")
    assert (admin.name, admin.phone, admin.phone_verified_at) == ("Nguyễn Thị Sen", "+84912345678", None)
    assert has_role(admin, "commune", "31333", ["admin"])
    assert has_role(admin, "market", market.pk, ["manager"])
    assert Membership.objects.count() == 2
    assert "Đã mở Chợ Vị Tân (Phường Vị Tân, thành phố Cần Thơ)" in said
    assert PASSWORD not in said
    assert "MARKET_ADMIN_PASSWORD" not in os.environ
    client.post("/vao/", {"login": "0912345678", "password": PASSWORD})
    assert client.get("/toi/tai-khoan/").status_code == 200


@pytest.mark.django_db
def test_a_market_without_a_name_is_called_after_its_commune(told: Settings) -> None:
    told.MARKET_NAME = ""
    _open()
    assert Market.objects.get().name == "Chợ Vị Tân"


@pytest.mark.django_db
def test_an_administrators_address_needs_no_code(told: Settings, client: Client) -> None:
    told.MARKET_ADMIN_LOGIN = "Sen@Cho.vn"
    _open()
    assert client.post("/vao/", {"login": "sen@cho.vn", "password": PASSWORD})["Location"] == "/toi/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("MARKET_COMMUNE", "99999", "MARKET_COMMUNE=99999"),
        ("MARKET_COMMUNE", "an phu", "23602 Phường An Phú, tỉnh Gia Lai"),
        ("MARKET_COMMUNE", "không có nơi này", "Chưa tìm thấy"),
        ("MARKET_ADMIN_LOGIN", "123", "MARKET_ADMIN_LOGIN: Số di động"),
        ("MARKET_ADMIN_LOGIN", "a@b", "MARKET_ADMIN_LOGIN"),
        ("MARKET_NAME", "x" * 200, "nhiều nhất 120 chữ"),
        ("MARKET_COMMUNE", "", "MARKET_COMMUNE"),
        ("MARKET_ADMIN_NAME", "", "MARKET_ADMIN_NAME"),
        ("MARKET_ADMIN_LOGIN", "", "MARKET_ADMIN_LOGIN"),
    ],
)
def test_a_wrong_or_missing_answer_opens_nothing(
    told: Settings, setting: str, value: str, reason: str
) -> None:
    setattr(told, setting, value)
    with pytest.raises(CommandError) as refusal:
        _open()
    assert reason in str(refusal.value)
    assert _nothing_opened()


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["", "12345678", "ngắn", "Nguyễn Thị Sen", "0912345678"])
def test_a_weak_password_opens_nothing(
    told: Settings, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("MARKET_ADMIN_PASSWORD", password)
    with pytest.raises(CommandError, match="MARKET_ADMIN_PASSWORD"):
        _open()
    assert _nothing_opened()


@pytest.mark.django_db
def test_a_market_is_opened_once(told: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    _open()
    monkeypatch.setenv("MARKET_ADMIN_PASSWORD", PASSWORD)
    with pytest.raises(CommandError, match="đã mở rồi"):
        _open()
    assert (Market.objects.count(), User.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_where_people_are_nothing_is_opened(told: Settings) -> None:
    create_person(actor=SYSTEM, name="Lan", password=PASSWORD, phone="0987654321")
    with pytest.raises(CommandError, match="đã mở rồi"):
        _open()
    assert Market.objects.count() == 0


class Terminal:
    """A program that believes a person sits in front of it."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.said = ""
        self._read = 0

    def answer(self, question: str, text: str) -> None:
        """Wait for the question, then type the answer."""
        deadline = time.monotonic() + DEADLINE_S
        while question not in self.said[self._read :]:
            assert self._hear(deadline), f"no {question!r} in:\n{self.said}"
        self._read = len(self.said)
        os.write(self.ours, f"{text}\n".encode())

    def end(self) -> int:
        deadline = time.monotonic() + DEADLINE_S
        while self._hear(deadline):
            pass
        os.close(self.ours)
        return self.process.wait(timeout=DEADLINE_S)

    def _hear(self, deadline: float) -> bool:
        ready, _, _ = select.select([self.ours], [], [], max(0.0, deadline - time.monotonic()))
        try:
            heard = os.read(self.ours, 4096) if ready else b""
        except OSError:  # the other end is closed: the program has ended
            heard = b""
        self.said += heard.decode(errors="replace")
        return bool(heard)


@pytest.mark.slow
def test_a_person_answers_in_a_terminal(new_database: Callable[[], str], tmp_path: Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MARKET_")},
        "DATABASE_URL": new_database(),
        "DATA_DIR": str(tmp_path / "data"),
        "DEMO": "0",
        "DJANGO_SETTINGS_MODULE": "backend.project.settings",
    }
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True
    )

    person = Terminal(["manage.py", "open_market"], environment)
    person.answer("Commune:", "khong co noi nay")
    person.answer("Commune:", "hoang giang")
    person.answer("Number:", "")
    person.answer("Commune:", "hoang giang")
    person.answer("Number:", "1")
    person.answer("name:", "Lê Văn Tư")
    person.answer("e-mail:", "123")
    person.answer("e-mail:", "0912345678")
    person.answer("Password:", "12345678")
    person.answer("Password:", PASSWORD)
    person.answer("Again:", "khác rồi")
    person.answer("Password:", PASSWORD)
    person.answer("Again:", PASSWORD)
    person.answer("[Chợ Hoằng Giang]:", "")

    assert person.end() == 0
    assert "Đã mở Chợ Hoằng Giang (Xã Hoằng Giang, tỉnh Thanh Hoá)" in person.said
    assert PASSWORD not in person.said

    again = Terminal(["manage.py", "open_market"], environment)
    assert again.end() == 1
    assert "đã mở rồi" in again.said
