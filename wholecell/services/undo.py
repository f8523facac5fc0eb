"""Taking back a bulk change: only what still is as the batch left it, saying what is not and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import Base, db, transaction
from wholecell.models import Event, InventoryItem, InventoryStatus, Location, ProductVariation, Warehouse
from wholecell.services import batches, inventory, item_changes, order_changes
from wholecell.services.bulk import chunks
from wholecell.services.events import Actor, open_batch
from wholecell.services.item_changes import KINDS
from wholecell.services.recompute import Cause

_COLUMNS = {kind: column for column, kind in KINDS.items()} | {"regraded": "variation_id"}
_TABLES: dict[str, type[Base]] = {
    "status_id": InventoryStatus,
    "warehouse_id": Warehouse,
    "location_id": Location,
    "variation_id": ProductVariation,
}
GONE = "deleted since"
CHANGED = "changed again since"
LOST = "whose old value is gone"


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo took back; `skipped` maps each reason to how many phones stay as they are."""

    title: str
    reverted: int
    skipped: Mapping[str, int]

    @property
    def sentence(self) -> str:
        """The result as the page says it."""
        said = f"Taken back on {self.reverted} phone{'' if self.reverted == 1 else 's'}."
        left = ", ".join(f"{count} {reason}" for reason, count in self.skipped.items())
        return f"{said} Left as they are: {left}." if left else said


def take_back(batch_id: int, actor: Actor) -> str:
    """Take back a batch of phones or of orders; gives the sentence to show."""
    is_of_orders = sa.exists().where(Event.batch_id == batch_id, Event.subject == "order")
    if db.session.scalar(sa.select(is_of_orders)):
        return order_changes.undo_status(batch_id, actor)
    return undo(batch_id, actor).sentence


def undo(batch_id: int, actor: Actor) -> Undone:
    """Take back a batch, as a batch of its own. Raises Refusal when it was taken back already."""
    with transaction() as session:
        batch = batches.claim(session, batch_id, actor)
        own = actor.within(open_batch(session, actor, f"Undo: {batch.title}"[:200]))
        lines = _lines(session, batch_id)
        wanted, skipped = _wanted(session, [each for each in lines if each.kind in _COLUMNS])
        changed = item_changes.apply(session, own, wanted, Cause.BULK)
        removed, kept = _remove(session, own, [each for each in lines if each.kind == "received"])
        return Undone(batch.title, len(changed) + removed, skipped + kept)


def _lines(session: Session, batch_id: int) -> Sequence[sa.Row[int, int, str, int | None, int | None]]:
    query = sa.select(Event.id, Event.subject_id, Event.kind, Event.old_id, Event.new_id)
    query = query.where(Event.batch_id == batch_id, Event.subject == "item").order_by(Event.id)
    return session.execute(query).all()


def _wanted(
    session: Session, lines: Sequence[sa.Row[int, int, str, int | None, int | None]]
) -> tuple[dict[int, dict[str, Any]], Counter[str]]:
    """Per phone the old values to set again, and why others stay. A phone's columns go back together or not."""
    by_item: dict[int, dict[str, tuple[int | None, int | None]]] = defaultdict(dict)
    for _key, item, kind, old, new in lines:
        by_item[item][_COLUMNS[kind]] = (old, new)
    now = item_changes.current(session, by_item.keys())
    exists = _existing(session, by_item.values())
    wanted: dict[int, dict[str, Any]] = {}
    skipped: Counter[str] = Counter()
    for item, columns in by_item.items():
        if item not in now:
            skipped[GONE] += 1
        elif any(now[item][column] != new for column, (_old, new) in columns.items()):
            skipped[CHANGED] += 1
        elif any(old is not None and old not in exists.get(c, {old}) for c, (old, _new) in columns.items()):
            skipped[LOST] += 1
        else:
            wanted[item] = {column: old for column, (old, _new) in columns.items()}
    return wanted, skipped


def _existing(session: Session, changes: Any) -> dict[str, set[int]]:
    """Of the old values, those whose rows are still there, by column; columns without a table are not in it."""
    old: dict[str, set[int]] = defaultdict(set)
    for columns in changes:
        for column, (value, _new) in columns.items():
            if column in _TABLES and value is not None:
                old[column].add(value)
    found: dict[str, set[int]] = {}
    for column, values in old.items():
        model: Any = _TABLES[column]
        found[column] = set()
        for chunk in chunks(values):
            found[column].update(session.scalars(sa.select(model.id).where(model.id.in_(chunk))))
    return found


def _remove(
    session: Session, actor: Actor, lines: Sequence[sa.Row[int, int, str, int | None, int | None]]
) -> tuple[int, Counter[str]]:
    """Delete the phones the batch took in, but not those something happened to since."""
    skipped: Counter[str] = Counter()
    received = {item: key for key, item, *_rest in lines}
    newest: dict[int, int] = {}
    for chunk in chunks(sorted(received)):
        query = sa.select(Event.subject_id, sa.func.max(Event.id)).where(Event.subject == "item")
        newest.update(session.execute(query.where(Event.subject_id.in_(chunk)).group_by(Event.subject_id)).all())
    here: set[int] = set()
    for chunk in chunks(sorted(received)):
        here.update(session.scalars(sa.select(InventoryItem.id).where(InventoryItem.id.in_(chunk))))
    going = [item for item, key in received.items() if item in here and newest[item] == key]
    refused = inventory.delete_many(session, actor, going, Cause.BULK)
    skipped[GONE] = len(received) - len(here)
    skipped[CHANGED] = len(here) - len(going)
    skipped["on an order"] = len(refused)
    return len(going) - len(refused), +skipped
