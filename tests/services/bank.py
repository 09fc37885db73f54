"""A bank of the tests' own: reports transfers by signed SePay webhooks through the market's public door."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from payments.feeds.sepay.signature import sign
from tests.services.visitor import Reply, Visitor

VIETNAM = timezone(timedelta(hours=7))
SUCCESS = {"success": True}
_REFERENCE = re.compile(r"\bCX[0-9A-Z]{8}\b")


@dataclass(frozen=True, slots=True)
class FeedDoor:
    """Where a provider reports, and with which secret it signs."""

    path: str
    secret: str

    @classmethod
    def of_demo(cls, data_dir: Path) -> FeedDoor:
        """The door that a demo market has told its demo bank of."""
        told = json.loads((data_dir / "demo" / "bank.json").read_text(encoding="utf-8"))
        return cls(urlsplit(told["webhook_url"]).path, told["secret"])


def linked_accounts(visitor: Visitor, data_dir: Path) -> set[str]:
    """The account numbers of a demo market on which a bank reports."""
    told = json.loads((data_dir / "demo" / "bank.json").read_text(encoding="utf-8"))
    reply = visitor.get(
        urlsplit(told["waiting_url"]).path, {"Authorization": f"Bearer {told['waiting_token']}"}
    )
    return {row.split()[1] for row in json.loads(reply.body)["linked_accounts"]}


def notice(*, number: int, account: str, amount_vnd: int, content: str, **more: Any) -> bytes:
    """SePay's words about one transfer that came in; `number` is SePay's own id of it."""
    row = {
        "id": number,
        "gateway": "",
        "transactionDate": datetime.now(VIETNAM).strftime("%Y-%m-%d %H:%M:%S"),
        "accountNumber": account,
        "code": None,
        "content": content,
        "transferType": "in",
        "transferAmount": amount_vnd,
        "accumulated": 0,
        "subAccount": None,
        "referenceCode": f"FT{number}",
        "description": content,
    }
    return json.dumps(row | more).encode()


def report(visitor: Visitor, door: FeedDoor, body: bytes) -> Reply:
    """One attempt to report these bytes, signed now."""
    return visitor.send(door.path, body, signed_headers(door, body))


def signed_headers(door: FeedDoor, body: bytes) -> dict[str, str]:
    """What SePay sends beside these bytes at this second."""
    stamp = int(time.time())
    return {
        "Content-Type": "application/json",
        "X-SePay-Timestamp": str(stamp),
        "X-SePay-Signature": sign(door.secret, stamp, body),
    }


def is_success(reply: Reply) -> bool:
    """SePay's own test: 200 or 201 with exactly this object; anything else is sent again."""
    if reply.status not in (200, 201):
        return False
    try:
        return bool(json.loads(reply.body) == SUCCESS)
    except ValueError:
        return False


def reference_on(page: Reply) -> str:
    """The payment reference that a page shows. Raises LookupError."""
    found = _REFERENCE.search(page.text)
    if found is None:
        raise LookupError(f"no reference on {page.path}")
    return found.group()
