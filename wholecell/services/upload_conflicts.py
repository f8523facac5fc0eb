"""What others changed since a sheet was read: such rows are left alone, with a reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import Base
from wholecell.models import Event, User
from wholecell.services.bulk import chunks, table
from wholecell.services.events import Subject
from wholecell.services.upload_kinds import Stored


def lock_versions(session: Session, model: type[Base], ids: Iterable[int]) -> dict[int, int]:
    """The version of each row that is still there; they stay as they are until the transaction ends."""
    target = table(model)
    query = sa.select(target.c.id, target.c.version).order_by(target.c.id).with_for_update()
    found: dict[int, int] = {}
    for chunk in chunks(sorted(set(ids))):
        for key, version in session.execute(query.where(target.c.id.in_(chunk))):
            found[key] = version
    return found


def find_stale(
    session: Session, subject: Subject, model: type[Base], rows: Sequence[Stored], since: str
) -> dict[int, str]:
    """Row number -> reason, for rows whose target has another version by now, or is gone.

    `since` ends the sentence: "after this sheet was read".
    """
    targets = {row.target_id: row for row in rows if row.target_id is not None}
    versions = lock_versions(session, model, targets)
    stale = {key: row for key, row in targets.items() if versions.get(key) != row.target_version}
    people = _last_people(session, subject, [key for key in stale if key in versions])
    reasons = {}
    for key, row in stale.items():
        what = f"{people.get(key, 'Somebody')} changed this {since}" if key in versions else f"This was removed {since}"
        reasons[row.number] = f"{what}. It was left alone."
    return reasons


def _last_people(session: Session, subject: Subject, ids: Collection[int]) -> dict[int, str]:
    """Who is on the newest line of each timeline."""
    found: dict[int, str] = {}
    for chunk in chunks(ids):
        newest = (
            sa.select(sa.func.max(Event.id))
            .where(Event.subject == subject, Event.subject_id.in_(chunk))
            .group_by(Event.subject_id)
        )
        query = sa.select(Event.subject_id, User.name, User.email).join(User, User.id == Event.user_id)
        for key, name, email in session.execute(query.where(Event.id.in_(newest))):
            found[key] = name or email
    return found


def touched_since(session: Session, subject: Subject, ids: Iterable[int], batch_id: int | None) -> set[int]:
    """Those of the ids whose timeline has lines of anything but this batch."""
    found: set[int] = set()
    other = sa.or_(Event.batch_id.is_(None), Event.batch_id != batch_id)
    for chunk in chunks(sorted(set(ids))):
        found.update(
            session.scalars(
                sa.select(Event.subject_id).where(Event.subject == subject, Event.subject_id.in_(chunk), other)
            )
        )
    return found


def existing_ids(session: Session, model: type[Base], ids: Iterable[int | None]) -> set[int]:
    """Those of the ids that are still there."""
    key = table(model).c.id
    found: set[int] = set()
    for chunk in chunks(sorted({each for each in ids if each is not None})):
        found.update(session.scalars(sa.select(key).where(key.in_(chunk))))
    return found
