"""Shipments that a program made for us: each becomes a shipment of its order, once, however often it is told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import CameLine, CameShipment, Channel
from wholecell.db import dry_run, transaction, utcnow
from wholecell.models import HandedOrder, Integration, SalesOrder, Shipment, ShipmentNotice, ShippingSettings
from wholecell.services import carriers, commitments, outgoing_lines, outgoing_orders, shipments, wanting
from wholecell.services.commitments import Live
from wholecell.services.events import SYSTEM, record
from wholecell.services.order_state import is_open
from wholecell.services.refusal import Refusal
from wholecell.services.shipment_rows import State
from wholecell.services.shipments import NewShipment
from wholecell.services.shipped_status import set_shipped, status_is_open, take_back
from wholecell.services.wanting import Item


class Outcome(StrEnum):
    """What became of a shipment that was told."""

    ADDED = "added"
    KNOWN = "known"  # it is on the order already, by an earlier telling or by hand
    VOIDED = "voided"
    UNKNOWN = "unknown order"
    REFUSED = "refused"
    LATER = "later"  # it is being told to its channel right now: ask again


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to one telling; `words` say for people what is left to do, where anything is."""

    outcome: Outcome
    words: str = ""
    shipment_id: int | None = None

    @property
    def is_stored(self) -> bool:
        """Whether nothing has to be told again."""
        return self.outcome in (Outcome.ADDED, Outcome.KNOWN, Outcome.VOIDED)


NO_TRACKING = "It was marked as shipped without a tracking number, which the channel wants."
NO_TRACKING_ADVICE = "Void it here and add the shipment with its number."
FEW_ADVICE = "Commit the phones to the order, then try again."
ONE_PARCEL_ADVICE = "Void the other shipment, or tell the channel of this one in its own pages."
TOLD_BEFORE = "The channel was told of it before it was voided: tell the channel in its own pages."


def take(integration_id: int, came: CameShipment) -> Taken:
    """Store a shipment that was told, or void it; the same once more changes nothing. Keeps a row of the log.

    An order that nobody knows, and what cannot be stored, is kept in the log with the reason.
    """
    with transaction() as session:
        # Tellings of one program are taken one after the other: the same one twice at once is stored once.
        settings = session.get_one(ShippingSettings, integration_id, with_for_update={"key_share": True})
        order_id = find_order(session, settings, came)
        if order_id is None:
            taken = Taken(Outcome.UNKNOWN, f"There is no order {(came.number or came.reference)[:60]} here.")
            _log(session, integration_id, came, None, taken)
            return taken
        wanting.hold_orders(session, [order_id])
        gone = {} if came.is_voided else _gone(session, order_id)
        units = _units(session, order_id, came.lines, gone)
        try:
            taken = _void(session, order_id, came) if came.is_voided else _add(session, order_id, came, units, gone)
        except Refusal as refusal:
            taken = Taken(Outcome.REFUSED, str(refusal))
        _log(session, integration_id, came, order_id, taken, units)
        return taken


def would_take(integration_id: int, came: CameShipment) -> Taken:
    """What `take` would answer; nothing is changed."""
    return dry_run(lambda: take(integration_id, came))


def find_order(session: Session, settings: ShippingSettings, came: CameShipment) -> int | None:
    """The order by our key for it or the program's own, else by its number among those that went, else among all."""
    key = outgoing_orders.order_of(settings.prefix, came.reference)
    if key is not None and session.get(SalesOrder, key) is not None:
        return key
    if (known := _by_external_id(session, settings.integration_id, came.order_external_id)) is not None:
        return known
    # One with another key is another order, of another store of the account, and stores number alike. Where the
    # program calls us it tells of our own store alone, whose orders may have had another key before.
    is_foreign = bool(came.reference) and not session.get_one(Integration, settings.integration_id).is_by_hand
    if is_foreign or not (number := came.number.strip()):
        return None
    ids = list(session.scalars(sa.select(SalesOrder.id).where(SalesOrder.number == number).order_by(SalesOrder.id)))
    there = outgoing_orders.handed_among(session, settings.integration_id, ids) if len(ids) > 1 else []
    found = there or ids
    return found[0] if len(found) == 1 else None


def _by_external_id(session: Session, integration_id: int, external_id: str) -> int | None:
    if not external_id:
        return None
    went = (HandedOrder.integration_id == integration_id, HandedOrder.external_id == external_id)
    came_from = (SalesOrder.integration_id == integration_id, SalesOrder.external_id == external_id)
    query = sa.union_all(sa.select(HandedOrder.order_id).where(*went), sa.select(SalesOrder.id).where(*came_from))
    return session.scalars(query.limit(1)).first()


