"""An intent as other rooms see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from payments.vietqr import encode

LABELS = {
    "waiting": "Đang chờ tiền về",
    "short": "Còn thiếu",
    "paid": "Đã nhận đủ",
    "over": "Nhận thừa",
    "late": "Tiền về muộn",
    "refunded": "Đã hoàn tiền",
    "cancelled": "Đã hủy",
}


@dataclass(frozen=True)
class Intent:
    """One amount due. Amounts are whole đồng, times aware; `received_vnd` may be less or more than
    `due_vnd`.
    """

    id: str
    reference: str
    kind: str
    subject: str
    label: str
    owner: str
    due_vnd: int
    received_vnd: int
    refunded_vnd: int
    opened_at: datetime
    expires_at: datetime | None
    first_received_at: datetime | None
    last_received_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    by_hand: bool
    payee_id: int
    bin: str
    bank_short_name: str
    account: str
    account_name: str

    @property
    def outstanding_vnd(self) -> int:
        """What is still missing; 0 once enough came."""
        return max(self.due_vnd - self.received_vnd, 0)

    @cached_property
    def qr_payload(self) -> str:
        """The VietQR payload for what is still missing (for the whole amount once nothing is)."""
        return encode(
            bin=self.bin,
            account=self.account,
            amount_vnd=self.outstanding_vnd or self.due_vnd,
            purpose=self.reference,
        )

    def labels(self, now: datetime) -> frozenset[str]:
        """What is true of it at `now`; several can be.

        waiting: not cancelled, not expired, not enough yet. short: something came, not enough. paid: enough
        came. over: more than enough. late: money came after the expiry or after the cancelling. refunded,
        cancelled: as said. An intent that expired with nothing received has none of them.
        """
        found = set()
        expired = self.expires_at is not None and self.expires_at <= now
        if self.received_vnd >= self.due_vnd:
            found.add("paid")
        else:
            if self.received_vnd > 0:
                found.add("short")
            if self.cancelled_at is None and not expired:
                found.add("waiting")
        if self.received_vnd > self.due_vnd:
            found.add("over")
        if self.last_received_at is not None and any(
            end is not None and self.last_received_at > end for end in (self.expires_at, self.cancelled_at)
        ):
            found.add("late")
        if self.refunded_vnd > 0:
            found.add("refunded")
        if self.cancelled_at is not None:
            found.add("cancelled")
        return frozenset(found)
