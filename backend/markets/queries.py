"""Reading markets, stalls and their days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.db.models import Q

from backend.common import clock
from backend.common.errors import NotFound
from backend.common.money import Money
from backend.common.pages import Rows
from backend.markets.models import Charge, Market, Stall
from backend.markets.values import ChargeView, DayView
from payments.intents.queries import intents_for, received_by_subject

MOST_ROWS: Final = 200
"""Rows that one page of a till lists; totals and counts are over all of them."""
MOST_STALLS: Final = 500


def _views(charges: Sequence[Charge]) -> list[ChargeView]:
    intents = intents_for("charge", [charge.pk for charge in charges])
    return [
        ChargeView(
            id=charge.pk,
            stall_id=charge.stall_id,
            stall_code=charge.stall.code,
            vendor_name=charge.stall.vendor_name,
            market_name=charge.stall.market.name,
            amount=Money(charge.amount_vnd),
            note=charge.note,
            opened_at=charge.opened_at,
            opened_by=charge.opened_by,
            voided_at=charge.voided_at,
            intent=intents[charge.pk],
        )
        for charge in charges
    ]


def get_charge(charge_id: str) -> ChargeView:
    """The charge with this id. Raises NotFound. Access is the caller's to check (backend.markets.access)."""
    charge = Charge.objects.select_related("stall__market").filter(pk=charge_id).first()
    if charge is None:
        raise NotFound()
    return _views([charge])[0]


def charges_today(stall_id: int, day: date | None = None) -> DayView:
    """The stall's ``day`` (today in Vietnam when not given): its charges and what came. See DayView."""
    day = day or clock.today()
    since, until = clock.day_bounds(day)
    received = received_by_subject(owner=f"stall:{stall_id}", kind="charge", since=since, until=until)
    charges = list(
        Charge.objects.select_related("stall__market")
        .filter(Q(opened_at__gte=since, opened_at__lt=until) | Q(pk__in=list(received)), stall_id=stall_id)
        .order_by("-opened_at", "-pk")
    )
    rows = _views(charges)
    now = clock.now()
    labels = [row.labels(now) for row in rows]
    return DayView(
        day=day,
        rows=tuple(rows[:MOST_ROWS]),
        total_received=Money(sum(received.values())),
        count_paid=sum("paid" in each for each in labels),
        open=sum("waiting" in each and "short" not in each for each in labels),
        short=sum("short" in each for each in labels),
    )


def stalls_in(market: Market) -> list[Stall]:
    """The working stalls of ``market`` in the order of their codes, at most 500."""
    stalls = market.stalls.select_related("zone", "market").filter(active=True).order_by("code")
    return list(stalls[:MOST_STALLS])


def find_market(slug: str) -> Market | None:
    """The market at this address part."""
    return Market.objects.select_related("commune__province").filter(slug=slug).first()


def markets(*, commune_code: str = "") -> Rows[Market]:
    """The markets, of one commune when a code is given."""
    rows = Market.objects.select_related("commune__province").prefetch_related("zones")
    return Rows(rows.filter(commune_id=commune_code) if commune_code else rows)


def stalls(*, market_id: int, zone_id: int | None = None) -> Rows[Stall]:
    """The working stalls of a market, of one zone when given."""
    rows = Stall.objects.select_related("market__commune__province", "zone").filter(
        market_id=market_id, active=True
    )
    return Rows(rows if zone_id is None else rows.filter(zone_id=zone_id))


def find_stall(stall_id: int) -> Stall | None:
    """The working stall with this id, as anybody may see it."""
    rows = Stall.objects.select_related("market__commune__province", "zone")
    return rows.filter(pk=stall_id, active=True).first()


def charges(*, stall_id: int) -> Rows[Charge]:
    """What was ever asked for at a stall, newest first. Access is the caller's to check (read_stall)."""
    return Rows(Charge.objects.select_related("stall__market").filter(stall_id=stall_id), newest_first=True)


def notes_of(charge_ids: Sequence[str]) -> dict[str, str]:
    """What vendors wrote beside charges; those without a note are missing. One query."""
    rows = Charge.objects.filter(pk__in=charge_ids).exclude(note="")
    return dict(rows.values_list("pk", "note"))


def find_charge(charge_id: str) -> Charge | None:
    """The charge with this id. Access is the caller's to check (backend.markets.access)."""
    return Charge.objects.select_related("stall__market").filter(pk=charge_id).first()


def views_of(found: Sequence[Charge]) -> list[ChargeView]:
    """Charges beside their intents. One query."""
    return _views(found)
