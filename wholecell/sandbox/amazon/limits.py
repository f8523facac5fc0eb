"""How often each operation may be called: a token bucket for every seller and application.

Rates and bursts are those of each operation's "Usage Plan" in the documents.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ..limits import RateLimit

#: Operation -> calls a second, burst.
PLANS: dict[str, tuple[float, int]] = {
    "getMarketplaceParticipations": (0.016, 15),
    "searchListingsItems": (5, 5),
    "getListingsItem": (5, 10),
    "patchListingsItem": (5, 5),
    "createReport": (0.0167, 15),
    "getReport": (2, 15),
    "getReports": (0.0222, 10),
    "getReportDocument": (0.0167, 15),
    "createFeedDocument": (0.5, 15),
    "createFeed": (0.0083, 15),
    "getFeed": (2, 15),
    "getFeeds": (0.0222, 10),
    "getFeedDocument": (0.0222, 10),
    "searchOrders": (0.0056, 20),
    "getOrder": (0.5, 30),
    "confirmShipment": (2, 10),
}


@dataclass
class TokenBucket(RateLimit):
    """`most` calls at once, and one more for every `seconds` gone by."""

    _left: float = field(default=0.0, repr=False)
    _at: datetime | None = field(default=None, repr=False)

    def spend(self, now: datetime, units: int = 1) -> bool:
        """Whether the call may pass; one that may not costs nothing."""
        if self.most is None:
            return True
        gone = (now - self._at).total_seconds() if self._at else None
        self._left = self.most if gone is None else min(self.most, self._left + max(gone, 0.0) / self.seconds)
        self._at = now
        if self._left < units - 1e-9:
            return False
        self._left -= units
        return True


def new_limits() -> dict[str, RateLimit]:
    """A full bucket per operation; listings feeds have a limit of their own, five in five minutes."""
    buckets: dict[str, RateLimit] = {
        name: TokenBucket(burst, 1 / rate) for name, (rate, burst) in PLANS.items() if name != "createFeed"
    }
    return buckets | {"createFeed": RateLimit(5, 300)}
