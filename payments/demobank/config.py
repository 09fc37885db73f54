"""What the demo bank is told: by the environment, and by the demo market in DATA_DIR/demo/bank.json."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

FIELDS = ("webhook_url", "secret", "waiting_url", "waiting_token")


class NotReady(Exception):
    """The market has not said yet where it is; the message is for people."""


@dataclass(frozen=True, slots=True)
class Market:
    """Where a demo market is: where to report and how to sign, where to ask for waiting codes and by which
    token.

    `retry_unit_s` is what a minute between two of SePay's attempts lasts here: a second, so that nobody waits
    half an hour to see the last one.
    """

    webhook_url: str
    secret: str
    waiting_url: str
    waiting_token: str
    retry_unit_s: float = 1.0


def data_dir() -> Path:
    """The market's folder, as the market itself finds it."""
    return Path(os.environ.get("DATA_DIR", "").strip() or "data").resolve()


def ledger_path() -> Path:
    """The bank's own books."""
    return data_dir() / "demo" / "bank.sqlite3"


def port() -> int:
    """DEMO_BANK_PORT, by default PORT + 1. Raises ValueError."""
    given = os.environ.get("DEMO_BANK_PORT", "").strip()
    return int(given) if given else int(os.environ.get("PORT", "").strip() or 8000) + 1


def read_market() -> Market:
    """The market as it is now; read anew each time, since the market may be set up after the bank has
    started.

    Raises: NotReady.
    """
    path = data_dir() / "demo" / "bank.json"
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        webhook_url, secret, waiting_url, waiting_token = (str(row[name]) for name in FIELDS)
        return Market(webhook_url, secret, waiting_url, waiting_token, float(row.get("retry_unit_s", 1.0)))
    except FileNotFoundError:
        raise NotReady(f"Chưa có {path}: chợ thử chưa được mở (make run).") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise NotReady(f"Không đọc được {path}.") from None
