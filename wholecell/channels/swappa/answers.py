"""What answers say, for people, and what they must not repeat."""

from __future__ import annotations

from collections.abc import Mapping

from wholecell.channels.http import Response, plain
from wholecell.channels.values import hidden


def words_of(response: Response, login: Mapping[str, str], *more: str) -> str:
    """What an answer says, for people, without our secrets: those of a login or a grant, and `more`."""
    secrets = (login.get(name) for name in ("token", "refresh_token", "access_token", "client_secret", "code"))
    return hidden(_told(response), *secrets, *more) or f"HTTP {response.status} without an explanation"


def _told(response: Response) -> str:
    """The words of an error body, those for people first; empty without any."""
    answer = response.json if isinstance(response.json, dict) else {}
    found = (answer.get(name) for name in ("message", "error_description", "error"))
    return next((plain(each) for each in found if isinstance(each, str) and each.strip()), "")