def _add(
    session: Session, order_id: int, came: CameShipment, units: Mapping[int, int], gone: Mapping[int, int]
) -> Taken:
    number = carriers.clean(came.tracking_number)
    if len(number) > carriers.LONGEST:
        raise Refusal(f"That is no tracking number: it has {len(number)} characters.")
    if (there := _there(session, order_id, number)) is not None:
        return Taken(Outcome.KNOWN, shipment_id=there)
    if not number and _has_left(session, order_id):
        return Taken(Outcome.KNOWN)  # only marked as shipped there, be it by us: what left is here with its number
    order, channel = shipments.hold_order(session, order_id)
    items = wanting.items_of(session, [order_id])
    free = shipments.unpacked(session, commitments.of_orders(session, [order_id]))
    chosen = _chosen(free, items, units)
    new = _entered(came, number, chosen)
    is_last = not units or all(each.wanted <= gone.get(each.id, 0) + units.get(each.id, 0) for each in items)
    problem, advice = _problem(session, order, channel, number, is_whole=is_last)
    shipment = shipments.insert(session, order, channel, new, chosen, SYSTEM, problem, advice)
    if is_last:
        was_open = status_is_open(session, order)
        set_shipped(session, order, channel, SYSTEM)
        if was_open and any(each.lacking for each in items):
            _keep_back(session, order)
    shipments.tell(session, order, shipment, chosen, SYSTEM)
    return Taken(Outcome.ADDED, shipment.problem, shipment.id)


def _has_left(session: Session, order_id: int) -> bool:
    """Whether a shipment of the order is on its way, and nothing more of it is wanted."""
    is_wanted = sa.select(sa.exists().where(SalesOrder.id == order_id, is_open()))
    return shipments.has_parcel(session, order_id) and not session.scalar(is_wanted)


def _keep_back(session: Session, order: SalesOrder) -> None:
    """Units that left without a scan stay wanted, as when the channel says so: their phones still count as stock."""
    integration = None if order.integration_id is None else session.get_one(Integration, order.integration_id)
    if integration is None or integration.holds_for_scan:
        order.is_to_be_scanned = True
        record(session, SYSTEM, "order", order.id, "to be scanned", None, "shipped there, not scanned here")


def _there(session: Session, order_id: int, number: str) -> int | None:
    """A shipment of this number on the order: also a voided one, for a late repetition must not bring it back."""
    return session.scalar(
        sa.select(Shipment.id)
        .where(Shipment.order_id == order_id, Shipment.tracking_number == number)
        .order_by(Shipment.voided_at.is_not(None), Shipment.id)
        .limit(1)
    )


def _gone(session: Session, order_id: int) -> dict[int, int]:
    """Units by our order item in shipments that still count: as they were told, else the phones in them."""
    found = defaultdict[int, int](int)
    for each in shipments.of_order(order_id):
        if each.voided_at is None:
            told = _told(session, each.id)
            for key, count in (told or Counter(unit.order_item_id for unit in each.units)).items():
                found[key] += count
    return found


def _told(session: Session, shipment_id: int) -> dict[int, int]:
    query = sa.select(ShipmentNotice.lines).where(ShipmentNotice.shipment_id == shipment_id)
    lines = session.scalar(query.order_by(ShipmentNotice.id).limit(1)) or {}
    return {int(key): count for key, count in lines.items()}


def _units(session: Session, order_id: int, lines: Sequence[CameLine], gone: Mapping[int, int]) -> dict[int, int]:
    """Units by our order item; nothing where no lines were told, or none of them is known.

    Of several items with one SKU, those fill up first that come first.
    """
    items = wanting.items_of(session, [order_id])
    known, found = {each.id: each for each in items}, defaultdict[int, int](int)
    for line in lines:
        item = known.get(outgoing_lines.item_of(line.line_id) or 0)
        fitting = [item] if item else [each for each in items if line.sku and each.sku == line.sku]
        left = max(line.quantity, 0)
        for number, each in enumerate(fitting, start=1):
            free = max(each.wanted - gone.get(each.id, 0) - found[each.id], 0)
            units = left if number == len(fitting) else min(left, free)
            found[each.id] += units
            left -= units
    return {key: min(count, known[key].ordered) for key, count in found.items() if count}


def _chosen(free: Sequence[Live], items: Sequence[Item], units: Mapping[int, int]) -> list[Live]:
    """The phones in it: of each item as many as left with it; all where no lines were told."""
    if not units:
        return list(free)
    left = dict(units)
    chosen = []
    for each in free:
        if left.get(each.order_item_id, 0):
            left[each.order_item_id] -= 1
            chosen.append(each)
    return chosen


