"""What an order's page shows of its shipments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Commitment, Integration, InventoryItem, OrderItem, SalesOrder, Shipment, ShipmentUnit
from wholecell.services.bulk import AnyRows


class State(StrEnum):
    """What the channel knows of a shipment. *Sending* left behind means that it may know: it is read back first."""

    HERE_ONLY = "here only"
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"


BY_FILE = "It goes out with the next file of shipments."
ACCEPT_FIRST = "It is sent as soon as the order is accepted."


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A phone in a shipment; `esn_problem` says why the channel does not have its number."""

    commitment_id: int
    item_id: int
    esn: str
    order_item_id: int
    esn_sent_at: datetime | None
    esn_problem: str


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """A shipment with its phones; `problem` and `advice` are for people."""

    id: int
    carrier: str
    service: str
    tracking_number: str
    tracking_url: str
    shipped_at: datetime
    created_at: datetime
    created_by_id: int | None
    state: State
    sent_at: datetime | None
    voided_at: datetime | None
    problem: str
    advice: str
    units: Sequence[UnitRow]


@dataclass(frozen=True, slots=True)
class FreePhone:
    """A phone committed to an order and in none of its shipments."""

    commitment_id: int
    item_id: int
    esn: str
    order_item_id: int


def of_order(order_id: int) -> list[ShipmentRow]:
    """The shipments of an order, oldest first, voided ones too. Two queries."""
    rows = db.session.execute(_of_order(), {"order": order_id}, execution_options={"populate_existing": True}).all()
    units = _units(order_id) if rows else {}
    return [_row(row, accept, by_hand, units.get(row.id, ())) for row, accept, by_hand in rows]


def _row(shipment: Shipment, is_to_accept: bool, is_by_hand: bool | None, units: Sequence[UnitRow]) -> ShipmentRow:
    waits = is_to_accept and shipment.state == State.WAITING
    problem = BY_FILE if is_by_hand and shipment.state == State.WAITING else shipment.problem
    return ShipmentRow(
        shipment.id,
        shipment.carrier,
        shipment.service,
        shipment.tracking_number,
        shipment.tracking_url,
        shipment.shipped_at,
        shipment.created_at,
        shipment.created_by_id,
        State(shipment.state),
        shipment.sent_at,
        shipment.voided_at,
        ACCEPT_FIRST if waits else problem,
        "Accept the order first." if waits else shipment.advice,
        units,
    )


def _units(order_id: int) -> dict[int, list[UnitRow]]:
    found: dict[int, list[UnitRow]] = defaultdict(list)
    for row in db.session.execute(_units_of(), {"order": order_id}):
        found[row[0]].append(UnitRow(*row[1:]))
    return found


# Each is written once: that takes longer than asking it.


@cache
def _of_order() -> sa.Select[Shipment, bool, bool]:
    return (
        sa.select(Shipment, SalesOrder.is_to_accept, Integration.is_by_hand)
        .join(SalesOrder, SalesOrder.id == Shipment.order_id)
        .outerjoin(Integration, Integration.id == SalesOrder.integration_id)
        .where(Shipment.order_id == sa.bindparam("order"))
        .order_by(Shipment.id)
    )


@cache
def _units_of() -> AnyRows:
    return (
        sa.select(
            ShipmentUnit.shipment_id,
            ShipmentUnit.commitment_id,
            InventoryItem.id,
            InventoryItem.esn,
            Commitment.order_item_id,
            ShipmentUnit.esn_sent_at,
            ShipmentUnit.esn_problem,
        )
        .join(Shipment, Shipment.id == ShipmentUnit.shipment_id)
        .join(Commitment, Commitment.id == ShipmentUnit.commitment_id)
        .join(InventoryItem, InventoryItem.id == Commitment.item_id)
        .where(Shipment.order_id == sa.bindparam("order"))
        .order_by(ShipmentUnit.shipment_id, ShipmentUnit.commitment_id)
    )


def free_phones(order_id: int) -> list[FreePhone]:
    """The phones a new shipment of this order may hold, oldest commitment first."""
    return [FreePhone(*row) for row in db.session.execute(_free_of(), {"order": order_id})]


@cache
def _free_of() -> AnyRows:
    order: sa.BindParameter[int] = sa.bindparam("order")
    packed = (
        sa.select(ShipmentUnit.commitment_id)
        .join(Shipment, Shipment.id == ShipmentUnit.shipment_id)
        .where(Shipment.order_id == order, Shipment.voided_at.is_(None))
    )
    return (
        sa.select(Commitment.id, InventoryItem.id, InventoryItem.esn, OrderItem.id)
        .join(OrderItem, OrderItem.id == Commitment.order_item_id)
        .join(InventoryItem, InventoryItem.id == Commitment.item_id)
        .where(OrderItem.order_id == order, Commitment.released_at.is_(None), Commitment.id.not_in(packed))
        .order_by(Commitment.id)
    )
