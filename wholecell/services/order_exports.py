"""Orders for a program that calls us and asks for what changed in a span of time, page after page.

Which orders are on which page is decided once, when the first page is asked for. An order that changes before its
page is asked for stays on it and goes as it is then; nothing moves up, so that none is passed over or told twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import OutgoingOrder
from wholecell.db import dry_run, transaction, utcnow
from wholecell.models import HandedOrder, OrderExport, OrderExportPage, SalesOrder, ShippingSettings
from wholecell.services import changed_orders, outgoing_orders
from wholecell.services.bulk import MANY, chunks
from wholecell.services.outgoing_state import goes_next, is_complete, is_for

SIZE = 50
# The program's clock may differ from ours, and it asks by whole minutes.
MARGIN = timedelta(minutes=2)
# A span that ends so shortly ago is one that goes on from the last; others are somebody's look into the past.
LIVE = timedelta(minutes=15)
PAGES_KEPT = timedelta(days=1)
LOG_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Exported:
    """One page, as its orders are now."""

    pages: int
    orders: list[OutgoingOrder]


def look(integration_id: int, since: datetime, until: datetime, number: int, now: datetime | None = None) -> Exported:
    """What `page` would give; nothing is noted, and the next asking gets the same."""
    return dry_run(lambda: page(integration_id, since, until, number, now))


def page(integration_id: int, since: datetime, until: datetime, number: int, now: datetime | None = None) -> Exported:
    """A page of the orders that changed in this span, both ends included; the first page begins a new export."""
    now = now or utcnow()
    with transaction() as session:
        settings = session.get_one(ShippingSettings, integration_id, with_for_update={"key_share": True})
        export = None if number == 1 else _latest(session, integration_id, since, until)
        if export is None:
            export = _begin(session, settings, since, until, now)
        row = session.get(OrderExportPage, (export.id, number))
        if row is None:  # none changed, or a page after the last
            if number == 1:
                _note_fetched(export, now)
            return Exported(export.pages, [])
        # Asked before the orders are read: a change that comes in between is told once more.
        events = outgoing_orders.last_changes(session, row.order_ids)
        orders = outgoing_orders.build(session, settings, row.order_ids)
        outgoing_orders.note_handed(session, integration_id, orders, events, now)
        if row.fetched_at is None:
            row.fetched_at = now
            _note_fetched(export, now)
        return Exported(export.pages, orders)


def _note_fetched(export: OrderExport, now: datetime) -> None:
    """One more page is there. What only looks into the past is never whole: the next one does not go on from it."""
    export.fetched += 1
    if export.fetched == export.pages and _is_live(export.asked_until, export.made_at):
        export.finished_at = now


def _is_live(until: datetime, now: datetime) -> bool:
    return until >= now - LIVE


def _latest(session: Session, integration_id: int, since: datetime, until: datetime) -> OrderExport | None:
    query = sa.select(OrderExport).where(
        OrderExport.integration_id == integration_id,
        OrderExport.asked_from == since,
        OrderExport.asked_until == until,
        sa.or_(OrderExport.orders == 0, sa.exists().where(OrderExportPage.export_id == OrderExport.id)),
    )
    return session.scalar(query.order_by(OrderExport.id.desc()).limit(1))


def _begin(
    session: Session, settings: ShippingSettings, since: datetime, until: datetime, now: datetime
) -> OrderExport:
    _forget(session, settings.integration_id, now)
    ids = _changed(session, settings, since, until, now)
    pages = list(chunks(ids, SIZE))
    export = OrderExport(
        integration_id=settings.integration_id,
        asked_from=since,
        asked_until=until,
        made_at=now,
        orders=len(ids),
        pages=max(len(pages), 1),
        fetched=0,
    )
    session.add(export)
    session.flush()
    session.add_all(
        OrderExportPage(export_id=export.id, page=number, order_ids=list(some))
        for number, some in enumerate(pages, start=1)
    )
    session.flush()
    return export


def _changed(
    session: Session, settings: ShippingSettings, since: datetime, until: datetime, now: datetime
) -> list[int]:
    """The orders to tell of, those whose last change is the oldest first.

    Where the span goes on from the last one, these too: orders that qualify and never went, whatever made them do
    so; those that went so lately that the program may not have got them; and what changed since the last export that
    was fetched whole, should the program leave a gap.
    """
    from_ = since - MARGIN
    ways: list[sa.Select[Any]] = []
    if _is_live(until, now):
        last = _last_whole(session, settings.integration_id)
        from_ = from_ if last is None else min(from_, last - MARGIN)
        key, channels = settings.integration_id, settings.channels
        ways = [
            sa.select(SalesOrder.id).where(goes_next(key, channels)),
            sa.select(HandedOrder.order_id).where(
                HandedOrder.integration_id == key, HandedOrder.handed_at >= since - MARGIN
            ),
        ]
    ways.append(changed_orders.changed(from_, until + timedelta(minutes=1)))
    query = sa.select(SalesOrder.id, SalesOrder.created_at).where(
        SalesOrder.id.in_(sa.union(*ways) if len(ways) > 1 else ways[0]),
        is_for(settings.integration_id, settings.channels),
        is_complete(),
    )
    rows = dict(session.execute(query).all())
    at = {}
    for chunk in chunks(sorted(rows), MANY):
        at.update({key: when for key, (_, when) in outgoing_orders.last_changes(session, chunk).items()})
    return sorted(rows, key=lambda key: (at.get(key) or rows[key], key))


def _last_whole(session: Session, integration_id: int) -> datetime | None:
    """When the last export was begun of which every page was fetched."""
    query = sa.select(sa.func.max(OrderExport.made_at)).where(
        OrderExport.integration_id == integration_id, OrderExport.finished_at.is_not(None)
    )
    return session.scalar(query)


def _forget(session: Session, integration_id: int, now: datetime) -> None:
    """Pages are of use while they are fetched, and the log for some months; the last whole export stays."""
    of_it = OrderExport.integration_id == integration_id
    old = sa.select(OrderExport.id).where(of_it, OrderExport.made_at < now - PAGES_KEPT)
    session.execute(sa.delete(OrderExportPage).where(OrderExportPage.export_id.in_(old)))
    last = sa.select(sa.func.max(OrderExport.id)).where(of_it, OrderExport.finished_at.is_not(None)).scalar_subquery()
    is_past = sa.or_(
        OrderExport.made_at < now - LOG_KEPT, sa.and_(OrderExport.orders == 0, OrderExport.made_at < now - PAGES_KEPT)
    )
    session.execute(
        sa.delete(OrderExport).where(of_it, is_past, OrderExport.id != sa.func.coalesce(last, 0)),
        execution_options={"synchronize_session": False},
    )


def next_orders(session: Session, settings: ShippingSettings, limit: int = SIZE) -> list[OutgoingOrder]:
    """Orders that would go now and were not told yet, for a look at them: nothing is noted."""
    query = sa.select(SalesOrder.id).where(goes_next(settings.integration_id, settings.channels))
    ids = list(session.scalars(query.order_by(SalesOrder.id.desc()).limit(limit)))
    return outgoing_orders.build(session, settings, ids)
