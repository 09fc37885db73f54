"""A product's page is there whatever Saleor does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backend.commerce.errors import ShopUnavailable
from backend.common import clock
from integrations.saleor import reading, snapshots
from integrations.saleor.models import Snapshot
from tests.contract.conftest import Market
from tests.contract.legs import DialectLeg

pytestmark = pytest.mark.django_db


def node(pk: str = "p1", **fields: Any) -> dict[str, Any]:
    return {"id": pk, "slug": "rau", "name": "Rau", **fields}


def test_a_younger_reading_stays() -> None:
    now = clock.now()
    snapshots.keep({"p1": node(name="mới")}, asked=["p1"], read_at=now)
    snapshots.keep({"p1": node(name="cũ")}, asked=["p1"], read_at=now - timedelta(seconds=1))
    assert snapshots.find("rau") == node(name="mới")
    snapshots.keep({}, asked=["p1"], read_at=now - timedelta(seconds=1))
    assert snapshots.find("rau") is not None
    snapshots.keep({}, asked=["p1"], read_at=now + timedelta(seconds=1))
    assert snapshots.find("rau") is None


def test_a_younger_reading_of_another_process_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    snapshots.keep({"p1": node(name="đầu")}, asked=["p1"], read_at=now - timedelta(seconds=9))
    filtered = Snapshot.objects.filter

    def overtaken(*args: Any, **named: Any) -> Any:
        rows = list(filtered(*args, **named))
        monkeypatch.undo()
        snapshots.keep({"p1": node(name="mới"), "p2": node("p2")}, asked=["p1", "p2"], read_at=now)
        return rows

    # The other reading, which began later, is written between this one's looking and writing.
    monkeypatch.setattr(Snapshot.objects, "filter", overtaken)
    older = {"p1": node(name="cũ"), "p2": node("p2", name="cũ")}
    snapshots.keep(older, asked=["p1", "p2"], read_at=now - timedelta(seconds=1))
    assert Snapshot.objects.get(pk="p1").node == node(name="mới")
    assert Snapshot.objects.get(pk="p2").node == node("p2")


def test_what_is_gone_does_not_come_back_with_an_older_reading() -> None:
    now = clock.now()
    snapshots.keep({"p1": node()}, asked=["p1"], read_at=now - timedelta(seconds=9))
    snapshots.keep({}, asked=["p1"], read_at=now)
    snapshots.keep({"p1": node()}, asked=["p1"], read_at=now - timedelta(seconds=1))
    assert snapshots.find("rau") is None
    snapshots.keep({"p1": node()}, asked=["p1"], read_at=now + timedelta(seconds=1))
    assert snapshots.find("rau") == node()


def test_what_was_seen_unchanged_wins_over_a_reading_of_before() -> None:
    now = clock.now()
    snapshots.keep({"p1": node()}, asked=["p1"], read_at=now - timedelta(minutes=5))
    snapshots.keep({"p1": node()}, asked=["p1"], read_at=now)
    snapshots.keep({"p1": node(name="cũ")}, asked=["p1"], read_at=now - timedelta(minutes=1))
    assert snapshots.find("rau") == node()


def test_nothing_is_written_when_nothing_changed() -> None:
    now = clock.now()
    snapshots.keep({"p1": node()}, asked=["p1"], read_at=now)
    snapshots.keep({"p1": node()}, asked=["p1"], read_at=now + timedelta(seconds=5))
    assert Snapshot.objects.get().read_at == now


def test_the_page_of_known_goods_does_not_ask_saleor(monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market(DialectLeg())
    product = market.product()

    def down(*args: Any, **kwargs: Any) -> Any:
        raise ShopUnavailable

    monkeypatch.setattr(type(market.shop._client), "_answer", down)  # type: ignore[attr-defined]
    assert market.shop.find_product(slug=product.slug) == product
    with pytest.raises(ShopUnavailable):
        market.shop.find_product(slug="chua-tung-thay")
    with pytest.raises(ShopUnavailable):
        market.order(product)


def test_goods_that_nobody_has_seen_are_asked_for_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market(DialectLeg())
    market.product()
    client = market.shop._client  # type: ignore[attr-defined]
    answer = type(client)._answer
    asked: list[str] = []

    def counted(self: Any, *args: Any, **named: Any) -> Any:
        asked.append(named["name"])
        return answer(self, *args, **named)

    monkeypatch.setattr(type(client), "_answer", counted)
    assert [market.shop.find_product(slug="chua-tung-thay") for _ in range(3)] == [None] * 3
    assert asked == ["product"]
    for number in range(reading.MOST_ASKED + 5):
        assert market.shop.find_product(slug=f"bia-ra-{number}") is None
    assert len(asked) == reading.MOST_ASKED
