"""Who does something, and the timeline rows that say so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import db, transaction, utcnow
from wholecell.models import ChangeBatch, Event
from wholecell.services.bulk import insert_rows, table

Subject = Literal["item", "variation", "listing", "order", "integration", "account", "upload"]
Source = Literal["person", "scan", "upload", "channel", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something and from where; `batch_id` names the bulk action it is part of."""

    user_id: int | None = None
    source: Source = "person"
    batch_id: int | None = None
    is_undoing: bool = False  # takes back what the guard held: the numbers that come back do not wait once more

    def within(self, batch: ChangeBatch) -> Actor:
        """The same actor, acting as part of this batch."""
        return replace(self, batch_id=batch.id)


_EVENTS = table(Event)
SYSTEM = Actor(source="system")
CHANNEL = Actor(source="channel")


def record(
    session: Session,
    actor: Actor,
    subject: Subject,
    subject_id: int,
    kind: str,
    old: object = None,
    new: object = None,
    *,
    old_id: int | None = None,
    new_id: int | None = None,
) -> None:
    """Add one line to a timeline, in the caller's transaction."""
    record_many(session, actor, [event_row(subject, subject_id, kind, old, new, old_id=old_id, new_id=new_id)])


def event_row(
    subject: Subject,
    subject_id: int,
    kind: str,
    old: object,
    new: object,
    *,
    old_id: int | None = None,
    new_id: int | None = None,
) -> dict[str, Any]:
    """One line for `record_many`: the words shown, and the ids of the rows they stand for."""
    return {
        "subject": subject,
        "subject_id": subject_id,
        "kind": kind,
        "old": None if old is None else str(old),
        "new": None if new is None else str(new),
        "old_id": old_id,
        "new_id": new_id,
    }


def record_many(session: Session, actor: Actor, rows: Iterable[Mapping[str, Any]], at: datetime | None = None) -> None:
    """Add many lines in one bulk statement, in the caller's transaction."""
    shared = {"at": at or utcnow(), "source": actor.source, "user_id": actor.user_id, "batch_id": actor.batch_id}
    values = [{**row, **shared} for row in rows]
    insert_rows(session, _EVENTS, values)


def open_batch(session: Session, actor: Actor, title: str) -> ChangeBatch:
    """Begin a bulk action that can be undone as one."""
    batch = ChangeBatch(user_id=actor.user_id, title=title)
    session.add(batch)
    session.flush()
    return batch


def timeline(subject: Subject, subject_id: int, limit: int = 100) -> list[Event]:
    """The newest lines about one thing, newest first."""
    query = sa.select(Event).where(Event.subject == subject, Event.subject_id == subject_id)
    return list(db.session.scalars(query.order_by(Event.id.desc()).limit(limit)))


__all__ = ["CHANNEL", "SYSTEM", "Actor", "event_row", "open_batch", "record", "record_many", "timeline", "transaction"]
