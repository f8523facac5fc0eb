"""Orders changed by people: their status, many at once and taken back, remarks, and what need not be scanned."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import transaction
from wholecell.models import Event, OrderNote, SalesOrder, SalesOrderStatus, StatusMapping
from wholecell.services import batches, recompute, wanting
from wholecell.services.bulk import chunks
from wholecell.services.events import Actor, event_row, open_batch, record, record_many
from wholecell.services.recompute import Cause
from wholecell.services.refusal import AsksFirst, Refusal

LONGEST_NOTE = 5000
GONE = "That order is not here any more."
UNMAPPED = "no status yet"


@dataclass(frozen=True, slots=True)
class StatusDone:
    """Orders moved to a status; `batch_id` is what an undo takes back, None when none moved."""

    batch_id: int | None
    changed: int


@dataclass(frozen=True, slots=True)
class _Order:
    """What decides whether a change of its status has a consequence."""

    id: int
    number: str
    status_id: int | None
    is_open: bool
    is_held: bool  # to be scanned: counts whatever its status
    channel_says_open: bool


def set_status(order_ids: Sequence[int], status_id: int, actor: Actor, *, is_sure: bool = False) -> StatusDone:
    """Move these orders to the status, as one batch. What the channel says stays beside it.

    Raises AsksFirst when orders would stop counting that the channel still calls open or that lack phones.
    """
    with transaction() as session:
        status = session.get(SalesOrderStatus, status_id)
        if status is None:
            raise Refusal("That status is not in the list any more: choose another one.")
        orders = [
            each for each in _orders(session, wanting.hold_orders(session, order_ids)) if each.status_id != status_id
        ]
        if not orders:
            return StatusDone(None, 0)
        if not is_sure and (question := _question(session, orders, status)):
            raise AsksFirst(question)
        title = f"{len(orders)} order{'' if len(orders) == 1 else 's'}: {status.title}"
        batch = open_batch(session, actor, title[:200])
        _move(session, actor.within(batch), {each.id: status_id for each in orders}, orders)
        return StatusDone(batch.id, len(orders))


def _orders(session: Session, ids: Iterable[int]) -> list[_Order]:
    own, theirs = sa.orm.aliased(SalesOrderStatus), sa.orm.aliased(SalesOrderStatus)
    is_unmapped_open = SalesOrder.is_channel_status_final.is_(False)
    query = (
        sa.select(
            SalesOrder.id,
            SalesOrder.number,
            SalesOrder.status_id,
            sa.func.coalesce(own.counts_as_open, is_unmapped_open),
            SalesOrder.is_to_be_scanned,
            sa.and_(SalesOrder.integration_id.is_not(None), sa.func.coalesce(theirs.counts_as_open, is_unmapped_open)),
        )
        .outerjoin(own, own.id == SalesOrder.status_id)
        .outerjoin(
            StatusMapping,
            sa.and_(
                StatusMapping.integration_id == SalesOrder.integration_id,
                StatusMapping.word == SalesOrder.channel_status,
            ),
        )
        .outerjoin(theirs, theirs.id == StatusMapping.status_id)
    )
    found: list[_Order] = []
    for chunk in chunks(ids):
        rows = session.execute(query.where(SalesOrder.id.in_(chunk)).order_by(SalesOrder.id))
        found += [_Order(*row[:3], *map(bool, row[3:])) for row in rows]
    return found


def _question(session: Session, orders: Sequence[_Order], status: SalesOrderStatus) -> str:
    """What a person should know before these orders stop counting; empty when nothing."""
    stopping = [] if status.counts_as_open else [each for each in orders if each.is_open and not each.is_held]
    parts = []
    said_open = [each for each in stopping if each.channel_says_open]
    if said_open:
        verb = "is" if len(said_open) == 1 else "are"
        parts.append(f"The channel still says that {_list(said_open)} {verb} open.")
    lacking: dict[int, int] = {}
    for item in wanting.items_of(session, [each.id for each in stopping]):
        if item.lacking:
            lacking[item.order_id] = lacking.get(item.order_id, 0) + item.lacking
    if lacking:
        units = sum(lacking.values())
        some = [each for each in stopping if each.id in lacking]
        parts.append(
            f"{units} unit{'' if units == 1 else 's'} of {_list(some)} {'has' if units == 1 else 'have'} no phone yet, "
            "and listings would offer more."
        )
    return f"{' '.join(parts)} Set to “{status.title}” anyway?" if parts else ""


def _list(orders: Sequence[_Order]) -> str:
    if len(orders) == 1:
        return f"order {orders[0].number}"
    return f"{len(orders)} orders"


def _move(session: Session, actor: Actor, statuses: Mapping[int, int | None], orders: Sequence[_Order]) -> None:
    """Set each order's status, with its timeline and the listings it touches."""
    former = {each.id: each.status_id for each in orders}
    by_status: dict[int | None, list[int]] = {}
    for order_id, status_id in statuses.items():
        by_status.setdefault(status_id, []).append(order_id)
    for status_id, ids in by_status.items():
        for chunk in chunks(ids):
            statement = sa.update(SalesOrder).where(SalesOrder.id.in_(chunk)).values(status_id=status_id)
            session.execute(statement, execution_options={"synchronize_session": False})
    titles = _titles(session)
    record_many(
        session,
        actor,
        [
            event_row("order", key, "status", titles[former[key]], titles[new], old_id=former[key], new_id=new)
            for key, new in statuses.items()
        ],
    )
    ask(session, actor, statuses.keys())


