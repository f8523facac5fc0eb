"""What a person scanned last on the Fulfil page, from the timelines of orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Event, InventoryItem, Location, ProductVariation, SalesOrder, Warehouse
from wholecell.services.intake import LOOK_BACK
from wholecell.services.phone_names import PhoneName
from wholecell.services.variation_names import with_names

RECENT = 10
KINDS = ("committed", "committed below", "committed directly", "released")


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan that did something."""

    at: datetime
    kind: str
    order_id: int
    number: str
    item_id: int
    esn: str
    place: str  # where the phone is, which is where the picker was
    phone: PhoneName


def last_scans(user_id: int, limit: int = RECENT) -> list[Scan]:
    """The last phones this person committed or released by scanning, newest first."""
    newest = db.session.scalar(sa.select(sa.func.max(Event.id))) or 0
    place = sa.func.coalesce(Location.name, Warehouse.name, "")
    columns = (Event.at, Event.kind, SalesOrder.id, SalesOrder.number, InventoryItem.id, InventoryItem.esn, place)
    query = (
        with_names(*columns)
        .join(InventoryItem, InventoryItem.variation_id == ProductVariation.id)
        .join(Event, Event.new_id == InventoryItem.id)
        .join(SalesOrder, SalesOrder.id == Event.subject_id)
        .outerjoin(Location, Location.id == InventoryItem.location_id)
        .outerjoin(Warehouse, Warehouse.id == InventoryItem.warehouse_id)
        .where(Event.id > newest - LOOK_BACK, Event.subject == "order", Event.kind.in_(KINDS))
        .where(Event.source == "scan", Event.user_id == user_id)
        .order_by(Event.id.desc())
        .limit(limit)
    )
    return [
        Scan(at, kind, order_id, number, item_id, esn, where, PhoneName.of(*parts))
        for at, kind, order_id, number, item_id, esn, where, *parts in db.session.execute(query)
    ]
