"""Money on its way to a stall: a really signed notice of a bank feed through the public door."""

from __future__ import annotations

import itertools
import json

from django.test import Client

from backend.common import clock
from backend.markets.values import ChargeView
from payments.feeds.models import FeedConnection
from payments.feeds.sepay.signature import SIGNATURE, TIMESTAMP, sign
from payments.feeds.services import link_account, open_connection

SECRET = "only-for-tests-of-stalls"
_numbers = itertools.count(90_001)


def transfer(charge: ChargeView, amount_vnd: int) -> None:
    """The buyer's bank moves ``amount_vnd`` with the charge's reference, now, and the feed says so."""
    connection = FeedConnection.objects.first()
    if connection is None:
        open_connection(provider="sepay", name="Ngân hàng thử", secret=SECRET, actor="user:1")
        connection = FeedConnection.objects.get()
    intent = charge.intent
    link_account(connection_id=connection.pk, bin=intent.bin, account=intent.account, actor="user:1")
    number = next(_numbers)
    body = json.dumps(
        {
            "id": number,
            "gateway": intent.bank_short_name,
            "transactionDate": f"{clock.local(clock.now()):%Y-%m-%d %H:%M:%S}",
            "accountNumber": intent.account,
            "code": None,
            "content": f"{intent.reference} chuyen tien",
            "transferType": "in",
            "transferAmount": amount_vnd,
            "referenceCode": f"FT{number}",
        }
    ).encode()
    timestamp = int(clock.now().timestamp())
    answer = Client().post(
        f"/hooks/sepay/{connection.public_id}/",
        data=body,
        content_type="application/json",
        headers={TIMESTAMP: str(timestamp), SIGNATURE: sign(SECRET, timestamp, body)},
    )
    assert (answer.status_code, answer.content) == (201, b'{"success": true}')
