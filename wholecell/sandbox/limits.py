"""How often a seller may call before the marketplace says 429."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass
class RateLimit:
    """At most `most` units in a sliding window of `seconds`, then nothing for `block` seconds.

    `most` None switches the limit off. Times are the shop's clock.
    """

    most: int | None
    seconds: float
    block: float = 0.0
    _spent: deque[tuple[datetime, int]] = field(default_factory=deque, repr=False)
    _used: int = field(default=0, repr=False)
    _blocked_until: datetime | None = field(default=None, repr=False)

    def spend(self, now: datetime, units: int = 1) -> bool:
        """Whether the call may pass; if so its units are counted.

        Only a limit that is reached already refuses: one batch larger than the limit passes when nothing was
        spent before, since a batch that could never be sent would make no sense.
        """
        self._forget(now)
        if self.most is None:
            return True
        if self._blocked_until and now < self._blocked_until:
            return False
        if self._used >= self.most:
            self._blocked_until = now + timedelta(seconds=self.block)
            return False
        self._spent.append((now, units))
        self._used += units
        return True

    def _forget(self, now: datetime) -> None:
        start = now - timedelta(seconds=self.seconds)
        while self._spent and self._spent[0][0] <= start:
            self._used -= self._spent.popleft()[1]
