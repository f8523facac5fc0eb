"""The statements of the quantity rule, each built once: building one anew takes longer than a few rows of it.

Bound values: `integrations`, `listings` and `variations` are lists of ids.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa

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
    Shipment,
    ShipmentUnit,
)
from wholecell.services.bulk import AnyRows, table
from wholecell.services.order_state import is_open

_LISTING, _LISTING_SKU, _LISTING_VARIATION = table(Listing).c, table(ListingSku).c, table(ListingVariation).c
_VARIATION, _PHONE, _COMMITMENT = table(ProductVariation).c, table(InventoryItem).c, table(Commitment).c
_SHIPMENT, _UNIT = table(Shipment).c, table(ShipmentUnit).c
_ORDER, _ORDER_ITEM, _STATUS = table(SalesOrder).c, table(OrderItem).c, table(SalesOrderStatus).c
_OWN_LIMITS = (
    _LISTING.zero_out_threshold,
    _LISTING.percentage,
    _LISTING.safety_quantity,
    _LISTING.maximum_quantity,
)


def ids(name: str) -> sa.BindParameter[Any]:
    """A list of ids, given when the statement runs."""
    return sa.bindparam(name, expanding=True, type_=sa.BigInteger())


@lru_cache
def listing_variations(by: frozenset[str]) -> sa.CompoundSelect[Any]:
    """Rows of listing, integration, variation or empty, whether chosen by hand, the four limits of its own.

    `by` are the bound values that say which listings: they meet all of these.
    """
    conditions = {
        "integrations": _LISTING.integration_id.in_(ids("integrations")),
        "listings": _LISTING.id.in_(ids("listings")),
        "variations": _LISTING.id.in_(_touching()),
    }
    where = sa.and_(sa.true(), *(conditions[name] for name in sorted(by)))
    no_limits = [sa.cast(sa.null(), sa.Integer) for _ in _OWN_LIMITS]
    own, hand = (_LISTING.id, _LISTING.integration_id), sa.literal(1)
    listings, skus, chosen = table(Listing), table(ListingSku), table(ListingVariation)
    variations = table(ProductVariation)
    return sa.union_all(
        sa.select(*own, _VARIATION.id, sa.literal(0), *_OWN_LIMITS)
        .select_from(listings.outerjoin(variations, _VARIATION.sku == _LISTING.sku))
        .where(where),
        sa.select(*own, _VARIATION.id, hand, *no_limits)
        .select_from(
            listings.join(skus, _LISTING_SKU.listing_id == _LISTING.id).outerjoin(
                variations, _VARIATION.sku == _LISTING_SKU.sku
            )
        )
        .where(where),
        sa.select(*own, _LISTING_VARIATION.variation_id, hand, *no_limits)
        .select_from(listings.join(chosen, _LISTING_VARIATION.listing_id == _LISTING.id))
        .where(where),
    )


def _touching() -> sa.CompoundSelect[Any]:
    """Listings that may count one of `variations`: through a choice, a chosen SKU or the channel's own."""
    return sa.union_all(
        sa.select(_LISTING_VARIATION.listing_id).where(_LISTING_VARIATION.variation_id.in_(ids("variations"))),
        sa.select(_LISTING_SKU.listing_id).where(_LISTING_SKU.sku.in_(_skus())),
        sa.select(_LISTING.id).where(_LISTING.sku.in_(_skus())),
    )


def _skus() -> AnyRows:
    return sa.select(_VARIATION.sku).where(_VARIATION.id.in_(ids("variations")), _VARIATION.sku.is_not(None))


@lru_cache
def phones(ticks: int, is_narrow: bool) -> AnyRows:
    """Rows of variation and `ticks` sums of uncommitted phones, in `statuses_0` and `warehouses_0` and so on.

    `statuses` and `warehouses` are all that is ticked anywhere: they keep the scan to the index.
    """
    tests = [
        sa.and_(_PHONE.status_id.in_(ids(f"statuses_{n}")), _PHONE.warehouse_id.in_(ids(f"warehouses_{n}")))
        for n in range(ticks)
    ]
    sums = [sa.func.count()] if ticks == 1 else [sa.func.count(sa.case((each, 1))) for each in tests]
    committed = sa.exists().where(_COMMITMENT.item_id == _PHONE.id, _COMMITMENT.released_at.is_(None))
    query: AnyRows = sa.select(_PHONE.variation_id, *sums).where(
        _PHONE.status_id.in_(ids("statuses")), _PHONE.warehouse_id.in_(ids("warehouses")), ~committed
    )
    if is_narrow:
        query = query.where(_PHONE.variation_id.in_(ids("variations")))
    return query.group_by(_PHONE.variation_id)


@lru_cache
def open_wants(is_narrow: bool) -> AnyRows:
    """Rows of order item, integration, listing, chosen variation, units lacking, variation by SKU or empty.

    Of open orders that we ship ourselves: all, or those that may want one of `variations`. Items that lack none
    are among them: as a condition, their commitments would be counted before the order is known to be open.
    """
    by_sku = sa.and_(_VARIATION.sku == _ORDER_ITEM.sku, _ORDER_ITEM.variation_id.is_(None))
    query: AnyRows = (
        sa.select(
            _ORDER_ITEM.id,
            _ORDER.integration_id,
            _ORDER_ITEM.listing_id,
            _ORDER_ITEM.variation_id,
            _units_lacking(),
            _VARIATION.id,
        )
        .select_from(
            table(OrderItem)
            .join(table(SalesOrder), _ORDER.id == _ORDER_ITEM.order_id)
            .outerjoin(table(ProductVariation), by_sku)
        )
        .where(
            is_open(_ORDER, _STATUS) if is_narrow else _ORDER.id.in_(open_orders()),
            _ORDER.is_fulfilled_by_channel.is_(False),
            _ORDER_ITEM.is_set_aside.is_(False),
        )
    )
    return query.where(_ORDER_ITEM.id.in_(_items_wanting())) if is_narrow else query


