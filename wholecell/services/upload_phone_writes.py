"""An inventory sheet written, taken back, and written out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import Base, db
from wholecell.models import (
    Grade,
    InventoryItem,
    InventoryStatus,
    Location,
    Product,
    ProductVariation,
    Warehouse,
)
from wholecell.services import inventory, item_changes
from wholecell.services.bulk import chunks
from wholecell.services.catalog import PRODUCT_COLUMNS, ensure_variations
from wholecell.services.events import Actor
from wholecell.services.money import shown_cents
from wholecell.services.receiving import AlreadyHere, NewItem, already_here, receive_many
from wholecell.services.recompute import Cause
from wholecell.services.sheets import Cell
from wholecell.services.upload_conflicts import existing_ids, find_stale, touched_since
from wholecell.services.upload_kinds import Applied, Stored
from wholecell.services.upload_removal import remove_created_variations
from wholecell.services.upload_specs import restored
from wholecell.services.variation_names import variation_name, with_names

AFTER_READING, AFTER_UPLOAD = "after this sheet was read", "after the upload"
GONE = "What this row was to be given is gone from your lists: upload the sheet again."
_LISTS: dict[str, type[Base]] = {
    "variation_id": ProductVariation,
    "status_id": InventoryStatus,
    "warehouse_id": Warehouse,
    "location_id": Location,
}


def apply(session: Session, actor: Actor, rows: Sequence[Stored]) -> Applied:
    """Take in the new phones and change the others, in the caller's transaction."""
    conflicts = find_stale(session, "item", InventoryItem, rows, AFTER_READING)
    here = already_here(session, [row.plan["esn"] for row in rows if row.outcome == "new"])
    conflicts |= {row.number: here[row.plan["esn"]] for row in rows if row.plan.get("esn") in here}
    conflicts |= _lost(session, {row.number: _new_values(row) for row in rows})
    left = [row for row in rows if row.number not in conflicts]
    variations = _variations(session, actor, left)
    created, late = _receive(session, actor, [row for row in left if row.outcome == "new"], variations)
    changed = [row for row in left if row.outcome == "changed"]
    values = {row.target_id: _new_values(row) for row in changed if row.target_id is not None}
    for row in changed:
        if row.number in variations and row.target_id is not None:
            values[row.target_id]["variation_id"] = variations[row.number]
    item_changes.apply(session, actor, values, Cause.UPLOAD)
    return Applied(created, conflicts | late)


def _wanted(row: Stored) -> Any:
    """The variation a row gives its phone: an id, a spec that is to be made, or None to leave it."""
    found = row.plan.get("variation")
    return found[1] if row.outcome == "changed" and found else found


def _new_values(row: Stored) -> dict[str, Any]:
    values = row.plan["set"]
    values = dict(values) if row.outcome == "new" else {name: new for name, (_old, new) in values.items()}
    if isinstance(wanted := _wanted(row), int):
        values["variation_id"] = wanted
    return values


def _lost(session: Session, wanted: Mapping[int, Mapping[str, Any]]) -> dict[int, str]:
    """Rows that name a status, place or variation which is gone by now."""
    there = {
        column: existing_ids(session, model, {values.get(column) for values in wanted.values()})
        for column, model in _LISTS.items()
    }
    return {
        number: GONE
        for number, values in wanted.items()
        if any(values.get(column) is not None and values[column] not in ids for column, ids in there.items())
    }


def _variations(session: Session, actor: Actor, rows: Iterable[Stored]) -> dict[int, int]:
    """The variation of each row that names one, made where it is new."""
    wanted = {row.number: _wanted(row) for row in rows}
    specs = {number: restored(spec) for number, spec in wanted.items() if isinstance(spec, list)}
    made = ensure_variations(session, actor, set(specs.values()))
    known = {number: key for number, key in wanted.items() if isinstance(key, int)}
    return known | {number: made[spec] for number, spec in specs.items()}


