"""Whether the Saleor behind the market is there, knows the market, and is prepared: for the operator, who is told once."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Sum

from backend.commerce.errors import ShopUnavailable
from backend.commerce.naming import GATEWAY
from backend.common import clock
from integrations.saleor.app import outside
from integrations.saleor.app.errors import SaleorUnreachable
from integrations.saleor.app.models import HeardWebhook, Installation, ShopWatch
from integrations.saleor.connection import configured, find_access
from integrations.saleor.places import Places
from integrations.saleor.setup import PERMISSIONS

log = logging.getLogger(__name__)

STALE: Final = timedelta(minutes=15)
"""The worker looks every five minutes."""
SAYS: Final = {
    ShopWatch.OK: "Saleor answers, knows the market and is prepared.",
    ShopWatch.GONE: "Saleor does not answer: see that it runs and that SALEOR_API_URL is its address.",
    ShopWatch.TOKEN: "Saleor does not know the market's App or its permissions: install the App anew, or run"
    " manage.py saleor_setup.",
    ShopWatch.SETUP: "Saleor is not prepared (channel, product type, attributes): run manage.py saleor_setup.",
}
_WHO: Final = "query Who { app { id identifier permissions { code } } }"


def look() -> str:
    """How the Saleor of the settings is at this moment, one of ShopWatch's states."""
    access = find_access(settings.SALEOR_API_URL)
    try:
        answer = outside.post_json(
            settings.SALEOR_API_URL, {"query": _WHO}, token=access.token if access else "-"
        )
    except SaleorUnreachable:
        return ShopWatch.GONE
    data = answer.get("data") if isinstance(answer, dict) else None
    app = data.get("app") if isinstance(data, dict) else None
    if not isinstance(app, dict) or app.get("identifier") != GATEWAY:
        return ShopWatch.TOKEN
    if not {each["code"] for each in app.get("permissions") or []}.issuperset(PERMISSIONS):
        return ShopWatch.TOKEN
    try:
        _ = Places(configured()).market
    except ShopUnavailable:
        return ShopWatch.SETUP
    return ShopWatch.OK


def watch() -> str:
    """Look, write it down, and say it in one line of the log when it has turned."""
    state, now = look(), clock.now()
    with transaction.atomic():
        first = ShopWatch(pk=1, state=ShopWatch.OK, since=now, looked_at=now)
        ShopWatch.objects.bulk_create([first], ignore_conflicts=True)
        turned = ShopWatch.objects.filter(pk=1).exclude(state=state).update(state=state, since=now)
        ShopWatch.objects.filter(pk=1).update(looked_at=now)
    if turned and state == ShopWatch.OK:
        log.warning("The shop is back. %s", SAYS[state])
    elif turned:
        log.error("The market takes no orders. %s", SAYS[state])
    return state


def repaired() -> None:
    """Note that a repair pass has come to its end."""
    ShopWatch.objects.filter(pk=1).update(repaired_at=clock.now())


def lines() -> list[str]:
    """What was last seen, a line each, for /health/ and the terminal. Asks the database only."""
    row = ShopWatch.objects.filter(pk=1).first()
    if row is None:
        return ["shop: not looked at yet; the worker does so every five minutes"]
    said = [f"shop: {row.state} since {row.since:%Y-%m-%dT%H:%MZ}. {SAYS[row.state]}"]
    if row.looked_at < clock.now() - STALE:
        said.append(f"shop: not looked at since {row.looked_at:%Y-%m-%dT%H:%MZ}: see that the worker runs")
    heard = HeardWebhook.objects.aggregate(last=Max("received_at"))["last"]
    refused = Installation.objects.aggregate(sum=Sum("refused"))["sum"] or 0
    said.append(
        f"webhooks: last taken in {f'{heard:%Y-%m-%dT%H:%MZ}' if heard else 'never'}, {refused} refused in all"
    )
    said.append(
        f"repair: last finished {f'{row.repaired_at:%Y-%m-%dT%H:%MZ}' if row.repaired_at else 'never'}"
    )
    return said
