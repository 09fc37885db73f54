"""The handshake of an installation: believed only after the Saleor itself has confirmed it."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from backend.common.models import AuditEntry
from integrations.saleor.app import manifest as ours
from integrations.saleor.app import outside
from integrations.saleor.app.models import Installation
from integrations.saleor.connection import stored_token
from tests.integrations.small_saleor import APP_ID, TOKEN, SmallSaleor, type_name

pytestmark = pytest.mark.django_db

DOCUMENTS = Path(ours.__file__).parent / "subscriptions"


def test_the_manifest_is_at_its_public_address_whatever_the_host(saleor: SmallSaleor) -> None:
    told = Client().get("/saleor/manifest.json", headers={"Host": "127.0.0.1"})
    assert told.status_code == 200
    manifest = told.json()
    assert manifest["id"] == "vn.choxa"
    assert manifest["tokenTargetUrl"] == "https://cho.vi-du.vn/saleor/register/"
    assert {each["targetUrl"] for each in manifest["webhooks"]} == {"https://cho.vi-du.vn/saleor/webhook/"}
    assert manifest["permissions"] == [
        "HANDLE_PAYMENTS",
        "MANAGE_CHANNELS",
        "MANAGE_CHECKOUTS",
        "MANAGE_ORDERS",
        "MANAGE_PRODUCTS",
        "MANAGE_SHIPPING",
    ]


def test_each_event_is_asked_for_once_with_what_is_needed_to_believe_it(saleor: SmallSaleor) -> None:
    webhooks = Client().get("/saleor/manifest.json").json()["webhooks"]
    events = [event for each in webhooks for event in each["asyncEvents"] + each["syncEvents"]]
    assert len(events) == len(set(events)) == 26
    for each in webhooks:
        names = [event.lower() for event in each["asyncEvents"] + each["syncEvents"]]
        assert all(f"... on {type_name(name)} {{" in each["query"] for name in names)
        assert each["query"].count("... on ") - each["query"].count("... on Order {") - each["query"].count(
            "... on Checkout {"
        ) == len(names)
        assert all(field in each["query"] for field in ("__typename", "issuedAt", "recipient"))
    assert {path.stem for path in DOCUMENTS.iterdir()} == {each["name"] for each in webhooks}


def test_no_personal_data_is_asked_for() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS.iterdir()).lower()
    for word in ("address", "email", "phone", "name", "user", "ipaddress"):
        assert word not in text.replace("__typename", "")


def test_where_no_saleor_may_install_there_is_no_manifest(settings: Settings) -> None:
    settings.SALEOR_APIS = []
    assert Client().get("/saleor/manifest.json").status_code == 404


def test_the_token_is_kept_for_the_address_at_which_we_reach_it(
    saleor: SmallSaleor, settings: Settings
) -> None:
    """Behind a proxy a Saleor names itself by another address than the one that the market asks."""
    settings.SALEOR_API_URL = "http://saleor-api:8000/graphql/"
    assert saleor.install().status_code == 200
    assert stored_token("http://saleor-api:8000/graphql/") == TOKEN


def test_installing(saleor: SmallSaleor) -> None:
    assert saleor.install().json() == {"success": True}
    row = Installation.objects.get()
    assert (row.api_url, row.app_id) == (saleor.api_url, APP_ID)
    assert stored_token(saleor.api_url) == TOKEN
    assert saleor.asked == ["/graphql/", "/.well-known/jwks.json"]
    assert AuditEntry.objects.filter(action="saleor.installed").count() == 1


def test_the_token_is_sealed_where_it_lies(saleor: SmallSaleor) -> None:
    saleor.install()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM saleor_connection")
        rows = repr(cursor.fetchall())
    assert "gAAAA" in rows
    assert TOKEN not in rows


def test_a_saleor_that_is_not_allowed_is_not_even_asked(saleor: SmallSaleor, settings: Settings) -> None:
    settings.SALEOR_APIS = ["https://saleor.vi-du.vn/graphql/"]
    refusal = saleor.install()
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (403, "NOT_ALLOWED")
    assert saleor.asked == []
    assert not Installation.objects.exists()


@pytest.mark.parametrize("api_url", ["", "http://127.0.0.1/graphql/", "file:///etc/passwd"])
def test_an_address_that_only_looks_alike_is_not_allowed(saleor: SmallSaleor, api_url: str) -> None:
    assert saleor.install(named=api_url).status_code == 403
    assert saleor.asked == []


def test_tries_are_counted_by_network_and_by_saleor(saleor: SmallSaleor) -> None:
    def from_network(number: int) -> int:
        answer: int = saleor.install("b" * 30, network=number).status_code
        return answer

    assert [from_network(1) for _ in range(21)] == [403] * 20 + [429]
    # Who has used up the tries of one network has not used up those of the Saleor.
    assert saleor.install(network=2).status_code == 200
    assert [from_network(number) for number in range(3, 42)] == [403] * 39
    assert from_network(50) == 429
    assert len(saleor.asked) == 60 + 1


def test_a_token_that_the_saleor_does_not_know(saleor: SmallSaleor) -> None:
    refusal = saleor.install("b" * 30)
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (403, "NOT_CONFIRMED")
    assert not Installation.objects.exists()


def test_a_token_of_another_app(saleor: SmallSaleor) -> None:
    saleor.tokens["c" * 30] = {"id": "QXBwOjk=", "identifier": "vn.khac"}
    assert saleor.install("c" * 30).json()["error"]["code"] == "NOT_CONFIRMED"
    assert not Installation.objects.exists()


@pytest.mark.parametrize("token", ["", "short", "a" * 300, "a" * 20 + "\n", "ă" * 20])
def test_what_is_no_token_is_not_sent_anywhere(saleor: SmallSaleor, token: str) -> None:
    assert saleor.install(token).status_code == 403
    assert saleor.asked == []


def test_a_saleor_that_is_down_may_try_again(saleor: SmallSaleor) -> None:
    saleor.down = True
    refusal = saleor.install()
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (503, "SALEOR_UNREACHABLE")
    assert TOKEN not in refusal.content.decode()
    saleor.down = False
    assert saleor.install().status_code == 200


def test_a_saleor_that_does_not_answer_is_not_waited_for(
    saleor: SmallSaleor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "TIMEOUT_S", 0.2)
    saleor.silent = threading.Event()
    try:
        refusal = saleor.install()
    finally:
        saleor.silent.set()
        saleor.silent = None
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (503, "SALEOR_UNREACHABLE")
    assert not Installation.objects.exists()


def test_a_redirect_is_not_followed(saleor: SmallSaleor) -> None:
    saleor.moved_to = f"{saleor.api_url}elsewhere/"
    assert saleor.install().status_code == 503
    assert saleor.asked == ["/graphql/"]


def test_installing_anew_replaces_the_token_and_the_app(saleor: SmallSaleor) -> None:
    saleor.install()
    saleor.tokens["n" * 30] = {"id": "QXBwOjI=", "identifier": "vn.choxa"}
    assert saleor.install("n" * 30).status_code == 200
    assert Installation.objects.get().app_id == "QXBwOjI="
    assert stored_token(saleor.api_url) == "n" * 30


def test_a_refused_reinstallation_changes_nothing(saleor: SmallSaleor) -> None:
    saleor.install()
    assert saleor.install("b" * 30).status_code == 403
    assert stored_token(saleor.api_url) == TOKEN


def test_the_door_cannot_be_used_to_call_a_saleor_without_end(saleor: SmallSaleor) -> None:
    answers = [saleor.install("b" * 30).status_code for _ in range(22)]
    assert answers == [403] * 20 + [429] * 2
    assert len(saleor.asked) == 20


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"auth_token": 5}', b"\xff", b'{"auth_token":"' + b"a" * 5000 + b'"}']
)
def test_a_body_that_is_none(saleor: SmallSaleor, body: bytes) -> None:
    answer = Client().post(
        "/saleor/register/", body, content_type="application/json", headers={"Saleor-Api-Url": saleor.api_url}
    )
    assert (answer.status_code, json.loads(answer.content)["error"]["code"]) == (400, "MALFORMED")
