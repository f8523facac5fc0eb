"""Single values of eBay's answers, JSON and XML alike."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from wholecell.channels.http import plain
from wholecell.channels.values import is_storable

LARGEST = 2**31 - 1  # of a quantity and of a price in hundredths


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


def whole(value: object) -> int | None:
    """Read a count from 0 to LARGEST, also of text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if isinstance(value, str):
        if not re.fullmatch(r"\d{1,10}", value.strip(), re.ASCII):
            return None
        value = int(value)
    return value if 0 <= value <= LARGEST else None


def hundredths(value: object, *, units: int = 1) -> int | None:
    """Read an amount in hundredths of its currency, shared among units; None when it is no amount."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        amount = Decimal(value.strip() if isinstance(value, str) else value) * 100 / units
        found = int(amount.to_integral_value(ROUND_HALF_UP))
        return found if abs(found) <= LARGEST else None
    except (ArithmeticError, ValueError):  # no number, not a number, or beyond what Decimal holds
        return None


def money(value: object, *, units: int = 1) -> tuple[int | None, str]:
    """An amount of REST's, {"value", "currency"}, in hundredths with its currency."""
    given = block(value)
    return hundredths(given.get("value"), units=units), text(given.get("currency"), 3)


def stamp(at: datetime) -> str:
    """A time as eBay's filters read it, with thousandths."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def sentence(words: str) -> str:
    """The words with their full stop."""
    return words if words.endswith((".", "!", "?")) else f"{words}."
