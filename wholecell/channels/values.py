"""Single values of answers that several channels write alike."""

from __future__ import annotations

from datetime import UTC, datetime


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
