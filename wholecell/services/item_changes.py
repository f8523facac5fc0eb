"""The one place where phones' columns change: rows, timeline and recompute requests together, in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.models import InventoryItem, InventoryStatus, Location, ProductVariation, Warehouse
from wholecell.services import recompute
from wholecell.services.bulk import AnyRows, chunks, table
from wholecell.services.events import Actor, event_row, record_many
from wholecell.services.recompute import Cause
from wholecell.services.variation_names import grades, names

# Column -> the word that timelines use for its change.
KINDS = {
    "status_id": "status",
    "warehouse_id": "warehouse",
    "location_id": "location",
    "variation_id": "variation",
    "cost_cents": "cost",
}
COUNTED = frozenset({"status_id", "warehouse_id", "variation_id"})  # what the quantity rule looks at
FEW = 5  # phones that get the same values, such as a cost: under this many, one statement with many parameters
_ITEMS = table(InventoryItem)
_CURRENT: AnyRows = (  # built once, for it runs with every change of a phone
    sa.select(_ITEMS.c.id, *(_ITEMS.c[name] for name in (*KINDS, "version")))
    .where(_ITEMS.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(_ITEMS.c.id)
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class Diff:
    """One column of one phone that changes."""

    item_id: int
    column: str
    old: int | None
    new: int | None


def current(session: Session, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """The columns that can change, and the version, of these phones, locked until the transaction ends."""
    found = {}
    for chunk in chunks(sorted(ids)):
        for row in session.connection().execute(_CURRENT, {"ids": chunk}).mappings():
            found[row["id"]] = dict(row)
    return found


def apply(session: Session, actor: Actor, wanted: Mapping[int, Mapping[str, Any]], cause: Cause) -> set[int]:
    """Set columns of phones (id -> column -> value) in the caller's transaction; gives the ids that changed.

    Values that stand already are no change. Phones that are gone are passed over.
    """
    rows = current(session, wanted.keys())
    diffs = [
        Diff(key, column, row[column], wanted[key][column])
        for key, row in rows.items()
        for column in KINDS
        if column in wanted[key] and wanted[key][column] != row[column]
    ]
    _write(session, diffs)
    record_many(session, actor, _lines(session, diffs))
    counted = {each.item_id for each in diffs if each.column in COUNTED}
    variations = {rows[key]["variation_id"] for key in counted}
    variations |= {wanted[key].get("variation_id", rows[key]["variation_id"]) for key in counted}
    recompute.request(session, cause, actor, variations=variations)
    return {each.item_id for each in diffs}


def _write(session: Session, diffs: Iterable[Diff]) -> None:
    """Phones that get the same values are updated together."""
    values: dict[int, dict[str, Any]] = defaultdict(dict)
    for each in diffs:
        values[each.item_id][each.column] = each.new
    alike: dict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    for key, changes in values.items():
        alike[tuple(changes.items())].append(key)
    alone: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for same, ids in alike.items():
        if len(ids) < FEW:
            alone[tuple(dict(same))] += [{"row_id": key, **dict(same)} for key in ids]
            continue
        for chunk in chunks(sorted(ids)):
            statement = sa.update(_ITEMS).where(_ITEMS.c.id.in_(chunk))
            session.execute(statement.values(**dict(same), version=_ITEMS.c.version + 1))
    for columns, rows in alone.items():
        session.connection().execute(_set_each(columns), rows)


@lru_cache
def _set_each(columns: tuple[str, ...]) -> sa.Update:
    values_of: dict[str, Any] = {column: sa.bindparam(column) for column in columns}
    row = sa.update(_ITEMS).where(_ITEMS.c.id == sa.bindparam("row_id"))
    return row.values(**values_of, version=_ITEMS.c.version + 1)


def _lines(session: Session, diffs: Collection[Diff]) -> list[dict[str, Any]]:
    words = {column: _words(session, column, diffs) for column in KINDS}
    regrades = _regrades(session, diffs)
    lines = []
    for each in diffs:
        kind, shown = KINDS[each.column], words[each.column]
        if each.column == "variation_id" and (each.old, each.new) in regrades:
            kind, shown = "regraded", regrades[each.old, each.new]
        old, new = shown.get(each.old), shown.get(each.new)
        lines.append(event_row("item", each.item_id, kind, old, new, old_id=each.old, new_id=each.new))
    return lines


def _words(session: Session, column: str, diffs: Iterable[Diff]) -> dict[int | None, str]:
    """What timelines show for the values of a column."""
    values = {value for each in diffs if each.column == column for value in (each.old, each.new) if value is not None}
    if not values:
        return {}
    if column == "cost_cents":
        return {cents: f"{cents / 100:.2f}" for cents in values}
    if column == "variation_id":
        return names(session, values)
    model = {"status_id": InventoryStatus, "warehouse_id": Warehouse, "location_id": Location}[column]
    target = table(model)
    found: dict[int | None, str] = {}
    for chunk in chunks(values):
        found.update(session.connection().execute(_named(target), {"ids": chunk}).all())
    return found


@lru_cache
def _named(target: sa.Table) -> sa.Select[int, str]:
    return sa.select(target.c.id, target.c.name).where(target.c.id.in_(sa.bindparam("ids", expanding=True)))


def _regrades(session: Session, diffs: Iterable[Diff]) -> dict[tuple[int | None, int | None], dict[int | None, str]]:
    """The pairs of variations of one product, with the grades to show for them."""
    pairs = {(each.old, each.new) for each in diffs if each.column == "variation_id"}
    ids = {key for pair in pairs for key in pair if key is not None}
    products: dict[int | None, int] = {}
    for chunk in chunks(ids):
        query = sa.select(ProductVariation.id, ProductVariation.product_id).where(ProductVariation.id.in_(chunk))
        products.update(session.execute(query).all())
    shown = grades(session, ids)
    return {(old, new): shown for old, new in pairs if products.get(old) == products.get(new)}
