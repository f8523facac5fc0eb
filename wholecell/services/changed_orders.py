"""Which orders changed in a span of time, told from their timelines: each change that matters writes a line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Event

OUT_OF_TURN = timedelta(minutes=5)  # a long transaction's lines are older than those with a lower id


def changed(since: datetime, until: datetime | None = None) -> sa.Select[Any]:
    """Ids of orders whose history has a line since then, both ends included.

    Lines have no index by time. They are written in the order of their ids, so that a few looks find where to begin.
    """
    low, high = db.session.execute(sa.select(sa.func.min(Event.id), sa.func.max(Event.id))).one()
    low, high = low or 0, (high or 0) + 1
    while low < high:
        middle = (low + high) // 2
        at_or_after = sa.select(Event.at).where(Event.id >= middle).order_by(Event.id).limit(1)
        at = db.session.scalar(at_or_after)
        if at is None or at >= since - OUT_OF_TURN:
            high = middle
        else:
            low = middle + 1
    # Nothing is added to the word but the habit of looking it up by index, which reads the lines of all time.
    about_orders = sa.func.coalesce(Event.subject, "") == "order"
    query = sa.select(Event.subject_id).where(Event.id >= low, Event.at >= since, about_orders)
    return query if until is None else query.where(Event.at <= until)
