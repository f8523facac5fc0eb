"""The phones a listing's variations have, counted or not, and in words why a number is 0."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Commitment, InventoryItem, InventoryStatus, Warehouse
from wholecell.services.availability import MOST_LOOKED_UP, Quantity
from wholecell.services.rule_settings import RuleSettings


@dataclass(frozen=True, slots=True)
class Place:
    """Phones of one variation in one status and warehouse; committed ones stand apart."""

    variation_id: int
    status_id: int
    warehouse_id: int | None
    is_committed: bool
    units: int


@dataclass(frozen=True, slots=True)
class Names:
    """What statuses and warehouses are called."""

    statuses: Mapping[int, str]
    warehouses: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Left:
    """Phones that are not counted, and why: by status, by warehouse, without a warehouse, committed."""

    statuses: Mapping[int, int]
    warehouses: Mapping[int, int]
    homeless: int
    committed: int

    @property
    def units(self) -> int:
        """Phones that are there and not committed, yet not counted."""
        return sum(self.statuses.values()) + sum(self.warehouses.values()) + self.homeless


def names() -> Names:
    """All names, in two queries."""
    statuses = db.session.execute(
        sa.select(InventoryStatus.id, InventoryStatus.name).order_by(InventoryStatus.position)
    )
    warehouses = db.session.execute(sa.select(Warehouse.id, Warehouse.name).order_by(Warehouse.name))
    return Names(dict(statuses.all()), dict(warehouses.all()))


def places(variations: Collection[int] | None) -> dict[int, list[Place]]:
    """Where the phones of these variations (all when None) are, by variation, in one query."""
    item = InventoryItem
    live = sa.and_(Commitment.item_id == item.id, Commitment.released_at.is_(None))
    is_committed = sa.case((Commitment.id.is_(None), 0), else_=1)
    query = (
        sa.select(item.variation_id, item.status_id, item.warehouse_id, is_committed, sa.func.count())
        .outerjoin(Commitment, live)
        .group_by(item.variation_id, item.status_id, item.warehouse_id, is_committed)
    )
    if variations is not None and len(variations) <= MOST_LOOKED_UP:
        query = query.where(item.variation_id.in_(variations))
    found: dict[int, list[Place]] = defaultdict(list)
    for variation, status, warehouse, committed, units in db.session.execute(query):
        found[variation].append(Place(variation, status, warehouse, bool(committed), units))
    return found


def left_out(phones: Iterable[Place], rule: RuleSettings) -> Left:
    """Those of these phones that the rule does not count under these settings."""
    statuses: Counter[int] = Counter()
    warehouses: Counter[int] = Counter()
    homeless = committed = 0
    for place in phones:
        if place.is_committed:
            committed += place.units
        elif place.status_id not in rule.statuses:
            statuses[place.status_id] += place.units
        elif place.warehouse_id is None:
            homeless += place.units
        elif place.warehouse_id not in rule.warehouses:
            warehouses[place.warehouse_id] += place.units
    return Left(statuses, warehouses, homeless, committed)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a listing would offer 0: words for its row, and a key that is the same for the same cause elsewhere."""

    words: str
    kind: str  # limits, orders, status, warehouse, homeless, committed, none
    row_id: int | None = None


def cause_of_zero(quantity: Quantity, left: Left, known: Names) -> Cause:
    """The likeliest cause, in words."""
    if quantity.calculated > 0:
        return Cause(f"{quantity.calculated} calculated, the limits leave 0", "limits")
    if quantity.available:
        return Cause(_parts(quantity), "orders")
    if left.units:
        return _unticked(left, known)
    if left.committed:
        return Cause(f"{_phones(left.committed)}, all committed", "committed")
    return Cause("no phone left", "none")


def _unticked(left: Left, known: Names) -> Cause:
    """What most of them lack; of two equals the warehouse, as its phones are ready for sale but for that."""
    if left.statuses and max(left.statuses.values()) > max(left.warehouses.values(), default=0):
        main = max(left.statuses, key=lambda key: left.statuses[key])
        units = left.statuses[main]
        whole = ", all" if units == left.units and units > 1 else ""
        return Cause(f"{_phones(units)}{whole} in {known.statuses[main]}", "status", main)
    if left.warehouses:
        main = max(left.warehouses, key=lambda key: left.warehouses[key])
        return Cause(f"{_phones(left.warehouses[main])} in {known.warehouses[main]}, not ticked", "warehouse", main)
    return Cause(f"{_phones(left.homeless)} without a warehouse", "homeless")


def explain(quantity: Quantity) -> str:
    """The number in words: 10 available, or with what orders want taken off."""
    return _parts(quantity) if quantity.outstanding else f"{quantity.available:,} available"


def _parts(quantity: Quantity) -> str:
    return f"{quantity.available:,} available \N{MINUS SIGN} {quantity.outstanding:,} outstanding"


def _phones(units: int) -> str:
    return f"{units:,} phone{'' if units == 1 else 's'}"
