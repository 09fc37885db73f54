"""What a feed's provider must bring: how to trust a notice, and what it says. Pure Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

# A notice of one transfer is under 2 kB; nobody sends us more than this.
MAX_BODY = 65_536

# Highest amount of one transfer that we believe; beyond it a notice is malformed.
MAX_AMOUNT_VND = 10**13


class NoticeRefused(ValueError):
    """A notice that is not believed: its signature, its age or its size is wrong. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code}: {message}")


class NoticeMalformed(ValueError):
    """A notice that is authentic but cannot be understood. `code` is stable, `message` Vietnamese."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code}: {message}")


@dataclass(frozen=True, slots=True)
class ReportedTransfer:
    """One movement on an account, as every provider's report becomes.

    `provider_id` is the provider's own stable id of it; `account` the account it moved on, `sub_account` a
    virtual one before it; amounts are whole đồng; `occurred_at` is aware; `code` is a payment code that the
    provider recognised.
    """

    provider: str
    provider_id: str
    bank_name: str
    account: str
    sub_account: str
    direction: Literal["in", "out"]
    amount_vnd: int
    currency: str
    occurred_at: datetime
    content: str
    code: str
    reference: str

    def as_json(self) -> dict[str, Any]:
        """A dict for json.dumps."""
        return {
            "provider": self.provider,
            "provider_id": self.provider_id,
            "bank_name": self.bank_name,
            "account": self.account,
            "sub_account": self.sub_account,
            "direction": self.direction,
            "amount_vnd": self.amount_vnd,
            "currency": self.currency,
            "occurred_at": self.occurred_at.isoformat(),
            "content": self.content,
            "code": self.code,
            "reference": self.reference,
        }


@dataclass(frozen=True, slots=True)
class Provider:
    """One kind of feed.

    `verify(headers, body, secrets, now)`: headers with lower-case names, the body's bytes as they came, the
    secrets that are valid now, Unix seconds; raises NoticeRefused. `parse(body)`: the transfers that the body
    reports, none for an event that is not about a transfer; raises NoticeMalformed. `success`: what the
    provider must be answered, to the byte.
    """

    name: str
    label: str
    verify: Callable[[Mapping[str, str], bytes, Sequence[str], float], None]
    parse: Callable[[bytes], tuple[ReportedTransfer, ...]]
    success: bytes
