from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import pytest

from backend import commerce
from backend.accounts.models import Seller
from backend.commerce.values import Product
from backend.common import clock
from backend.ocop.models import Producer
from backend.ocop.services import register_producer
from backend.places.models import Commune


class Shelf:
    """A shop that knows which seller each product belongs to, and counts how often it is asked."""

    def __init__(self) -> None:
        self.seller_of: dict[str, str] = {}
        self.asked = 0

    def products(self, ids: Sequence[str]) -> dict[str, Product]:
        self.asked += 1
        now = clock.now()
        return {
            each: Product(
                id=each,
                slug=each,
                name=each,
                description="",
                category_id="c",
                seller_id=self.seller_of[each],
                variants=(),
                images=(),
                label={},
                published=True,
                created_at=now,
                updated_at=now,
            )
            for each in ids
            if each in self.seller_of
        }


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    shelf = Shelf()
    monkeypatch.setattr(commerce, "_shop", shelf)
    return shelf


MakeProducer = Callable[[str], Producer]


@pytest.fixture
def make_producer(db: None) -> MakeProducer:
    commune = Commune.objects.get(pk="30682")  # Xã Thoại Sơn

    def make(slug: str) -> Producer:
        seller = Seller.objects.create(
            slug=slug, name=f"Hộ {slug}", kind="household", commune=commune, phone="0900000100"
        )
        return register_producer(seller=seller, actor="system:test")

    return make


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    def at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return at
