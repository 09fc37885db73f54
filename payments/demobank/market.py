"""Talking to the market from outside: its list of waiting codes, and SePay's webhook."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from payments.demobank.config import Market

# SePay waits 30 s for an answer; a demo need not.
TIMEOUT_S = 10.0
MAX_ANSWER = 1_000_000


class Unreachable(Exception):
    """The market gave no usable answer; the message is for people."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One code of the market's list. `labels` are the market's own words for its state."""

    reference: str
    label: str
    payload: str
    account_name: str
    expires_at: str | None
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaitingList:
    """Codes, newest first, and the accounts ("BIN number") on which the market's SePay reports."""

    codes: tuple[Waiting, ...]
    linked: frozenset[str]


def _ask(method: str, url: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
    """Status and body. Raises Unreachable."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    try:
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(MAX_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"Không gọi được chợ ở {parts.scheme}://{parts.netloc} ({error}).") from None
    finally:
        connection.close()


def fetch_waiting(market: Market, reference: str = "") -> WaitingList:
    """The newest codes, or the one with this reference. Raises Unreachable."""
    url = market.waiting_url + (f"?{urlencode({'ref': reference})}" if reference else "")
    headers = {"Authorization": f"Bearer {market.waiting_token}", "Accept": "application/json"}
    status, body = _ask("GET", url, None, headers)
    if status != 200:
        raise Unreachable(f"Chợ không cho xem danh sách mã (trả lời {status}).")
    try:
        answer: dict[str, Any] = json.loads(body)
        codes = tuple(
            Waiting(
                reference=str(row["reference"]),
                label=str(row["label"]),
                payload=str(row["payload"]),
                account_name=str(row["account_name"]),
                expires_at=row["expires_at"],
                labels=tuple(row["labels"]),
            )
            for row in answer["intents"]
        )
        return WaitingList(codes, frozenset(answer["linked_accounts"]))
    except (ValueError, KeyError, TypeError):
        raise Unreachable("Danh sách mã của chợ không đọc được.") from None


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """X-SePay-Signature as SePay makes it: HMAC-SHA256 over "<timestamp>.<body>"."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def send_notice(market: Market, body: bytes, timestamp: int) -> tuple[int, str]:
    """One attempt to report: the market's status and words; status 0 when it gave no answer."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "SePay-demo",
        "X-SePay-Timestamp": str(timestamp),
        "X-SePay-Signature": sign(market.secret, timestamp, body),
    }
    try:
        status, answer = _ask("POST", market.webhook_url, body, headers)
    except Unreachable as error:
        return 0, str(error)
    return status, answer.decode("utf-8", "replace")


def is_success(status: int, answer: str) -> bool:
    """What SePay takes for success: 200 or 201 with `{"success": true}`."""
    try:
        return status in (200, 201) and json.loads(answer) == {"success": True}
    except ValueError:
        return False
