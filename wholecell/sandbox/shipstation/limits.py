"""The calls of a minute, as V1 counts them and says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from ..limits import RateLimit


@dataclass
class Minute(RateLimit):
    """At most `most` calls in a window that begins with the first of them, unlike the sliding one it comes from."""

    _began: datetime | None = field(default=None, repr=False)

    def spend(self, now: datetime, units: int = 1) -> bool:
        """Whether the call may pass; if so it is counted."""
        if self._began is None or not timedelta() <= now - self._began < timedelta(seconds=self.seconds):
            self._began, self._used = now, 0
        if self.most is None:
            return True
        if self._used >= self.most:
            return False
        self._used += units
        return True

    def headers(self, now: datetime) -> dict[str, str]:
        """The three that every answer carries; none when there is no limit. Reset: seconds to the next window."""
        if self.most is None or self._began is None:
            return {}
        rest = self.seconds - (now - self._began).total_seconds()
        numbers = {"Limit": self.most, "Remaining": max(self.most - self._used, 0), "Reset": max(ceil(rest), 0)}
        return {f"X-Rate-Limit-{name}": str(number) for name, number in numbers.items()}
