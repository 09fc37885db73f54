"""The operator is told, once, that Saleor is gone, does not know the market, or is not prepared."""

from __future__ import annotations

import logging
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from backend.commerce.errors import ShopUnavailable
from backend.commerce.naming import GATEWAY
from integrations.saleor.app import tasks, watch
from integrations.saleor.app.models import ShopWatch
from integrations.saleor.places import Places
from integrations.saleor.setup import PERMISSIONS
from tests.integrations.remote import RemoteShop
from tests.integrations.small_saleor import APP_ID, TOKEN, SmallSaleor

pytestmark = pytest.mark.django_db


@pytest.fixture
def behind(
    installed: SmallSaleor, remote: RemoteShop, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> SmallSaleor:
    """A Saleor that stands behind the market, knows it and is prepared."""
    settings.SHOP_ENGINE = "saleor"
    settings.SALEOR_API_URL = installed.api_url
    codes = [{"code": each} for each in PERMISSIONS]
    app: Any = {"id": APP_ID, "identifier": GATEWAY, "permissions": codes}
    monkeypatch.setitem(installed.tokens, TOKEN, app)
    monkeypatch.setattr(Places, "market", object())
    return installed


def health() -> str:
    answer = Client().get("/health/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_operator_sees_how_the_shop_is(behind: SmallSaleor) -> None:
    assert health().splitlines()[0] == "ok"
    assert "not looked at yet" in health()
    tasks.repair_from_saleor()
    assert "shop: ok since" in health()
    assert "repair: last finished 20" in health()
    assert "webhooks: last taken in never, 0 refused" in health()
    call_command("saleor_check", stdout=StringIO())


@pytest.mark.parametrize("state", ["gone", "token", "fewer permissions", "setup"])
def test_what_is_wrong_is_said_once(
    behind: SmallSaleor, state: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    watch.watch()
    with monkeypatch.context() as broken:
        if state == "gone":
            broken.setattr(behind, "down", True)
        elif state == "token":
            broken.delitem(behind.tokens, TOKEN)
        elif state == "setup":

            def missing(_places: Places) -> object:
                raise ShopUnavailable

            broken.setattr(Places, "market", property(missing))
        else:
            broken.setitem(behind.tokens[TOKEN], "permissions", [])
        for _ in range(3):
            tasks.repair_from_saleor()
        kept = "token" if state == "fewer permissions" else state
        errors = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
        assert errors == [f"The market takes no orders. {watch.SAYS[kept]}"]
        assert f"shop: {kept} since" in health()
        assert watch.SAYS[kept] in health()
        with pytest.raises(CommandError):
            call_command("saleor_check", stdout=StringIO())
    watch.watch()
    assert ShopWatch.objects.get().state == "ok"
    assert caplog.records[-1].getMessage().startswith("The shop is back.")


def test_a_worker_that_does_not_look_is_named(behind: SmallSaleor) -> None:
    watch.watch()
    ShopWatch.objects.update(looked_at="2026-01-01T00:00Z")
    assert "not looked at since 2026-01-01T00:00Z: see that the worker runs" in health()


def test_a_market_with_its_own_engine_says_ok_and_nothing_else(settings: Settings) -> None:
    settings.SHOP_ENGINE = "embedded"
    assert health() == "ok"
