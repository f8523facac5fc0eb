"""State of a login that no other process shares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from .contract import AccessToken, DailyBudget, Limiter, RateLimit


class OwnState:
    """A SharedState that nobody shares: for a login not saved yet, and for tests. Without a limiter nothing waits."""

    def __init__(self, limiter: Limiter | None = None) -> None:
        """Start with nothing remembered."""
        self._limiter = limiter
        self._token: AccessToken | None = None
        self._notes: dict[str, str] = {}

    def take(self, limit: RateLimit, units: int = 1) -> None:
        """Take a turn where there are limits."""
        if self._limiter is not None:
            self._limiter.take(limit, units)

    def hold(self, limit: RateLimit, seconds: float) -> None:
        """Pass on that the channel says it is used up."""
        if self._limiter is not None:
            self._limiter.hold(limit, seconds)

    def spend(self, budget: DailyBudget, units: int = 1, *, is_urgent: bool = False) -> None:
        """Count calls of today where that is done."""
        if self._limiter is not None:
            self._limiter.spend(budget, units, is_urgent=is_urgent)

    def learn_budget(self, budget: DailyBudget, count: int, left: int, ends_at: datetime) -> None:
        """Pass on what the channel says of its day."""
        if self._limiter is not None:
            self._limiter.learn_budget(budget, count, left, ends_at)

    def token(self, fetch: Callable[[], AccessToken]) -> str:
        """Give the token fetched earlier, or fetch one."""
        if self._token is None or not self._token.is_fresh(datetime.now(UTC)):
            self._token = fetch()
        return self._token.text

    def drop_token(self, token: str) -> None:
        """Forget this token."""
        if self._token is not None and self._token.text == token:
            self._token = None

    def recall(self, name: str) -> str:
        """Give the text remembered under this name."""
        return self._notes.get(name, "")

    def remember(self, name: str, text: str) -> None:
        """Keep a text."""
        self._notes[name] = text
