"""How often eBay may be called: bursts per seller, and days that end at midnight in California.

Numbers: the Trading reference's short-duration limits, and eBay's page on call limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..limits import RateLimit

PACIFIC = ZoneInfo("America/Los_Angeles")
BURST = 15.0
#: API -> calls a day, of all sellers of one application together.
DAYS = {
    "trading": 5_000,
    "fulfillment": 100_000,
    "account": 25_000,
    "identity": 10_000,
    "analytics": 5_000,
    "inventory": 2_000_000,
    "notification": 10_000,
}
#: Trading call -> calls in 15 seconds.
BURSTS = {"GetMyeBaySelling": 300, "GetSellerList": 300, "ReviseInventoryStatus": 6_000}
#: How often one listing may be revised a day.
REVISIONS = 250


def day_of(now: datetime) -> date:
    """The day of a limit at this time."""
    return now.astimezone(PACIFIC).date()


def next_day(now: datetime) -> datetime:
    """When the limits of a day begin anew, in UTC."""
    return datetime.combine(day_of(now) + timedelta(days=1), time(), PACIFIC).astimezone(UTC)


@dataclass
class DayLimit(RateLimit):
    """`most` calls a day; `used` of them were made."""

    seconds: float = 86_400.0
    used: int = 0
    _day: date | None = field(default=None, repr=False)

    def spend(self, now: datetime, units: int = 1) -> bool:
        """Whether the call may pass; if so it is counted."""
        if self._day != day_of(now):
            self._day, self.used = day_of(now), 0
        if self.most is not None and self.used + units > self.most:
            return False
        self.used += units
        return True

    def used_at(self, now: datetime) -> int:
        """How much of the day is spent."""
        return self.used if self._day == day_of(now) else 0


def new_limits() -> dict[str, RateLimit]:
    """The day of each API by its name, and the bursts of Trading calls by theirs."""
    days: dict[str, RateLimit] = {name: DayLimit(most) for name, most in DAYS.items()}
    return days | {name: RateLimit(most, BURST, BURST) for name, most in BURSTS.items()}
