"""Which orders a program that ships them is to be sent now, where we call it.

Facts alone decide: an order that never went, or whose timeline has a line that did not go along. What was refused
waits for the next line, be it that a person tries again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels import discover
from wholecell.channels.contract import ImportsShipments, SendsOrders
from wholecell.db import db, transaction
from wholecell.models import Event, HandedOrder, Integration, SalesOrder, ShippingSettings, Work
from wholecell.services.connect import can
from wholecell.services.events import Actor, record
from wholecell.services.outgoing_state import begins, is_complete, is_for
from wholecell.services.refusal import Refusal
from wholecell.services.work import Kind

LONGEST_TRANSACTION = timedelta(minutes=10)  # lines may become visible so long after later ones did
SHIPMENTS_EVERY = timedelta(minutes=5)


# Spelled as the partial index is: no other spelling of the same uses it.
IS_REFUSED: sa.ColumnElement[Any] = sa.literal_column("handed_order.problem <> ''")


@dataclass(frozen=True, slots=True)
class RefusedOrders:
    """Orders that one program refused to take."""

    integration_id: int
    units: int
    words: str  # about one of them


def refused() -> list[RefusedOrders]:
    """By integration, the most first."""
    query = (
        sa.select(HandedOrder.integration_id, sa.func.count(), sa.func.max(HandedOrder.problem))
        .where(IS_REFUSED)
        .group_by(HandedOrder.integration_id)
        .order_by(sa.func.count().desc(), HandedOrder.integration_id)
    )
    return [RefusedOrders(*row) for row in db.session.execute(query)]


def due_orders(session: Session, settings: ShippingSettings, limit: int, but: Collection[int] = ()) -> list[int]:
    """Ids of orders to send: those that changed, then those that never went, in the order they came in."""
    integration_id = settings.integration_id
    wanted = (is_for(integration_id, frozenset(settings.channels)), is_complete(), SalesOrder.id.not_in(list(but)))
    changed = _changed(settings)
    found = list(session.scalars(sa.select(SalesOrder.id).where(SalesOrder.id.in_(changed), *wanted).limit(limit)))
    if len(found) < limit:
        row = (HandedOrder.integration_id == integration_id, HandedOrder.order_id == SalesOrder.id)
        new = (begins(integration_id, frozenset(settings.channels)), *wanted[1:])
        query = sa.select(SalesOrder.id).where(*new, ~sa.exists().where(*row).correlate(SalesOrder))
        found += session.scalars(query.order_by(SalesOrder.id).limit(limit - len(found)))
    return found


def _changed(settings: ShippingSettings) -> sa.Select[int]:
    """Orders that went, or were refused, before some line of their timeline; lines that all went are not looked at."""
    # Nothing is added to the word but the habit of looking it up by index, which reads the lines of all time.
    about_orders = sa.func.coalesce(Event.subject, "") == "order"
    return (
        sa.select(Event.subject_id)
        .join(HandedOrder, HandedOrder.order_id == Event.subject_id)
        .where(
            HandedOrder.integration_id == settings.integration_id,
            about_orders,
            Event.id > settings.sent_until,
            Event.id > HandedOrder.event_id,
        )
    )


def last_settled_line(session: Session, now: datetime) -> int:
    """The last line of all timelines before which no line can appear any more."""
    query = sa.select(Event.id).where(Event.at < now - LONGEST_TRANSACTION).order_by(Event.id.desc()).limit(1)
    return session.scalar(query) or 0


def integrations_with_due() -> list[int]:
    """The integrations that are to send orders and have any to send."""
    rows = db.session.scalars(
        sa.select(ShippingSettings)
        .join(Integration, Integration.id == ShippingSettings.integration_id)
        .where(
            ShippingSettings.sends_orders, Integration.is_by_hand.is_(False), Integration.kind.in_(_those(SendsOrders))
        )
    )
    return [row.integration_id for row in rows if due_orders(db.session(), row, 1)]


def has_to_send(integration_id: int) -> bool:
    """Whether a run would send anything, or a person asked for one."""
    row = db.session.get(ShippingSettings, integration_id, populate_existing=True)
    if row is None or not row.sends_orders:
        return False
    asked = (Work.integration_id == integration_id, Work.kind == Kind.SEND_ORDERS, Work.wanted_at.is_not(None))
    return bool(db.session.scalar(sa.select(sa.exists().where(*asked)))) or bool(due_orders(db.session(), row, 1))


def are_shipments_wanted(now: datetime) -> sa.ColumnElement[bool]:
    """The Work of the enclosing query reads shipments, and its time has come, or it failed and may go on."""
    of_kind = sa.select(Integration.id).where(Integration.kind.in_(_those(ImportsShipments)))
    began = Work.last_started_at
    is_time = sa.or_(began.is_(None), began < now - SHIPMENTS_EVERY, Work.not_before.is_not(None))
    return sa.and_(Work.kind == Kind.IMPORT_SHIPMENTS, Work.integration_id.in_(of_kind), is_time)


def try_again(integration_id: int, order_id: int, actor: Actor) -> None:
    """Send a refused order once more. Raises Refusal where none was refused."""
    with transaction() as session:
        row = session.get(HandedOrder, (integration_id, order_id), with_for_update=True)
        if row is None or not row.problem:
            raise Refusal("This order was not refused: nothing has to be sent again.")
        row.problem = row.advice = ""
        record(session, actor, "order", order_id, "order to send again")


def _those(protocol: type) -> list[str]:
    return [kind for kind, channel in discover().items() if can(channel, protocol)]
