from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

import backend.commerce
from backend.commerce.values import Product
from backend.places.models import Commune
from integrations.saleor.app import installing, tally
from tests.integrations.remote import RemoteShop
from tests.integrations.small_saleor import SmallSaleor
from tests.sales.conftest import buyer, hoang_giang, make_seller, new_good, sen

__all__ = ["buyer", "hoang_giang", "make_seller", "sen"]


@pytest.fixture
def vi_tan(db: None) -> Commune:
    """As of the tests of sales, but inside the transaction of the test, which is quicker by half a second."""
    return Commune.objects.get(pk="31333")


@pytest.fixture
def make_good(db: None) -> Callable[..., Product]:
    return new_good


@pytest.fixture(autouse=True)
def nothing_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests sent has used up no writes, and no test lies over the end of a minute."""
    monkeypatch.setattr(tally, "refused", tally.Tally())
    monkeypatch.setattr(installing, "TRIES_S", 10**8)


@pytest.fixture(scope="module")
def one_saleor() -> Iterator[SmallSaleor]:
    with SmallSaleor() as saleor:
        yield saleor


@pytest.fixture
def saleor(one_saleor: SmallSaleor, settings: Settings) -> SmallSaleor:
    """A Saleor that may install the market and has not yet."""
    one_saleor.down, one_saleor.moved_to, one_saleor.asked = False, "", []
    one_saleor.published = [one_saleor.key]
    settings.SALEOR_API_URL = ""
    settings.SALEOR_APIS = [one_saleor.api_url]
    settings.PUBLIC_URL = "https://cho.vi-du.vn"
    return one_saleor


@pytest.fixture
def installed(saleor: SmallSaleor, db: None) -> SmallSaleor:
    """A Saleor in which the market is installed."""
    assert saleor.install().status_code == 200
    saleor.asked.clear()
    return saleor


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> RemoteShop:
    """A remote shop behind the port."""
    shop = RemoteShop()
    monkeypatch.setattr(backend.commerce, "_shop", shop)
    return shop
