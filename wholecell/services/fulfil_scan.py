"""What a scan on the Fulfil page does: an order becomes the current one, or a phone goes to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import sqlalchemy as sa

from wholecell.db import db, transaction, utcnow
from wholecell.models import Commitment, Integration, InventoryItem, SalesOrder, User
from wholecell.services import carriers, commit, order_queue, order_state, scanned, status_words, wanting
from wholecell.services.ages import ago
from wholecell.services.commit import Committed, CommittedAlready
from wholecell.services.esn import compact, search_forms
from wholecell.services.events import Actor
from wholecell.services.refusal import Refusal

SAME_WITHIN = timedelta(seconds=2)  # a trigger held too long, or a code read twice
RECENT = timedelta(minutes=15)  # somebody who scanned to the order within this time is working on it


class Outcome(StrEnum):
    """What came of a scan; pages show and sound it differently."""

    ORDER = "order"
    LABEL = "label"  # a carrier's number, once all phones are on the order
    COMMITTED = "ok"
    BELOW = "warn"  # no item wanted it
    SAME = "same"
    UNDONE = "undone"
    REFUSED = "bad"


@dataclass(frozen=True, slots=True)
class Result:
    """What a scan did, in words; `commitment_id` is what an undo takes back."""

    outcome: Outcome
    sentence: str
    order_id: int | None
    commitment_id: int | None = None
    tracking: str = ""


def scan(code: str, order_id: int | None, actor: Actor, *, direct: int | None = None, channel: str = "") -> Result:
    """Do what the code means: an order's number opens it, a phone goes to the order.

    With no order current, the phone goes to the one due first that wants it. `direct` is the item that takes
    the next phone whatever it is. Raises Refusal in the picker's words.
    """
    other = None if _is_phone(code) else _no_phone(code, order_id)
    if other is not None:
        return other
    try:
        return _phone(code, order_id, actor, direct, channel)
    except CommittedAlready as refusal:
        if refusal.is_here and utcnow() - refusal.held.at < SAME_WITHIN and _is_own(refusal.held.commitment_id, actor):
            return Result(Outcome.SAME, "Same code within 2 s, ignored.", order_id, refusal.held.commitment_id)
        raise


def _phone(code: str, order_id: int | None, actor: Actor, direct: int | None, channel: str) -> Result:
    if direct is not None:
        return _said(commit.commit_direct(direct, code, actor))
    done = commit.commit(order_id or _due_for(code, channel), code, actor)
    return _said(done, _who_was_faster(done, actor) if done.is_extra else "")


def _said(done: Committed, more: str = "") -> Result:
    is_below = done.is_extra and not done.is_direct
    outcome = Outcome.BELOW if is_below else Outcome.COMMITTED
    return Result(outcome, " ".join(filter(None, (done.sentence, more))), done.order_id, done.commitment_id)


def _is_phone(code: str) -> bool:
    """A phone may have a number that an order has as well."""
    item = InventoryItem
    is_it = sa.or_(item.esn.in_(sorted(search_forms(code))), item.hex_id == compact(code))
    return bool(db.session.scalar(sa.select(sa.exists().where(is_it))))


def _no_phone(code: str, order_id: int | None) -> Result | None:
    """What the code is when it is the number of an order, or of the label for the order that has all its phones."""
    found = order_queue.by_number(code)
    if found is not None:
        return _opened(found)
    carrier = carriers.guess(code)
    if not carrier or order_id is None:
        return None
    items = wanting.items_of(db.session(), [order_id])
    if any(each.lacking for each in items) or not any(each.live for each in items):
        return None
    if _has_left(order_id):
        return Result(Outcome.SAME, "The channel says this order left already: its label is not needed.", order_id)
    said = f"That is a number of {carrier}: add the shipment below, or scan the next order."
    return Result(Outcome.LABEL, said, order_id, tracking=carriers.clean(code))


def _has_left(order_id: int) -> bool:
    query = sa.select(Integration.kind, SalesOrder.channel_status).join(SalesOrder)
    found = db.session.execute(query.where(SalesOrder.id == order_id)).first()
    return found is not None and status_words.is_shipped(*found)


def _opened(order_id: int) -> Result:
    items = wanting.items_of(db.session(), [order_id])
    order = SalesOrder
    number, is_ours, is_cancel_asked = db.session.execute(
        sa.select(order.number, order_state.is_ours(), order_state.is_cancel_asked()).where(order.id == order_id)
    ).one()
    if not is_ours:
        said = f"The channel ships order {number} from its own stock: no phone of yours belongs to it."
        return Result(Outcome.BELOW, said, None)
    if is_cancel_asked:
        said = f"The buyer asks to cancel order {number}: answer that on the order’s page before you scan phones."
        return Result(Outcome.BELOW, said, order_id)
    lacking = sum(each.lacking for each in items)
    said = f"Order {number}: {lacking} phone{'' if lacking == 1 else 's'} to scan."
    return Result(Outcome.ORDER, said if lacking else f"Order {number} has all its phones.", order_id)


def _due_for(code: str, channel: str) -> int:
    """The order that a phone scanned without one goes to."""
    with transaction() as session:
        phone = scanned.find_phone(session, code)
        held = scanned.holder(session, phone.id)
    if held is not None:
        raise CommittedAlready(phone, held, 0)
    order_id = order_queue.wants_variation(phone.variation_id, channel)
    if order_id is None:
        where = f" on {channel}" if channel else ""
        raise Refusal(f"No order{where} waits for {phone.esn}: scan an order number first to give it to that order.")
    return order_id


def _is_own(commitment_id: int, actor: Actor) -> bool:
    return db.session.scalar(sa.select(Commitment.committed_by_id).where(Commitment.id == commitment_id)) == (
        actor.user_id
    )


def _who_was_faster(done: Committed, actor: Actor) -> str:
    """Who filled the item that would have wanted this phone, when that was somebody else a moment ago."""
    session = db.session()
    variation = session.scalar(sa.select(InventoryItem.variation_id).where(InventoryItem.id == done.item_id))
    full = [
        each.id
        for each in wanting.items_of(session, [done.order_id])
        if variation in each.candidates and not each.is_extra and not each.is_set_aside
    ]
    newest = (
        sa.select(User.name, User.email, Commitment.committed_at, Commitment.committed_by_id)
        .outerjoin(User, User.id == Commitment.committed_by_id)
        .where(Commitment.order_item_id.in_(full), Commitment.released_at.is_(None))
        .order_by(Commitment.id.desc())
        .limit(1)
    )
    row = session.execute(newest).first()
    if row is None or row[3] == actor.user_id or utcnow() - row[2] > RECENT:
        return ""
    return f"{row[0] or row[1] or 'Somebody'} gave it the last one {ago(row[2])}."
