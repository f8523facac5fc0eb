"""Commitments that a person should look at: phones that no longer fit, and phones to release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Commitment, InventoryItem, OrderItem, ProductVariation, SalesOrder
from wholecell.services import order_state, wanting
from wholecell.services.order_filter import open_orders
from wholecell.services.variation_names import names


@dataclass(frozen=True, slots=True)
class Misfit:
    """A phone on an open order that is none of what its item wants by now, as after a regrade."""

    commitment_id: int
    order_id: int
    number: str
    channel: str
    item_id: int
    esn: str
    name: str  # what the phone is now


@dataclass(frozen=True, slots=True)
class ToRelease:
    """An order with phones that a cancellation or refund made free."""

    order_id: int
    number: str
    channel: str
    units: int


def misfits() -> list[Misfit]:
    """Such phones, by order. Those committed directly were meant so, and what was shipped has left."""
    session = db.session()
    rows: Sequence[Any] = session.execute(_doubtful()).all()
    candidates = {each.id: each.candidates for each in wanting.items(session, {row.order_item_id for row in rows})}
    wrong = [row for row in rows if row.variation_id not in candidates[row.order_item_id]]
    shown = names(session, {row.variation_id for row in wrong})
    return [_misfit(row, shown[row.variation_id]) for row in wrong]


def _misfit(row: Any, name: str) -> Misfit:
    commitment, order, number, channel, phone, esn, *_ = row
    return Misfit(commitment, order, number, channel, phone, esn, name)


def _doubtful() -> sa.Select[*tuple[Any, ...]]:
    """Phones whose variation is neither the chosen one nor has the item's SKU: the listing may still count it."""
    phone, variation = InventoryItem, ProductVariation
    by_sku = sa.and_(OrderItem.variation_id.is_(None), sa.func.coalesce(variation.sku == OrderItem.sku, sa.false()))
    fits = sa.or_(sa.func.coalesce(OrderItem.variation_id == phone.variation_id, sa.false()), by_sku)
    return (
        sa.select(
            Commitment.id,
            SalesOrder.id,
            SalesOrder.number,
            SalesOrder.channel,
            phone.id,
            phone.esn,
            phone.variation_id,
            Commitment.order_item_id,
        )
        .select_from(SalesOrder)
        .join(OrderItem, OrderItem.order_id == SalesOrder.id)
        .join(Commitment, Commitment.order_item_id == OrderItem.id)
        .join(phone, phone.id == Commitment.item_id)
        .join(variation, variation.id == phone.variation_id)
        .where(
            SalesOrder.id.in_(open_orders()), Commitment.released_at.is_(None), Commitment.is_direct.is_(False), ~fits
        )
        .order_by(SalesOrder.placed_at, SalesOrder.id, Commitment.id)
    )


def to_release() -> Sequence[ToRelease]:
    """Orders that hold phones nobody wants any more, the oldest first."""
    surplus = sa.func.sum(order_state.live_count() - order_state.wanted())
    query = (
        sa.select(SalesOrder.id, SalesOrder.number, SalesOrder.channel, surplus)
        .join(OrderItem, OrderItem.order_id == SalesOrder.id)
        .where(OrderItem.cancelled + OrderItem.refunded_before_shipping > 0, order_state.item_wants_release())
        .group_by(SalesOrder.id, SalesOrder.number, SalesOrder.channel, SalesOrder.placed_at)
        .order_by(SalesOrder.placed_at, SalesOrder.id)
    )
    return [ToRelease(key, number, channel, int(units)) for key, number, channel, units in db.session.execute(query)]
