"""Orders that other systems send in: stored exactly as an import of orders stores a channel's."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import sqlalchemy as sa
from msgspec import structs
from sqlalchemy.exc import IntegrityError

from wholecell.channels.contract import RemoteAddress, RemoteLine, RemoteOrder
from wholecell.db import transaction, utcnow
from wholecell.models import Integration, SalesOrder
from wholecell.services import api_orders, order_errors
from wholecell.services.api_records import LineEntry, OrderEntry, OrderTaken, Outcome
from wholecell.services.connect import channel_of
from wholecell.services.order_import import prepare
from wholecell.services.order_saving import hold_settings, save_orders
from wholecell.services.refusal import Refusal


class NoIntegrationError(Refusal):
    """The order names an integration that is not here."""


def take(entry: OrderEntry, integration_id: int) -> OrderTaken:
    """Store the order for this integration. The same once more changes nothing.

    Raises NoIntegrationError, and Refusal where the orders come from the channel: two sources would overwrite each
    other.
    """
    read_at = utcnow()
    try:
        return _take(entry, integration_id, read_at)
    except IntegrityError:  # the same new order was sent twice at once: the other one is stored now
        return _take(entry, integration_id, read_at)


def _take(entry: OrderEntry, integration_id: int, read_at: datetime) -> OrderTaken:
    with transaction() as session:
        integration = session.get(Integration, integration_id)
        if integration is None:
            raise NoIntegrationError("There is no such integration.")
        channel = channel_of(hold_settings(session, integration_id))
        if integration.imports_orders and not integration.is_by_hand:
            raise Refusal(
                f"Orders of {integration.name} are imported from {channel.label}. To send them in from elsewhere, "
                "switch its order import off."
            )
        prepare(session, integration_id, channel)
        saved = save_orders(session, integration_id, [remote_of(entry)], read_at)
        order_errors.resolve(session, integration_id, [entry.external_id])
        stored = (SalesOrder.integration_id == integration_id) & (SalesOrder.external_id == entry.external_id)
        order_id = session.scalars(sa.select(SalesOrder.id).where(stored)).one()
    order = api_orders.one(order_id, integration_id)
    assert order is not None
    (outcome,) = saved.counts
    return OrderTaken(outcome=cast(Outcome, outcome), order=order)


def remote_of(entry: OrderEntry) -> RemoteOrder:
    """The order in the words of the contract."""
    return RemoteOrder(
        external_id=entry.external_id,
        number=entry.number or entry.external_id[:80],
        status=entry.status,
        is_final=entry.is_final,
        placed_at=entry.placed_at,
        changed_at=entry.changed_at,
        ship_by=entry.ship_by,
        currency=entry.currency,
        total_cents=entry.total_cents,
        shipping_cents=entry.shipping_cents,
        ship_to=RemoteAddress(**structs.asdict(entry.ship_to)),
        lines=[_line(line, entry.status) for line in entry.lines],
        buyer=entry.buyer,
        email=entry.email,
        service=entry.service,
    )


def _line(line: LineEntry, status: str) -> RemoteLine:
    return RemoteLine(
        external_id=line.external_id,
        sku=line.sku,
        listing_ids={},
        title=line.title,
        ordered=line.ordered,
        cancelled=min(line.cancelled, line.ordered),
        refunded_before_shipping=0,
        shipped=0,
        price_cents=line.price_cents,
        status=status,
    )
