"""How to reach the Saleor that stands behind this market."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from backend.commerce.errors import ShopUnavailable
from backend.common import clock
from backend.common.secrets import seal, unseal
from integrations.saleor.client import Client
from integrations.saleor.models import Connection


@dataclass(frozen=True)
class Access:
    """An address and the token of our App there."""

    api_url: str
    app_id: str
    token: str


def keep_access(access: Access) -> None:
    """Store the token, sealed. A later one of the same Saleor takes the place of the earlier."""
    Connection.objects.update_or_create(
        api_url=access.api_url,
        defaults={"app_id": access.app_id, "sealed_token": seal(access.token), "at": clock.now()},
    )


def find_access(api_url: str) -> Access | None:
    """The stored access to ``api_url``; None before the set-up or the installation of the App."""
    row = Connection.objects.filter(api_url=api_url).first()
    return Access(row.api_url, row.app_id, unseal(row.sealed_token)) if row else None


def stored_token(api_url: str) -> str:
    """The App's token for ``api_url``. Raises ShopUnavailable before there is one."""
    access = find_access(api_url)
    if access is None:
        raise ShopUnavailable()
    return access.token


@lru_cache(maxsize=4)
def client_of(api_url: str) -> Client:
    """One client, and so one pool of connections, per Saleor and process."""
    return Client(api_url, token=lambda: stored_token(api_url), timeout_s=settings.SALEOR_TIMEOUT_S)


def configured() -> Client:
    """The client of the Saleor that the settings name."""
    return client_of(settings.SALEOR_API_URL)
