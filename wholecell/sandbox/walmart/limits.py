"""How often each call may be made, and the two headers that tell how often still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..limits import RateLimit


@dataclass
class Bucket(RateLimit):
    """A limit that also says what is left of it."""

    def left(self, now: datetime) -> int | None:
        """How many calls may still be made, None without a limit."""
        self._forget(now)
        return None if self.most is None else max(self.most - self._used, 0)

    def renewed(self, now: datetime) -> datetime:
        """When the next call comes free; now when none is spent."""
        self._forget(now)
        return self._spent[0][0] + timedelta(seconds=self.seconds) if self._spent else now


def buckets() -> dict[str, RateLimit]:
    """Walmart's published limits per seller and application; the token call has none published."""
    minute, hour = 60, 3_600
    return {
        "token": Bucket(None, minute),
        "token_detail": Bucket(None, minute),
        "items": Bucket(300, minute),
        "items_with_parameters": Bucket(60, minute),
        "item": Bucket(900, minute),
        "item_with_parameters": Bucket(60, minute),
        "inventory": Bucket(200, minute),
        "update_inventory": Bucket(200, minute),
        "inventories": Bucket(200, minute),
        "inventory_feeds": Bucket(10, hour),
        "mp_inventory_feeds": Bucket(50, hour),
        "feeds": Bucket(5_000, minute),
        "orders": Bucket(5_000, minute),
        "released_orders": Bucket(60, minute),
        "acknowledge": Bucket(60, minute),
        "ship": Bucket(60, minute),
        "cancel": Bucket(60, minute),
    }


def moment(when: datetime, now: datetime, form: str) -> str:
    """The time as `seconds` (to wait), `epoch` (seconds), `milliseconds` (since 1970) or `iso`: all have been seen."""
    if form == "seconds":
        return str(max(round((when - now).total_seconds()), 0))
    if form == "epoch":
        return str(int(when.timestamp()))
    if form == "iso":
        return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(int(when.timestamp() * 1_000))
