"""Oversold: open orders want more phones than there are of anything that would fill them, and what could help."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import db
from wholecell.models import Integration, InventoryItem, InventoryStatus, OrderItem, ProductVariation, SalesOrder
from wholecell.services import free_phones, wanting
from wholecell.services.availability_rows import NONE, Want, open_wants
from wholecell.services.bulk import MANY, chunks
from wholecell.services.deficits import Deficit, deficits
from wholecell.services.variation_names import names


@dataclass(frozen=True, slots=True)
class ShortOrder:
    """An order that takes part in a shortage, with the units it still lacks."""

    id: int
    number: str
    channel: str
    placed_at: datetime
    units: int


@dataclass(frozen=True, slots=True)
class Help:
    """Free phones of the same products that could fill the orders after a regrade or a change of status."""

    variation_id: int
    name: str
    status: str
    units: int
    is_other_grade: bool  # else they are what is wanted, in a status nothing sells


@dataclass(frozen=True, slots=True)
class Shortage:
    """Orders that want `units` phones more than there are of these variations, the oldest order first."""

    variation_ids: tuple[int, ...]
    name: str
    sku: str
    units: int
    wanted: int
    phones: int
    orders: Sequence[ShortOrder]
    helps: Sequence[Help]


def shortages() -> list[Shortage]:
    """What is oversold, worst first, each shortage once, for the smallest group of orders that has it.

    Phones count in any warehouse, in the statuses some integration sells. A fixed number of queries.
    """
    session = db.session()
    wants, short = _short(session)
    if not short:
        return []
    variations = frozenset[int]().union(*(each.variations for each in short))
    shown, skus = names(session, variations), _skus(session, variations)
    orders = _orders(session, [want for want, candidates in wants if any(candidates in each.wants for each in short)])
    helps = _helps(session, variations)
    found = [_shortage(each, wants, shown, skus, orders, helps) for each in short]
    return sorted(found, key=lambda each: (-each.units, each.name))


def order_flags(order_ids: Collection[int]) -> set[int]:
    """Which of these orders are in a shortage."""
    session = db.session()
    wants, short = _short(session)
    concerned = {want.order_item_id for want, candidates in wants if any(candidates in each.wants for each in short)}
    asked = set(order_ids)
    found: set[int] = set()
    for chunk in chunks(sorted(concerned), MANY):
        query = sa.select(OrderItem.order_id).where(OrderItem.id.in_(chunk)).distinct()
        found |= asked.intersection(session.scalars(query))
    return found


def _short(session: Session) -> tuple[list[tuple[Want, frozenset[int]]], list[Deficit]]:
    """Every open want with all its candidates, and which of them are short."""
    open_now = open_wants(None)
    counted = wanting.counted_by(session, {each.listing_id for each in open_now if each.listing_id is not None})
    wants = [(each, each.candidates | counted.get(each.listing_id or 0, NONE)) for each in open_now]
    units: dict[frozenset[int], int] = defaultdict(int)
    for want, candidates in wants:
        units[candidates] += want.units
    units.pop(NONE, None)  # of an Unknown SKU nobody knows what would fill it
    return wants, deficits(units, free_phones.units(session, NONE.union(*units)))


def _shortage(
    deficit: Deficit,
    wants: Sequence[tuple[Want, frozenset[int]]],
    shown: Mapping[int | None, str],
    skus: Mapping[int, str],
    orders: Mapping[int, ShortOrder],
    helps: Sequence[tuple[int, Help]],
) -> Shortage:
    own = [want for want, candidates in wants if candidates in deficit.wants]
    units: dict[int, int] = defaultdict(int)
    for want in own:
        units[orders[want.order_item_id].id] += want.units
    rows = {row.id: row for row in (orders[want.order_item_id] for want in own)}
    short = [ShortOrder(row.id, row.number, row.channel, row.placed_at, units[row.id]) for row in rows.values()]
    variations = tuple(sorted(deficit.variations))
    more = f" and {len(variations) - 1} more" if len(variations) > 1 else ""
    wanted = sum(want.units for want in own)
    return Shortage(
        variations,
        f"{shown[variations[0]]}{more}",
        ", ".join(sorted({skus[each] for each in variations if skus.get(each)})),
        deficit.units,
        wanted,
        wanted - deficit.units,
        sorted(short, key=lambda each: (each.placed_at, each.id)),
        [each for product_of, each in helps if product_of in deficit.variations],
    )


def _skus(session: Session, variations: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for chunk in chunks(sorted(variations), MANY):
        query = sa.select(ProductVariation.id, ProductVariation.sku).where(ProductVariation.id.in_(chunk))
        found.update((key, sku or "") for key, sku in session.execute(query))
    return found


def _orders(session: Session, wants: Collection[Want]) -> dict[int, ShortOrder]:
    """The order of each item."""
    found: dict[int, ShortOrder] = {}
    for chunk in chunks(sorted(want.order_item_id for want in wants), MANY):
        query = (
            sa.select(
                OrderItem.id,
                SalesOrder.id,
                SalesOrder.number,
                sa.func.coalesce(sa.func.nullif(SalesOrder.channel, ""), Integration.name, ""),
                SalesOrder.placed_at,
            )
            .join(SalesOrder, SalesOrder.id == OrderItem.order_id)
            .outerjoin(Integration, Integration.id == SalesOrder.integration_id)
        )
        rows: Any = session.execute(query.where(OrderItem.id.in_(chunk)))
        found.update((key, _short_order(row)) for key, *row in rows)
    return found


def _short_order(row: Sequence[Any]) -> ShortOrder:
    key, number, channel, placed_at = row
    return ShortOrder(key, number, channel, placed_at, 0)


def _helps(session: Session, variations: Collection[int]) -> list[tuple[int, Help]]:
    """Beside each variation that is short: free phones of its product in other grades or unsold statuses."""
    short, other = sa.orm.aliased(ProductVariation), sa.orm.aliased(ProductVariation)
    rows: list[Any] = []
    for chunk in chunks(sorted(variations), MANY):
        query = (
            sa.select(short.id, other.id, InventoryStatus.name, sa.func.count())
            .join(other, other.product_id == short.product_id)
            .join(InventoryItem, InventoryItem.variation_id == other.id)
            .join(InventoryStatus, InventoryStatus.id == InventoryItem.status_id)
            .where(short.id.in_(chunk), free_phones.is_free())
            .where(sa.or_(other.id != short.id, ~free_phones.is_sold_status()))
            .group_by(short.id, other.id, InventoryStatus.name, InventoryStatus.position)
            .order_by(short.id, InventoryStatus.position, other.id)
        )
        rows += session.execute(query).all()
    shown = names(session, {row[1] for row in rows})
    return [
        (wanted, Help(key, shown[key], status, units, key != wanted))
        for wanted, key, status, units in rows
        if key == wanted or key not in variations
    ]


__all__ = ["Help", "ShortOrder", "Shortage", "order_flags", "shortages"]
