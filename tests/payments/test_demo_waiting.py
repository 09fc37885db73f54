"""The demo bank's list of codes: only in a demo, only with its token."""

from __future__ import annotations

import importlib
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.urls import URLPattern

from payments.feeds import urls
from payments.feeds.demo import waiting_token
from payments.vietqr import decode
from tests.payments.bank import NOW, Bank

pytestmark = pytest.mark.django_db

PATH = "/demo/waiting.json"


def with_token(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_list_gives_codes_and_names_and_what_the_bank_reports_on(bank: Bank, client: Client) -> None:
    first, second = bank.intent(50_000, expires_at=NOW - timedelta(minutes=1)), bank.intent(60_000)
    bank.pays(second.reference, 20_000)
    answer = client.get(PATH, headers=with_token(waiting_token())).json()
    assert [row["reference"] for row in answer["intents"]] == [second.reference, first.reference]
    assert decode(answer["intents"][0]["payload"]).amount_vnd == 40_000
    assert answer["intents"][0]["labels"] == ["short", "waiting"]
    assert answer["intents"][1] == {
        "reference": first.reference,
        "label": first.label,
        "payload": first.qr_payload,
        "account_name": "NGUYEN THI SEN",
        "expires_at": "2026-11-22T02:59:00+00:00",
        "labels": [],
    }
    assert answer["linked_accounts"] == [f"970436 {bank.payee.account}"]


def test_one_is_found_by_its_reference_however_old(bank: Bank, client: Client) -> None:
    intent = bank.intent()
    bank.intent()
    headers = with_token(waiting_token())
    found = client.get(PATH, {"ref": intent.reference}, headers=headers).json()["intents"]
    assert [row["reference"] for row in found] == [intent.reference]
    assert client.get(PATH, {"ref": "CX22222222"}, headers=headers).json()["intents"] == []


@pytest.mark.parametrize("headers", [{}, with_token(""), with_token("x" * 64), {"Authorization": "é"}])
def test_without_the_token_nothing_is_shown(bank: Bank, client: Client, headers: dict[str, str]) -> None:
    bank.intent()
    answer = client.get(PATH, headers=headers)
    assert (answer.status_code, answer.json()) == (403, {"reason": "forbidden"})


def test_the_token_follows_the_markets_own_key(bank: Bank, client: Client) -> None:
    token = waiting_token()
    with override_settings(SECRET_KEY="another"):
        assert client.get(PATH, headers=with_token(token)).status_code == 403


def test_outside_a_demo_the_list_does_not_exist(bank: Bank, client: Client) -> None:
    try:
        with override_settings(DEMO=False):
            routes = [
                str(each.pattern)
                for each in importlib.reload(urls).urlpatterns
                if isinstance(each, URLPattern)
            ]
            assert client.get(PATH, headers=with_token(waiting_token())).status_code == 403
    finally:
        importlib.reload(urls)
    assert "demo/waiting.json" not in routes
    assert "demo/waiting.json" in [str(each.pattern) for each in urls.urlpatterns]
