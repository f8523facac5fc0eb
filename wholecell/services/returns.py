"""Phones that buyers sent back: off their order, with a new status and grade, in one step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import db, transaction
from wholecell.models import Commitment, Grade, InventoryStatus, OrderItem, SalesOrder, Shipment, ShipmentUnit
from wholecell.services import commitments, inventory, item_changes, order_state, recompute, scanned, wanting
from wholecell.services.events import Actor, record
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal
from wholecell.services.release import let_go
from wholecell.services.wanting import Item


@dataclass(frozen=True, slots=True)
class LastOrder:
    """The order a phone left on, or is on."""

    order_id: int
    number: str
    channel: str
    order_item_id: int
    commitment_id: int
    committed_at: datetime
    is_live: bool  # it still belongs to the order: only then it can be returned
    is_returned: bool
    tracking_number: str
    shipped_at: datetime | None


def last_order(item_id: int) -> LastOrder | None:
    """The order this phone was committed to last."""
    parcel = sa.and_(Shipment.id == ShipmentUnit.shipment_id, Shipment.voided_at.is_(None))
    query = (
        sa.select(
            SalesOrder.id,
            SalesOrder.number,
            SalesOrder.channel,
            OrderItem.id,
            Commitment.id,
            Commitment.committed_at,
            Commitment.released_at.is_(None),
            Commitment.is_returned,
            sa.func.coalesce(Shipment.tracking_number, ""),
            Shipment.shipped_at,
        )
        .select_from(Commitment)
        .join(OrderItem, OrderItem.id == Commitment.order_item_id)
        .join(SalesOrder, SalesOrder.id == OrderItem.order_id)
        .outerjoin(ShipmentUnit, ShipmentUnit.commitment_id == Commitment.id)
        .outerjoin(Shipment, parcel)
        .where(Commitment.item_id == item_id)
        .order_by(Commitment.id.desc(), Shipment.id.desc())
    )
    row: Any = db.session.execute(query.limit(1)).first()
    return row and LastOrder(*row)


def return_phone(item_id: int, actor: Actor, *, status_id: int, grade_id: int | None) -> None:
    """Take back a phone a buyer returned; its unit is wanted no more. A grade of None stays as it is."""
    with transaction() as session:
        held = scanned.holder(session, item_id)
        if held is not None:
            wanting.hold_orders(session, [held.order_id])
            held = scanned.holder(session, item_id)
        if held is None:
            raise Refusal("This phone is on no order, so nothing is to be returned: change its status on its page.")
        values = _values(session, actor, item_id, status_id, grade_id)
        phones = [each for each in commitments.of_orders(session, [held.order_id]) if each.id == held.commitment_id]
        item = wanting.items(session, [held.order_item_id])[0]
        let_go(session, actor, held.order_id, phones, is_returned=True)
        if item.live <= item.wanted:  # one too many on its item was wanted by nobody
            _count_returned(session, item, 1)
        item_changes.apply(session, actor, {item_id: values}, Cause.ITEM)


def _values(session: Session, actor: Actor, item_id: int, status_id: int, grade_id: int | None) -> dict[str, Any]:
    if session.get(InventoryStatus, status_id) is None:
        raise Refusal("That status is not in the list any more: choose another one.")
    if grade_id is None:
        return {"status_id": status_id}
    if session.get(Grade, grade_id) is None:
        raise Refusal("That grade is not in the list any more: choose another one.")
    variation = inventory.regraded(session, actor, [item_id], grade_id, None)[item_id]
    return {"status_id": status_id, "variation_id": variation}


def send_replacement(order_item_id: int, actor: Actor) -> bool:
    """Want a returned unit again, so that another phone can be committed to it; gives whether its order is open.

    Only an open order keeps a phone back from listings.
    """
    with transaction() as session:
        order_id = session.scalar(sa.select(OrderItem.order_id).where(OrderItem.id == order_item_id))
        if order_id is None:
            raise Refusal("That item is not on the order any more.")
        wanting.hold_orders(session, [order_id])
        if not session.scalar(sa.select(OrderItem.returned).where(OrderItem.id == order_item_id)):
            raise Refusal("No unit of this item was returned, so there is nothing to replace.")
        item = wanting.items(session, [order_item_id])[0]
        _count_returned(session, item, -1)
        record(session, actor, "order", order_id, "replacement", None, item.title or item.sku)
        recompute.request(session, Cause.ORDER, actor, variations=item.candidates, order_id=order_id)
        return bool(session.scalar(sa.select(order_state.is_open()).where(SalesOrder.id == order_id)))


def _count_returned(session: Session, item: Item, units: int) -> None:
    values: dict[str, Any] = {"returned": OrderItem.returned + units}
    if units < 0:
        values["is_extra"] = False  # a unit that waits for its phone: such lines are the order's own
    statement = sa.update(OrderItem).where(OrderItem.id == item.id).values(values)
    session.execute(statement, execution_options={"synchronize_session": False})
