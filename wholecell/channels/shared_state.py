"""What the processes share of a login: limits, budgets, a token, notes. Folders and services know it by `contract`.

All times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `count` units in any `seconds`, of which `burst` may come at once.

    `says` tells people of it, such as "Amazon allows 1 order search every 3 minutes".
    """

    name: str
    count: int
    seconds: float
    burst: int = 1
    says: str = ""


@dataclass(frozen=True, slots=True)
class DailyBudget:
    """Calls that one app may make in a day, for all its logins together.

    `count` is assumed until the channel says otherwise; `kept_back` of them are for what is urgent. The day ends at
    midnight in `zone`. `says` tells people of it, such as "eBay allows 5,000 listing calls a day".
    """

    name: str
    count: int
    kept_back: int
    zone: str = "UTC"
    says: str = ""


class Limiter(Protocol):
    """Keeps a call inside the channel's limits, shared by all processes."""

    def take(self, limit: RateLimit, units: int = 1) -> None:
        """Wait up to two seconds for a turn. Raises WaitingError when the wait is longer."""

    def hold(self, limit: RateLimit, seconds: float) -> None:
        """The channel says that this limit is used up: nobody gets a turn for so long, a minute at most."""

    def spend(self, budget: DailyBudget, units: int = 1, *, is_urgent: bool = False) -> None:
        """Count calls of today. Raises WaitingError until the day's end when only what is kept back is left.

        What is kept back is for urgent calls: falls, above all those to 0.
        """

    def learn_budget(self, budget: DailyBudget, count: int, left: int, ends_at: datetime) -> None:
        """The channel says how many calls a day has, how many are left, and when it ends (aware UTC)."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What opens a channel for some minutes; `expires_at` is aware UTC."""

    text: str
    expires_at: datetime

    def is_fresh(self, now: datetime) -> bool:
        """Whether it is good for another minute; else it is renewed."""
        return self.expires_at > now + timedelta(minutes=1)


class SharedState(Limiter, Protocol):
    """What all processes share of one integration: its limits, its access token, and notes of unfinished work.

    All of it is forgotten when the login changes, and kept encrypted.
    """

    def token(self, fetch: Callable[[], AccessToken]) -> str:
        """Give the token that is valid for another minute, or fetch one; of many who need one, one fetches.

        Raises what `fetch` raises, and WaitingError when another process takes long to fetch it.
        """

    def drop_token(self, token: str) -> None:
        """Forget this token, which the channel refused; one fetched meanwhile stays."""

    def recall(self, name: str) -> str:
        """Give the text remembered under this name; empty when there is none."""

    def remember(self, name: str, text: str) -> None:
        """Keep a text of at most 4,000 characters for the runs to come; an empty one is forgotten."""
