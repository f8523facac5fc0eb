"""What happened, over the whole account, newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from wholecell.db import db
from wholecell.models import ChangeBatch, Event, Integration, InventoryItem, Listing, SalesOrder, User
from wholecell.services import keyset
from wholecell.services.bulk import AnyRows
from wholecell.services.keyset import Cursor, Page
from wholecell.services.variation_names import names

SUBJECTS = ("item", "variation", "listing", "order", "integration", "upload", "account")
SOURCES = ("person", "scan", "upload", "channel", "system")


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """Which events are asked for; empty means any."""

    subject: str = ""
    source: str = ""
    user_id: int | None = None
    batch_id: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One event with the words a page shows; `label` is empty when its row is gone."""

    id: int
    at: datetime
    subject: str
    subject_id: int
    kind: str
    old: str | None
    new: str | None
    source: str
    who: str
    batch_id: int | None
    batch: str
    label: str
    new_id: int | None  # the row that `new` names


def _query() -> AnyRows:
    return (
        sa.select(
            Event.id,
            Event.at,
            Event.subject,
            Event.subject_id,
            Event.kind,
            Event.old,
            Event.new,
            Event.source,
            User.name,
            User.email,
            Event.batch_id,
            ChangeBatch.title,
            Event.new_id,
        )
        .outerjoin(User, User.id == Event.user_id)
        .outerjoin(ChangeBatch, ChangeBatch.id == Event.batch_id)
    )


def find(wanted: ActivityFilter, cursor: Cursor) -> Page[Line]:
    """One page of events with their subjects' names, in a fixed number of queries."""
    query = _query()
    if wanted.subject:
        query = query.where(Event.subject == wanted.subject)
    if wanted.source:
        query = query.where(Event.source == wanted.source)
    if wanted.user_id is not None:
        query = query.where(Event.user_id == wanted.user_id)
    if wanted.batch_id is not None:
        query = query.where(Event.batch_id == wanted.batch_id)
    page = keyset.newest_first(query, Event.id, cursor)
    return Page(_lines(page.rows), page.previous, page.next)


def timeline(subject: str, subject_id: int, limit: int = 100) -> list[Line]:
    """The newest events about one thing."""
    asked = {"of": subject, "which": subject_id, "most": limit}
    return _lines(db.session.execute(_timeline(), asked).all())


@cache
def _timeline() -> AnyRows:
    query = _query().where(Event.subject == sa.bindparam("of"), Event.subject_id == sa.bindparam("which"))
    return query.order_by(Event.id.desc()).limit(sa.bindparam("most", type_=sa.Integer()))


def _lines(rows: Iterable[sa.Row[object]]) -> list[Line]:
    rows = list(rows)
    wanted: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        wanted[row.subject].add(row.subject_id)
    labels = {(subject, key): label for subject, ids in wanted.items() for key, label in _labels(subject, ids)}
    return [
        Line(
            id=row.id,
            at=row.at,
            subject=row.subject,
            subject_id=row.subject_id,
            kind=row.kind,
            old=row.old,
            new=row.new,
            source=row.source,
            who=row.name or row.email or "",
            batch_id=row.batch_id,
            batch=row.title or "",
            label=labels.get((row.subject, row.subject_id), ""),
            new_id=row.new_id,
        )
        for row in rows
    ]


def _labels(subject: str, ids: set[int]) -> Iterable[tuple[int, str]]:
    if subject == "variation":
        return [(key, name) for key, name in names(db.session(), ids).items() if key is not None]
    columns = {
        "item": (InventoryItem.id, InventoryItem.esn),
        "listing": (Listing.id, Listing.title),
        "order": (SalesOrder.id, SalesOrder.number),
        "integration": (Integration.id, Integration.name),
    }.get(subject)
    if columns is None:
        return []
    key, label = columns
    return [(row[0], row[1]) for row in db.session.execute(_labelled(key, label), {"ids": list(ids)})]


@cache
def _labelled(key: InstrumentedAttribute[int], label: InstrumentedAttribute[str]) -> sa.Select[int, str]:
    return sa.select(key, label).where(key.in_(sa.bindparam("ids", expanding=True)))


def people() -> list[tuple[int, str]]:
    """Everybody, for the filter."""
    query = sa.select(User.id, User.name, User.email).order_by(User.name)
    return [(key, name or email) for key, name, email in db.session.execute(query)]


def batch(batch_id: int) -> ChangeBatch | None:
    """One bulk action."""
    return db.session.get(ChangeBatch, batch_id)
