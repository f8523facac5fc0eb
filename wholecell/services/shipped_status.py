"""The status an order gets when its last shipment leaves, and the one it goes back to when that shipment is voided."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import Channel, Meaning
from wholecell.models import Event, SalesOrder, SalesOrderStatus, StatusMapping
from wholecell.services.events import Actor, record

TITLE = "Shipped"


def set_shipped(session: Session, order: SalesOrder, channel: Channel | None, actor: Actor) -> None:
    """Move the order on, unless it is past that already."""
    target, now = _target(session, order, channel), _status(session, order.status_id)
    is_past = now is not None and not now.counts_as_open and not now.allows_commitment
    if target is not None and not is_past:
        _move(session, order, target, actor)


def take_back(session: Session, order: SalesOrder, since: datetime, actor: Actor) -> None:
    """Put a shipped order back to the status it had before `since`, unless it moved on or the channel moved it."""
    if status_is_open(session, order):
        return
    query = (
        sa.select(Event.old_id, Event.new_id, Event.source, Event.at)
        .where(Event.subject == "order", Event.subject_id == order.id, Event.kind == "status")
        .order_by(Event.id.desc())
        .limit(1)
    )
    last = session.execute(query).first()
    if last is None or last.at < since or last.source == "channel" or last.new_id != order.status_id:
        return
    if (before := _status(session, last.old_id)) is not None:
        _move(session, order, before, actor)
        order.is_to_be_scanned = False  # what was to be scanned after it had left did not leave


def status_is_open(session: Session, order: SalesOrder) -> bool:
    """Whether its units are wanted because of its status."""
    now = _status(session, order.status_id)
    return now is None or now.counts_as_open


def _status(session: Session, status_id: int | None) -> SalesOrderStatus | None:
    return None if status_id is None else session.get(SalesOrderStatus, status_id)


def _target(session: Session, order: SalesOrder, channel: Channel | None) -> SalesOrderStatus | None:
    """What the status map gives for the channel's own word for shipped, else the status of that title."""
    words = [each.word for each in channel.order_words if each.means is Meaning.SHIPPED] if channel else []
    mapped = (
        sa.select(SalesOrderStatus)
        .join(StatusMapping, StatusMapping.status_id == SalesOrderStatus.id)
        .where(StatusMapping.integration_id == order.integration_id, StatusMapping.word.in_(words))
    )
    found = session.scalar(mapped.order_by(SalesOrderStatus.position).limit(1))
    return found or session.scalar(sa.select(SalesOrderStatus).where(SalesOrderStatus.title == TITLE))


def _move(session: Session, order: SalesOrder, to: SalesOrderStatus, actor: Actor) -> None:
    if order.status_id == to.id:
        return
    before = _status(session, order.status_id)
    old = before.title if before else None
    record(session, actor, "order", order.id, "status", old, to.title, old_id=order.status_id, new_id=to.id)
    order.status_id = to.id
