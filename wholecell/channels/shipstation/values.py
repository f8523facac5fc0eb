"""Single values of ShipStation's answers, which nothing vouches for."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from wholecell.channels.http import plain

LARGEST = 2**31 - 1  # of a count and of an amount in cents
LARGEST_ID = 2**53


class UnreadableError(ValueError):
    """An answer or a row is not as documented; the text says what is wrong."""


def text(value: object, longest: int) -> str:
    """A text as one line; empty for anything that is none."""
    return plain(value, longest) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def key(value: object, longest: int) -> str:
    """An id or a key that is compared as it is; empty when it is none, or longer than we keep."""
    found = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return found if re.fullmatch(rf"[ -~]{{1,{longest}}}", found, re.ASCII) else ""


def number(value: object) -> int | None:
    """One of ShipStation's ids, which are whole numbers; None for anything else."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,15}", value, re.ASCII):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 < value < LARGEST_ID else None


def whole(value: object) -> int | None:
    """Return a count from 0 to LARGEST; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= LARGEST else None


def cents(amount: object) -> int | None:
    """Return an amount of dollars, which may be below 0 for a discount, in cents; None when it is no amount."""
    if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
        return None
    try:
        found = (Decimal(amount) * 100).to_integral_value(ROUND_HALF_UP)
        return int(found) if -LARGEST <= found <= LARGEST else None
    except ArithmeticError:  # no number, not a number, or beyond what Decimal holds
        return None


def row_of(value: object) -> dict[str, Any]:
    """An object of an answer; an empty one for anything else, as null stands for one that is not set."""
    return value if isinstance(value, dict) else {}


def rows_of(value: object) -> list[dict[str, Any]]:
    """The objects of a list in an answer."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