def _receive(
    session: Session, actor: Actor, rows: Sequence[Stored], variations: Mapping[int, int]
) -> tuple[dict[int, int], dict[int, str]]:
    """Take in these phones; those somebody took in at this very moment are conflicts."""
    items = [NewItem(row.plan["esn"], variations[row.number], **row.plan["set"]) for row in rows]
    try:
        ids = receive_many(session, actor, items, Cause.UPLOAD)
    except AlreadyHere as here:
        late = {row.number: here.sentences[row.plan["esn"]] for row in rows if row.plan["esn"] in here.sentences}
        rest = [row for row in rows if row.number not in late]
        created, later = _receive(session, actor, rest, variations)
        return created, late | later
    return {row.number: key for row, key in zip(rows, ids, strict=True)}, {}


def undo(session: Session, actor: Actor, rows: Sequence[Stored], batch_id: int) -> dict[int, str]:
    """Take back what still is as the upload left it; gives the other rows with the reason."""
    kept = find_stale(session, "item", InventoryItem, rows, AFTER_UPLOAD)
    created = {row.target_id: row.number for row in rows if row.outcome == "new" and row.target_id is not None}
    touched = touched_since(session, "item", created, batch_id)
    kept |= {created[key]: "Something happened to this phone after the upload: it stays." for key in touched}
    going = [key for key, number in created.items() if number not in kept]
    refused = inventory.delete_many(session, actor, going, Cause.UPLOAD)
    kept |= {created[key]: sentence for key, sentence in refused.items()}
    changed = [row for row in rows if row.outcome == "changed" and row.number not in kept]
    back = {row.number: _old_values(row) for row in changed}
    kept |= dict.fromkeys(_lost(session, back), "Its former status, place or product is gone: it stays as it is.")
    values = {row.target_id: back[row.number] for row in changed if row.target_id and row.number not in kept}
    item_changes.apply(session, actor, values, Cause.UPLOAD)
    remove_created_variations(session, actor, batch_id)
    return kept


def _old_values(row: Stored) -> dict[str, Any]:
    values = {name: old for name, (old, _new) in row.plan["set"].items()}
    return {**values, "variation_id": row.plan["variation"][0]} if "variation" in row.plan else values


def describe(ids: Collection[int]) -> dict[int, str]:
    """The variation of each phone, in one line."""
    found = {}
    for chunk in chunks(sorted(ids)):
        query = with_names(InventoryItem.id).join(InventoryItem, InventoryItem.variation_id == ProductVariation.id)
        for key, *name in db.session.execute(query.where(InventoryItem.id.in_(chunk))):
            found[key] = variation_name(*name)
    return found


def export() -> Iterator[Sequence[Cell]]:
    """All phones in the columns of the sheet, read a few thousand at a time."""
    own = InventoryItem
    product = [getattr(Product, name) for name in PRODUCT_COLUMNS]
    variation = (ProductVariation.condition_codes, ProductVariation.sku)
    query = (
        sa.select(
            own.id,
            own.cost_cents,
            own.esn,
            *product,
            Grade.name,
            *variation,
            InventoryStatus.name,
            Warehouse.name,
            Location.name,
        )
        .join(ProductVariation, ProductVariation.id == own.variation_id)
        .join(Product, Product.id == ProductVariation.product_id)
        .join(Grade, Grade.id == ProductVariation.grade_id)
        .join(InventoryStatus, InventoryStatus.id == own.status_id)
        .outerjoin(Warehouse, Warehouse.id == own.warehouse_id)
        .outerjoin(Location, Location.id == own.location_id)
        .order_by(own.id)
        .limit(5000)
    )
    last = 0
    while rows := db.session.execute(query.where(own.id > last)).all():
        for key, cost, *cells in rows:
            last = key
            yield [*(cell or "" for cell in cells), shown_cents(cost)]


__all__ = ["apply", "describe", "export", "shown_cents", "undo"]
