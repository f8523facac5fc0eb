"""What a person's word changes: the numbers and shipments of one file count as told to the channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import Channel
from wholecell.db import utcnow
from wholecell.models import HandExportRow, Integration, Listing, QuantityPush, Shipment, ShipmentUnit
from wholecell.services import push, wanting
from wholecell.services.bulk import chunks
from wholecell.services.connect import channel_of
from wholecell.services.due import Reason
from wholecell.services.events import Actor, event_row, record_many
from wholecell.services.shipment_rows import State


def numbers(session: Session, integration: Integration, export_id: int, who: str) -> int:
    """Note each number of the file as accepted, in the caller's transaction; gives how many."""
    told = sa.select(HandExportRow.listing_id, HandExportRow.number).where(HandExportRow.export_id == export_id)
    entered = {key: number for key, number in session.execute(told) if key is not None and number is not None}
    channel, now = channel_of(integration), utcnow()
    for chunk in chunks(sorted(entered)):  # in one order, so that no two transactions wait for each other's rows
        query = sa.select(Listing).where(Listing.id.in_(chunk)).order_by(Listing.id).with_for_update()
        for listing in session.scalars(query, execution_options={"populate_existing": True}):
            note(session, listing, entered[listing.id], channel, f"Entered by hand by {who}.", now)
    return len(entered)


def note(session: Session, listing: Listing, number: int, channel: Channel, answer: str, now: datetime) -> None:
    """Somebody says that the channel has this number; `answer` says who. The caller holds the listing's row."""
    old = listing.last_synced if listing.last_synced is not None else listing.last_imported
    # They saw the number there: it is what the channel shows, until a file of listings says otherwise.
    push.accepted(listing, number, Reason.BY_HAND, number, channel, now)
    listing.sending, listing.receipt, listing.receipt_number = None, "", None
    session.add(
        QuantityPush(
            listing_id=listing.id,
            integration_id=listing.integration_id,
            run_id=None,
            at=now,
            old=old,
            new=number,
            reason=Reason.BY_HAND.value,
            outcome="accepted",
            answer=answer,
        )
    )


def shipments(session: Session, export_id: int, actor: Actor) -> tuple[int, int]:
    """Note each shipment of the file as sent with its phones; gives how many, and how many were voided meanwhile."""
    told = sa.select(HandExportRow.shipment_id).where(HandExportRow.export_id == export_id)
    ids = [key for key in session.scalars(told) if key is not None]
    done, now = 0, utcnow()
    for chunk in chunks(sorted(ids)):
        orders = session.scalars(sa.select(Shipment.order_id).where(Shipment.id.in_(chunk)))
        wanting.hold_orders(session, orders)  # the order first, then its shipments
        query = sa.select(Shipment).where(Shipment.id.in_(chunk)).order_by(Shipment.id).with_for_update()
        live = [
            each
            for each in session.scalars(query, execution_options={"populate_existing": True})
            if each.voided_at is None and each.state in (State.WAITING, State.SENDING)
        ]
        note_shipments(session, live, now)
        lines = [
            event_row("order", each.order_id, "shipment entered", None, each.tracking_number, new_id=each.id)
            for each in live
        ]
        record_many(session, actor, lines)
        done += len(live)
    return done, len(ids) - done


def note_shipments(session: Session, found: Sequence[Shipment], now: datetime) -> None:
    """Somebody says that these were taken over with their phones. The caller holds their rows."""
    for shipment in found:
        shipment.state, shipment.sent_at = State.SENT.value, now
        shipment.problem = shipment.advice = ""
    sent = [each.id for each in found]
    units = sa.update(ShipmentUnit).where(ShipmentUnit.shipment_id.in_(sent)).values(esn_sent_at=now)
    session.execute(units, execution_options={"synchronize_session": False})
