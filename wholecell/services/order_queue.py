"""Orders that wait for phones, in the order in which they are due."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Integration, SalesOrder, SalesOrderStatus, Shipment
from wholecell.services import wanting
from wholecell.services.availability_rows import open_wants
from wholecell.services.bulk import AnyRows
from wholecell.services.order_filter import open_orders
from wholecell.services.order_state import has_uncommitted, is_cancel_asked

LONGEST_NUMBER = 80
LOOK_BACK = 10_000  # shipments; a day has fewer


@dataclass(frozen=True, slots=True)
class Due:
    """An order as lists of what is next show it; `kind` is its integration's channel, empty when typed in by hand."""

    id: int
    number: str
    kind: str
    channel: str
    placed_at: datetime
    ship_by: datetime | None
    is_cancel_asked: bool = False


@dataclass(frozen=True, slots=True)
class Packed:
    """Orders that leave by the end of the day: those that have all their phones, and all of them."""

    done: int
    total: int


def takes_phones() -> sa.ColumnElement[bool]:
    """Open, ours to ship, and in a state that allows commitment; an order to be scanned takes them in any."""
    order = SalesOrder
    allowing = sa.select(SalesOrderStatus.id).where(SalesOrderStatus.allows_commitment)
    allows = sa.or_(order.status_id.in_(allowing), order.status_id.is_(None), order.is_to_be_scanned)
    return sa.and_(order.id.in_(open_orders()), allows, order.is_fulfilled_by_channel.is_(False))


def waits() -> sa.ColumnElement[bool]:
    """It takes phones, and lacks some."""
    return sa.and_(takes_phones(), has_uncommitted())


def rows_query() -> AnyRows:
    """Orders with the columns of `Due`."""
    order = SalesOrder
    kind = sa.func.coalesce(Integration.kind, "")
    columns = (order.id, order.number, kind, order.channel, order.placed_at, order.ship_by, is_cancel_asked())
    return sa.select(*columns).outerjoin(Integration, Integration.id == order.integration_id)


def due(channel: str = "", skipped: Collection[int] = (), limit: int = 6, *, but: int | None = None) -> list[Due]:
    """The orders to fill next: by ship-by, then age; those to be cancelled, then those a person skipped, come last."""
    order = SalesOrder
    query = rows_query().where(waits())
    if channel:
        query = query.where(order.channel == channel)
    if but is not None:
        query = query.where(order.id != but)
    skipped_last = [sa.case((order.id.in_(skipped), 1), else_=0)] if skipped else []
    query = query.order_by(*skipped_last, *_by_turn())
    return [Due(*row) for row in db.session.execute(query.limit(limit))]


def _by_turn() -> tuple[sa.ColumnElement[Any], ...]:
    """Due first; an order the buyer asked to cancel after all others."""
    order = SalesOrder
    return (order.is_cancel_asked, order.ship_by.is_(None), order.ship_by, order.placed_at, order.id)  # type: ignore[return-value]


def waiting_by_channel() -> dict[str, int]:
    """How many orders wait for phones, by channel."""
    query = sa.select(SalesOrder.channel, sa.func.count()).where(waits()).group_by(SalesOrder.channel)
    return dict(db.session.execute(query.order_by(SalesOrder.channel)).all())


def by_number(code: str) -> int | None:
    """The order with this number; of several, one that waits for phones before others, then the newest."""
    shown = code.strip()
    if not shown or len(shown) > LONGEST_NUMBER:
        return None
    query = sa.select(SalesOrder.id).where(SalesOrder.number.in_({shown, shown.upper()}))
    return db.session.scalar(query.order_by(sa.case((waits(), 0), else_=1), SalesOrder.id.desc()).limit(1))


def wants_variation(variation_id: int, channel: str = "") -> int | None:
    """The order due first that wants a phone of this variation."""
    lacking = [each.order_item_id for each in open_wants([variation_id])]
    items = [each for each in wanting.items(db.session(), lacking) if each.lacking and variation_id in each.candidates]
    query = sa.select(SalesOrder.id).where(waits(), SalesOrder.id.in_({each.order_id for each in items}))
    if channel:
        query = query.where(SalesOrder.channel == channel)
    return db.session.scalar(query.order_by(*_by_turn()).limit(1))


def packed(start: datetime, end: datetime) -> Packed:
    """Of the orders that leave between these times, or should have left before, how many are packed."""
    lacking = sa.func.count(sa.case((has_uncommitted(), 1)))
    there = sa.select(sa.func.count(), lacking).where(takes_phones(), SalesOrder.ship_by < end)
    total, waiting = db.session.execute(there).one()
    left = db.session.scalar(_left(start, end)) or 0
    return Packed(left + total - waiting, left + total)


def _left(start: datetime, end: datetime) -> sa.Select[int]:
    """How many orders due by then got a shipment in this time; the newest shipments are looked at."""
    newest = sa.select(sa.func.max(Shipment.id)).scalar_subquery()
    return (
        sa.select(sa.func.count(Shipment.order_id.distinct()))
        .join(SalesOrder, SalesOrder.id == Shipment.order_id)
        .where(Shipment.id > newest - LOOK_BACK, Shipment.created_at >= start, Shipment.voided_at.is_(None))
        .where(SalesOrder.ship_by < end, ~takes_phones())
    )
