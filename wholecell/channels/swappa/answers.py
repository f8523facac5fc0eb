"""What answers say, for people, and what they must not repeat."""

from __future__ import annotations

from collections.abc import Mapping

from wholecell.channels.http import Response, plain


def told(response: Response) -> str:
    """The words of an error body, those for people first."""
    answer = response.json if isinstance(response.json, dict) else {}
    found = (answer.get(name) for name in ("message", "error_description", "error"))
    return next((plain(each) for each in found if isinstance(each, str) and each.strip()), "")


def sentence(text: str) -> str:
    """The text with its full stop."""
    return text if text.endswith(".") else f"{text}."


def hidden(text: str, login: Mapping[str, str], *more: str) -> str:
    """The text without our secrets: an answer may repeat what it refuses."""
    secrets = [login.get(name, "") for name in ("token", "refresh_token", "access_token", "client_secret", "code")]
    for secret in filter(None, [*secrets, *more]):
        text = text.replace(secret, "•••")
    return text
