"""Every provider of bank feeds: one line each."""

from __future__ import annotations

from payments.feeds import sepay
from payments.feeds.provider import Provider

PROVIDERS: dict[str, Provider] = {
    "sepay": sepay.PROVIDER,
}