@lru_cache
def own_orders(is_narrow: bool) -> AnyRows:
    """Rows of integration, channel's word, listing, chosen variation, SKU, variation by SKU or empty, units.

    Of lines of `integrations`' own orders in one of `words`: the units that left neither by the channel's word nor
    in a shipment it was told of, committed or not. All, or those sold from `listings` or, where no listing is known,
    that may want one of `variations`.
    """
    is_loose = _ORDER_ITEM.listing_id.is_(None)
    by_sku = sa.and_(is_loose, _ORDER_ITEM.variation_id.is_(None), _VARIATION.sku == _ORDER_ITEM.sku)
    told = _units_told()
    shipped = sa.case((told > _ORDER_ITEM.shipped, told), else_=_ORDER_ITEM.shipped)
    left = _ORDER_ITEM.ordered - _ORDER_ITEM.cancelled - _ORDER_ITEM.refunded_before_shipping - shipped
    key = (_ORDER.integration_id, _ORDER.channel_status, _ORDER_ITEM.listing_id)
    wanted = (_ORDER_ITEM.variation_id, _ORDER_ITEM.sku, _VARIATION.id)
    query: AnyRows = (
        sa.select(*key, *wanted, sa.func.sum(left))
        .select_from(
            table(SalesOrder)
            .join(table(OrderItem), _ORDER.id == _ORDER_ITEM.order_id)
            .outerjoin(table(ProductVariation), by_sku)
        )
        .where(
            _ORDER.integration_id.in_(ids("integrations")),
            _ORDER.channel_status.in_(sa.bindparam("words", expanding=True)),
            _ORDER.is_fulfilled_by_channel.is_(False),
            _ORDER_ITEM.external_line_id.is_not(None),
            ~_is_told_whole(),
            left > 0,
        )
    )
    if is_narrow:
        is_named = sa.or_(_ORDER_ITEM.variation_id.in_(ids("variations")), _ORDER_ITEM.sku.in_(_skus()))
        query = query.where(sa.or_(_ORDER_ITEM.listing_id.in_(ids("listings")), sa.and_(is_loose, is_named)))
    return query.group_by(*key, *wanted)


def _is_told() -> sa.ColumnElement[bool]:
    """A shipment the channel was told of, or is being told of, after which it keeps no unit back for it."""
    return sa.and_(_SHIPMENT.state.in_(("sending", "sent")), _SHIPMENT.voided_at.is_(None))


def _units_told() -> sa.ScalarSelect[int]:
    """Units of an item in such shipments: known before the channel's own word of it comes in."""
    joined = table(Commitment).join(table(ShipmentUnit), _UNIT.commitment_id == _COMMITMENT.id)
    query = sa.select(sa.func.count()).select_from(joined.join(table(Shipment), _SHIPMENT.id == _UNIT.shipment_id))
    query = query.where(_COMMITMENT.order_item_id == _ORDER_ITEM.id, _is_told())
    return query.correlate(table(OrderItem)).scalar_subquery()


def _is_told_whole() -> sa.ColumnElement[bool]:
    """A shipment without phones of ours: the channel was told that all of the order left."""
    has_units = sa.exists().where(_UNIT.shipment_id == _SHIPMENT.id).correlate(table(Shipment))
    return sa.exists().where(_SHIPMENT.order_id == _ORDER.id, _is_told(), ~has_units).correlate(table(SalesOrder))


def _units_lacking() -> sa.ColumnElement[Any]:
    live = (
        sa.select(sa.func.count())
        .where(_COMMITMENT.order_item_id == _ORDER_ITEM.id, _COMMITMENT.released_at.is_(None))
        .scalar_subquery()
    )
    gone = _ORDER_ITEM.cancelled + _ORDER_ITEM.refunded_before_shipping + _ORDER_ITEM.returned
    return _ORDER_ITEM.ordered - gone - live


def _open_statuses() -> AnyRows:
    return sa.select(_STATUS.id).where(_STATUS.counts_as_open)


def open_orders() -> sa.CompoundSelect[Any]:
    """Ids of open orders: the same as `is_open`, as one index lookup for each reason an order may be open."""
    query: AnyRows = sa.select(_ORDER.id)
    return sa.union_all(
        query.where(_ORDER.status_id.in_(_open_statuses())),
        query.where(_ORDER.status_id.is_(None), _ORDER.is_channel_status_final.is_(False)),
        query.where(_ORDER.is_to_be_scanned),
    )


def _items_wanting() -> sa.CompoundSelect[Any]:
    query: AnyRows = sa.select(_ORDER_ITEM.id)
    return sa.union_all(
        query.where(_ORDER_ITEM.variation_id.in_(ids("variations"))),
        query.where(_ORDER_ITEM.sku.in_(_skus())),
        query.where(_ORDER_ITEM.listing_id.in_(_touching())),
    )
