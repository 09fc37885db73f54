"""A charge and a stall's day as pages see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from backend.common.money import Money
from backend.markets.models import LEAST_CHARGE_VND
from payments.intents.values import Intent


@dataclass(frozen=True)
class ChargeView:
    """A charge beside the payment intent that says how much of it came. Times are aware."""

    id: str
    stall_id: int
    stall_code: str
    vendor_name: str
    market_name: str
    amount: Money
    note: str
    opened_at: datetime
    opened_by: str
    voided_at: datetime | None
    intent: Intent

    @property
    def received(self) -> Money:
        """All that has come for it so far, which may be less or more than asked."""
        return Money(self.intent.received_vnd)

    @property
    def missing(self) -> Money:
        """What is still to come; zero once enough came."""
        return Money(self.intent.outstanding_vnd)

    @property
    def can_be_asked_again(self) -> bool:
        """Whether what is still to come is enough for a charge of its own."""
        return self.missing.amount >= LEAST_CHARGE_VND

    def labels(self, now: datetime) -> frozenset[str]:
        """As the intent's: waiting, short, paid, over, late, refunded, cancelled; several can be true."""
        return self.intent.labels(now)


@dataclass(frozen=True)
class DayView:
    """What a stall's till shows of one Vietnamese calendar day.

    ``rows`` are charges opened on that day or paid on it, newest first. ``total_received`` is all that came
    on that day, short payments included, whenever it had been asked for. ``count_paid`` counts rows that
    have all their money, ``open`` those that wait with nothing come yet, ``short`` those with less than
    asked.
    """

    day: date
    rows: tuple[ChargeView, ...]
    total_received: Money
    count_paid: int
    open: int
    short: int
