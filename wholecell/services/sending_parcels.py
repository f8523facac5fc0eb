"""One shipment on its way to the channel: marked, told, answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels import discover
from wholecell.channels.contract import (
    Channel,
    ConfirmsShipments,
    CredentialsError,
    NotAcceptedError,
    RejectedError,
    RemoteShipment,
    RemoteUnit,
    ShipmentResult,
    TemporaryError,
)
from wholecell.db import transaction, utcnow
from wholecell.models import Commitment, Integration, InventoryItem, OrderItem, SalesOrder, Shipment, ShipmentUnit
from wholecell.services import recompute, wanting
from wholecell.services.events import CHANNEL, record
from wholecell.services.recompute import Cause
from wholecell.services.shipment_rows import State
from wholecell.services.work import Run

NOT_THERE = "No line of the channel's order is in this shipment."
NOT_THERE_ADVICE = "Void it here, and tell the channel in its own pages."
NOT_ON_ORDER = "This phone is on a line that is not on the channel's order."


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment about to be told; `was_sending` says that an earlier try got no answer."""

    shipment_id: int
    order_id: int
    was_sending: bool
    remote: RemoteShipment
    commitments: Mapping[str, int]  # by ESN


@dataclass(frozen=True, slots=True)
class _Unit:
    commitment_id: int
    esn: str
    order_item_id: int
    line_id: str | None


def send_one(run: Run, connector: ConfirmsShipments, shipment_id: int) -> None:
    """Tell of one shipment and write down the answer. Raises what ends the run after what is known was written."""
    parcel = _mark_sending(run, shipment_id)
    if parcel is None:
        return
    try:
        result = connector.confirm_shipment(parcel.remote)
    except NotAcceptedError:
        _not_accepted(run, parcel)
    except RejectedError as error:
        _refused(run, parcel, error.message, error.advice)
    except TemporaryError as error:
        _unanswered(run, parcel, error.message, is_unknown=error.maybe_applied)
        raise
    except CredentialsError as error:
        _unanswered(run, parcel, error.message, is_unknown=False)
        raise
    else:
        _sent(run, parcel, result)


def _mark_sending(run: Run, shipment_id: int) -> Parcel | None:
    """Commit that it is about to be told; None for one that was voided, or whose order waits, meanwhile."""
    with transaction() as session:
        run.keep(session)
        order_id = session.scalar(sa.select(Shipment.order_id).where(Shipment.id == shipment_id))
        wanting.hold_orders(session, [] if order_id is None else [order_id])
        shipment = session.get(Shipment, shipment_id, with_for_update=True)
        if shipment is None or shipment.voided_at or shipment.state not in {State.WAITING, State.SENDING}:
            return None
        order = session.get_one(SalesOrder, shipment.order_id)
        if order.is_to_accept:
            return None
        parcel = _parcel(session, shipment, order)
        if not parcel.remote.lines:
            shipment.state, shipment.problem, shipment.advice = State.REFUSED, NOT_THERE, NOT_THERE_ADVICE
            return None
        shipment.state = State.SENDING
        _ask_for_numbers(session, order.id)
        return parcel


def _ask_for_numbers(session: Session, order_id: int) -> None:
    """A channel that keeps units back for its own orders does so until it is told of the shipment."""
    query = sa.select(OrderItem.listing_id).join(SalesOrder).join(Integration)
    found = set(session.scalars(query.where(SalesOrder.id == order_id, Integration.adds_own_orders)))
    if found:
        variations = wanting.all_candidates(wanting.items_of(session, [order_id])) if None in found else ()
        listings = {key for key in found if key is not None}
        recompute.request(session, Cause.ORDER, CHANNEL, variations=variations, listings=listings, order_id=order_id)


def _parcel(session: Session, shipment: Shipment, order: SalesOrder) -> Parcel:
    units = _units(session, shipment.id)
    integration = session.get_one(Integration, order.integration_id)
    channel = discover()[integration.kind]
    was_sending = shipment.state == State.SENDING
    remote = RemoteShipment(
        order_id=order.external_id or "",
        carrier=shipment.carrier,
        service=shipment.service,
        tracking_number=shipment.tracking_number,
        tracking_url=shipment.tracking_url,
        shipped_at=shipment.shipped_at,
        lines=_lines(session, order.id, channel, units),
        units=[RemoteUnit(each.line_id, each.esn) for each in units if each.line_id] if channel.takes_esn else [],
        may_be_there=was_sending,
        number=shipment.id,
    )
    return Parcel(shipment.id, order.id, was_sending, remote, {each.esn: each.commitment_id for each in units})


