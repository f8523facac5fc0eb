"""Lines of orders made by hand: added, changed, removed. What a channel ordered is the channel's to change."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import transaction
from wholecell.models import Commitment, OrderItem, ProductVariation, SalesOrder
from wholecell.services import order_new, recompute, wanting
from wholecell.services.events import Actor, record
from wholecell.services.extra_lines import move_extras
from wholecell.services.order_new import MOST_LINES, MOST_TOTAL, MOST_UNITS, TOO_MUCH, NewLine
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal

GONE = "That item is not on the order any more."


def read_quantity(text: str) -> int:
    """Units as a person types them. Raises Refusal for what is no quantity."""
    shown = text.strip().replace(",", "")
    if not (shown.isascii() and shown.isdigit() and 0 < int(shown) <= MOST_UNITS):
        raise Refusal(f"“{text.strip()[:20]}” is not a quantity: order 1 to {MOST_UNITS:,}.")
    return int(shown)


def add_item(order_id: int, variation_id: int, ordered: int, price_cents: int | None, actor: Actor) -> None:
    """Add units of a variation."""
    with transaction() as session:
        _hold(session, order_id)
        if session.get(ProductVariation, variation_id) is None:
            raise Refusal("That phone is not in the catalog any more: choose another one.")
        if (session.scalar(_count(order_id)) or 0) >= MOST_LINES:
            raise Refusal(f"An order has at most {MOST_LINES} lines.")
        order_new.add_lines(session, order_id, [NewLine(variation_id, ordered, price_cents)])
        item = session.scalars(
            sa.select(OrderItem).where(OrderItem.order_id == order_id).order_by(OrderItem.id.desc()).limit(1)
        ).one()
        record(session, actor, "order", order_id, "item added", None, f"{ordered} {item.title}", new_id=item.id)
        _follow(session, actor, order_id, {variation_id})


def edit_item(order_item_id: int, ordered: int, price_cents: int | None, actor: Actor) -> bool:
    """Change quantity and price; gives whether anything changed. Raises Refusal below the phones committed."""
    with transaction() as session:
        item, live = _item(session, order_item_id)
        gone = item.cancelled + item.refunded_before_shipping + item.returned
        if ordered < gone + live:
            raise Refusal(_too_few(gone, live))
        if (item.ordered, item.price_cents) == (ordered, price_cents):
            return False
        if item.ordered != ordered:
            record(session, actor, "order", item.order_id, "item changed", item.ordered, f"{ordered} {item.title}")
        item.ordered, item.price_cents = ordered, price_cents
        session.flush()
        _follow(session, actor, item.order_id, wanting.all_candidates(wanting.items(session, [order_item_id])))
        return True


def _too_few(gone: int, live: int) -> str:
    parts = []
    if live:
        parts.append(f"{live} phone{' is' if live == 1 else 's are'} committed to this item: release some first.")
    if gone:
        units = f"{gone} unit{' of it was' if gone == 1 else 's of it were'} cancelled, refunded or returned."
        parts.append(f"{units} The quantity counts them too: order at least {gone + live}.")
    return " ".join(parts)


def remove_item(order_item_id: int, actor: Actor) -> None:
    """Take the line off; one that once had a phone is set aside instead, for that phone's history names it."""
    with transaction() as session:
        item, live = _item(session, order_item_id)
        if live:
            raise Refusal(f"{live} phone{' is' if live == 1 else 's are'} committed to this item: release them first.")
        affected = wanting.all_candidates(wanting.items(session, [order_item_id]))
        record(session, actor, "order", item.order_id, "item removed", item.title or item.sku)
        if session.scalar(sa.select(sa.exists().where(Commitment.order_item_id == order_item_id))):
            item.is_set_aside = True
        else:
            session.delete(item)
        session.flush()
        _follow(session, actor, item.order_id, affected)


def _hold(session: Session, order_id: int) -> SalesOrder:
    """The order, locked. Raises Refusal for a channel's order."""
    wanting.hold_orders(session, [order_id])
    order = session.get(SalesOrder, order_id, populate_existing=True)
    if order is None:
        raise Refusal("That order is not here any more.")
    if order.integration_id is not None:
        raise Refusal("The channel decides what is on this order: set a line aside, or cancel it there.")
    return order


def _item(session: Session, order_item_id: int) -> tuple[OrderItem, int]:
    """The item of a locked order, and its live phones."""
    order_id = session.scalar(sa.select(OrderItem.order_id).where(OrderItem.id == order_item_id))
    if order_id is None:
        raise Refusal(GONE)
    _hold(session, order_id)
    item = session.get(OrderItem, order_item_id, populate_existing=True)
    if item is None:
        raise Refusal(GONE)
    if item.is_extra:
        raise Refusal("This line follows its phones: release them, or match the items to them.")
    live = sa.select(sa.func.count()).where(Commitment.order_item_id == item.id, Commitment.released_at.is_(None))
    return item, session.scalar(live) or 0


def _count(order_id: int) -> sa.Select[int]:
    return sa.select(sa.func.count()).where(OrderItem.order_id == order_id)


def _follow(session: Session, actor: Actor, order_id: int, affected: set[int] | frozenset[int]) -> None:
    """The total follows the lines; so do the numbers of listings, and phones below that are wanted now."""
    total = _total(session, order_id)
    if total > MOST_TOTAL:
        raise Refusal(TOO_MUCH)
    session.execute(sa.update(SalesOrder).where(SalesOrder.id == order_id).values(total_cents=total))
    recompute.request(session, Cause.ORDER, actor, variations=affected, order_id=order_id)
    move_extras(session, [order_id], actor)


def _total(session: Session, order_id: int) -> int:
    item = OrderItem
    units = sa.cast(item.ordered - item.cancelled - item.refunded_before_shipping, sa.BigInteger)
    query = sa.select(sa.func.sum(units * sa.func.coalesce(item.price_cents, 0)))
    items = session.scalar(query.where(item.order_id == order_id, item.is_set_aside.is_(False)))
    shipping = session.scalar(sa.select(SalesOrder.shipping_cents).where(SalesOrder.id == order_id))
    return int(items or 0) + (shipping or 0)
