"""Shipments of orders: added, voided, tried again. What waits is sent to the channel by `services.sending`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels import discover
from wholecell.channels.contract import Channel, ConfirmsShipments, Meaning
from wholecell.db import transaction, utcnow
from wholecell.models import Integration, SalesOrder, Shipment, ShipmentUnit
from wholecell.services import carriers, commitments, recompute, shipped_status, wanting
from wholecell.services.commitments import Live
from wholecell.services.connect import can
from wholecell.services.events import Actor, event_row, record, record_many
from wholecell.services.recompute import Cause
from wholecell.services.refusal import AsksFirst, Refusal
from wholecell.services.shipment_rows import FreePhone, ShipmentRow, State, UnitRow, free_phones, of_order
from wholecell.services.shipment_wishes import ask_accept, ask_cancel

__all__ = [
    "FreePhone",
    "NewShipment",
    "ShipmentRow",
    "State",
    "UnitRow",
    "add",
    "ask_accept",
    "ask_cancel",
    "free_phones",
    "of_order",
    "try_again",
    "void",
]


@dataclass(frozen=True, slots=True)
class NewShipment:
    """A shipment as a person enters it. `more_follow` leaves the order open for another shipment."""

    carrier: str
    service: str
    tracking_number: str
    tracking_url: str
    shipped_at: datetime
    commitment_ids: Sequence[int] = ()
    more_follow: bool = False


def add(order_id: int, new: NewShipment, actor: Actor, *, is_sure: bool = False) -> int:
    """Add a shipment; the order becomes shipped once none of its phones is left. Gives the shipment's id.

    Raises Refusal for what cannot be, AsksFirst for what a person must agree to: an odd tracking number, units
    without a phone, an order the channel cancelled.
    """
    with transaction() as session:
        order, channel = hold_order(session, order_id)
        new = _checked(new, needs_tracking=first_state(session, order, channel) is State.WAITING)
        _refuse_known_number(session, order, new.tracking_number)
        _refuse_few_phones(session, order, channel)
        phones = commitments.of_orders(session, [order_id])
        free = unpacked(session, phones)
        chosen = _chosen(free, new.commitment_ids)
        _refuse_wrong_parcel(session, order, channel, free, chosen)
        is_last = not new.more_follow and len(chosen) == len(free)
        if not is_sure:
            _ask(session, order, channel, new, is_last=is_last)
        shipment = insert(session, order, channel, new, chosen, actor)
        if is_last:
            shipped_status.set_shipped(session, order, channel, actor)
        tell(session, order, shipment, chosen, actor)
        return shipment.id


def void(shipment_id: int, actor: Actor, *, is_sure: bool = False) -> None:
    """Take a shipment back here; the order returns to the status it had, unless another shipment is on its way.

    Raises AsksFirst where the channel knows of it, for that cannot be taken back from here.
    """
    with transaction() as session:
        shipment, order = _hold_shipment(session, shipment_id)
        if shipment.state == State.SENDING:
            raise Refusal("This shipment is being sent to the channel right now: wait for the answer, then void it.")
        if shipment.state == State.SENT and not is_sure:
            raise AsksFirst(
                f"{order.channel or 'The channel'} knows of this shipment already, and voiding it here does not take "
                "it back there. Void it here anyway?"
            )
        shipment.voided_at = utcnow()
        record(session, actor, "order", order.id, "shipment voided", shipment_words(shipment), new_id=shipment.id)
        if not has_parcel(session, order.id):
            shipped_status.take_back(session, order, shipment.created_at, actor)
        _ask_numbers(session, order.id, actor)


def try_again(shipment_id: int, actor: Actor) -> None:
    """Send a refused shipment once more. One that holds no phones takes those that were committed since."""
    with transaction() as session:
        shipment, order = _hold_shipment(session, shipment_id)
        if shipment.state != State.REFUSED:
            raise Refusal("This shipment was not refused: nothing has to be sent again.")
        if not shipment.tracking_number:
            raise Refusal("The channel wants a tracking number: void this shipment, and add it with its number.")
        _pack_later(session, order, shipment)
        shipment.state, shipment.problem, shipment.advice = State.WAITING, "", ""
        record(session, actor, "order", order.id, "shipment to send again", new=shipment_words(shipment))


def _pack_later(session: Session, order: SalesOrder, shipment: Shipment) -> None:
    if session.scalar(sa.select(sa.exists().where(ShipmentUnit.shipment_id == shipment.id))):
        return
    _refuse_few_phones(session, order, hold_order(session, order.id)[1])
    for each in unpacked(session, commitments.of_orders(session, [order.id])):
        session.add(ShipmentUnit(shipment_id=shipment.id, commitment_id=each.id))


def shipment_words(shipment: Shipment) -> str:
    """What timelines call a shipment: its carrier and number."""
    return f"{shipment.carrier} {shipment.tracking_number}".strip()


def has_parcel(session: Session, order_id: int) -> bool:
    """Whether a shipment of the order is on its way."""
    live = sa.exists().where(Shipment.order_id == order_id, Shipment.voided_at.is_(None))
    return bool(session.scalar(sa.select(live)))


def hold_order(session: Session, order_id: int) -> tuple[SalesOrder, Channel | None]:
    """Lock the order; gives it with the channel it came from. Raises Refusal where we do not ship it."""
    if not wanting.hold_orders(session, [order_id]):
        raise Refusal("That order is not here any more.")
    order = session.get_one(SalesOrder, order_id)
    if order.is_fulfilled_by_channel:
        raise Refusal(f"{order.channel or 'The channel'} ships order {order.number} from its own warehouse.")
    if order.integration_id is None:
        return order, None
    return order, discover().get(session.get_one(Integration, order.integration_id).kind)


def _hold_shipment(session: Session, shipment_id: int) -> tuple[Shipment, SalesOrder]:
    order_id = session.scalar(sa.select(Shipment.order_id).where(Shipment.id == shipment_id))
    if order_id is None:
        raise Refusal("That shipment is not here any more.")
    wanting.hold_orders(session, [order_id])
    shipment = session.get_one(Shipment, shipment_id, with_for_update=True)
    if shipment.voided_at is not None:
        raise Refusal("This shipment is voided already.")
    return shipment, session.get_one(SalesOrder, order_id)


def _checked(new: NewShipment, *, needs_tracking: bool) -> NewShipment:
    """What was entered in the form we keep it. Raises Refusal for what no carrier and no page can use."""
    number = carriers.clean(new.tracking_number)
    if not number and needs_tracking:
        raise Refusal("The channel wants a tracking number: scan or type the one on the label.")
    if len(number) > carriers.LONGEST:
        raise Refusal(f"That is no tracking number: it has {len(number)} characters.")
    name = new.carrier.strip() or carriers.guess(number) or ("" if number else carriers.OTHER)
    carrier = carriers.known(name)
    if carrier is None:
        raise Refusal("Choose the carrier." if not name else f"{name[:60]} is not in the list of carriers: use Other.")
    url = new.tracking_url.strip()
    if url and (len(url) > 500 or not carriers.is_link(url)):
        raise Refusal("The tracking link must be a web address that begins with https:// or http://.")
    if new.shipped_at > utcnow() + timedelta(days=31):
        raise Refusal("The date lies more than a month ahead: enter the day on which the shipment leaves.")
    return replace(
        new, carrier=carrier.name, service=new.service.strip()[:60], tracking_number=number, tracking_url=url
    )


def _refuse_known_number(session: Session, order: SalesOrder, number: str) -> None:
    same = (Shipment.order_id == order.id, Shipment.tracking_number == number, Shipment.voided_at.is_(None))
    if number and session.scalar(sa.select(sa.exists().where(*same))):
        raise Refusal(f"{number} is on this order already.")


def unpacked(session: Session, phones: Sequence[Live]) -> list[Live]:
    """Those of the phones that are in no shipment yet."""
    query = (
        sa.select(ShipmentUnit.commitment_id)
        .join(Shipment, Shipment.id == ShipmentUnit.shipment_id)
        .where(Shipment.voided_at.is_(None), ShipmentUnit.commitment_id.in_([each.id for each in phones]))
    )
    packed = set(session.scalars(query))
    return [each for each in phones if each.id not in packed]


def _chosen(free: Sequence[Live], ids: Collection[int]) -> list[Live]:
    wanted = set(ids)
    if missing := wanted - {each.id for each in free}:
        those = "One of the phones is" if len(missing) == 1 else f"{len(missing)} of the phones are"
        raise Refusal(
            f"{those} not on this order any more, or in another shipment. What you see now is the newest state."
        )
    if free and not wanted:
        raise Refusal("Choose the phones that are in this shipment.")
    return [each for each in free if each.id in wanted]


def _refuse_wrong_parcel(
    session: Session, order: SalesOrder, channel: Channel | None, free: Sequence[Live], chosen: Sequence[Live]
) -> None:
    another = has_parcel(session, order.id)
    if channel is not None and channel.is_one_parcel:
        if another:
            raise Refusal(f"{channel.label} takes one shipment for a whole order. Void the other shipment first.")
        if len(chosen) < len(free):
            raise Refusal(f"{channel.label} takes one shipment for a whole order: it must hold all its phones.")
    if another and not free and not lacking_units(session, order.id):
        raise Refusal("Every phone of this order is in a shipment already.")


def _refuse_few_phones(session: Session, order: SalesOrder, channel: Channel | None) -> None:
    if problem := few_phones(session, order, channel):
        raise Refusal(f"{problem} A switch on the Details tab of the integration turns this off.")


def few_phones(session: Session, order: SalesOrder, channel: Channel | None) -> str:
    """What is wrong where the setting says that nothing leaves before each unit sold has its phone; "" for nothing."""
    integration = None if order.integration_id is None else session.get_one(Integration, order.integration_id)
    if channel is None or integration is None or not integration.needs_all_phones:
        return ""
    if not (lacking := lacking_units(session, order.id)):
        return ""
    units = "1 unit has no phone yet" if lacking == 1 else f"{lacking} units have no phone yet"
    return (
        f"Fewer phones are committed than were sold: {units}. {channel.label} wants the number of each phone, so "
        "commit the rest first."
    )


def lacking_units(session: Session, order_id: int) -> int:
    """Units of the order that are wanted and have no phone."""
    return sum(item.lacking for item in wanting.items_of(session, [order_id]))


def _ask(session: Session, order: SalesOrder, channel: Channel | None, new: NewShipment, *, is_last: bool) -> None:
    questions = [carriers.check(new.carrier, new.tracking_number)]
    words = channel.order_words if channel else ()
    gone = {word.word: word.label for word in words if word.means in {Meaning.CANCELLED, Meaning.REFUNDED}}
    if channel and order.channel_status in gone:
        questions.append(f"{channel.label} says of this order: {gone[order.channel_status]}.")
    if is_last and (lacking := lacking_units(session, order.id)):
        units = "1 unit has no phone" if lacking == 1 else f"{lacking} units have no phone"
        questions.append(
            f"{units} committed. Once the order is shipped, {'it counts' if lacking == 1 else 'they count'} as no "
            "longer wanted, and the numbers of its listings rise."
        )
    if any(questions):
        raise AsksFirst(" ".join([*filter(None, questions), "Add the shipment anyway?"]))


def first_state(session: Session, order: SalesOrder, channel: Channel | None) -> State:
    """What becomes of a new shipment: told to the channel, or kept here."""
    if channel is None or not order.external_id:
        return State.HERE_ONLY
    integration = session.get_one(Integration, order.integration_id)
    if not integration.is_by_hand and not can(channel, ConfirmsShipments):
        return State.HERE_ONLY
    return State.WAITING if integration.sends_shipments else State.HERE_ONLY


def insert(
    session: Session,
    order: SalesOrder,
    channel: Channel | None,
    new: NewShipment,
    chosen: Sequence[Live],
    actor: Actor,
    problem: str = "",
    advice: str = "",
) -> Shipment:
    """Write a shipment down, in the caller's transaction. With a `problem` it is not told before that is solved."""
    state = first_state(session, order, channel)
    if state is State.HERE_ONLY:
        problem = advice = ""
    shipment = Shipment(
        order_id=order.id,
        carrier=new.carrier,
        service=new.service,
        tracking_number=new.tracking_number,
        tracking_url=new.tracking_url or carriers.tracking_link(new.carrier, new.tracking_number),
        shipped_at=new.shipped_at,
        created_by_id=actor.user_id,
        state=(State.REFUSED if problem else state).value,
        problem=problem,
        advice=advice,
    )
    session.add(shipment)
    session.flush()
    session.add_all(ShipmentUnit(shipment_id=shipment.id, commitment_id=each.id) for each in chosen)
    session.flush()
    return shipment


def tell(session: Session, order: SalesOrder, shipment: Shipment, chosen: Sequence[Live], actor: Actor) -> None:
    """Note a new shipment on the timelines, and have the numbers computed that it touches."""
    lines = [event_row("order", order.id, "shipped", None, shipment_words(shipment), new_id=shipment.id)]
    lines += [event_row("item", each.item_id, "shipped", None, order.number, new_id=order.id) for each in chosen]
    record_many(session, actor, lines)
    _ask_numbers(session, order.id, actor)


def _ask_numbers(session: Session, order_id: int, actor: Actor) -> None:
    """Whether the order counts as open may have changed: have the listings of all it touches computed again."""
    variations = set(wanting.all_candidates(wanting.items_of(session, [order_id])))
    variations |= {each.variation_id for each in commitments.of_orders(session, [order_id])}
    recompute.request(session, Cause.ORDER, actor, variations=variations, order_id=order_id)
