"""People of a small commune: an administrator, an officer, a farmer with a helper, a manager, a vendor, a
stranger.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from backend.accounts.models import Membership, Seller, User
from backend.accounts.services import create_person, create_seller, grant_role
from backend.common import clock
from backend.common.models import AuditEntry
from backend.markets.models import Market, Stall
from backend.places.models import Commune

PASSWORD = "nấm linh chi đỏ"
SYSTEM = "system:test"


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings) -> None:
    """Pages name static files as they are; their fingerprints exist only where they were collected."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def forward(self, **amount: int) -> None:
        self.now += timedelta(**amount)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(clock, "now", lambda: moved.now)
    return moved


class Village:
    """Hai xã: everything of Vị Tân, and of Thoại Sơn enough to be a stranger's place."""

    def __init__(self) -> None:
        self._numbers = iter(range(1, 1000))
        self.commune = Commune.objects.get(pk="31333")
        self.other_commune = Commune.objects.get(pk="30682")
        self.admin = self.person("Quản trị")
        self.officer = self.person("Cán bộ")
        self.farmer = self.person("Nông dân")
        self.helper = self.person("Tổ công nghệ số")
        self.manager = self.person("Ban quản lý")
        self.vendor = self.person("Tiểu thương")
        self.stranger = self.person("Người lạ")
        self.other_farmer = self.person("Nông dân xã khác")
        self.other_admin = self.person("Quản trị xã khác")
        self.seller = self.open_seller("Hộ Sáu Lành", self.commune)
        self.other_seller = self.open_seller("HTX Thoại Sơn", self.other_commune)
        self.market = Market.objects.create(slug="vi-tan", name="Chợ Vị Tân", commune=self.commune)
        self.other_market = Market.objects.create(
            slug="thoai-son", name="Chợ Thoại Sơn", commune=self.other_commune
        )
        self.stall = Stall.objects.create(market=self.market, code="A1", vendor_name="Cô Ba")
        self.give(self.admin, "admin", "commune", "31333")
        self.give(self.officer, "officer", "commune", "31333")
        self.give(self.farmer, "farmer", "seller", self.seller.pk)
        self.give(self.helper, "helper", "seller", self.seller.pk)
        self.give(self.manager, "manager", "market", self.market.pk)
        self.give(self.vendor, "vendor", "stall", self.stall.pk)
        self.give(self.other_farmer, "farmer", "seller", self.other_seller.pk)
        self.give(self.other_admin, "admin", "commune", "30682")

    def person(self, name: str) -> User:
        return create_person(
            actor=SYSTEM, name=name, password=PASSWORD, phone=f"0900000{next(self._numbers):03}"
        )

    def open_seller(self, name: str, commune: Commune) -> Seller:
        return create_seller(actor=SYSTEM, name=name, kind="household", commune=commune, phone="0911111111")

    def give(self, user: User, role: str, scope: str, scope_id: str | int) -> Membership:
        return grant_role(actor=SYSTEM, user=user, role=role, scope=scope, scope_id=scope_id)


@pytest.fixture
def village(db: None) -> Village:
    return Village()


State = tuple[list[tuple[object, ...]], list[tuple[object, ...]], int]


@pytest.fixture
def state() -> Callable[[], State]:
    """Everything that a refused act could have changed."""

    def read() -> State:
        return (
            list(Membership.objects.order_by("pk").values_list()),
            list(Seller.objects.order_by("pk").values_list()),
            AuditEntry.objects.count(),
        )

    return read
