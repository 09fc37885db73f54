"""Who forgot a password and has no address to reset it by gets a new one at the market's own machine."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from backend.accounts.errors import MayNotGrant
from backend.accounts.models import User
from backend.accounts.services import set_password
from backend.common.models import AuditEntry
from tests.accounts.conftest import PASSWORD, SYSTEM, Village

OTHER = "một con vịt xòe ra"
Type = Callable[..., None]


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Type:
    """What the person at the machine types: passwords, and numbers where asked to choose."""

    def will_type(*passwords: str, number: str = "") -> None:
        monkeypatch.setattr(sys, "stdin", _Screen())
        answers: Iterator[str] = iter(passwords)
        monkeypatch.setattr("getpass.getpass", lambda _question: next(answers))
        monkeypatch.setattr("builtins.input", lambda _question: number)

    return will_type


def _run(login: str) -> str:
    out = io.StringIO()
    call_command("new_password", login, stdout=out)
    return out.getvalue()


def test_a_new_password_is_typed_twice_and_signs_other_devices_out(village: Village, types: Type) -> None:
    device = Client()
    device.post("/vao/", {"login": "0900000003", "password": PASSWORD})
    assert device.get("/toi/tai-khoan/").status_code == 200
    types("12345678", OTHER, "khác", OTHER, OTHER)

    said = _run("0900 000 003")

    village.farmer.refresh_from_db()
    assert village.farmer.check_password(OTHER)
    assert "Nông dân" in said
    assert "người sản xuất, Hộ Sáu Lành" in said
    assert OTHER not in said
    assert device.get("/toi/tai-khoan/").status_code == 302
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor, entry.action, entry.subject) == (
        "system:new_password",
        "password_set",
        village.farmer.actor,
    )


def test_of_several_accounts_with_one_number_one_is_chosen(village: Village, types: Type) -> None:
    twin = User.objects.create_user(phone=village.farmer.phone, name="Người trùng số", password=PASSWORD)
    types(OTHER, OTHER, number="2")
    assert "2. Người trùng số" in _run("0900000003")
    twin.refresh_from_db()
    village.farmer.refresh_from_db()
    assert twin.check_password(OTHER)
    assert village.farmer.check_password(PASSWORD)

    types(number="3")
    with pytest.raises(CommandError, match="nothing changed"):
        _run("0900000003")


@pytest.mark.parametrize("login", ["0987654321", "khong@co.vn", "12"])
def test_nobody_is_changed_for_an_unknown_name(village: Village, types: Type, login: str) -> None:
    types(OTHER, OTHER)
    before = list(User.objects.order_by("pk").values_list("password", flat=True))
    with pytest.raises(CommandError):
        _run(login)
    assert list(User.objects.order_by("pk").values_list("password", flat=True)) == before


def test_without_a_terminal_nothing_is_done(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(CommandError, match="terminal"):
        _run("0900000003")


def test_people_set_their_own_password_alone(village: Village) -> None:
    for actor in (village.admin, village.stranger):
        with pytest.raises(MayNotGrant):
            set_password(actor=actor, user=village.farmer, password=OTHER)
    village.farmer.refresh_from_db()
    assert village.farmer.check_password(PASSWORD)
    with pytest.raises(ValueError, match="as a User"):
        set_password(actor=village.farmer.actor, user=village.farmer, password=OTHER)

    set_password(actor=village.farmer, user=village.farmer, password=OTHER)
    set_password(actor=SYSTEM, user=village.stranger, password=OTHER)
    assert village.farmer.check_password(OTHER)
    assert village.stranger.check_password(OTHER)
