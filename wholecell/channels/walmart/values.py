"""Single values of Walmart's answers: amounts come as numbers or text, times as milliseconds or text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from wholecell.channels import values
from wholecell.channels.http import plain

LARGEST = 2**31 - 1  # of a quantity and of a price in cents
SOONEST = 10**11  # milliseconds below this, in 1973, are seconds
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UnreadableError(ValueError):
    """An answer or a row is not what Walmart documents; the text says what is wrong."""


def text(value: object, longest: int = 300) -> str:
    """Read a text or a number as one line; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    return plain(value, longest)


def block(value: object, *names: str) -> dict[str, Any]:
    """Go down into nested objects; empty where one is missing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def rows(value: object, *names: str) -> list[dict[str, Any]]:
    """Go down to a list of objects, also one that is not wrapped, or whose only element is; empty where it is missing.

    {"charges": {"charge": [{...}]}} and {"charges": [{...}]} are both read by "charges", "charge".
    """
    for name in names:
        if isinstance(value, list):
            break
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, dict):
        value = [value]
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def whole(value: object) -> int | None:
    """Read a count from 0 to LARGEST, also of text and of 5.0; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    if isinstance(value, str) and not re.fullmatch(r"\s*\d{1,10}(\.0{1,6})?\s*", value, re.ASCII):
        return None
    number = _decimal(value)
    return int(number) if number is not None and 0 <= number <= LARGEST and number == int(number) else None


def cents(value: object) -> int | None:
    """Read an amount of money, number or text, as cents; it may be negative, as a discount is. None when it is none."""
    number = _decimal(value)
    if number is None or abs(number) > LARGEST // 100:
        return None
    return int((number * 100).to_integral_value(ROUND_HALF_UP))


def moment(value: object) -> datetime | None:
    """Read a time: milliseconds since 1970 (or seconds), as number or text, or ISO 8601. None when it is no time."""
    if isinstance(value, str) and not re.fullmatch(r"\d{9,14}", value, re.ASCII):
        return values.moment(value)
    number = _decimal(value)
    if number is None or number <= 0:
        return None
    try:
        return EPOCH + timedelta(milliseconds=int(number * 1000 if number < SOONEST else number))
    except OverflowError:
        return None


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
        return number if number.is_finite() and abs(number) < 10**18 else None
    except ArithmeticError:
        return None
