"""People at the market's pages: the owner of a desk or till, a helper, the same role elsewhere, a stranger."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.test import Client

from backend.accounts.models import Membership, Seller, User
from backend.markets.models import Stall
from backend.markets.services import create_market, create_stall
from backend.places.models import Commune
from payments.payees.services import set_payee
from tests.sales.conftest import buyer, hoang_giang, make_good, make_seller, sen, vi_tan

__all__ = ["buyer", "hoang_giang", "make_good", "make_seller", "sen", "vi_tan"]


@pytest.fixture(scope="session", autouse=True)
def _static_files() -> None:
    """Collected once, hashed names and all, as `make run` does: pages must name only files that exist."""
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture
def sign_in(transactional_db: None) -> Callable[..., Client]:
    """A browser of a new person with ``roles`` as (role, scope, id)."""

    def make(name: str, *roles: tuple[str, str, int]) -> Client:
        person = User.objects.create_user(email=f"{name}@vi-du.vn", password="mat-khau-rat-dai", name=name)
        for role, scope, scope_id in roles:
            Membership.objects.create(user=person, role=role, scope=scope, scope_id=str(scope_id))
        client = Client()
        client.force_login(person)
        return client

    return make


@pytest.fixture
def desk_people(sign_in: Callable[..., Client], sen: Seller, hoang_giang: Seller) -> dict[str, Client]:
    """Everybody who might come to chị Sen's desk."""
    return {
        "owner": sign_in("sen", ("farmer", "seller", sen.pk)),
        "helper": sign_in("giup", ("helper", "seller", sen.pk)),
        "same role elsewhere": sign_in("giang", ("farmer", "seller", hoang_giang.pk)),
        "other scope, same number": sign_in("bay", ("vendor", "stall", sen.pk)),
        "stranger": sign_in("la"),
        "nobody": Client(),
    }


@pytest.fixture
def stall(vi_tan: Commune) -> Stall:
    market = create_market(actor="test", name="Chợ Vị Tân", commune=vi_tan)
    stall = create_stall(actor="test", market=market, code="A12", vendor_name="Cô Bảy rau")
    set_payee(
        owner=stall.owner, bin="970422", account="99900112233", account_name="TRAN THI BAY", actor="test"
    )
    return stall


@pytest.fixture
def till_people(sign_in: Callable[..., Client], stall: Stall) -> dict[str, Client]:
    """Everybody who might come to cô Bảy's till."""
    other = create_stall(actor="test", market=stall.market, code="A13", vendor_name="Chú Tư cá")
    return {
        "owner": sign_in("bay", ("vendor", "stall", stall.pk)),
        "helper": sign_in("giup", ("helper", "stall", stall.pk)),
        "same role elsewhere": sign_in("tu", ("vendor", "stall", other.pk)),
        "manager of the market": sign_in("quan-ly", ("manager", "market", stall.market_id)),
        "stranger": sign_in("la"),
        "nobody": Client(),
    }
