"""Times as V1 writes and reads them: clocks of the Pacific coast, without saying so."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")


def local(moment: datetime) -> datetime:
    """What a clock there shows, without a zone: all that V1 ever compares."""
    return moment.astimezone(PACIFIC).replace(tzinfo=None)


def long(moment: datetime) -> str:
    """2016-02-16T15:16:53.7070000, as orders have it."""
    return local(moment).isoformat(timespec="microseconds") + "0"


def short(moment: datetime) -> str:
    """2014-11-12T08:45:20.55, as shipments and stores have it: no zeros at the end, none at all for a whole second."""
    return local(moment).isoformat(timespec="microseconds").rstrip("0").rstrip(".")


def read(text: str) -> datetime:
    """A time or a day as sent, as the clock there shows it. One with an offset is converted first.

    Raises ValueError for anything else.
    """
    moment = datetime.fromisoformat(text.strip())
    if not 1 < moment.year < 9999:
        raise ValueError("No clock can be moved from there.")
    return local(moment) if moment.tzinfo else moment


def utc(clock: datetime) -> datetime:
    """The moment a clock there shows that; of the two in autumn, the first."""
    return clock.replace(tzinfo=PACIFIC).astimezone(UTC)
