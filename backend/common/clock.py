"""The one place that tells the time, so that a test can move it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """``moment`` on a Vietnamese clock (+07:00)."""
    return moment.astimezone(VIETNAM)


def today() -> date:
    """The calendar day in Vietnam."""
    return local(now()).date()


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """First instant of the Vietnamese calendar ``day`` and of the next: a half-open interval."""
    start = datetime(day.year, day.month, day.day, tzinfo=VIETNAM)
    following = date.fromordinal(day.toordinal() + 1)
    return start, datetime(following.year, following.month, following.day, tzinfo=VIETNAM)
