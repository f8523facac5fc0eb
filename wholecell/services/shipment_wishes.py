"""What people want a channel to be told of an order besides shipments: that we accept it, that a line cannot be had."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels import discover
from wholecell.channels.contract import AcceptsOrders, CancelsLines, Channel
from wholecell.db import transaction, utcnow
from wholecell.models import Integration, OrderItem, SalesOrder
from wholecell.services import wanting
from wholecell.services.bulk import chunks
from wholecell.services.connect import can
from wholecell.services.events import Actor, event_row, record, record_many
from wholecell.services.refusal import Refusal


def ask_accept(order_ids: Iterable[int], actor: Actor) -> int:
    """Have these orders accepted on their channels, those that wait for it; gives how many. The next run sends it."""
    with transaction() as session:
        accepted: list[int] = []
        kinds = [channel.kind for channel in discover().values() if can(channel, AcceptsOrders)]
        for chunk in chunks(sorted(set(order_ids))):
            wanting.hold_orders(session, chunk)
            query = (
                sa.select(SalesOrder.id)
                .join(Integration, Integration.id == SalesOrder.integration_id)
                .where(SalesOrder.id.in_(chunk), SalesOrder.is_to_accept, SalesOrder.accept_wanted_at.is_(None))
                .where(Integration.kind.in_(kinds))
            )
            accepted += session.scalars(query)
        _want_accepted(session, accepted)
        record_many(session, actor, [event_row("order", key, "accept asked for", None, None) for key in accepted])
        return len(accepted)


def _want_accepted(session: Session, order_ids: list[int]) -> None:
    for chunk in chunks(order_ids):
        statement = sa.update(SalesOrder).where(SalesOrder.id.in_(chunk))
        session.execute(statement.values(accept_wanted_at=utcnow(), accept_problem=""))


def ask_cancel(order_item_id: int, actor: Actor) -> None:
    """Have one line cancelled on its channel: the seller cannot deliver it. Raises Refusal that says why not."""
    with transaction() as session:
        item = session.get(OrderItem, order_item_id)
        if item is None:
            raise Refusal("That item is not on the order any more.")
        wanting.hold_orders(session, [item.order_id])
        session.refresh(item)
        _refuse_cancel(session, item)
        item.cancel_wanted_at, item.cancel_problem = utcnow(), ""
        name = item.sku or item.title
        record(session, actor, "order", item.order_id, "line to cancel", new=name, new_id=item.id)


def _refuse_cancel(session: Session, item: OrderItem) -> None:
    channel = _channel(session, item.order_id)
    if channel is None or item.external_line_id is None or item.is_extra:
        raise Refusal("This item is not on a channel's order: remove it here instead.")
    if not can(channel, CancelsLines):
        raise Refusal(f"{channel.label} cannot be told from here: cancel the line there.")
    if item.cancel_wanted_at is not None and not item.cancel_problem:
        raise Refusal("The channel is being told to cancel this line already.")
    if item.shipped or item.ordered <= item.cancelled + item.refunded_before_shipping:
        raise Refusal("Nothing of this line is left to cancel: it left, or is cancelled already.")


def _channel(session: Session, order_id: int) -> Channel | None:
    query = sa.select(Integration.kind).join(SalesOrder, SalesOrder.integration_id == Integration.id)
    kind = session.scalar(query.where(SalesOrder.id == order_id))
    return None if kind is None else discover().get(kind)
