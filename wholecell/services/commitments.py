"""What every change of commitments leaves behind: timelines and recompute requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.models import Commitment, InventoryItem, OrderItem, SalesOrder
from wholecell.services import recompute
from wholecell.services.bulk import chunks, table
from wholecell.services.events import Actor, event_row, record_many
from wholecell.services.recompute import Cause


@dataclass(frozen=True, slots=True)
class Live:
    """A phone committed to an order item."""

    id: int
    order_id: int
    order_item_id: int
    item_id: int
    esn: str
    variation_id: int
    is_direct: bool


def of_orders(session: Session, order_ids: Iterable[int]) -> list[Live]:
    """The live commitments of these orders, oldest first."""
    found: list[Live] = []
    for chunk in chunks(sorted(set(order_ids))):
        query = (
            sa.select(
                Commitment.id,
                OrderItem.order_id,
                OrderItem.id,
                InventoryItem.id,
                InventoryItem.esn,
                InventoryItem.variation_id,
                Commitment.is_direct,
            )
            .join(OrderItem, OrderItem.id == Commitment.order_item_id)
            .join(InventoryItem, InventoryItem.id == Commitment.item_id)
            .where(OrderItem.order_id.in_(chunk), Commitment.released_at.is_(None))
            .order_by(Commitment.id)
        )
        found += [Live(*row) for row in session.execute(query)]
    return found


def move(session: Session, places: Mapping[int, int]) -> None:
    """Put commitments (id -> order item) on other items of their order."""
    target = table(Commitment)
    statement = sa.update(target).where(target.c.id == sa.bindparam("row_id"))
    rows = [{"row_id": key, "place": place} for key, place in sorted(places.items())]
    if rows:
        session.connection().execute(statement.values(order_item_id=sa.bindparam("place")), rows)


def record(session: Session, actor: Actor, kind: str, phones: Iterable[Live], word: str | None = None) -> None:
    """One line on the order and one on the phone, for each phone; `word` is the order's where it says more."""
    phones = list(phones)
    ids = {each.order_id for each in phones}
    numbers: dict[int, str] = {}
    for chunk in chunks(sorted(ids)):
        query = sa.select(SalesOrder.id, SalesOrder.number).where(SalesOrder.id.in_(chunk))
        numbers.update(session.execute(query).all())
    lines = []
    for each in phones:
        lines.append(event_row("order", each.order_id, word or kind, None, each.esn, new_id=each.item_id))
        number = numbers[each.order_id]
        lines.append(event_row("item", each.item_id, kind, None, number, new_id=each.order_id))
    record_many(session, actor, lines)


def ask(session: Session, actor: Actor, order_id: int, variations: Iterable[int]) -> None:
    """Have the listings of these variations computed again because phones came to an order or left it."""
    recompute.request(session, Cause.COMMITMENT, actor, variations=variations, order_id=order_id)
