"""Read the shipments that a program made for us; each of an order of ours becomes a shipment here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import CameShipment, ImportsShipments, ShipmentPage
from wholecell.db import transaction, utcnow
from wholecell.models import HandedOrder, Integration, SalesOrder, ShippingSettings
from wholecell.services import incoming_shipments, outgoing_orders
from wholecell.services.incoming_shipments import Outcome
from wholecell.services.work import Run

OVERLAP = timedelta(minutes=10)  # read again each time: clocks differ, and a label is seen some time after it is made
BEFORE_US = timedelta(days=1)  # the first reading begins so long before the integration was made


def import_shipments(run: Run, connector: ImportsShipments) -> None:
    """Read what was made, marked or voided since the last reading that went through.

    The mark moves only after the last page, and not while a shipment has to be told of again.
    """
    began, since = utcnow(), _since(run)
    done, is_later = 0, False
    run.keep()
    for page in connector.shipments(since):
        began = min(began, page.reading_began_at or began)
        is_later = _take(run, page) or is_later
        done += len(page.shipments)
        with transaction() as session:
            run.keep(session)
            run.progress(session, done, page.total)
    if not is_later:
        with transaction() as session:
            run.keep(session)
            own = ShippingSettings.integration_id == run.integration_id
            session.execute(sa.update(ShippingSettings).where(own).values(shipments_until=began))


def _since(run: Run) -> datetime:
    with transaction() as session:
        settings = session.get_one(ShippingSettings, run.integration_id)
        made = session.get_one(Integration, run.integration_id).created_at
        return made - BEFORE_US if settings.shipments_until is None else settings.shipments_until - OVERLAP


def _take(run: Run, page: ShipmentPage) -> bool:
    """Store the shipments of a page; gives whether one is to be told again."""
    run.count("not read", len(page.unreadable))
    with transaction() as session:
        settings = session.get_one(ShippingSettings, run.integration_id)
        ours = _ours(session, settings, page.shipments)
    run.count("of other orders", len(page.shipments) - len(ours))
    is_later = False
    for came in ours:
        taken = incoming_shipments.take(run.integration_id, came)
        run.count(taken.outcome.value)
        is_later = is_later or taken.outcome is Outcome.LATER
    return is_later


def _ours(session: Session, settings: ShippingSettings, shipments: Sequence[CameShipment]) -> list[CameShipment]:
    """Those of orders that went there or came from there; an account ships for others, too.

    A number tells an order only where nothing else does: other stores count their orders as well.
    """
    integration_id = settings.integration_id
    ids = sorted({came.order_external_id for came in shipments} - {""})
    went = (HandedOrder.integration_id == integration_id, HandedOrder.external_id.in_(ids))
    known = set(session.scalars(sa.select(HandedOrder.external_id).where(*went)))
    came_from = (SalesOrder.integration_id == integration_id, SalesOrder.external_id.in_(ids))
    known |= set(session.scalars(sa.select(SalesOrder.external_id).where(*came_from)))
    numbers = sorted({came.number for came in shipments} - {""})
    there = (HandedOrder.integration_id == integration_id, HandedOrder.handed_at.is_not(None))
    named = sa.select(SalesOrder.number).join(HandedOrder, HandedOrder.order_id == SalesOrder.id)
    by_number = set(session.scalars(named.where(*there, SalesOrder.number.in_(numbers))))
    return [
        came
        for came in shipments
        if came.order_external_id in known
        or outgoing_orders.order_of(settings.prefix, came.reference) is not None
        or (not came.reference and came.number in by_number)
    ]
