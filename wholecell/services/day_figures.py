"""What the last hours brought: phones sold, taken in, sent out, and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Commitment, InventoryItem, OrderItem, SalesOrder, Shipment

LOOK_BACK = 100_000  # of the newest rows; more do not come in within a day


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Counts since a time."""

    sold: int
    parcels: int
    taken_in: int
    returned: int


def since(at: datetime) -> DayFigures:
    """Count them, in one query."""
    units = sa.func.coalesce(sa.func.sum(OrderItem.ordered - OrderItem.cancelled), 0)
    sold = sa.select(units).join(SalesOrder, SalesOrder.id == OrderItem.order_id).where(OrderItem.is_extra.is_(False))
    counts = (
        sold.where(SalesOrder.placed_at >= at),
        _count(Shipment.id).where(Shipment.created_at >= at, Shipment.voided_at.is_(None), _is_new(Shipment.id)),
        _count(InventoryItem.id).where(InventoryItem.received_at >= at, _is_new(InventoryItem.id)),
        _count(Commitment.id).where(Commitment.is_returned, Commitment.released_at >= at),
    )
    return DayFigures(*map(int, db.session.execute(sa.select(*(each.scalar_subquery() for each in counts))).one()))


def _count(key: sa.orm.InstrumentedAttribute[int]) -> sa.Select[int]:
    return sa.select(sa.func.count(key))


def _is_new(key: sa.orm.InstrumentedAttribute[int]) -> sa.ColumnElement[bool]:
    """Among the newest rows: their times have no index, their ids have."""
    return key > sa.select(sa.func.max(key)).correlate(None).scalar_subquery() - LOOK_BACK
