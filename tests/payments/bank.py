"""A bank and its SePay, for tests: makes notices as SePay writes them, signs them and sends them to the
door.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.test import Client

from backend.common import clock
from backend.common.money import vnd
from payments.feeds.sepay.signature import sign
from payments.feeds.services import Connection, link_account, open_connection
from payments.intents.services import open_intent
from payments.intents.values import Intent
from payments.payees.queries import Payee
from payments.payees.services import set_payee

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

SECRET = "whsec_for_tests_0123456789"
NOW = datetime.fromisoformat("2026-11-22T10:00:00+07:00")
_numbers = itertools.count(92_704)


@dataclass
class Bank:
    """One connection with one payee behind it."""

    connection: Connection
    payee: Payee
    secret: str = SECRET
    client: Client = field(default_factory=Client)

    def intent(
        self,
        due: int = 50_000,
        *,
        expires_at: datetime | None = None,
        payee: Payee | None = None,
        kind: str = "order",
    ) -> Intent:
        """A fresh intent of this bank's payee, or of another one."""
        number = next(_numbers)
        return open_intent(
            key=f"test:{number}",
            payee_id=(payee or self.payee).id,
            due=vnd(due),
            kind=kind,
            subject=f"{kind}:{number}",
            label=f"Đơn {number}",
            expires_at=expires_at,
        )

    def notice(self, content: str = "chuyen tien", amount: int = 50_000, **fields: Any) -> bytes:
        """SePay's JSON about one transfer; `fields` replace what it says, None-valued ones included."""
        row: dict[str, Any] = {
            "id": next(_numbers),
            "gateway": "Vietcombank",
            "transactionDate": "2026-11-22 09:59:30",
            "accountNumber": self.payee.account,
            "code": None,
            "content": content,
            "transferType": "in",
            "transferAmount": amount,
            "accumulated": 19_077_000,
            "subAccount": None,
            "referenceCode": "MBVCB.3278907687",
            "description": "",
        }
        return json.dumps(row | fields, ensure_ascii=False).encode()

    def send(
        self,
        body: bytes,
        *,
        secret: str | None = None,
        at: int | None = None,
        path: str = "",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send these bytes as SePay would, signed now (or `at` Unix seconds)."""
        stamp = int(clock.now().timestamp()) if at is None else at
        return self.client.post(
            path or self.connection.path,
            data=body,
            content_type="application/json",
            headers={
                "X-SePay-Signature": sign(secret or self.secret, stamp, body),
                "X-SePay-Timestamp": str(stamp),
                **(headers or {}),
            },
        )

    def pays(self, content: str, amount: int = 50_000, **fields: Any) -> Answer:
        """One transfer, made and reported."""
        return self.send(self.notice(content, amount, **fields))


def new_bank(*, owner: str = "seller:1", bin_: str = "970436", account: str | None = None) -> Bank:
    """A payee with an account of their own and a connection that reports on it."""
    number = account or f"0011{next(_numbers):09d}"
    payee = set_payee(owner=owner, bin=bin_, account=number, account_name="NGUYEN THI SEN", actor="user:1")
    connection = open_connection(provider="sepay", name="SePay", secret=SECRET, actor="user:1")
    link_account(connection_id=connection.id, bin=bin_, account=payee.account, actor="user:1")
    return Bank(connection, payee)
