from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from backend.accounts.models import Membership, User
from backend.common import clock
from backend.markets.models import Market, Stall
from backend.markets.services import create_market, create_stall
from backend.places.models import Commune
from payments.payees.services import set_payee

SetClock = Callable[[datetime], None]
MakePerson = Callable[..., User]


@pytest.fixture
def commune(db: None) -> Commune:
    """Xã Thoại Sơn, An Giang; every migrated database knows all communes."""
    return Commune.objects.get(pk="30682")


@pytest.fixture
def market(commune: Commune) -> Market:
    return create_market(actor="user:1", name="Chợ Thoại Sơn", commune=commune)


@pytest.fixture
def stall(market: Market) -> Stall:
    """Sạp A12, with an account of its own."""
    stall = create_stall(actor="user:1", market=market, code="A12", vendor_name="Cô Bảy rau", goods="Rau củ")
    set_payee(
        owner=stall.owner, bin="970436", account="0011012345678", account_name="TRAN THI BAY", actor="user:1"
    )
    return stall


@pytest.fixture
def other_stall(market: Market) -> Stall:
    stall = create_stall(actor="user:1", market=market, code="B03", vendor_name="Chú Tư cá", goods="Cá đồng")
    set_payee(
        owner=stall.owner, bin="970405", account="6700205123456", account_name="LE VAN TU", actor="user:1"
    )
    return stall


@pytest.fixture
def make_person(db: None) -> MakePerson:
    """A person with one role within one scope; ``end=True``: who held it once."""

    def make(role: str = "", scope: str = "", scope_id: object = "", *, end: bool = False) -> User:
        count = User.objects.count()
        person = User.objects.create_user(phone=f"+849000007{count:02}", password="x", name=f"Người {count}")
        if role:
            Membership.objects.create(
                user=person,
                role=role,
                scope=scope,
                scope_id=str(scope_id),
                ended_at=clock.now() if end else None,
            )
        return person

    return make


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    def at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return at
