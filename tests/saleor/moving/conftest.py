"""A market with goods and open orders, and an empty second one to move to."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoDbBlocker, Settings

import backend.commerce
from backend.accounts.models import Seller
from backend.commerce.gate import gated, use_gate
from backend.commerce.shop import Shop
from backend.common.outbox import relay
from backend.engine.shop import EmbeddedShop
from backend.places.models import Commune
from backend.project.management.commands import saleor_migrate
from backend.sales.services import Buyer
from integrations.saleor.adapter import SaleorShop
from integrations.saleor.moving import gate
from integrations.saleor.moving.kept import with_kept_orders
from integrations.saleor.moving.side import SaleorSide
from tests.saleor.moving.second_market import SecondMarket, make_empty
from tests.sales.conftest import buyer, hoang_giang, make_seller, sen

__all__ = ["buyer", "hoang_giang", "make_seller", "sen"]


@pytest.fixture
def vi_tan(db: None) -> Commune:
    return Commune.objects.get(pk="31333")


@pytest.fixture(scope="session")
def empty_market(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A database in which nobody has sold anything yet."""
    path = tmp_path_factory.mktemp("second") / "empty.sqlite3"
    with django_db_blocker.unblock():
        make_empty(path)
    return path


@pytest.fixture
def there(empty_market: Path, db: None, tmp_path: Path) -> Iterator[SecondMarket]:
    """The second market."""
    path = tmp_path / "second.sqlite3"
    shutil.copy(empty_market, path)
    market = SecondMarket(path)
    yield market
    market.close()


class Run:
    """``manage.py saleor_migrate`` between this market and the second one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.said = ""
        self.status = 0

    def __call__(self, *arguments: str, back: bool = False) -> int:
        """The exit status; what was printed is in ``said``."""
        way = ["--from", "saleor", "--to", "embedded"] if back else ["--from", "embedded", "--to", "saleor"]
        out = StringIO()
        self.status = 0
        try:
            call_command(
                "saleor_migrate", *way, "--without-customers", *arguments, stdout=out, stderr=StringIO()
            )
        except CommandError as error:
            out.write(f"\n{error}")
            self.status = error.returncode
        self.said = out.getvalue()
        return self.status


@pytest.fixture
def move(there: SecondMarket, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    settings.SALEOR_API_URL = there.api_url
    settings.SHOP_ENGINE = "embedded"
    monkeypatch.setattr(saleor_migrate, "GRACE_S", 0)
    monkeypatch.setattr(saleor_migrate, "configured", lambda: there)
    monkeypatch.setattr(saleor_migrate, "SaleorSide", partial(SaleorSide, zoned=False))
    return Run(settings)


@pytest.fixture
def switch(there: SecondMarket, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Shop]:
    """Restart the market with another SHOP_ENGINE."""
    use_gate(gate.check)

    def to(engine: str) -> Shop:
        settings.SHOP_ENGINE = engine
        bare: Shop = SaleorShop(there, zoned=False) if engine == "saleor" else EmbeddedShop()
        shop = gated(with_kept_orders(bare, saleor=engine == "saleor"))
        monkeypatch.setattr(backend.commerce, "_shop", shop)
        return shop

    return to


def deliver() -> None:
    """What a worker would hand on now."""
    while relay.run_once("worker"):
        pass


@pytest.fixture
def guest(buyer: Buyer) -> Buyer:
    return buyer


@pytest.fixture
def sellers(sen: Seller, hoang_giang: Seller) -> tuple[Seller, Seller]:
    return sen, hoang_giang
