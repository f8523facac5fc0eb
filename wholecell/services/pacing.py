"""Calls inside a channel's limits, shared by all processes through one row per integration and limit."""

from __future__ import annotations

import math
import time

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from wholecell.channels.contract import RateLimit, WaitingError
from wholecell.db import db, transaction
from wholecell.models import RateLimitState
from wholecell.services.budgets import KindLimiter

LONGEST_HOLD = 60.0  # seconds that a channel may say a limit is used up
CLOCKS_DIFFER = 60.0  # seconds between the clocks of our processes, at most
LONGEST_NAP = 2.0  # seconds; a longer wait is written down by the caller and the work yields


class SharedLimiter(KindLimiter):
    """The limits of one integration and the budgets of its kind, kept in the database."""

    def __init__(self, integration_id: int, kind: str) -> None:
        """Count the calls of this integration."""
        super().__init__(kind)
        self._integration_id = integration_id

    def take(self, limit: RateLimit, units: int = 1) -> None:
        """Wait up to two seconds for a turn. Raises WaitingError when the wait is longer."""
        wait = self._reserve(limit, units)
        if wait > 0:
            time.sleep(wait)

    def hold(self, limit: RateLimit, seconds: float) -> None:
        """Give nobody a turn for so long, a minute at most; calls go on one by one then."""
        interval = limit.seconds / limit.count
        until = time.time() + min(seconds, LONGEST_HOLD) + (limit.burst - 1) * interval
        with transaction() as session:
            self._ensure_row(session, limit)
            state = RateLimitState
            own = (state.integration_id == self._integration_id) & (state.name == limit.name) & (state.next_at < until)
            session.execute(sa.update(state).where(own).values(next_at=until))

    def _reserve(self, limit: RateLimit, units: int) -> float:
        """Seconds until our turn, which is then ours; a turn too far away is not taken."""
        interval = limit.seconds / limit.count
        with transaction() as session:
            self._ensure_row(session, limit)
            state = RateLimitState
            own = (state.integration_id == self._integration_id) & (state.name == limit.name)
            next_at = session.scalar(sa.select(state.next_at).where(own).with_for_update()) or 0.0
            now = time.time()
            # Nobody takes a turn further away than this: a later one was written before the clock was set back.
            furthest = now + limit.burst * interval + LONGEST_NAP + CLOCKS_DIFFER
            start = now if next_at > furthest else max(next_at, now)
            # A bucket that leaks: calls may come together while the backlog is under the burst.
            wait = start + (units - limit.burst) * interval - now
            if wait > LONGEST_NAP:
                says = limit.says or f"The limit of {limit.count} {limit.name} in {_span(limit.seconds)} is used up"
                raise WaitingError(f"{says}.", retry_after=math.ceil(wait))
            session.execute(sa.update(state).where(own).values(next_at=start + units * interval))
        return max(wait, 0.0)

    def _ensure_row(self, session: sa.orm.Session, limit: RateLimit) -> None:
        insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
        values = {"integration_id": self._integration_id, "name": limit.name, "next_at": 0.0}
        session.execute(insert(RateLimitState).values(values).on_conflict_do_nothing())


def _span(seconds: float) -> str:
    if seconds >= 3600:
        return "an hour" if seconds == 3600 else f"{seconds / 3600:g} hours"
    if seconds >= 60:
        return "a minute" if seconds == 60 else f"{seconds / 60:g} minutes"
    return "a second" if seconds == 1 else f"{seconds:g} seconds"
