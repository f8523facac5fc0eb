"""A catalog sheet written, taken back, and written out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wholecell.db import db
from wholecell.models import Condition, Grade, Product, ProductVariation
from wholecell.services import settings, skus
from wholecell.services.bulk import update_each
from wholecell.services.catalog import PRODUCT_COLUMNS, ensure_variations
from wholecell.services.events import Actor, event_row, record_many
from wholecell.services.money import shown_cents
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal
from wholecell.services.sheets import Cell
from wholecell.services.upload_conflicts import existing_ids, find_stale, touched_since
from wholecell.services.upload_keys import holders_of, move_variations
from wholecell.services.upload_kinds import Applied, Stored
from wholecell.services.upload_removal import created_variations, remove_variations, used_variations
from wholecell.services.upload_specs import SPEC_FIELDS, restored

AFTER_READING, AFTER_UPLOAD = "after this sheet was read", "after the upload"
MEANWHILE = "Somebody changed the catalog at the same moment. Run the dry run again."


def apply(session: Session, actor: Actor, rows: Sequence[Stored]) -> Applied:
    """Create and change variations in the caller's transaction. Raises Refusal when others write the same just now."""
    conflicts = find_stale(session, "variation", ProductVariation, rows, AFTER_READING)
    conflicts |= _lost_lists(session, rows)
    conflicts |= _clashes(session, [row for row in rows if row.number not in conflicts])
    left = [row for row in rows if row.number not in conflicts]
    changed = {row.target_id: row for row in left if row.outcome == "changed" and row.target_id is not None}
    try:
        with session.begin_nested():
            move_variations(
                session, {key: restored(row.plan["spec"][1]) for key, row in changed.items() if "spec" in row.plan}
            )
    except IntegrityError:
        raise Refusal(MEANWHILE) from None
    created = _create(session, actor, [row for row in left if row.outcome == "new"])
    prices = {key: row.plan["price"][1] for key, row in changed.items() if "price" in row.plan}
    wanted = {key: row.plan["sku"][1] for key, row in changed.items() if "sku" in row.plan}
    for row in left:
        if row.number in created:
            prices |= {created[row.number]: row.plan["price"]} if row.plan["price"] is not None else {}
            wanted |= {created[row.number]: row.plan["sku"]} if row.plan["sku"] else {}
    update_each(session, ProductVariation, "price_cents", prices)
    record_many(session, actor, _lines(changed, is_undo=False))
    skus.set_skus(session, actor, wanted, Cause.UPLOAD)
    return Applied(created, conflicts)


def _lost_lists(session: Session, rows: Sequence[Stored]) -> dict[int, str]:
    """Rows whose grade or damage is gone by now."""
    specs = {row.number: restored(_after(row)) for row in rows if "spec" in row.plan}
    grades = existing_ids(session, Grade, {spec.grade_id for spec in specs.values()})
    damages = existing_ids(session, Condition, {each for spec in specs.values() for each in spec.condition_ids})
    gone = "Its grade or damages are gone from your lists: upload the sheet again."
    return {
        number: gone
        for number, spec in specs.items()
        if spec.grade_id not in grades or not spec.condition_ids <= damages
    }


def _after(row: Stored) -> Any:
    return row.plan["spec"] if row.outcome == "new" else row.plan["spec"][1]


def _clashes(session: Session, rows: Sequence[Stored]) -> dict[int, str]:
    """Rows whose SKU or place in the catalog another variation took since; one left alone can hold up the next."""
    is_unique = settings.hold(session, settings.SKU_UNIQUENESS)
    found: dict[int, str] = {}
    before = -1
    while before != (before := len(found)):
        # New variations have no id yet; their row, below zero, stands for it.
        alive = {row.target_id or -row.number: row for row in rows if row.number not in found}
        if is_unique:
            wanted = {key: _sku_after(row) for key, row in alive.items() if "sku" in row.plan}
            for key, sentence in skus.taken_skus(session, wanted).items():
                found[alive[key].number] = sentence
        specs = {key: restored(_after(row)) for key, row in alive.items() if "spec" in row.plan}
        for key, holder in holders_of(session, specs).items():
            found[alive[key].number] = f"Variation {holder} became exactly this meanwhile. The row was left alone."
    return found


def _sku_after(row: Stored) -> str | None:
    sku = row.plan["sku"] if row.outcome == "new" else row.plan["sku"][1]
    return None if sku is None else str(sku)


