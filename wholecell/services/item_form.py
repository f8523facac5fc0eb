"""What one phone's form starts with."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import InventoryItem, Location, ProductVariation, variation_conditions
from wholecell.services.list_choices import PhoneChoices, phones
from wholecell.services.list_kinds import find_location


@dataclass(frozen=True, slots=True)
class ItemStart:
    """The phone's columns as its form names them."""

    version: int
    status: int
    warehouse: int
    location_id: int | None
    location: str
    grade: int
    cost_cents: int | None
    conditions: list[int]

    def choices(self) -> PhoneChoices:
        """What the form offers: the lists, and what stands on the phone now, archived or not."""
        return phones(
            {
                "statuses": [self.status],
                "warehouses": [self.warehouse],
                "grades": [self.grade],
                "conditions": self.conditions,
            }
        )

    def place(self, location: str) -> int | None:
        """The id of the location typed; the phone's own may be archived. Raises Refusal for an unknown one."""
        return self.location_id if location.strip() == self.location else find_location(location)


def start(item_id: int) -> ItemStart | None:
    """What the form of this phone starts with, None when it is gone."""
    query = (
        sa.select(
            InventoryItem.version,
            InventoryItem.status_id,
            sa.func.coalesce(InventoryItem.warehouse_id, 0),
            InventoryItem.location_id,
            sa.func.coalesce(Location.name, ""),
            ProductVariation.grade_id,
            InventoryItem.cost_cents,
            ProductVariation.id,
        )
        .join(ProductVariation, ProductVariation.id == InventoryItem.variation_id)
        .outerjoin(Location, Location.id == InventoryItem.location_id)
        .where(InventoryItem.id == item_id)
    )
    if (row := db.session.execute(query).first()) is None:
        return None
    version, status, warehouse, location_id, location, grade, cost, variation = row
    link = variation_conditions.c
    conditions = db.session.scalars(sa.select(link.condition_id).where(link.variation_id == variation))
    return ItemStart(version, status, warehouse, location_id, location, grade, cost, list(conditions))
