"""Merging one entry of a list into another, and what that would change on listings before it is done."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import transaction
from wholecell.models import (
    Condition,
    Grade,
    InventoryItem,
    InventoryStatus,
    Location,
    ProductVariation,
    Warehouse,
    variation_conditions,
)
from wholecell.services import item_changes, listing_effects, recompute
from wholecell.services.bulk import table
from wholecell.services.catalog import VariationKey, join_codes
from wholecell.services.events import Actor, open_batch, record
from wholecell.services.list_kinds import ListKind
from wholecell.services.listing_effects import ListingEffect
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal
from wholecell.services.variation_merge import merge_variations


def effect(kind: ListKind, source_id: int, target_id: int, actor: Actor) -> list[ListingEffect]:
    """The listings whose offered number the merge would change.

    Raises Refusal when the merge itself would be refused.
    """
    return listing_effects.effect_of(lambda session: _merge(session, kind, source_id, target_id, actor))


def merge(kind: ListKind, source_id: int, target_id: int, actor: Actor) -> int:
    """Put everything of one entry under the other and delete it; gives how many phones moved. Raises Refusal."""
    with transaction() as session:
        return _merge(session, kind, source_id, target_id, actor)


def _merge(session: Session, kind: ListKind, source_id: int, target_id: int, actor: Actor) -> int:
    source, target = session.get(kind.model, source_id), session.get(kind.model, target_id)
    if source is None or target is None:
        raise Refusal(f"That {kind.word} is gone: load the page again.")
    if source_id == target_id:
        raise Refusal(f"Choose another {kind.word} to merge {source.name} into.")
    batch = open_batch(session, actor, f"Merge {kind.word} {source.name} into {target.name}"[:200])
    own = actor.within(batch)
    moved = _MOVES[kind.model](session, own, source, target)
    if kind.ticks is not None:
        session.execute(sa.delete(kind.ticks).where(kind.ticks.c[f"{kind.word}_id"] == source_id))
    record(
        session, own, "account", 0, f"{kind.word} merged", source.name, target.name, old_id=source_id, new_id=target_id
    )
    session.expire_all()
    session.delete(session.get_one(kind.model, source_id))
    recompute.request_all(session, Cause.MERGE, own)
    return moved


def _items_where(session: Session, column: Any, value: int) -> list[int]:
    return list(session.scalars(sa.select(InventoryItem.id).where(column == value)))


def _move_status(session: Session, actor: Actor, source: InventoryStatus, target: InventoryStatus) -> int:
    items = _items_where(session, InventoryItem.status_id, source.id)
    return len(item_changes.apply(session, actor, {key: {"status_id": target.id} for key in items}, Cause.MERGE))


def _move_warehouse(session: Session, actor: Actor, source: Warehouse, target: Warehouse) -> int:
    session.execute(sa.update(table(Location)).where(Location.warehouse_id == source.id).values(warehouse_id=target.id))
    items = _items_where(session, InventoryItem.warehouse_id, source.id)
    return len(item_changes.apply(session, actor, {key: {"warehouse_id": target.id} for key in items}, Cause.MERGE))


def _move_location(session: Session, actor: Actor, source: Location, target: Location) -> int:
    there = {"location_id": target.id, "warehouse_id": target.warehouse_id}
    items = _items_where(session, InventoryItem.location_id, source.id)
    return len(item_changes.apply(session, actor, dict.fromkeys(items, there), Cause.MERGE))


def _move_grade(session: Session, actor: Actor, source: Grade, target: Grade) -> int:
    query = sa.select(ProductVariation.id, ProductVariation.product_id, ProductVariation.condition_codes)
    keys = {
        key: VariationKey(product, target.id, codes)
        for key, product, codes in session.execute(query.where(ProductVariation.grade_id == source.id))
    }
    return merge_variations(session, actor, keys)


def _move_condition(session: Session, actor: Actor, source: Condition, target: Condition) -> int:
    link = variation_conditions.c
    having = sa.select(link.variation_id).where(link.condition_id == source.id)
    codes: dict[int, set[str]] = defaultdict(set)
    query = sa.select(link.variation_id, Condition.code).join(Condition, Condition.id == link.condition_id)
    for variation, code in session.execute(query.where(link.variation_id.in_(having))):
        codes[variation].add(target.code if code == source.code else code)
    rows = sa.select(ProductVariation.id, ProductVariation.product_id, ProductVariation.grade_id)
    keys = {
        key: VariationKey(product, grade, join_codes(codes[key]))
        for key, product, grade in session.execute(rows.where(ProductVariation.id.in_(having)))
    }
    return merge_variations(session, actor, keys)


_MOVES: dict[Any, Any] = {
    InventoryStatus: _move_status,
    Warehouse: _move_warehouse,
    Location: _move_location,
    Grade: _move_grade,
    Condition: _move_condition,
}
