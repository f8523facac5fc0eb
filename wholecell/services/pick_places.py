"""Where the phones are that would fill an order item, for a picker who walks the shelves."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import InventoryItem, Location, Warehouse, integration_statuses
from wholecell.services import free_phones as phones
from wholecell.services.bulk import chunks

Places = Mapping[str, int]  # name of the location, or of the warehouse -> phones there


@dataclass(frozen=True, slots=True)
class Choice:
    """How many phones there are to choose from, and where the nearest is; empty where nobody wrote it down."""

    units: int
    nearest: str


def free_phones(variations: Collection[int]) -> dict[int, dict[str, int]]:
    """Uncommitted phones of these variations by place, in the statuses that some integration sells.

    Without any integration, or where none ticked a status, every status counts.
    """
    sellable = sa.or_(phones.is_sold_status(), ~sa.exists(sa.select(integration_statuses.c.status_id)))
    place = sa.func.coalesce(Location.name, Warehouse.name, "")
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for chunk in chunks(sorted(variations)):
        query = (
            sa.select(InventoryItem.variation_id, place, sa.func.count())
            .outerjoin(Location, Location.id == InventoryItem.location_id)
            .outerjoin(Warehouse, Warehouse.id == InventoryItem.warehouse_id)
            .where(InventoryItem.variation_id.in_(chunk), sellable, phones.is_free())
            .group_by(InventoryItem.variation_id, place)
        )
        for variation, name, units in db.session.execute(query):
            found[variation][name] = units
    return found


def choose(candidates: Collection[int], free: Mapping[int, Places], here: str = "") -> Choice:
    """What there is for an item; shelves are walked in the order of their names, on from where the picker is."""
    places: dict[str, int] = defaultdict(int)
    for variation in candidates:
        for name, units in free.get(variation, {}).items():
            places[name] += units
    names = sorted(name for name in places if name)
    if not names:
        return Choice(sum(places.values()), "")
    return Choice(sum(places.values()), names[bisect_left(names, here) % len(names)])
