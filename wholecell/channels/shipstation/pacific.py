"""ShipStation's times: the wall clock of Los Angeles, with daylight saving and without saying so.

V1 API requirements, "Dates": queries and answers are Pacific time, `YYYY-MM-DD HH:MM:SS`; answers carry up to seven
digits of a second and no offset. In the hour that comes twice in autumn a time alone does not say which it is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Los_Angeles")


def moment(value: object) -> datetime | None:
    """Read a time of an answer as aware UTC; of the hour that comes twice, the first. None when it is no time."""
    found = _local(value)
    return None if found is None else _utc(found)


def sure_moment(value: object) -> datetime | None:
    """As `moment`, but None in the hour that comes twice: there the later of two times can look like the earlier."""
    found = _local(value)
    return None if found is None or _comes_twice(found) else _utc(found)


def since(at: datetime) -> str:
    """The start of a query (aware UTC) that leaves out nothing from then on: before an hour that comes twice."""
    local = at.astimezone(ZONE).replace(microsecond=0)
    if _comes_twice(local):
        local = local.replace(minute=0, second=0, fold=0) - timedelta(seconds=1)
    return local.strftime("%Y-%m-%d %H:%M:%S")


def stamp(at: datetime) -> str:
    """A time (aware UTC) as the body of a call wants it."""
    return at.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M:%S.0000000")


def _local(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found.replace(tzinfo=ZONE) if found.tzinfo is None else found


def _utc(found: datetime) -> datetime | None:
    try:
        return found.astimezone(UTC)
    except OverflowError:  # a year that UTC has not
        return None


def _comes_twice(local: datetime) -> bool:
    return local.tzinfo is ZONE and local.replace(fold=0).utcoffset() > local.replace(fold=1).utcoffset()  # type: ignore[operator]
