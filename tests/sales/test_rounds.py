"""The worker's rounds: however many sales or purchases fail for good, those behind them are reached."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from backend.accounts.models import Seller
from backend.common import clock
from backend.common.errors import TooBusy
from backend.common.ids import new_id
from backend.places.models import Commune
from backend.sales import services
from backend.sales.models import Purchase, Sale
from backend.sales.services import LONGEST_PAUSE, STALE, cancel_unpaid, sweep

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def late_sales(sen: Seller, vi_tan: Commune) -> list[str]:
    """150 sales past their time, the earliest first."""
    return _rows(sen, vi_tan, 150, hold_until=clock.now() - timedelta(hours=1), placed=True)


def _rows(seller: Seller, commune: Commune, count: int, *, placed: bool, **facts: object) -> list[str]:
    now = clock.now()
    # Ids made within a millisecond are in no order of their own.
    ids = sorted(new_id() for _ in range(count))
    purchases = Purchase.objects.bulk_create(
        Purchase(
            key=f"form-{n}",
            name="Trần Văn Nam",
            phone="+84900000006",
            commune=commune,
            created_at=now - timedelta(hours=2) + timedelta(seconds=n),
        )
        for n in range(count)
    )
    sales = Sale.objects.bulk_create(
        Sale(
            id=ids[n],
            purchase=purchase,
            seller=seller,
            payment="vietqr",
            delivery_method="pickup",
            delivery_name="Tự đến lấy",
            delivery_vnd=0,
            lines=[],
            confirmed_vnd=1000,
            order_id=f"order-{n}" if placed else None,
            placed_at=now - timedelta(hours=2) if placed else None,
            created_at=now,
            **facts,
        )
        for n, purchase in enumerate(purchases)
    )
    return [sale.pk for sale in sales]


def refuse(these: set[str], done: list[str], tried: list[str]) -> Callable[..., None]:
    """Stands for a cancelling that the shop refuses for ``these``."""

    def cancel(*, sale_id: str, **_: object) -> None:
        tried.append(sale_id)
        if sale_id in these:
            raise TooBusy()
        done.append(sale_id)
        Sale.objects.filter(pk=sale_id).update(cancel_asked_at=clock.now(), cancelled_at=clock.now())

    return cancel


def test_a_hundred_that_refuse_do_not_hold_up_the_fifty_behind_them(
    late_sales: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    tried: list[str] = []
    monkeypatch.setattr(services, "ask_to_cancel", refuse(set(late_sales[:100]), done, tried))
    assert cancel_unpaid() == 0
    assert cancel_unpaid() == 50
    assert done == late_sales[100:]
    assert cancel_unpaid() == 0
    assert tried == late_sales, "nobody was tried twice before its time"


def test_one_that_refused_is_tried_again_each_time_later_and_is_done_once_it_can_be(
    late_sales: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Sale.objects.exclude(pk=late_sales[0]).update(hold_until=None)
    done: list[str] = []
    tried: list[str] = []
    monkeypatch.setattr(services, "ask_to_cancel", refuse({late_sales[0]}, done, tried))
    start = clock.now()
    now = start
    monkeypatch.setattr(clock, "now", lambda: now)
    for turn, seconds in enumerate([0, 15, 45, 105, 225, 465, 945, 1905, 3825, 7425, 11025]):
        now = start + timedelta(seconds=seconds - 1)
        if turn:
            cancel_unpaid()
        assert len(tried) == turn
        now = start + timedelta(seconds=seconds)
        cancel_unpaid()
        assert len(tried) == turn + 1

    monkeypatch.setattr(services, "ask_to_cancel", refuse(set(), done, tried))
    now += LONGEST_PAUSE
    assert (cancel_unpaid(), done) == (1, [late_sales[0]])


def test_half_done_cancellings_and_placings_that_fail_hold_up_nobody_either(
    sen: Seller, vi_tan: Commune, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = clock.now() - STALE * 2
    asked = _rows(sen, vi_tan, 60, placed=True, cancel_asked_at=before)
    tried: list[str] = []

    def broken(*, sale_id: str) -> None:
        tried.append(sale_id)
        raise RuntimeError("a fault of the program, not a refusal")

    monkeypatch.setattr(services, "finish_cancel", broken)
    assert (sweep(), sweep(), sweep()) == (0, 0, 0)
    assert sorted(tried) == sorted(asked)

    Sale.objects.all().delete()
    Purchase.objects.all().delete()
    _rows(sen, vi_tan, 60, placed=False)
    placed: list[str] = []

    def jammed(purchase: Purchase) -> None:
        placed.append(purchase.key)
        raise TooBusy()

    monkeypatch.setattr(services, "finish_purchase", jammed)
    sweep()
    sweep()
    assert placed == [f"form-{n}" for n in range(60)]
