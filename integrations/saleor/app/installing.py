"""The handshake of an installation, and the keys of a Saleor."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from backend.commerce.naming import GATEWAY
from backend.common import audit, clock
from backend.common.limits import allow
from integrations.saleor.app import outside
from integrations.saleor.app.errors import NotAllowed, NotConfirmed, SaleorUnreachable, TooManyTries
from integrations.saleor.app.models import Installation
from integrations.saleor.app.signature import clean_keys
from integrations.saleor.connection import Access, keep_access

KEYS_PAUSE: Final = timedelta(seconds=60)
"""An unknown key makes us ask for the key set at most this often: requests with made-up keys must not become a flood."""
MOST_TRIES_OF_NETWORK: Final = 20
MOST_TRIES: Final = 60
"""In a minute, for one Saleor: from one network nobody uses them up."""
TRIES_S: Final = 60
LONGEST_TOKEN: Final = 200
_WHO: Final = "query Who { app { id identifier } }"


def is_allowed(api_url: str) -> bool:
    """Whether the Saleor of this API address may install the market (SALEOR_APIS)."""
    return api_url in settings.SALEOR_APIS


def install(*, api_url: str, token: str, network: str) -> Installation:
    """Take the token of an installation, or of one made anew.

    The request that brings it is not signed, so it is believed only after its own Saleor has confirmed it:
    1. the address is on the allow-list; 2. asked there under the token, the App is ours; 3. its keys can be had.
    Nothing is stored before. ``network`` is where the request comes from.
    Raises NotAllowed, NotConfirmed, SaleorUnreachable, TooManyTries.
    """
    if not is_allowed(api_url):
        raise NotAllowed("This Saleor may not install the market: its API address is not in SALEOR_APIS.")
    if not 10 <= len(token) <= LONGEST_TOKEN or not token.isascii() or not token.isprintable():
        raise NotConfirmed("This is no token of an App.")
    _count_try(api_url, network)
    app_id = _confirmed_app(api_url, token)
    keys = _fetch_keys(api_url)
    now = clock.now()
    with transaction.atomic(durable=True):
        row, new = Installation.objects.update_or_create(
            api_url=api_url,
            defaults={
                "app_id": app_id,
                "keys": keys,
                "keys_at": now,
                "keys_tried_at": now,
                "installed_at": now,
            },
        )
        # The shop's own calls go under the same token, to the address at which this machine reaches that Saleor.
        keep_access(Access(settings.SALEOR_API_URL or api_url, app_id, token))
        audit.record(row.actor, "saleor.installed", row.actor, api_url=api_url, app_id=app_id, new=new)
    return row


def _count_try(api_url: str, network: str) -> None:
    # Whoever knows the address of the door could make us call the Saleor as often as they like; and who has used up the
    # tries of their own network has not used up those of the Saleor itself.
    mine = allow("saleor-install-from", network, most=MOST_TRIES_OF_NETWORK, within_s=TRIES_S)
    if not mine or not allow("saleor-install", api_url, most=MOST_TRIES, within_s=TRIES_S):
        raise TooManyTries("Too many installations at once; try again in a minute.")


def _confirmed_app(api_url: str, token: str) -> str:
    answer = outside.post_json(api_url, {"query": _WHO}, token=token)
    data = answer.get("data") if isinstance(answer, dict) else None
    app = data.get("app") if isinstance(data, dict) else None
    if not isinstance(app, dict) or app.get("identifier") != GATEWAY or not isinstance(app.get("id"), str):
        raise NotConfirmed("The Saleor does not know this token as the market's.")
    return str(app["id"])


def _fetch_keys(api_url: str) -> dict[str, Any]:
    try:
        return clean_keys(outside.get_json(outside.keys_url(api_url)))
    except ValueError as error:
        raise SaleorUnreachable(f"The key set cannot be used: {error}") from None


def refresh_keys(row: Installation) -> bool:
    """Ask for the key set anew; False when that was done a moment ago. Raises SaleorUnreachable."""
    now = clock.now()
    # Looked at first: an update takes the database's write lock even where it changes nothing.
    mine = row.keys_tried_at <= now - KEYS_PAUSE and Installation.objects.filter(
        pk=row.pk, keys_tried_at__lte=now - KEYS_PAUSE
    ).update(keys_tried_at=now)
    if not mine:
        held, row.keys = row.keys, None
        row.refresh_from_db(fields=["keys", "keys_at", "keys_tried_at"])
        if row.keys != held:
            return True
        if row.keys_at < row.keys_tried_at:
            # Being asked for by somebody else, or asked for in vain: the webhook is worth sending again.
            raise SaleorUnreachable("The keys of this Saleor could not be had a moment ago.")
        return False
    row.keys = _fetch_keys(row.api_url)
    Installation.objects.filter(pk=row.pk).update(keys=row.keys, keys_at=now)
    return True
