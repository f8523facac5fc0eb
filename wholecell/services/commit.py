"""Phones given to orders by scanning them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wholecell.db import transaction
from wholecell.models import Commitment, OrderItem, SalesOrder, SalesOrderStatus
from wholecell.services import commitments, extra_lines, scanned, wanting
from wholecell.services.commitments import Live
from wholecell.services.events import Actor
from wholecell.services.extra_lines import move_extras
from wholecell.services.match_items import ItemChange, match_changes, match_items
from wholecell.services.order_status import settle_scan
from wholecell.services.refusal import Refusal
from wholecell.services.release import release, release_all, release_unwanted
from wholecell.services.scanned import Held, Phone
from wholecell.services.variation_names import names
from wholecell.services.wanting import Item

GONE = "That order is not here any more."


@dataclass(frozen=True, slots=True)
class Committed:
    """What a scan did; the sentence says it to the picker."""

    commitment_id: int
    order_id: int
    order_item_id: int
    item_id: int
    is_extra: bool
    is_direct: bool
    sentence: str


class CommittedAlready(Refusal):
    """The phone is committed; `held` says to what, by whom and when, `is_here` that it is to this very order."""

    def __init__(self, phone: Phone, held: Held, order_id: int) -> None:
        self.held = held
        self.is_here = held.order_id == order_id
        where = "on this order already" if self.is_here else f"committed to order {held.number} already"
        super().__init__(f"{phone.esn} is {where}, {held.sentence}.")


def commit(order_id: int, code: str, actor: Actor) -> Committed:
    """Give the scanned phone to the item of the order that wants it, or put it on a line of its own below.

    Raises Refusal that says why not; of two who scan one phone at once, one gets it and the other is told.
    """
    with transaction() as session:
        number = _hold(session, order_id)
        phone = _free_phone(session, code, order_id)
        items = wanting.items_of(session, [order_id])
        item = wanting.wants(items, phone.variation_id)
        if item is not None:
            return _take(session, actor, number, phone, item)
        return _take_below(session, actor, number, phone, order_id)


def commit_direct(order_item_id: int, code: str, actor: Actor) -> Committed:
    """Give the scanned phone to exactly this item, although its SKU differs or is unknown or the item is full."""
    with transaction() as session:
        order_id = session.scalar(sa.select(OrderItem.order_id).where(OrderItem.id == order_item_id))
        if order_id is None:
            raise Refusal("That item is not on the order any more.")
        number = _hold(session, order_id)
        item = wanting.items(session, [order_item_id])[0]
        if item.is_set_aside:
            raise Refusal("This item is set aside: restore it first, then scan the phone.")
        phone = _free_phone(session, code, order_id)
        return _take(session, actor, number, phone, item, is_direct=True)


def commit_many(order_id: int, codes: Sequence[str], actor: Actor) -> list[tuple[str, Committed | Refusal]]:
    """Commit a pasted list, each phone by itself: what one is refused for does not hold up the others."""
    done: list[tuple[str, Committed | Refusal]] = []
    for code in codes:
        try:
            done.append((code, commit(order_id, code, actor)))
        except Refusal as refusal:
            done.append((code, refusal))
    return done


def _hold(session: Session, order_id: int) -> str:
    """Lock the order; gives its number. Raises Refusal where its state allows no commitment."""
    if not wanting.hold_orders(session, [order_id]):
        raise Refusal(GONE)
    order = SalesOrder
    query = sa.select(
        order.number,
        order.channel_status,
        order.is_channel_status_final,
        order.is_to_be_scanned,
        order.is_fulfilled_by_channel,
        SalesOrderStatus.title,
        SalesOrderStatus.allows_commitment,
    ).outerjoin(SalesOrderStatus, SalesOrderStatus.id == order.status_id)
    number, word, is_final, is_held, is_theirs, title, allows = session.execute(query.where(order.id == order_id)).one()
    if is_theirs:
        raise Refusal(f"The channel ships order {number} from its own warehouse: no phone of yours belongs to it.")
    if is_held:
        return str(number)
    if title is None and is_final:
        raise Refusal(
            f"The channel says “{word}” for order {number}, and no status of yours stands for that word. "
            "Choose one in the integration's status map first."
        )
    if title is not None and not allows:
        raise Refusal(f"Order {number} is “{title}”, and that status takes no phones. Change the order's status first.")
    return str(number)


def _free_phone(session: Session, code: str, order_id: int) -> Phone:
    phone = scanned.find_phone(session, code)
    held = scanned.holder(session, phone.id)
    if held is not None:
        raise CommittedAlready(phone, held, order_id)
    return phone


def _take_below(session: Session, actor: Actor, number: str, phone: Phone, order_id: int) -> Committed:
    line = extra_lines.ensure(session, order_id, phone.variation_id)
    return _take(session, actor, number, phone, wanting.items(session, [line])[0])


def _take(
    session: Session, actor: Actor, number: str, phone: Phone, item: Item, *, is_direct: bool = False
) -> Committed:
    """The commitment with all that belongs to it; the unique index has the last word on whose the phone is."""
    key = _insert(session, actor, phone, item, is_direct=is_direct)
    if item.is_extra:
        extra_lines.resize(session, [item.order_id])
    is_below = item.is_extra and not is_direct
    word = "committed directly" if is_direct else "committed below" if is_below else "committed"
    line = Live(key, item.order_id, item.id, phone.id, phone.esn, phone.variation_id, is_direct)
    commitments.record(session, actor, "committed", [line], word)
    commitments.ask(session, actor, item.order_id, {phone.variation_id, *item.candidates})
    settle_scan(session, item.order_id, actor)
    name = names(session, [phone.variation_id])[phone.variation_id]
    sentence = f"{phone.esn} is committed to order {number}: {name}."
    if is_below:
        sentence = f"{phone.esn}, {name}, is on a line of its own: no item of order {number} wants it."
    return Committed(key, item.order_id, item.id, phone.id, item.is_extra, is_direct, sentence)


def _insert(session: Session, actor: Actor, phone: Phone, item: Item, *, is_direct: bool) -> int:
    row = Commitment(order_item_id=item.id, item_id=phone.id, committed_by_id=actor.user_id, is_direct=is_direct)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # somebody else committed it a moment ago
        held = scanned.holder(session, phone.id)
        if held is None:
            raise
        raise CommittedAlready(phone, held, item.order_id) from None
    return row.id


__all__ = [
    "Committed",
    "CommittedAlready",
    "ItemChange",
    "commit",
    "commit_direct",
    "commit_many",
    "match_changes",
    "match_items",
    "move_extras",
    "release",
    "release_all",
    "release_unwanted",
]
