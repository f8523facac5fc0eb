"""Lines below an order for phones that none of its items wants: not on the channel's order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.models import Commitment, OrderItem
from wholecell.services import commitments, wanting
from wholecell.services.bulk import chunks, table
from wholecell.services.commitments import Live
from wholecell.services.events import Actor
from wholecell.services.order_status import settle_scan
from wholecell.services.wanting import Item

_LIVE = table(Commitment).c
_ITEMS = table(OrderItem)


def ensure(session: Session, order_id: int, variation_id: int) -> int:
    """The line below for phones of this variation that no item of the order wants; made when missing.

    An order has one for each variation. Without phones it stays, with nothing ordered, because commitments of
    before name it; it is shown nowhere until a phone comes to it again.
    """
    is_it = (OrderItem.order_id == order_id, OrderItem.variation_id == variation_id, OrderItem.is_extra)
    found = session.scalar(sa.select(OrderItem.id).where(*is_it).order_by(OrderItem.id).limit(1))
    if found is not None:
        return found
    made = OrderItem(order_id=order_id, variation_id=variation_id, ordered=0, is_extra=True)
    session.add(made)
    session.flush()
    return made.id


def resize(session: Session, order_ids: Collection[int]) -> None:
    """Give the extra lines of these orders as many units as they have phones."""
    live = sa.select(sa.func.count()).where(_LIVE.order_item_id == _ITEMS.c.id, _LIVE.released_at.is_(None))
    size = live.scalar_subquery() + _ITEMS.c.returned
    for chunk in chunks(sorted(set(order_ids))):
        statement = sa.update(_ITEMS).where(_ITEMS.c.order_id.in_(chunk), _ITEMS.c.is_extra)
        session.execute(statement.values(ordered=size, is_set_aside=False))


def move_extras(session: Session, order_ids: Iterable[int], actor: Actor) -> int:
    """Move phones on extra lines up to items that want them by now, in the caller's transaction; gives how many.

    An order to be scanned that lacks none any more is done with that.
    """
    held = wanting.hold_orders(session, order_ids)
    items: dict[int, list[Item]] = defaultdict(list)
    for each in wanting.items_of(session, held):
        items[each.order_id].append(each)
    some = [key for key, own in items.items() if _has_extras(own) and any(each.lacking for each in own)]
    phones: dict[int, list[Live]] = defaultdict(list)
    for phone in commitments.of_orders(session, some):
        phones[phone.order_id].append(phone)
    return sum(_move_up(session, actor, order_id, items[order_id], own) for order_id, own in phones.items())


def _has_extras(items: Iterable[Item]) -> bool:
    return any(each.is_extra and each.live for each in items)


def _move_up(session: Session, actor: Actor, order_id: int, items: list[Item], phones: Iterable[Live]) -> int:
    """The phones that an item of this order wants, oldest first."""
    extras = {each.id for each in items if each.is_extra}
    taken: dict[int, int] = defaultdict(int)
    places: dict[int, int] = {}
    moved: list[Live] = []
    for phone in phones:
        free = [each for each in items if each.lacking > taken[each.id]]
        item = wanting.wants(free, phone.variation_id) if phone.order_item_id in extras else None
        if item is not None:
            places[phone.id] = item.id
            taken[item.id] += 1
            moved.append(phone)
    commitments.move(session, places)
    if moved:
        resize(session, [order_id])
        affected = wanting.all_candidates(each for each in items if each.id in taken)
        commitments.record(session, actor, "moved up", moved)
        commitments.ask(session, actor, order_id, affected | {each.variation_id for each in moved})
        settle_scan(session, order_id, actor)
    return len(moved)