def _problem(
    session: Session, order: SalesOrder, channel: Channel | None, number: str, *, is_whole: bool
) -> tuple[str, str]:
    """Why the order's channel cannot be told of it yet, and what to do; it has left all the same."""
    if channel is None:
        return "", ""
    if not number:
        return NO_TRACKING, NO_TRACKING_ADVICE
    if few := shipments.few_phones(session, order, channel):
        return few, FEW_ADVICE
    if channel.is_one_parcel and (shipments.has_parcel(session, order.id) or not is_whole):
        return f"{channel.label} takes one shipment for a whole order.", ONE_PARCEL_ADVICE
    return "", ""


def _entered(came: CameShipment, number: str, chosen: Sequence[Live]) -> NewShipment:
    carrier, service = named_carrier(came.carrier, came.service, number)
    now = utcnow()
    shipped_at = min(came.shipped_at or now, now)
    return NewShipment(carrier, service[:60], number, "", shipped_at, [each.id for each in chosen])


def named_carrier(carrier: str, service: str, number: str) -> tuple[str, str]:
    """The carrier as it is spelled here, and its service; one not known stands before the service.

    Programs write codes such as "stamps_com" or "ups_walleted": the words in them tell the carrier.
    """
    name, folded = carrier.strip(), carrier.strip().casefold().replace("_", " ")
    if (found := carriers.known(name) or carriers.known(folded)) is not None:
        return found.name, service.strip()
    words = folded.split()
    for each in sorted(carriers.names(), key=len, reverse=True):
        parts = each.casefold().split()
        if any(words[at : at + len(parts)] == parts for at in range(len(words))):
            return each, service.strip()
    if guessed := carriers.guess(number):
        return guessed, service.strip()
    return carriers.OTHER, " ".join(filter(None, (name, service.strip())))


def _void(session: Session, order_id: int, came: CameShipment) -> Taken:
    number = carriers.clean(came.tracking_number)
    shipment_id = _there(session, order_id, number)
    if shipment_id is None:  # never told of while it counted: there is nothing to take back
        return Taken(Outcome.KNOWN)
    shipment = session.get_one(Shipment, shipment_id)
    if shipment.voided_at is not None:
        return Taken(Outcome.KNOWN, shipment_id=shipment_id)
    if shipment.state == State.SENDING:
        return Taken(Outcome.LATER, "It is being told to the channel right now.", shipment_id)
    was_sent = shipment.state == State.SENT
    shipments.void(shipment_id, SYSTEM, is_sure=True)
    gone = _gone(session, order_id)
    if any(each.wanted > gone.get(each.id, 0) for each in wanting.items_of(session, [order_id])):
        # Of two parcels one is to be shipped again, though the other is on its way.
        take_back(session, session.get_one(SalesOrder, order_id), shipment.created_at, SYSTEM)
    return Taken(Outcome.VOIDED, TOLD_BEFORE if was_sent else "", shipment_id)


def _log(
    session: Session,
    integration_id: int,
    came: CameShipment,
    order_id: int | None,
    taken: Taken,
    units: Mapping[int, int] | None = None,
) -> None:
    number = carriers.clean(came.tracking_number)
    whose = str(order_id) if order_id is not None else f"?{came.reference}/{came.number}"
    key = sha256(f"{whose}|{number}|{came.is_voided}".encode()).hexdigest()
    same = (ShipmentNotice.integration_id == integration_id, ShipmentNotice.key == key)
    row = session.scalar(sa.select(ShipmentNotice).where(*same).with_for_update())
    if row is None:
        row = ShipmentNotice(integration_id=integration_id, key=key, times=0, number="")
        session.add(row)
    elif taken.outcome is Outcome.KNOWN and row.outcome in (Outcome.ADDED, Outcome.VOIDED):
        taken = Taken(Outcome(row.outcome), row.problem, row.shipment_id)  # what the first telling did stays shown
    row.number, row.order_id = _text(came.number or came.reference, 120), order_id
    row.carrier, row.tracking_number = _text(came.carrier, 60), _text(number, 100)
    row.is_voided = came.is_voided
    row.cost_cents = row.cost_cents if came.cost_cents is None else came.cost_cents
    if units and taken.outcome is Outcome.ADDED and row.outcome != Outcome.ADDED.value:
        row.lines = {str(each): count for each, count in units.items()}
    row.times, row.last_at = row.times + 1, utcnow()
    row.outcome, row.problem, row.shipment_id = taken.outcome.value, taken.words, taken.shipment_id


def _text(text: str, longest: int) -> str:
    return text.strip().replace("\x00", "")[:longest]
