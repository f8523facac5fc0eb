"""Single cells of sheets as values; what cannot be read refuses its row, with the way out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from wholecell.services.money import parse_cents
from wholecell.services.refusal import Refusal
from wholecell.services.upload_kinds import Planned, Row

MOST_UNITS = 1_000_000
MOST_AHEAD = timedelta(days=1)
# What a spreadsheet makes of a long number: its last digits are gone, and nobody can tell them.
_LOST_DIGITS = re.compile(r"[+-]?\d+(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
# A comma parts thousands or, as a spreadsheet with decimal commas writes two units, stands before no more than zeros.
_UNITS = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,7})(?:[.,]0{1,2})?", re.ASCII)
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T](\d{1,2}):(\d{2})(?::\d{2})?)?")


def read_code(row: Row, key: str, planned: Planned, longest: int) -> str:
    """An id or other code, read as text. Refuses the row where a spreadsheet took away digits."""
    text = row.get(key)
    if _LOST_DIGITS.fullmatch(text):
        planned.refuse(
            key,
            f"“{text[:40]}” has lost digits in a spreadsheet. Format the column as text, enter it again, and upload.",
        )
    elif len(text) > longest:
        planned.refuse(key, f"“{text[:20]}…” has {len(text)} characters; up to {longest} are stored.")
    return text


def read_units(row: Row, key: str, planned: Planned, least: int = 0) -> int | None:
    """A whole number of units; None when blank."""
    if not row.get(key):
        return None
    written = _UNITS.fullmatch(row.get(key))
    text = written[1].replace(",", "") if written else ""
    if not (text and least <= int(text) <= MOST_UNITS):
        planned.refuse(key, f"“{row.get(key)[:40]}” is no whole number from {least} to {MOST_UNITS:,}.")
        return None
    return int(text)


def read_cents(row: Row, key: str, planned: Planned) -> int | None:
    """An amount in cents; None when blank."""
    try:
        return parse_cents(row.get(key))
    except Refusal as refusal:
        planned.refuse(key, str(refusal))
        return None


def read_time(row: Row, key: str, planned: Planned, now: datetime, *, is_american: bool) -> datetime | None:
    """A date, with or without a time, as aware UTC; None when blank. 11/26/2026 is read only where that is written.

    A time without a zone is UTC, and a day alone its noon there, so that almost everywhere it is shown as that day.
    """
    text = row.get(key)
    if not text:
        return None
    try:
        found = _american(text) if is_american and "/" in text else datetime.fromisoformat(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        if ":" not in text and not found.hour:
            found = found.replace(hour=12)
    except (ValueError, OverflowError):
        example = "2026-11-26 or 11/26/2026" if is_american else "2026-11-26"
        planned.refuse(key, f"“{text[:40]}” is no date we can read: write it as {example}.")
        return None
    if found > now + MOST_AHEAD:
        planned.refuse(key, f"“{text[:40]}” lies ahead: correct the date.")
    return found


def _american(text: str) -> datetime:
    match = _AMERICAN.fullmatch(text)
    if match is None:
        raise ValueError(text)
    month, day, year, hour, minute = (int(part or 0) for part in match.groups())
    return datetime(year, month, day, hour, minute, tzinfo=UTC)
