"""The day as the account's clock has it."""

from __future__ import annotations

from datetime import datetime, timedelta

from wholecell.db import utcnow
from wholecell.web.filters import local


def today() -> tuple[datetime, datetime]:
    """When today began and when it ends, where the seller is; a day may have 23 or 25 hours."""
    now = local(utcnow())
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(hours=36)).replace(hour=0)
