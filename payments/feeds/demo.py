"""The demo bank's view of the market: which codes wait to be paid. Only in a demo, only with its token."""

from __future__ import annotations

import hmac
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from backend.common import clock
from payments.feeds.queries import linked_accounts
from payments.intents.models import PaymentIntent
from payments.intents.queries import to_value
from payments.intents.values import Intent

MOST: Final = 60
SHOWN_FOR: Final = timedelta(days=1)
"""Codes older than this leave the demo bank's list; they can still be paid by pasting them."""


def waiting_token() -> str:
    """What the demo bank shows as `Authorization: Bearer …`; made from SECRET_KEY, so nothing needs
    storing.
    """
    return hmac.new(settings.SECRET_KEY.encode(), b"demo-bank-waiting-list", sha256).hexdigest()


def _row(intent: Intent) -> dict[str, Any]:
    now = clock.now()
    return {
        "reference": intent.reference,
        "label": intent.label,
        "payload": intent.qr_payload,
        # A bank finds the name by the account; the code does not carry it.
        "account_name": intent.account_name,
        "expires_at": intent.expires_at.isoformat() if intent.expires_at else None,
        "labels": sorted(intent.labels(now)),
    }


@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """The newest codes of the last day, waiting or not, as JSON; `?ref=` asks for one by its reference."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.DEMO or not hmac.compare_digest(given.encode(), waiting_token().encode()):
        return JsonResponse({"reason": "forbidden"}, status=403)
    rows = PaymentIntent.objects.select_related("payee__bank_account").order_by("-opened_at", "-pk")
    reference = request.GET.get("ref")
    rows = (
        rows.filter(reference=reference) if reference else rows.filter(opened_at__gte=clock.now() - SHOWN_FOR)
    )
    return JsonResponse(
        {
            "intents": [_row(to_value(row)) for row in rows[:MOST]],
            "linked_accounts": [f"{bin_} {account}" for bin_, account in linked_accounts()],
        }
    )