def _create(session: Session, actor: Actor, rows: Sequence[Stored]) -> dict[int, int]:
    specs = {row.number: restored(row.plan["spec"]) for row in rows}
    made = ensure_variations(session, actor, set(specs.values()))
    return {number: made[spec] for number, spec in specs.items()}


def _lines(rows: Mapping[int, Stored], *, is_undo: bool) -> list[dict[str, Any]]:
    """Timeline lines of all that changes but the SKU, which `set_skus` writes."""
    lines = []
    for key, row in rows.items():
        for name, (old, new) in row.changes.items():
            if name in SPEC_FIELDS or name == "price":
                before, after = (new, old) if is_undo else (old, new)
                lines.append(event_row("variation", key, name, before or None, after or None))
    return lines


def undo(session: Session, actor: Actor, rows: Sequence[Stored], batch_id: int) -> dict[int, str]:
    """Take back what still is as the upload left it; gives the other rows with the reason."""
    kept = find_stale(session, "variation", ProductVariation, rows, AFTER_UPLOAD)
    kept |= _in_use(session, [row for row in rows if row.outcome == "new" and row.number not in kept], batch_id)
    going = [row.target_id for row in rows if row.outcome == "new" and row.number not in kept and row.target_id]
    skus.set_skus(session, actor, dict.fromkeys(going), Cause.UPLOAD)
    remove_variations(session, actor, going)
    kept |= _cannot_go_back(session, [row for row in rows if row.outcome == "changed" and row.number not in kept])
    back = {
        row.target_id: row
        for row in rows
        if row.outcome == "changed" and row.number not in kept and row.target_id is not None
    }
    move_variations(session, {key: restored(row.plan["spec"][0]) for key, row in back.items() if "spec" in row.plan})
    prices = {key: row.plan["price"][0] for key, row in back.items() if "price" in row.plan}
    update_each(session, ProductVariation, "price_cents", prices)
    record_many(session, actor, _lines(back, is_undo=True))
    former = {key: row.plan["sku"][0] for key, row in back.items() if "sku" in row.plan}
    skus.set_skus(session, actor, former, Cause.UPLOAD)
    return kept


def _in_use(session: Session, rows: Collection[Stored], batch_id: int) -> dict[int, str]:
    ids = {row.target_id: row.number for row in rows if row.target_id is not None}
    used = used_variations(session, ids)
    touched = touched_since(session, "variation", ids, batch_id) | (ids.keys() - created_variations(session, batch_id))
    kept = {ids[key]: "Something happened to this variation after the upload: it stays." for key in touched}
    return kept | {ids[key]: "Phones, orders or listings use this variation by now: it stays." for key in used}


def _cannot_go_back(session: Session, rows: Sequence[Stored]) -> dict[int, str]:
    """Rows whose former SKU or place in the catalog another variation has by now."""
    is_unique = settings.hold(session, settings.SKU_UNIQUENESS)
    found: dict[int, str] = {}
    before = -1
    while before != (before := len(found)):
        alive = {row.target_id: row for row in rows if row.number not in found and row.target_id is not None}
        former = {key: row.plan["sku"][0] for key, row in alive.items() if "sku" in row.plan}
        for key in skus.taken_skus(session, former) if is_unique else ():
            found[alive[key].number] = f"Another variation has the SKU “{former[key]}” by now: this one stays."
        specs = {key: restored(row.plan["spec"][0]) for key, row in alive.items() if "spec" in row.plan}
        for key, holder in holders_of(session, specs).items():
            found[alive[key].number] = f"Variation {holder} is by now what this one was: it stays."
    return found


def export() -> Iterator[Sequence[Cell]]:
    """The whole catalog in the columns of the sheet, read a few thousand at a time."""
    own = ProductVariation
    product = [getattr(Product, name) for name in PRODUCT_COLUMNS]
    query = (
        sa.select(own.id, *product, Grade.name, own.condition_codes, own.sku, own.price_cents)
        .join(Product, Product.id == own.product_id)
        .join(Grade, Grade.id == own.grade_id)
        .order_by(own.id)
        .limit(5000)
    )
    last = 0
    while rows := db.session.execute(query.where(own.id > last)).all():
        for key, *cells, price in rows:
            last = key
            yield [key, *(cell or "" for cell in cells), shown_cents(price)]


__all__ = ["apply", "export", "undo"]
