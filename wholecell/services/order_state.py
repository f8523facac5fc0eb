"""What state an order or one of its items is in, as conditions for lists, tabs and Today.

Those on orders stand in a query of SalesOrder, those on items in one of OrderItem. The quantity rule has its own
statements and shares `is_open`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from wholecell.models import (
    Commitment,
    Listing,
    OrderItem,
    ProductVariation,
    SalesOrder,
    SalesOrderStatus,
    Shipment,
)

Condition = sa.ColumnElement[bool]


def is_open(order: Any = SalesOrder, status: Any = SalesOrderStatus) -> Condition:
    """Units of the order are still wanted: by its status, by a channel's word nobody mapped yet, or to be scanned."""
    unmapped = sa.and_(order.status_id.is_(None), order.is_channel_status_final.is_(False))
    open_statuses = sa.select(status.id).where(status.counts_as_open)
    return sa.or_(order.status_id.in_(open_statuses), unmapped, order.is_to_be_scanned)


def is_to_accept() -> Condition:
    """The channel waits for our yes to the order."""
    return sa.and_(SalesOrder.is_to_accept)


def is_ours() -> Condition:
    """We ship it, not the channel from its own stock."""
    return SalesOrder.is_fulfilled_by_channel.is_(False)


def is_cancel_asked() -> Condition:
    """The buyer asked to cancel it, and nothing of it has left."""
    has_left = sa.exists().where(Shipment.order_id == SalesOrder.id, Shipment.voided_at.is_(None))
    return sa.and_(SalesOrder.is_cancel_asked, ~has_left.correlate(SalesOrder))


def is_address_erased() -> Condition:
    """Everything about its buyer was erased, and nothing of it has left."""
    has_left = sa.exists().where(Shipment.order_id == SalesOrder.id, Shipment.voided_at.is_(None))
    return sa.and_(SalesOrder.erased_at.is_not(None), ~has_left.correlate(SalesOrder))


def is_unmapped() -> Condition:
    """The channel's word for the order is not mapped to a status yet."""
    return SalesOrder.status_id.is_(None)


def wanted() -> sa.ColumnElement[int]:
    """Units of an item that have to come from our stock; an item set aside wants none."""
    units = OrderItem.ordered - OrderItem.cancelled - OrderItem.refunded_before_shipping - OrderItem.returned
    return sa.case((sa.or_(OrderItem.is_set_aside, units < 0), 0), else_=units)


def live_count() -> sa.ColumnElement[int]:
    """Phones committed to an item."""
    query = sa.select(sa.func.count()).where(Commitment.order_item_id == OrderItem.id, Commitment.released_at.is_(None))
    return query.correlate(OrderItem).scalar_subquery()


def item_lacks_units() -> Condition:
    """The item wants more phones than it has."""
    return wanted() > live_count()


def item_is_overcommitted() -> Condition:
    """The item has more phones than it wants."""
    return live_count() > wanted()


def item_wants_release() -> Condition:
    """The item holds phones that a cancellation or refund made free."""
    # Not as a sum: of each column alone the database knows how rarely it is above 0.
    is_less = sa.or_(OrderItem.cancelled > 0, OrderItem.refunded_before_shipping > 0)
    return sa.and_(is_less, item_is_overcommitted())


def is_unknown_sku() -> Condition:
    """Nobody knows what the item is: no chosen variation, none with its SKU, none of the listing it was sold from."""
    by_sku = sa.exists().where(ProductVariation.sku == OrderItem.sku)
    by_listing = sa.exists().where(Listing.id == OrderItem.listing_id, Listing.is_connected)
    return sa.and_(
        OrderItem.variation_id.is_(None),
        OrderItem.is_extra.is_(False),
        OrderItem.is_set_aside.is_(False),
        ~by_sku.correlate(OrderItem),
        ~by_listing.correlate(OrderItem),
    )


def has_uncommitted() -> Condition:
    """Some item of the order lacks phones."""
    return _some_item(item_lacks_units())


def is_overcommitted() -> Condition:
    """Some item of the order has too many phones."""
    return _some_item(item_is_overcommitted())


def wants_release() -> Condition:
    """Some item of the order holds phones that a cancellation or refund made free."""
    return _some_item(item_wants_release())


def has_unknown_sku() -> Condition:
    """Some item of the order is unknown."""
    return _some_item(is_unknown_sku())


def _some_item(condition: Condition) -> Condition:
    query = sa.select(OrderItem.id).where(OrderItem.order_id == SalesOrder.id, condition)
    return query.correlate(SalesOrder).exists()
