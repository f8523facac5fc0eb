"""Shipments as other systems get them, and their word that they have taken one over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET

from wholecell.db import db, transaction, utcnow
from wholecell.models import Commitment, Integration, InventoryItem, OrderItem, SalesOrder, Shipment, ShipmentUnit
from wholecell.services import hand_entered, wanting
from wholecell.services.api_pages import next_cursor, of_integrations
from wholecell.services.api_records import PhoneRecord, ShipmentPage, ShipmentRecord, ShipmentsQuery
from wholecell.services.bulk import AnyRows
from wholecell.services.events import CHANNEL, record
from wholecell.services.refusal import Refusal
from wholecell.services.shipment_rows import State
from wholecell.services.shipments import shipment_words

_COLUMNS = (
    Shipment.id,
    Shipment.order_id,
    SalesOrder.number.label("order_number"),
    SalesOrder.external_id.label("order_external_id"),
    SalesOrder.integration_id,
    Shipment.carrier,
    Shipment.service,
    Shipment.tracking_number,
    Shipment.tracking_url,
    Shipment.shipped_at,
    Shipment.state,
    Shipment.sent_at.label("taken_at"),
    Shipment.voided_at,
)


def find(wanted: ShipmentsQuery, integration_id: int | None) -> ShipmentPage:
    """One page by id, of one integration when the token is tied to it."""
    where = [
        Shipment.id > wanted.cursor,
        *of_integrations(SalesOrder.integration_id, integration_id, wanted.integration_id),
    ]
    if wanted.order_id is not UNSET:
        where.append(Shipment.order_id == wanted.order_id)
    if wanted.shipped_since is not UNSET:
        where.append(Shipment.shipped_at >= wanted.shipped_since)
    if wanted.taken is not UNSET:
        is_taken = Shipment.state == State.SENT.value
        where.append(is_taken if wanted.taken else ~is_taken)
    found = _rows(where, wanted.limit + 1)
    shown = _with_phones(found[: wanted.limit])
    return ShipmentPage(shipments=shown, next_cursor=next_cursor(found, wanted.limit))


def one(shipment_id: int, integration_id: int | None) -> ShipmentRecord | None:
    """One shipment; None when there is none that the token may see."""
    where = [Shipment.id == shipment_id, *of_integrations(SalesOrder.integration_id, integration_id)]
    return next(iter(_with_phones(_rows(where, 1))), None)


def take(shipment_id: int, integration_id: int | None) -> ShipmentRecord | None:
    """Note that the other system has the shipment; once more changes nothing. None when the token may not see it.

    Raises Refusal for a voided one, and for one that we tell a channel of ourselves.
    """
    if (seen := one(shipment_id, integration_id)) is None:
        return None
    with transaction() as session:
        wanting.hold_orders(session, [seen.order_id])
        shipment = session.get_one(Shipment, shipment_id, with_for_update=True)
        if shipment.voided_at is not None:
            raise Refusal("This shipment was voided: nothing of it has left.")
        if shipment.state != State.SENT:
            if shipment.state != State.HERE_ONLY and not _is_by_hand(session, seen.integration_id):
                raise Refusal("WholeCell tells the channel of this shipment itself.")
            hand_entered.note_shipments(session, [shipment], utcnow())
            words = shipment_words(shipment)
            record(session, CHANNEL, "order", shipment.order_id, "shipment taken", new=words, new_id=shipment.id)
    return one(shipment_id, integration_id)


def _is_by_hand(session: sa.orm.Session, integration_id: int | None) -> bool:
    if integration_id is None:
        return True
    return session.get_one(Integration, integration_id).is_by_hand


def _rows(where: Sequence[sa.ColumnElement[bool]], limit: int) -> Sequence[sa.Row[Any]]:
    query: AnyRows = sa.select(*_COLUMNS).join(SalesOrder, SalesOrder.id == Shipment.order_id).where(*where)
    return db.session.execute(query.order_by(Shipment.id).limit(limit)).all()


def _with_phones(rows: Sequence[sa.Row[Any]]) -> list[ShipmentRecord]:
    phones = _phones([row.id for row in rows]) if rows else {}
    return [
        ShipmentRecord(**{**row._mapping, "state": State(row.state)}, phones=phones.get(row.id, [])) for row in rows
    ]


def _phones(shipment_ids: Sequence[int]) -> dict[int, list[PhoneRecord]]:
    query = (
        sa.select(ShipmentUnit.shipment_id, InventoryItem.esn, OrderItem.sku, OrderItem.id, OrderItem.external_line_id)
        .join(Commitment, Commitment.id == ShipmentUnit.commitment_id)
        .join(InventoryItem, InventoryItem.id == Commitment.item_id)
        .join(OrderItem, OrderItem.id == Commitment.order_item_id)
        .where(ShipmentUnit.shipment_id.in_(shipment_ids))
        .order_by(ShipmentUnit.shipment_id, ShipmentUnit.commitment_id)
    )
    found: dict[int, list[PhoneRecord]] = defaultdict(list)
    for shipment_id, esn, sku, line_id, external_id in db.session.execute(query):
        found[shipment_id].append(PhoneRecord(esn=esn, sku=sku, line_id=line_id, line_external_id=external_id))
    return found
