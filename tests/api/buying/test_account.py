"""Signing in, staying in, signing up."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from backend.accounts.models import User
from backend.api.saleor import tokens
from backend.common import clock
from tests.api.buying import documents as doc
from tests.api.buying.conftest import PASSWORD, Caller, person


def test_a_token_says_what_saleors_says_and_opens_the_door(anyone: Caller) -> None:
    person("Lan", "lan@thu.vn")
    given = anyone.do(doc.SIGN_IN, email="Lan@thu.vn", password=PASSWORD)
    key = jwt.PyJWK(Client().get("/.well-known/jwks.json").json()["keys"][0])
    claims = jwt.decode(given["token"], key.key, algorithms=["RS256"], issuer=tokens.issuer())
    assert (claims["owner"], claims["type"], claims["email"], claims["is_staff"]) == (
        "saleor",
        "access",
        "lan@thu.vn",
        False,
    )
    assert claims["exp"] - claims["iat"] == 300
    assert claims["user_id"] == given["user"]["id"]
    assert Caller(given["token"]).ask(doc.ME)["email"] == "lan@thu.vn"
    assert anyone.ask(doc.ME) is None


def test_a_refresh_token_gives_a_new_one(anyone: Caller) -> None:
    person("Lan", "lan@thu.vn")
    given = anyone.do(doc.SIGN_IN, email="lan@thu.vn", password=PASSWORD)
    renewed = anyone.do(doc.RENEW, refreshToken=given["refreshToken"])
    assert renewed["user"] == {"email": "lan@thu.vn"}
    assert Caller(renewed["token"]).ask(doc.ME)["email"] == "lan@thu.vn"
    assert anyone.refused(doc.RENEW, refreshToken=given["token"]) == [("JWT_INVALID_TOKEN", "refreshToken")]
    assert Caller(given["refreshToken"]).ask(doc.ME) is None


def test_verifying_tells_whose_a_token_is(anyone: Caller) -> None:
    person("Lan", "lan@thu.vn")
    given = anyone.do(doc.SIGN_IN, email="lan@thu.vn", password=PASSWORD)
    found = anyone.do(doc.VERIFY, token=given["token"])
    assert (found["isValid"], found["user"], found["payload"]["email"]) == (
        True,
        {"email": "lan@thu.vn"},
        "lan@thu.vn",
    )
    assert anyone.refused(doc.VERIFY, token="khong phai") == [("JWT_DECODE_ERROR", "token")]
    wrong = anyone.ask(doc.VERIFY, token=given["token"][:-8] + "AAAAAAAA")
    assert (wrong["isValid"], wrong["errors"][0]["code"]) == (False, "JWT_INVALID_TOKEN")


def test_a_token_ends_with_its_time_and_with_the_password(
    anyone: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = person("Lan", "lan@thu.vn")
    lan = Caller(tokens.make(user, kind="access", is_staff=False))
    assert lan.ask(doc.ME) is not None
    user.set_password("mot cau khac han")
    user.save()
    assert lan.ask(doc.ME) is None
    lan = Caller(tokens.make(user, kind="access", is_staff=False))
    later = clock.now() + timedelta(seconds=301)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert lan.ask(doc.ME) is None


def test_wrong_login_names_and_passwords_are_refused_alike(anyone: Caller) -> None:
    person("Lan", "lan@thu.vn")
    for email, password in (("lan@thu.vn", "sai mat khau"), ("ai@thu.vn", PASSWORD), ("khong", PASSWORD)):
        assert anyone.refused(doc.SIGN_IN, email=email, password=password) == [
            ("INVALID_CREDENTIALS", "email")
        ]


def test_after_five_wrong_tries_the_right_password_waits_too(anyone: Caller) -> None:
    person("Lan", "lan@thu.vn")
    for _ in range(5):
        anyone.refused(doc.SIGN_IN, email="lan@thu.vn", password="sai mat khau")
    assert anyone.refused(doc.SIGN_IN, email="lan@thu.vn", password=PASSWORD) == [
        ("LOGIN_ATTEMPT_DELAYED", "email")
    ]


def register(who: Caller, login: str, **more: Any) -> Any:
    return who.do(doc.REGISTER, input={"email": login, "password": PASSWORD, **more})


def test_signing_up_tells_nobody_who_has_an_account(anyone: Caller) -> None:
    person("Lan", "lan@thu.vn")
    new, known = register(anyone, "moi@thu.vn"), register(anyone, "lan@thu.vn")
    assert new == {
        "requiresConfirmation": True,
        "user": {"id": "", "email": "moi@thu.vn"},
        "errors": [],
    }
    assert {**known, "user": {"id": "", "email": "moi@thu.vn"}} == new
    assert User.objects.filter(email="lan@thu.vn").count() == 1
    assert [each.to for each in mail.outbox] == [["moi@thu.vn"], ["lan@thu.vn"]]


def test_strangers_send_nobody_mail_without_end(anyone: Caller, settings: Settings) -> None:
    person("Lan", "lan@thu.vn")
    said = []
    for network in range(6):
        # From another machine each time: it is the address that is spared.
        elsewhere = Caller(client=Client(REMOTE_ADDR=f"203.0.113.{network}"))
        said.append(register(elsewhere, "Lan@thu.vn"))
    assert said == [said[0]] * 6
    assert [each.to for each in mail.outbox] == [["lan@thu.vn"]] * 3

    mail.outbox.clear()
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "signup_mail": "2/h/ip"}
    here = Caller(client=Client(REMOTE_ADDR="203.0.113.99"))
    for name in ("mot", "hai"):
        register(here, f"{name}@thu.vn")
    assert here.refused(doc.REGISTER, input={"email": "ba@thu.vn", "password": PASSWORD}) == [
        ("LOGIN_ATTEMPT_DELAYED", "email")
    ]
    assert not User.objects.filter(email="ba@thu.vn").exists()
    assert [each.to for each in mail.outbox] == [["mot@thu.vn"], ["hai@thu.vn"]]
    # Who signs up by a number is sent nothing, and is not kept out.
    register(here, "0912 345 678")


def test_an_address_is_proved_by_the_code_in_its_mail(anyone: Caller) -> None:
    register(anyone, "moi@thu.vn", firstName="Mới", lastName="Nguyễn")
    assert anyone.refused(doc.SIGN_IN, email="moi@thu.vn", password=PASSWORD) == [
        ("ACCOUNT_NOT_CONFIRMED", "email")
    ]
    assert anyone.ask(doc.CONFIRM, email="moi@thu.vn", token="000000x")["errors"] == [
        {"field": "token", "code": "INVALID"}
    ]
    found = re.search(r"\b\d{6}\b", str(mail.outbox[0].body))
    assert found is not None
    anyone.do(doc.CONFIRM, email="moi@thu.vn", token=found[0])
    given = anyone.do(doc.SIGN_IN, email="moi@thu.vn", password=PASSWORD)
    me = Caller(given["token"]).ask(doc.ME)
    assert (me["firstName"], me["lastName"]) == ("Mới Nguyễn", "")


def test_a_phone_number_is_a_login_name_too(anyone: Caller) -> None:
    register(anyone, "0912 345 678")
    given = anyone.do(doc.SIGN_IN, email="0912345678", password=PASSWORD)
    assert given["user"]["email"] == "+84912345678"
    register(anyone, "0912 345 678")
    assert User.objects.filter(phone="+84912345678").count() == 1


def test_weak_passwords_are_named(anyone: Caller) -> None:
    found = anyone.ask(doc.REGISTER, input={"email": "moi@thu.vn", "password": "7351"})["errors"]
    assert {each["code"] for each in found} == {"PASSWORD_TOO_SHORT", "PASSWORD_ENTIRELY_NUMERIC"}
    assert not User.objects.filter(email="moi@thu.vn").exists()


def test_people_change_their_own_name(lan: Caller) -> None:
    renamed = lan.do(doc.RENAME, input={"firstName": "Lan  Thị", "lastName": "Nguyễn"})
    assert renamed["user"] == {"firstName": "Lan Thị Nguyễn", "lastName": ""}
    assert User.objects.get(email="lan@thu.vn").name == "Lan Thị Nguyễn"
    assert lan.refused(doc.RENAME, input={"firstName": "x" * 121}) == [("INVALID", "firstName")]
    assert lan.refused(doc.RENAME, input={"metadata": [{"key": "a", "value": "b"}]}) == [
        ("INVALID", "metadata")
    ]
    assert User.objects.get(email="lan@thu.vn").name == "Lan Thị Nguyễn"
    assert Caller().denied(doc.RENAME, input={"firstName": "Kẻ lạ"}) == "PermissionDenied"


def test_a_new_password_ends_what_was_signed_in(lan: Caller) -> None:
    new = "mot mat khau khac han"
    assert lan.refused(doc.NEW_PASSWORD, old="sai", new=new) == [("INVALID_CREDENTIALS", "oldPassword")]
    assert lan.refused(doc.NEW_PASSWORD, old=None, new=new) == [("INVALID_CREDENTIALS", "oldPassword")]
    assert lan.refused(doc.NEW_PASSWORD, old=PASSWORD, new="ngan") == [("PASSWORD_TOO_SHORT", "newPassword")]
    lan.do(doc.NEW_PASSWORD, old=PASSWORD, new=new)
    assert lan.ask(doc.ME) is None
    assert Caller().do(doc.SIGN_IN, email="lan@thu.vn", password=new)["user"]["email"] == "lan@thu.vn"
    assert Caller().denied(doc.NEW_PASSWORD, old=PASSWORD, new=new) == "PermissionDenied"


def test_a_forgotten_password_is_replaced_on_the_markets_page(lan: Caller) -> None:
    for known in ("lan@thu.vn", "la@thu.vn"):
        Caller().do(doc.FORGOTTEN, email=known)
    first, second = mail.outbox
    assert (first.to, second.to) == (["lan@thu.vn"], ["la@thu.vn"])
    # Whoever reads both letters cannot tell who has an account; nobody's address stands in them.
    assert first.body == second.body
    assert "/quen-mat-khau/" in first.body
    assert "la.vn" not in first.body
    assert Caller().refused(doc.FORGOTTEN, email="0912345678") == [("INVALID", "email")]
    again = [Caller().ask(doc.FORGOTTEN, email="lan@thu.vn")["errors"] for _more in range(3)]
    assert [each["code"] for each in again[-1]] == ["PASSWORD_RESET_ALREADY_REQUESTED"]


def test_the_market_keeps_no_address_book(lan: Caller, anyone: Caller) -> None:
    assert lan.refused(doc.KEEP_ADDRESS, address={"city": "Vị Tân"}) == [("INVALID", None)]
    assert anyone.denied(doc.KEEP_ADDRESS, address={"city": "Vị Tân"}) == "PermissionDenied"


def test_a_name_that_is_too_long_opens_no_account(anyone: Caller) -> None:
    person = {"email": "dai@thu.vn", "password": PASSWORD, "firstName": "x" * 121}
    assert anyone.refused(doc.REGISTER, input=person) == [("INVALID", "firstName")]
    assert not User.objects.filter(email="dai@thu.vn").exists()
