"""Single values of eBay's answers, JSON and XML alike."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from wholecell.channels.http import plain
from wholecell.channels.values import LARGEST, hundredths, is_storable


class UnreadableError(ValueError):
    """An answer or a row is not what eBay documents; the text says what is wrong."""


def text(value: object, longest: int = 300) -> str:
    """Read a text or a number as one line; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    return plain(value, longest)


def exact(value: object) -> str:
    """Read a text letter for letter, for names that have to match; blanks around it do not count.

    Empty for what is none, or cannot be stored.
    """
    return value.strip() if isinstance(value, str) and is_storable(value) else ""


def block(value: object, *names: str) -> dict[str, Any]:
    """Go down into nested objects; empty where one is missing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[dict[str, Any]]:
    """The objects of a list; what is no list has none."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def money(value: object, *, units: int = 1) -> tuple[int | None, str]:
    """An amount of REST's, {"value", "currency"}, in hundredths with its currency."""
    given = block(value)
    return hundredths(given.get("value"), units=units, least=-LARGEST), text(given.get("currency"), 3)


def stamp(at: datetime) -> str:
    """A time as eBay's filters read it, with thousandths."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
