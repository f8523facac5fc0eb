"""Single values of answers that several channels write alike, and their words for people."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

LARGEST = 2**31 - 1  # of a count and of an amount in hundredths: what every database's integer holds
CUT = "…"  # ends a text that http.plain made shorter
LEAST_HIDDEN = 5  # letters of a secret's beginning: fewer may be any word's


def moment(value: object) -> datetime | None:
    """Read ISO 8601, with or without fraction and zone; none given is taken as UTC. None when it is no time."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):  # no time, or one that UTC has not
        return None


def is_storable(text: str) -> bool:
    """Whether it can be stored: JSON can spell NUL and halves of characters, which PostgreSQL and UTF-8 cannot hold."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def whole(value: object) -> int | None:
    """Read a count from 0 to LARGEST, also of text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if isinstance(value, str):
        if not re.fullmatch(r"\d{1,10}", value.strip(), re.ASCII):
            return None
        value = int(value)
    return value if 0 <= value <= LARGEST else None


def hundredths(amount: object, *, units: int = 1, least: int = 0) -> int | None:
    """Read an amount in hundredths of its currency, of the yen too, shared among units; None when it is no amount."""
    if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
        return None
    try:
        shared = Decimal(amount.strip() if isinstance(amount, str) else amount) * 100 / units
        found = shared.to_integral_value(ROUND_HALF_UP)
        return int(found) if least <= found <= LARGEST else None
    except ArithmeticError:  # no number, not a number, or beyond what Decimal holds
        return None


def sentence(words: str) -> str:
    """The words with their full stop."""
    return words if words.endswith((".", "!", "?")) else f"{words}."


def hidden(words: str, *secrets: str | None) -> str:
    """The words without our secrets: an answer may repeat what it refuses.

    Of one that `http.plain` has cut, the beginning is hidden too.
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):  # one may be part of another
        words = words.replace(secret, "•••")
        if CUT in words:
            for length in range(len(secret) - 1, LEAST_HIDDEN - 1, -1):
                words = words.replace(secret[:length] + CUT, "•••" + CUT)
    return words