def _units(session: Session, shipment_id: int) -> list[_Unit]:
    query = (
        sa.select(Commitment.id, InventoryItem.esn, OrderItem.id, OrderItem.external_line_id)
        .join(ShipmentUnit, ShipmentUnit.commitment_id == Commitment.id)
        .join(OrderItem, OrderItem.id == Commitment.order_item_id)
        .join(InventoryItem, InventoryItem.id == Commitment.item_id)
        .where(ShipmentUnit.shipment_id == shipment_id)
        .order_by(Commitment.id)
    )
    return [_Unit(*row) for row in session.execute(query)]


def _lines(session: Session, order_id: int, channel: Channel, units: Sequence[_Unit]) -> dict[str, int]:
    """Units in the shipment by the channel's line: its phones, or all that is wanted where nobody scanned any.

    Where an order leaves as one shipment, that holds what is wanted of every line, scanned or not.
    """
    query = sa.select(OrderItem.id, OrderItem.external_line_id).where(
        OrderItem.order_id == order_id, OrderItem.external_line_id.is_not(None)
    )
    line_ids = {row[0]: row[1] for row in session.execute(query)}
    is_whole = channel.is_one_parcel or not units
    found: dict[str, int] = {}
    for item in wanting.items_of(session, [order_id]):
        line_id = line_ids.get(item.id)
        packed = sum(each.order_item_id == item.id for each in units)
        count = max(packed, item.wanted) if is_whole else packed
        if line_id is not None and count:
            found[line_id] = count
    return found


def _hold(session: Session, run: Run, parcel: Parcel) -> Shipment | None:
    """The shipment to write the answer on; None when another runner took over: it reads back what became of it."""
    if not run.renew(session):
        return None
    wanting.hold_orders(session, [parcel.order_id])  # people lock an order first, then its shipments
    return session.get_one(Shipment, parcel.shipment_id, with_for_update=True)


def _sent(run: Run, parcel: Parcel, result: ShipmentResult) -> None:
    now = utcnow()
    with transaction() as session:
        shipment = _hold(session, run, parcel)
        if shipment is None:
            return
        shipment.state, shipment.sent_at = State.SENT, now
        shipment.problem = shipment.advice = ""
        what = "shipment found at the channel" if result.was_there else "shipment sent"
        record(session, CHANNEL, "order", parcel.order_id, what, new=shipment.tracking_number, new_id=shipment.id)
        _note_phones(session, parcel, result)
    run.count("sent")


def _note_phones(session: Session, parcel: Parcel, result: ShipmentResult) -> None:
    """Write on each phone whether the channel took its number."""
    offered = {each.esn for each in parcel.remote.units}
    for unit in session.scalars(sa.select(ShipmentUnit).where(ShipmentUnit.shipment_id == parcel.shipment_id)):
        esn = next(esn for esn, key in parcel.commitments.items() if key == unit.commitment_id)
        if esn in result.taken_units:
            unit.esn_sent_at, unit.esn_problem = utcnow(), ""
        elif problem := result.refused_units.get(esn):
            unit.esn_problem = problem
            record(session, CHANNEL, "order", parcel.order_id, "phone's number refused", esn, problem)
        elif parcel.remote.units and esn not in offered:
            unit.esn_problem = NOT_ON_ORDER


def _not_accepted(run: Run, parcel: Parcel) -> None:
    """The order waits for our yes, whatever we thought: the shipment goes once that changed."""
    with transaction() as session:
        shipment = _hold(session, run, parcel)
        if shipment is not None:
            shipment.state = State.WAITING
            session.get_one(SalesOrder, parcel.order_id).is_to_accept = True
            _ask_for_numbers(session, parcel.order_id)
    run.count("waiting")


def _refused(run: Run, parcel: Parcel, words: str, advice: str) -> None:
    with transaction() as session:
        shipment = _hold(session, run, parcel)
        if shipment is not None:
            shipment.state, shipment.problem, shipment.advice = State.REFUSED, words, advice
            _ask_for_numbers(session, parcel.order_id)
            number = shipment.tracking_number
            record(session, CHANNEL, "order", parcel.order_id, "shipment refused", number, words, new_id=shipment.id)
    run.count("refused")


def _unanswered(run: Run, parcel: Parcel, words: str, *, is_unknown: bool) -> None:
    """Still *sending* when the channel may know of it, now or from before; else as if nothing had been tried."""
    with transaction() as session:
        shipment = _hold(session, run, parcel)
        if shipment is not None:
            shipment.state = State.SENDING if is_unknown or parcel.was_sending else State.WAITING
            _ask_for_numbers(session, parcel.order_id)
            shipment.problem, shipment.advice = words, "It is tried again by itself."
