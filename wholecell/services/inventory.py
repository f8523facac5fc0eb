"""Changes of phones by people: one with a version check, many as a batch that can be undone, deletion."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import transaction
from wholecell.models import Commitment, Event, InventoryItem, OrderItem, ProductVariation, SalesOrder
from wholecell.services import item_changes, recompute
from wholecell.services.bulk import chunks, table
from wholecell.services.catalog import VariationKey, condition_codes, ensure_keys, join_codes
from wholecell.services.events import Actor, event_row, open_batch, record_many
from wholecell.services.receiving import place
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal, StaleEdit


@dataclass(frozen=True, slots=True)
class Bulk:
    """What to set on many phones; what is None stays. A location decides its warehouse."""

    status_id: int | None = None
    warehouse_id: int | None = None
    location_id: int | None = None
    grade_id: int | None = None
    condition_ids: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class BulkDone:
    """A finished bulk change; `batch_id` is what an undo takes back, None when nothing changed."""

    batch_id: int | None
    changed: int


@dataclass(frozen=True, slots=True)
class ItemEdit:
    """All that one phone's form sets."""

    status_id: int
    warehouse_id: int | None
    location_id: int | None
    grade_id: int
    condition_ids: frozenset[int]
    cost_cents: int | None


def change_many(ids: Collection[int], change: Bulk, actor: Actor, title: str) -> BulkDone:
    """Change many phones as one batch. Raises Refusal when what they are changed to is gone."""
    with transaction() as session:
        values = _columns(session, change)
        wanted: dict[int, dict[str, Any]] = {key: dict(values) for key in ids}
        batch = open_batch(session, actor, title)
        actor = actor.within(batch)
        if change.grade_id is not None or change.condition_ids is not None:
            for key, variation in regraded(session, actor, ids, change.grade_id, change.condition_ids).items():
                wanted[key]["variation_id"] = variation
        changed = item_changes.apply(session, actor, wanted, Cause.BULK)
        if not changed:
            session.delete(batch)
        return BulkDone(batch.id if changed else None, len(changed))


def _columns(session: Session, change: Bulk | ItemEdit) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if change.status_id is not None:
        values["status_id"] = change.status_id
    if change.warehouse_id is not None or change.location_id is not None:
        there = place(session, change.warehouse_id, change.location_id)
        values |= {"warehouse_id": there.warehouse_id, "location_id": there.location_id}
    return values


def regraded(
    session: Session,
    actor: Actor,
    ids: Collection[int],
    grade_id: int | None,
    condition_ids: frozenset[int] | None,
) -> dict[int, int]:
    """The variation each phone belongs to after a new grade or new damages, made when missing."""
    codes = condition_codes(session)
    joined = None if condition_ids is None else join_codes(codes[each] for each in condition_ids)
    keys: dict[int, VariationKey] = {}
    for chunk in chunks(ids):
        query = (
            sa.select(
                InventoryItem.id,
                ProductVariation.product_id,
                ProductVariation.grade_id,
                ProductVariation.condition_codes,
            )
            .join(ProductVariation, ProductVariation.id == InventoryItem.variation_id)
            .where(InventoryItem.id.in_(chunk))
        )
        for key, product, grade, old_codes in session.execute(query):
            keys[key] = VariationKey(product, grade_id or grade, old_codes if joined is None else joined)
    variations = ensure_keys(session, actor, set(keys.values()))
    return {key: variations[wanted] for key, wanted in keys.items()}


def edit(item_id: int, version: int, change: ItemEdit, actor: Actor) -> bool:
    """Change one phone; gives whether anything changed. Raises StaleEdit when its version is another by now."""
    with transaction() as session:
        row = item_changes.current(session, [item_id]).get(item_id)
        if row is None or row["version"] != version:
            raise StaleEdit("This phone")
        values = {
            "warehouse_id": None,
            "location_id": None,
            "cost_cents": change.cost_cents,
            **_columns(session, change),
        }
        values |= {"variation_id": regraded(session, actor, [item_id], change.grade_id, change.condition_ids)[item_id]}
        return bool(item_changes.apply(session, actor, {item_id: values}, Cause.ITEM))


def delete(item_id: int, actor: Actor) -> None:
    """Delete a phone that never was on an order. Raises Refusal naming the order otherwise."""
    with transaction() as session:
        for sentence in delete_many(session, actor, [item_id], Cause.ITEM).values():
            raise Refusal(sentence)


def delete_many(session: Session, actor: Actor, ids: Collection[int], cause: Cause) -> dict[int, str]:
    """Delete phones in the caller's transaction; for each that was on an order, and stays, the sentence why."""
    rows = item_changes.current(session, ids)
    refused = _on_orders(session, rows)
    going = sorted(rows.keys() - refused.keys())
    target = table(InventoryItem)
    lines = []
    for chunk in chunks(going):
        removed = session.execute(
            sa.delete(target).where(target.c.id.in_(chunk)).returning(target.c.id, target.c.esn, target.c.hex_id)
        )
        lines += [event_row("item", key, "deleted", f"{esn} {hex_id}", None) for key, esn, hex_id in removed]
    record_many(session, actor, lines)
    recompute.request(session, cause, actor, variations={rows[key]["variation_id"] for key in going})
    return refused


def _on_orders(session: Session, ids: Collection[int]) -> dict[int, str]:
    sentences = {}
    for chunk in chunks(sorted(ids)):
        query = (
            sa.select(InventoryItem.id, InventoryItem.esn, SalesOrder.number)
            .join(Commitment, Commitment.item_id == InventoryItem.id)
            .join(OrderItem, OrderItem.id == Commitment.order_item_id)
            .join(SalesOrder, SalesOrder.id == OrderItem.order_id)
            .where(InventoryItem.id.in_(chunk))
            .order_by(Commitment.id)
        )
        for key, esn, number in session.execute(query):
            sentences[key] = (
                f"{esn} stays, because it was committed to order {number}. "
                "If you no longer have it, give it a status that no channel sells."
            )
    return sentences


def undo_scan(item_id: int, actor: Actor) -> str:
    """Take back the person's own scan of a phone nothing happened to since; gives its number."""
    with transaction() as session:
        item = session.get(InventoryItem, item_id)
        if item is None:
            raise Refusal("That phone is not here any more.")
        if not _is_own_scan(session, item, actor):
            raise Refusal(f"{item.esn} was changed or taken in by somebody else since: open the phone to change it.")
        for sentence in delete_many(session, actor, [item_id], Cause.SCAN).values():
            raise Refusal(sentence)
        return item.esn


def _is_own_scan(session: Session, item: InventoryItem, actor: Actor) -> bool:
    lines = session.execute(
        sa.select(Event.kind, Event.source, Event.user_id).where(Event.subject == "item", Event.subject_id == item.id)
    ).all()
    return lines == [("received", "scan", actor.user_id)]
