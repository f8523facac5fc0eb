"""Phones taken off orders again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import transaction, utcnow
from wholecell.models import Commitment, OrderItem, Shipment, ShipmentUnit
from wholecell.services import commitments, extra_lines, order_status, wanting
from wholecell.services.ages import ago
from wholecell.services.commitments import Live
from wholecell.services.events import Actor
from wholecell.services.people_names import people_names
from wholecell.services.refusal import Refusal
from wholecell.services.wanting import Item


def release(commitment_id: int, actor: Actor) -> None:
    """Take the phone off its order. Raises Refusal when it is off already, or in a shipment."""
    with transaction() as session:
        order_id = _order_of(session, commitment_id)
        wanting.hold_orders(session, [order_id])
        _refuse_released(session, commitment_id)
        phones = [each for each in commitments.of_orders(session, [order_id]) if each.id == commitment_id]
        if shipped := _in_parcels(session, phones):
            raise Refusal(
                f"{phones[0].esn} is in the shipment {shipped[commitment_id]}: void that shipment first, "
                "or use Return when the phone came back."
            )
        let_go(session, actor, order_id, phones)


def release_unwanted(order_id: int, actor: Actor) -> int:
    """Take off the phones that cancelled or refunded units no longer want; gives how many.

    Phones that are in a shipment stay: they come back as returns.
    """
    with transaction() as session:
        wanting.hold_orders(session, [order_id])
        items = wanting.items_of(session, [order_id])
        phones = _unwanted(items, commitments.of_orders(session, [order_id]))
        shipped = _in_parcels(session, phones)
        return let_go(session, actor, order_id, [each for each in phones if each.id not in shipped])


def release_all(order_id: int, actor: Actor) -> int:
    """Take every phone off the order that is in no shipment; gives how many."""
    with transaction() as session:
        wanting.hold_orders(session, [order_id])
        phones = commitments.of_orders(session, [order_id])
        shipped = _in_parcels(session, phones)
        return let_go(session, actor, order_id, [each for each in phones if each.id not in shipped])


def _unwanted(items: Collection[Item], phones: Sequence[Live]) -> list[Live]:
    """What stands over on items with cancelled units: phones that do not fit first, then the last ones scanned."""
    going: list[Live] = []
    for item in items:
        surplus = item.live - item.wanted
        if surplus <= 0 or not item.unshipped:
            continue
        own = [each for each in phones if each.order_item_id == item.id]
        own.sort(key=lambda each: (each.variation_id in item.candidates, -each.id))
        going += own[:surplus]
    ordinary = [each for each in items if not each.is_extra and not each.is_set_aside]
    if any(each.unshipped for each in ordinary) and not any(each.wanted for each in ordinary):
        extras = {each.id for each in items if each.is_extra}
        going += [each for each in phones if each.order_item_id in extras]
    return going


def let_go(session: Session, actor: Actor, order_id: int, phones: Sequence[Live], *, is_returned: bool = False) -> int:
    """Release these phones of one order that the caller holds; gives how many."""
    if not phones:
        return 0
    affected = wanting.all_candidates(wanting.items(session, {each.order_item_id for each in phones}))
    statement = sa.update(Commitment).where(Commitment.id.in_([each.id for each in phones]))
    session.execute(
        statement.values(released_at=utcnow(), released_by_id=actor.user_id, is_returned=is_returned),
        execution_options={"synchronize_session": False},
    )
    if not is_returned:
        extra_lines.resize(session, [order_id])
        order_status.hold_scan_again(session, order_id, actor)
    commitments.record(session, actor, "returned" if is_returned else "released", phones)
    commitments.ask(session, actor, order_id, affected | {each.variation_id for each in phones})
    return len(phones)


def _order_of(session: Session, commitment_id: int) -> int:
    query = sa.select(OrderItem.order_id).join(Commitment, Commitment.order_item_id == OrderItem.id)
    order_id = session.scalar(query.where(Commitment.id == commitment_id))
    if order_id is None:
        raise Refusal("That phone is not on the order any more.")
    return order_id


def _refuse_released(session: Session, commitment_id: int) -> None:
    query = sa.select(Commitment.released_at, Commitment.released_by_id, Commitment.is_returned)
    at, who, is_returned = session.execute(query.where(Commitment.id == commitment_id)).one()
    if at is not None:
        name = people_names([who]).get(who or 0, "")
        done = "returned" if is_returned else "released"
        raise Refusal(f"This phone was {done}{f' by {name}' if name else ''} {ago(at)} already.")


def _in_parcels(session: Session, phones: Iterable[Live]) -> dict[int, str]:
    """Of these commitments those in a shipment that was not voided, with its tracking number."""
    query = (
        sa.select(ShipmentUnit.commitment_id, Shipment.tracking_number)
        .join(Shipment, Shipment.id == ShipmentUnit.shipment_id)
        .where(ShipmentUnit.commitment_id.in_([each.id for each in phones]), Shipment.voided_at.is_(None))
    )
    return dict(session.execute(query).all())
