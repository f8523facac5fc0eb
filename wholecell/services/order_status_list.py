"""The statuses of orders: add, change, put in order, merge, delete, and what that does to listings' numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels import discover
from wholecell.db import db, repeats_after_deadlock, transaction
from wholecell.models import SalesOrder, SalesOrderStatus, StatusMapping
from wholecell.services import listing_effects, order_state, recompute
from wholecell.services.bulk import chunks
from wholecell.services.events import Actor, event_row, open_batch, record, record_many
from wholecell.services.listing_effects import ListingEffect
from wholecell.services.lists import COLORS
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal
from wholecell.services.status_words import CANCELED

GONE = "That status is gone: load the page again."
SHOWN = 20  # orders named in an effect


@dataclass(frozen=True, slots=True)
class Status:
    """A status as its form gives it."""

    title: str
    color: str = "gray"
    counts_as_open: bool = False
    allows_commitment: bool = False
    syncs_to_shipstation: bool = False

    @property
    def words(self) -> str:
        """The status in one line, for timelines."""
        flags = (
            "open" if self.counts_as_open else "not open",
            "allows commitment" if self.allows_commitment else "no commitment",
            f"goes to {shipper()}" if self.syncs_to_shipstation else "",
        )
        return f"{self.title} ({', '.join(filter(None, (self.color, *flags)))})"


def shipper() -> str:
    """What the program is called that ships the orders whose status says so."""
    return next((channel.label for channel in discover().values() if channel.ships_orders), "the shipping program")


@dataclass(frozen=True, slots=True)
class Row:
    """One status as the page shows it, with what uses it."""

    id: int
    status: Status
    orders: int
    words: int  # of channels that become it


def rows() -> list[Row]:
    """All statuses in their order, in three queries."""
    orders = _uses(SalesOrder.status_id)
    words = _uses(StatusMapping.status_id)
    query = sa.select(SalesOrderStatus).order_by(SalesOrderStatus.position, SalesOrderStatus.id)
    return [
        Row(each.id, _status(each), orders.get(each.id, 0), words.get(each.id, 0)) for each in db.session.scalars(query)
    ]


def _uses(column: Any) -> dict[int, int]:
    query = sa.select(column, sa.func.count()).where(column.is_not(None)).group_by(column)
    return dict(db.session.execute(query).all())


def _status(row: SalesOrderStatus) -> Status:
    return Status(row.title, row.color, row.counts_as_open, row.allows_commitment, row.syncs_to_shipstation)


def get(status_id: int) -> Status:
    """One status. Raises Refusal when it is gone."""
    return _status(_row(db.session(), status_id))


def _row(session: Session, status_id: int) -> SalesOrderStatus:
    row = session.get(SalesOrderStatus, status_id)
    if row is None:
        raise Refusal(GONE)
    return row


def _lock(session: Session) -> None:
    """Let one change of the list happen after the other, so that two cannot take one title."""
    session.execute(sa.select(SalesOrderStatus.id).with_for_update())


def _clean(session: Session, status: Status, own_id: int | None = None) -> Status:
    title = " ".join(status.title.split())
    if not title:
        raise Refusal("The status needs a title.")
    if len(title) > 60:
        raise Refusal("The title is longer than 60 characters: shorten it.")
    same = sa.select(SalesOrderStatus.title).where(sa.func.lower(SalesOrderStatus.title) == title.lower())
    if (there := session.scalar(same if own_id is None else same.where(SalesOrderStatus.id != own_id))) is not None:
        raise Refusal(f"There is already a status titled {there}: choose another title.")
    color = status.color if status.color in COLORS else "gray"
    return Status(title, color, status.counts_as_open, status.allows_commitment, status.syncs_to_shipstation)


def add(status: Status, actor: Actor) -> int:
    """Add a status at the end. Raises Refusal."""
    with transaction() as session:
        _lock(session)
        clean = _clean(session, status)
        row = SalesOrderStatus(position=(session.scalar(sa.select(sa.func.max(SalesOrderStatus.position))) or 0) + 1)
        _put(row, clean)
        session.add(row)
        session.flush()
        record(session, actor, "account", 0, "order status added", None, clean.words, new_id=row.id)
        return row.id


def add_canceled(actor: Actor) -> int:
    """The status Canceled, which neither counts as open nor allows commitment; added when there is none."""
    with transaction() as session:
        _lock(session)
        there = sa.select(SalesOrderStatus.id).where(sa.func.lower(SalesOrderStatus.title) == CANCELED.lower())
        return session.scalar(there) or add(Status(CANCELED), actor)


def _put(row: SalesOrderStatus, status: Status) -> None:
    row.title, row.color = status.title, status.color
    row.counts_as_open, row.allows_commitment = status.counts_as_open, status.allows_commitment
    row.syncs_to_shipstation = status.syncs_to_shipstation


def change(status_id: int, status: Status, actor: Actor) -> None:
    """Change a status. When its orders begin or cease to count as open, the numbers follow. Raises Refusal."""
    with transaction() as session:
        _change(session, status_id, status, actor)


def _change(session: Session, status_id: int, status: Status, actor: Actor) -> None:
    _lock(session)
    row = _row(session, status_id)
    old, new = _status(row), _clean(session, status, status_id)
    if old == new:
        return
    _put(row, new)
    if old.counts_as_open != new.counts_as_open:
        counts = "counts as open" if new.counts_as_open else "no longer counts as open"
        batch = open_batch(session, actor, f"Order status {new.title} {counts}")
        batch.before = {"order_status_id": status_id, "counts_as_open": old.counts_as_open}
        actor = actor.within(batch)
        session.flush()
        recompute.request_all(session, Cause.STATUSES, actor)
    record(session, actor, "account", 0, "order status changed", old.words, new.words, new_id=status_id)


def put_back(before: Mapping[str, Any], actor: Actor) -> None:
    """Undo what `change` did to *counts as open*; what else was changed since stays. Raises Refusal."""
    with transaction() as session:
        old = _status(_row(session, before["order_status_id"]))
        flags = (before["counts_as_open"], old.allows_commitment, old.syncs_to_shipstation)
        _change(session, before["order_status_id"], Status(old.title, old.color, *flags), actor)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change of *counts as open*, or a merge, would do."""

    listings: list[ListingEffect]
    orders: list[tuple[int, str, str]]  # id, number and channel of the newest that lack phones
    order_count: int  # of all that lack phones
    all_orders: int  # in the status


