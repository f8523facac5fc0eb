"""How long ago, in words that are right in any time zone."""

from __future__ import annotations

from datetime import datetime

from wholecell.db import utcnow


def ago(at: datetime) -> str:
    """A moment ago, 3 minutes ago, 2 days ago."""
    seconds = (utcnow() - at).total_seconds()
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        count = int(seconds // size)
        if count >= 1:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "a moment ago"
