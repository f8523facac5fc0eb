"""For the picker: what could fill each item of an order, and where one of them lies."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import InventoryItem, Location, Warehouse
from wholecell.services import free_phones, wanting
from wholecell.services.bulk import chunks


@dataclass(frozen=True, slots=True)
class Fits:
    """Free phones that would fill an item: how many, and the place of one; places are walked by name."""

    units: int
    location: str
    warehouse: str


def what_fits(order_id: int) -> dict[int, Fits]:
    """By item of the order that is shown and not set aside. A fixed number of queries."""
    session = db.session()
    items = [each for each in wanting.items_of(session, [order_id]) if each.is_shown and not each.is_set_aside]
    places: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    phone = InventoryItem
    for chunk in chunks(sorted(wanting.all_candidates(items))):
        query = (
            sa.select(
                phone.variation_id,
                sa.func.coalesce(Location.name, ""),
                sa.func.coalesce(Warehouse.name, ""),
                sa.func.count(),
            )
            .outerjoin(Location, Location.id == phone.location_id)
            .outerjoin(Warehouse, Warehouse.id == phone.warehouse_id)
            .where(phone.variation_id.in_(chunk), free_phones.is_sold_status(), free_phones.is_free())
            .group_by(phone.variation_id, Location.name, Warehouse.name)
        )
        for variation, location, warehouse, units in session.execute(query):
            places[variation].append((location, warehouse, units))
    return {each.id: _nearest([place for v in each.candidates for place in places[v]]) for each in items}


def _nearest(places: list[tuple[str, str, int]]) -> Fits:
    """A phone with a location before one that lies anywhere."""
    if not places:
        return Fits(0, "", "")
    location, warehouse, _ = min(places, key=lambda each: (not each[0], each))
    return Fits(sum(units for *_, units in places), location, warehouse)