def effect_of_change(status_id: int, status: Status, actor: Actor) -> Effect | None:
    """What `change` would do to numbers; None when nothing, because no order would begin or cease to count."""
    old = get(status_id)
    if old.counts_as_open == status.counts_as_open or not _order_count(status_id):
        return None
    return _effect(status_id, listing_effects.effect_of(lambda session: _change(session, status_id, status, actor)))


def effect_of_merge(status_id: int, into_id: int, actor: Actor) -> Effect:
    """What `merge` would do to numbers. Raises Refusal when the merge itself would be refused."""
    return _effect(status_id, listing_effects.effect_of(lambda session: _merge(session, status_id, into_id, actor)))


def _effect(status_id: int, listings: list[ListingEffect]) -> Effect:
    lacking = _lacking(status_id)
    count = db.session.scalar(sa.select(sa.func.count()).select_from(lacking.subquery())) or 0
    newest = db.session.execute(lacking.order_by(SalesOrder.placed_at.desc(), SalesOrder.id.desc()).limit(SHOWN))
    return Effect(listings, [(key, number, channel) for key, number, channel in newest], count, _order_count(status_id))


def _order_count(status_id: int) -> int:
    query = sa.select(sa.func.count()).select_from(SalesOrder).where(SalesOrder.status_id == status_id)
    return db.session.scalar(query) or 0


def _lacking(status_id: int) -> sa.Select[int, str, str]:
    """The orders of a status that want more phones than they have: those that move numbers."""
    query = sa.select(SalesOrder.id, SalesOrder.number, SalesOrder.channel)
    return query.where(SalesOrder.status_id == status_id, order_state.has_uncommitted())


def move(status_id: int, step: int) -> None:
    """Move a status one up (-1) or down (1)."""
    with transaction() as session:
        rows = list(
            session.scalars(
                sa.select(SalesOrderStatus).order_by(SalesOrderStatus.position, SalesOrderStatus.id).with_for_update()
            )
        )
        at = next((place for place, row in enumerate(rows) if row.id == status_id), None)
        if at is None:
            return
        rows.insert(min(max(at + step, 0), len(rows) - 1), rows.pop(at))
        for place, row in enumerate(rows):
            row.position = place


def delete(status_id: int, actor: Actor) -> None:
    """Delete a status nothing uses. Raises Refusal that offers to merge it otherwise."""
    with transaction() as session:
        _lock(session)
        row = _row(session, status_id)
        if used := _use_sentence(status_id, row.title):
            raise Refusal(used)
        if not session.scalar(sa.select(sa.exists().where(SalesOrderStatus.id != status_id))):
            raise Refusal("The last status cannot be deleted: orders need one. Add another one first.")
        record(session, actor, "account", 0, "order status deleted", _status(row).words, None, old_id=status_id)
        session.delete(row)


def _use_sentence(status_id: int, title: str) -> str:
    orders, words = _order_count(status_id), _uses(StatusMapping.status_id).get(status_id, 0)
    used = [
        f"{count:,} {word}{'' if count == 1 else 's'}" for count, word in ((orders, "order"), (words, "word")) if count
    ]
    if not used:
        return ""
    said = " and ".join(used) + (" of channels" if words else "")
    return f"{said} {'use' if orders + words != 1 else 'uses'} {title}, so it cannot be deleted. Merge it instead."


@repeats_after_deadlock
def merge(status_id: int, into_id: int, actor: Actor) -> int:
    """Put its orders and the words that become it under another status and delete it; gives how many orders moved."""
    with transaction() as session:
        return _merge(session, status_id, into_id, actor)


def _merge(session: Session, status_id: int, into_id: int, actor: Actor) -> int:
    _lock(session)
    source, target = _row(session, status_id), _row(session, into_id)
    if source is target:
        raise Refusal(f"Choose another status to merge {source.title} into.")
    orders = list(session.scalars(sa.select(SalesOrder.id).where(SalesOrder.status_id == status_id)))
    for chunk in chunks(orders):
        session.execute(sa.update(SalesOrder).where(SalesOrder.id.in_(chunk)).values(status_id=into_id))
        lines = (
            event_row("order", key, "status", source.title, target.title, old_id=status_id, new_id=into_id)
            for key in chunk
        )
        record_many(session, actor, lines)
    session.execute(sa.update(StatusMapping).where(StatusMapping.status_id == status_id).values(status_id=into_id))
    old, new = _status(source).words, _status(target).words
    record(session, actor, "account", 0, "order status merged", old, new, old_id=status_id, new_id=into_id)
    recompute.request_all(session, Cause.MERGE, actor)
    session.delete(source)
    return len(orders)
