"""The rows the quantity rule rests on: which variations listings count, phones, and open wants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import (
    Commitment,
    InventoryItem,
    Listing,
    ListingSku,
    ListingVariation,
    OrderItem,
    ProductVariation,
    SalesOrder,
    SalesOrderStatus,
)
from wholecell.services.limits import OwnLimits
from wholecell.services.rule_settings import RuleSettings

Ids = Collection[int]


@dataclass(frozen=True, slots=True)
class CountedListing:
    """A listing with S, the variations it counts, and its own limits."""

    listing_id: int
    integration_id: int
    limits: OwnLimits
    variations: frozenset[int]


@dataclass(frozen=True, slots=True)
class Want:
    """An open order item that lacks `units` phones, and the variations its SKU or choice names."""

    order_item_id: int
    integration_id: int | None
    listing_id: int | None  # sold from it; its variations are candidates too. Empty when one was chosen by hand
    units: int
    candidates: frozenset[int]


def counted_listings(where: sa.ColumnElement[bool], matching: Ids) -> dict[int, CountedListing]:
    """These listings with their S; `matching` are the integrations that connect by the channel's SKU. One query.

    What was chosen by hand, SKUs or variations, takes the place of the channel's own SKU.
    """
    limits: dict[int, tuple[int, OwnLimits]] = {}
    by_sku: dict[int, set[int]] = defaultdict(set)
    by_hand: dict[int, set[int]] = defaultdict(set)
    for row in db.session.execute(_listing_variations(where)):
        key, integration, variation, is_by_hand, *own = row
        if is_by_hand:
            chosen = by_hand[key]
            if variation is not None:
                chosen.add(variation)
            continue
        limits[key] = (integration, tuple(own))
        if variation is not None and integration in matching:
            by_sku[key].add(variation)
    return {
        key: CountedListing(key, integration, own_limits, frozenset(by_hand.get(key, by_sku.get(key, ()))))
        for key, (integration, own_limits) in limits.items()
    }


def _listing_variations(where: sa.ColumnElement[bool]) -> sa.CompoundSelect[Any]:
    """Rows of listing, integration, variation or empty, whether chosen by hand, own limits."""
    own = (Listing.zero_out_threshold, Listing.percentage, Listing.safety_quantity, Listing.maximum_quantity)
    no_limits = [sa.cast(sa.null(), sa.Integer) for _ in own]
    channel = (
        sa.select(Listing.id, Listing.integration_id, ProductVariation.id, sa.literal(0), *own)
        .outerjoin(ProductVariation, ProductVariation.sku == Listing.sku)
        .where(where)
    )
    skus = (
        sa.select(Listing.id, Listing.integration_id, ProductVariation.id, sa.literal(1), *no_limits)
        .join(ListingSku, ListingSku.listing_id == Listing.id)
        .outerjoin(ProductVariation, ProductVariation.sku == ListingSku.sku)
        .where(where)
    )
    chosen = (
        sa.select(Listing.id, Listing.integration_id, ListingVariation.variation_id, sa.literal(1), *no_limits)
        .join(ListingVariation, ListingVariation.listing_id == Listing.id)
        .where(where)
    )
    return sa.union_all(channel, skus, chosen)


def touching(variations: Ids) -> sa.ColumnElement[bool]:
    """Listings that may count one of these variations: through a choice, a chosen SKU or the channel's own."""
    skus = _skus_of(variations)
    return Listing.id.in_(
        sa.union_all(
            sa.select(ListingVariation.listing_id).where(ListingVariation.variation_id.in_(variations)),
            sa.select(ListingSku.listing_id).where(ListingSku.sku.in_(skus)),
            sa.select(Listing.id).where(Listing.sku.in_(skus)),
        )
    )


