"""Asking a Saleor that is not yet known: bounded in time and size, never redirected."""

from __future__ import annotations

import json
import urllib.request
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from integrations.saleor.app.errors import SaleorUnreachable

TIMEOUT_S: Final = 5.0
"""Saleor waits 18 s for our answer to an installation, in which it is asked twice."""
MOST_BYTES: Final = 200_000


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        """An address that was allowed must not lead to another."""


# No proxies from the environment: the addresses come from an allow-list and are asked directly.
_opener = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))


def get_json(url: str) -> object:
    """What ``url`` answers to GET. Raises SaleorUnreachable."""
    return _ask(urllib.request.Request(url, headers={"Accept": "application/json"}))  # noqa: S310


def post_json(url: str, body: dict[str, Any], *, token: str) -> object:
    """What ``url`` answers to ``body`` under ``token``. Raises SaleorUnreachable."""
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Authorization": f"Bearer {token}",
    }
    return _ask(
        urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")  # noqa: S310
    )


def _ask(request: urllib.request.Request) -> object:
    if urlsplit(request.full_url).scheme not in {"http", "https"}:
        raise SaleorUnreachable("Only http and https are spoken.")
    try:
        with _opener.open(request, timeout=TIMEOUT_S) as answer:
            raw = answer.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise SaleorUnreachable("The answer is too long.")
        return json.loads(raw)
    except (OSError, HTTPException, ValueError) as error:
        # The address stands in the message, the token never does.
        raise SaleorUnreachable(f"{request.full_url}: {type(error).__name__}") from None


def keys_url(api_url: str) -> str:
    """Where the Saleor of this API address publishes its keys."""
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc}/.well-known/jwks.json"
