"""The lists people keep themselves: statuses, warehouses, locations, grades, conditions; what is in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import (
    Condition,
    Grade,
    InventoryItem,
    InventoryStatus,
    Location,
    ProductVariation,
    Warehouse,
    integration_statuses,
    integration_warehouses,
    variation_conditions,
)
from wholecell.services.bulk import table
from wholecell.services.refusal import Refusal


@dataclass(frozen=True, slots=True)
class ListKind:
    """One of the lists: its table, its words, and the column that says an entry is in use."""

    key: str
    word: str
    model: Any
    used_by: sa.Column[Any]
    users: str
    ticks: sa.Table | None = None  # where integrations tick its entries

    @property
    def is_ordered(self) -> bool:
        """Whether people choose the order of its entries."""
        return "position" in table(self.model).c


_ITEM = table(InventoryItem).c
KINDS = {
    each.key: each
    for each in (
        ListKind("statuses", "status", InventoryStatus, _ITEM.status_id, "phones", integration_statuses),
        ListKind("warehouses", "warehouse", Warehouse, _ITEM.warehouse_id, "phones", integration_warehouses),
        ListKind("locations", "location", Location, _ITEM.location_id, "phones"),
        ListKind("grades", "grade", Grade, table(ProductVariation).c.grade_id, "variations"),
        ListKind("conditions", "condition", Condition, variation_conditions.c.condition_id, "variations"),
    )
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list as its page shows it."""

    id: int
    name: str
    is_archived: bool
    uses: int
    detail: str  # a status's color, a condition's code, a location's warehouse
    warehouse_id: int | None = None


def entries(kind: ListKind) -> list[Entry]:
    """All entries in their order, archived ones last, with how often each is used. Two queries."""
    model, columns = kind.model, table(kind.model).c
    uses: dict[int, int] = dict(
        db.session.execute(sa.select(kind.used_by, sa.func.count()).group_by(kind.used_by)).all()
    )
    detail: Any = columns.get("color") if "color" in columns else columns.get("code")
    query = sa.select(model.id, model.name, model.is_archived, sa.literal("") if detail is None else detail)
    if model is Location:
        query = sa.select(model.id, model.name, model.is_archived, Warehouse.name, model.warehouse_id)
        query = query.join(Warehouse, Warehouse.id == model.warehouse_id)
    order = (model.is_archived, model.position if kind.is_ordered else model.name, model.id)
    return [
        Entry(key, name, archived, uses.get(key, 0), shown, *more)
        for key, name, archived, shown, *more in db.session.execute(query.order_by(*order))
    ]


def choices(kind: ListKind, keep: Collection[int] = ()) -> list[tuple[int, str]]:
    """The entries to choose from in forms: id and name, without archived ones except those to `keep`."""
    rows = db.session.connection().execute(_choices(kind, bool(keep)), {"keep": list(keep)} if keep else {})
    return [tuple(row) for row in rows]


@lru_cache
def _choices(kind: ListKind, keeps: bool) -> sa.Select[Any]:
    columns = table(kind.model).c
    # The first warehouse is the main one, and what forms begin with.
    order = columns.position if kind.is_ordered else columns.id if kind.model is Warehouse else columns.name
    is_there: sa.ColumnElement[bool] = columns.is_archived.is_(False)
    if keeps:
        is_there = sa.or_(is_there, columns.id.in_(sa.bindparam("keep", expanding=True)))
    return sa.select(columns.id, columns.name).where(is_there).order_by(order, columns.id)


def find_location(name: str) -> int | None:
    """The id of the location with this name, whatever its case; None for a blank. Raises Refusal for an unknown one."""
    name = name.strip()
    if not name:
        return None
    query = sa.select(Location.id).where(sa.func.lower(Location.name) == name.lower())
    if (found := db.session.scalar(query.where(~Location.is_archived))) is None:
        raise Refusal(f"There is no location {name}: scan another one, or add it in Settings.")
    return int(found)