def available(selling: Sequence[RuleSettings], variations: Ids | None) -> dict[tuple[int, int], int]:
    """Uncommitted phones by (integration, variation), in the statuses and warehouses each ticked. One query.

    Integrations that ticked the same share one sum; the phones are scanned once, whatever their number.
    """
    ticked: dict[tuple[frozenset[int], frozenset[int]], list[int]] = defaultdict(list)
    for each in selling:
        if each.statuses and each.warehouses:
            ticked[each.statuses, each.warehouses].append(each.integration_id)
    if not ticked:
        return {}
    item = InventoryItem
    tests = [sa.and_(item.status_id.in_(s), item.warehouse_id.in_(w)) for s, w in ticked]
    committed = sa.exists().where(Commitment.item_id == item.id, Commitment.released_at.is_(None))
    sums = [sa.func.count()] if len(tests) == 1 else [sa.func.count(sa.case((each, 1))) for each in tests]
    # Numbers of statuses and warehouses are few; the union of what is ticked keeps the scan to the index.
    in_any = (
        item.status_id.in_(frozenset().union(*(s for s, _ in ticked))),
        item.warehouse_id.in_(frozenset().union(*(w for _, w in ticked))),
    )
    query = sa.select(item.variation_id, *sums).where(*in_any, ~committed).group_by(item.variation_id)
    if variations is not None:
        query = query.where(item.variation_id.in_(variations))
    owners = list(ticked.values())
    return {
        (integration, variation): units
        for variation, *counts in db.session.execute(query)
        for integrations, units in zip(owners, counts, strict=True)
        if units
        for integration in integrations
    }


def open_wants(variations: Ids | None) -> list[Want]:
    """Items of open orders that we ship ourselves and that lack phones; all, or those of these variations."""
    lacking = _units_lacking().label("lacking")
    query = (
        sa.select(
            OrderItem.id,
            SalesOrder.integration_id,
            OrderItem.listing_id,
            OrderItem.variation_id,
            lacking,
            ProductVariation.id,
        )
        .join(SalesOrder, SalesOrder.id == OrderItem.order_id)
        .outerjoin(
            ProductVariation,
            sa.and_(ProductVariation.sku == OrderItem.sku, OrderItem.variation_id.is_(None)),
        )
        .where(
            SalesOrder.id.in_(_open_orders()) if variations is None else _is_open(),
            SalesOrder.is_fulfilled_by_channel.is_(False),
            OrderItem.is_set_aside.is_(False),
            lacking > 0,
        )
    )
    if variations is not None:
        query = query.where(OrderItem.id.in_(_items_wanting(variations)))
    found: dict[int, tuple[int | None, int | None, int, set[int]]] = {}
    for key, integration, listing, chosen, units, by_sku in db.session.execute(query):
        sold_from = None if chosen is not None else listing
        row = found.setdefault(key, (integration, sold_from, units, set()))
        candidate = chosen if chosen is not None else by_sku
        if candidate is not None:
            row[3].add(candidate)
    return [Want(key, i, listing, units, frozenset(c)) for key, (i, listing, units, c) in found.items()]


def _units_lacking() -> sa.ColumnElement[int]:
    live = (
        sa.select(sa.func.count())
        .where(Commitment.order_item_id == OrderItem.id, Commitment.released_at.is_(None))
        .scalar_subquery()
    )
    wanted = OrderItem.ordered - OrderItem.cancelled - OrderItem.refunded_before_shipping - OrderItem.returned
    return wanted - live


def _open_statuses() -> sa.Select[Any]:
    return sa.select(SalesOrderStatus.id).where(SalesOrderStatus.counts_as_open)


def _is_open() -> sa.ColumnElement[bool]:
    unmapped = sa.and_(SalesOrder.status_id.is_(None), SalesOrder.is_channel_status_final.is_(False))
    return sa.or_(SalesOrder.status_id.in_(_open_statuses()), unmapped, SalesOrder.is_to_be_scanned)


def _open_orders() -> sa.CompoundSelect[Any]:
    """The same as `_is_open`, as one index lookup for each reason an order may be open."""
    ids = sa.select(SalesOrder.id)
    return sa.union_all(
        ids.where(SalesOrder.status_id.in_(_open_statuses())),
        ids.where(SalesOrder.status_id.is_(None), SalesOrder.is_channel_status_final.is_(False)),
        ids.where(SalesOrder.is_to_be_scanned),
    )


def _items_wanting(variations: Ids) -> sa.CompoundSelect[Any]:
    ids = sa.select(OrderItem.id)
    return sa.union_all(
        ids.where(OrderItem.variation_id.in_(variations)),
        ids.where(OrderItem.sku.in_(_skus_of(variations))),
        ids.where(OrderItem.listing_id.in_(sa.select(Listing.id).where(touching(variations)))),
    )


def _skus_of(variations: Ids) -> sa.Select[Any]:
    return sa.select(ProductVariation.sku).where(ProductVariation.id.in_(variations), ProductVariation.sku.is_not(None))


__all__ = ["CountedListing", "Want", "available", "counted_listings", "open_wants", "touching"]
