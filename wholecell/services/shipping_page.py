"""What the tabs of an integration that ships for us show: orders that wait or cannot go, and what was exchanged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from wholecell.db import db, utcnow
from wholecell.models import (
    HandedOrder,
    OrderExport,
    SalesOrder,
    SalesOrderStatus,
    ShipmentNotice,
    ShippingSettings,
)
from wholecell.services import keyset
from wholecell.services.bulk import AnyRows
from wholecell.services.incoming_shipments import Outcome
from wholecell.services.keyset import Cursor, Page
from wholecell.services.order_state import is_ours
from wholecell.services.outgoing_state import begins, goes_next, is_complete, is_flagged, missing

VIEWS = {
    "next": "Go next",
    "incomplete": "Address not complete",
    "refused": "Refused",
    "handed": "Handed on",
}
_COLUMNS = (
    SalesOrder.id,
    SalesOrder.number,
    SalesOrder.channel,
    SalesOrder.placed_at,
    SalesOrder.ship_by,
    SalesOrder.ship_name,
    SalesOrder.ship_company,
    SalesOrder.ship_street,
    SalesOrder.ship_city,
    SalesOrder.ship_postal_code,
    SalesOrder.ship_country,
    SalesOrderStatus.title.label("status"),
    SalesOrderStatus.color,
)


@dataclass(frozen=True, slots=True)
class Row:
    """An order, with what its address lacks and how the handing on went."""

    id: int
    number: str
    channel: str
    placed_at: datetime
    status: str | None
    color: str | None
    missing: Sequence[str]
    handed_at: datetime | None = None
    stage: str = ""
    problem: str = ""
    advice: str = ""


def counts(settings: ShippingSettings) -> dict[str, int]:
    """How many orders each view has, counted no further than a little over 10,000."""
    return keyset.counts({view: _query(settings, view) for view in VIEWS})


@dataclass(frozen=True, slots=True)
class Figures:
    """What the card of an integration says, counted as tabs are."""

    next: str
    incomplete: str
    refused: str
    lost: int  # shipments told lately that could not be stored
    called_at: datetime | None


def figures() -> dict[int, Figures]:
    """Of every integration that ships; there are few."""
    found = {}
    bad = (
        ShipmentNotice.outcome.in_([Outcome.UNKNOWN.value, Outcome.REFUSED.value]),
        ShipmentNotice.last_at > _recent(),
    )
    query = sa.select(ShipmentNotice.integration_id, sa.func.count()).where(*bad)
    lost = dict(db.session.execute(query.group_by(ShipmentNotice.integration_id)).all())
    for row in db.session.scalars(sa.select(ShippingSettings)):
        number = {key: keyset.shown_count(count) for key, count in counts(row).items()}
        tabs = (number["next"], number["incomplete"], number["refused"])
        found[row.integration_id] = Figures(*tabs, lost.get(row.integration_id, 0), row.called_at)
    return found


def _recent() -> datetime:
    return utcnow() - timedelta(days=30)


def orders(settings: ShippingSettings, view: str, cursor: Cursor) -> Page[Row]:
    """One page of a view, the newest first."""
    found = keyset.newest_first(_query(settings, view), SalesOrder.id, cursor)
    return Page([_row(each._mapping) for each in found.rows], found.previous, found.next)


def _row(row: Any) -> Row:
    return Row(
        row["id"],
        row["number"],
        row["channel"],
        row["placed_at"],
        row["status"],
        row["color"],
        missing(row),
        row.get("handed_at"),
        row.get("stage", ""),
        row.get("problem", ""),
        row.get("advice", ""),
    )


def _query(settings: ShippingSettings, view: str) -> AnyRows:
    key = settings.integration_id
    status = SalesOrderStatus.id == SalesOrder.status_id
    if view in ("refused", "handed"):
        query = (
            sa.select(*_COLUMNS, HandedOrder.handed_at, HandedOrder.stage, HandedOrder.problem, HandedOrder.advice)
            .join(HandedOrder, sa.and_(HandedOrder.order_id == SalesOrder.id, HandedOrder.integration_id == key))
            .outerjoin(SalesOrderStatus, status)
        )
        return query.where(HandedOrder.problem != "" if view == "refused" else HandedOrder.handed_at.is_not(None))
    query = sa.select(*_COLUMNS).outerjoin(SalesOrderStatus, status)
    if view == "incomplete":
        return query.where(begins(key, settings.channels), ~is_complete())
    return query.where(goes_next(key, settings.channels))


def left_out(settings: ShippingSettings) -> list[tuple[str, int]]:
    """Sales channels that are not ticked, with their open orders whose status says that they are to go."""
    query = (
        sa.select(SalesOrder.channel, sa.func.count())
        .where(is_flagged(), is_ours(), SalesOrder.erased_at.is_(None))
        .where(SalesOrder.channel.not_in(list(settings.channels)))
        .where(sa.func.coalesce(SalesOrder.integration_id, 0) != settings.integration_id)
        .group_by(SalesOrder.channel)
    )
    return [(name, count) for name, count in db.session.execute(query.order_by(SalesOrder.channel))]


def statuses() -> list[tuple[str, str]]:
    """The statuses whose orders go, with their colors."""
    query = sa.select(SalesOrderStatus.title, SalesOrderStatus.color).where(SalesOrderStatus.syncs_to_shipstation)
    return [(title, color) for title, color in db.session.execute(query.order_by(SalesOrderStatus.position))]


def exports(integration_id: int, cursor: Cursor) -> Page[OrderExport]:
    """What the program asked for, the newest first."""
    query = sa.select(OrderExport.id, OrderExport).where(OrderExport.integration_id == integration_id)
    found = keyset.newest_first(query, OrderExport.id, cursor)
    return Page([row[1] for row in found.rows], found.previous, found.next)


def notices(integration_id: int, cursor: Cursor) -> Page[ShipmentNotice]:
    """The shipments it told of, the newest first."""
    query = sa.select(ShipmentNotice.id, ShipmentNotice).where(ShipmentNotice.integration_id == integration_id)
    found = keyset.newest_first(query, ShipmentNotice.id, cursor)
    return Page([row[1] for row in found.rows], found.previous, found.next)