def _titles(session: Session) -> dict[int | None, str]:
    rows = session.execute(sa.select(SalesOrderStatus.id, SalesOrderStatus.title))
    return {None: UNMAPPED} | {row.id: row.title for row in rows}


def ask(session: Session, actor: Actor, order_ids: Collection[int]) -> None:
    """Have the listings that these orders touch computed again."""
    affected: dict[int, frozenset[int]] = {}
    for item in wanting.items_of(session, order_ids):
        affected[item.order_id] = affected.get(item.order_id, frozenset()) | item.candidates
    recompute.request_orders(session, Cause.ORDER, actor, affected)


def undo_status(batch_id: int, actor: Actor) -> str:
    """Take back what `set_status` did, where the order still is as it left it; gives the sentence to show."""
    with transaction() as session:
        batch = batches.claim(session, batch_id, actor)
        own = actor.within(open_batch(session, actor, f"Undo: {batch.title}"[:200]))
        query = sa.select(Event.subject_id, Event.old_id, Event.new_id)
        query = query.where(Event.batch_id == batch_id, Event.subject == "order", Event.kind == "status")
        changes = {key: (old, new) for key, old, new in session.execute(query)}
        orders = _orders(session, wanting.hold_orders(session, changes))
        statuses = _titles(session).keys()
        back = [each for each in orders if each.status_id == changes[each.id][1] and changes[each.id][0] in statuses]
        _move(session, own, {each.id: changes[each.id][0] for each in back}, back)
        left = len(changes) - len(back)
        said = f"Taken back on {len(back)} order{'' if len(back) == 1 else 's'}."
        return f"{said} Left as they are: {left} changed again since." if left else said


def dismiss_scan(order_id: int, actor: Actor) -> None:
    """Say that what the channel shipped did not come from this stock: it is not outstanding any more."""
    with transaction() as session:
        if not wanting.hold_orders(session, [order_id]):
            raise Refusal(GONE)
        statement = sa.update(SalesOrder).where(SalesOrder.id == order_id, SalesOrder.is_to_be_scanned)
        done = session.execute(
            statement.values(is_to_be_scanned=False).returning(SalesOrder.id),
            execution_options={"synchronize_session": False},
        ).first()
        if done is None:
            raise Refusal("This order is not to be scanned any more.")
        record(session, actor, "order", order_id, "not from this stock")
        ask(session, actor, [order_id])


def add_note(order_id: int, text: str, actor: Actor) -> None:
    """Leave a remark on the order."""
    text = text.strip()
    if not text:
        raise Refusal("The note is blank: write something first.")
    if len(text) > LONGEST_NOTE:
        raise Refusal(f"A note has at most {LONGEST_NOTE:,} characters: shorten it.")
    with transaction() as session:
        if session.get(SalesOrder, order_id) is None:
            raise Refusal(GONE)
        session.add(OrderNote(order_id=order_id, user_id=actor.user_id, text=text))
        record(session, actor, "order", order_id, "note added")


__all__ = ["AsksFirst", "StatusDone", "add_note", "ask", "dismiss_scan", "set_status", "undo_status"]
