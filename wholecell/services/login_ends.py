"""Logins that end on a day known beforehand, and when to tell people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wholecell.channels.contract import Channel

TOLD_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class LoginEnd:
    """The day a login stops working, near enough to tell or over already."""

    on: date
    is_over: bool

    @property
    def day(self) -> str:
        """As people write it: 3 March 2027."""
        return f"{self.on.day} {self.on:%B %Y}"

    @property
    def sentence(self) -> str:
        """What happens when."""
        return f"The login {'ended' if self.is_over else 'ends'} on {self.day}."


def near_end(channel: Channel, login: Mapping[str, str], now: datetime) -> LoginEnd | None:
    """The end of this login, told from its form, where it is at most 30 days away."""
    on = channel.login_ends(login)
    if on is None or on - now.date() > TOLD_BEFORE:
        return None
    return LoginEnd(on, on <= now.date())
