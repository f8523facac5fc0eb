"""What a channel is to be told about orders now: the conditions the scheduler asks for every half second.

Each rests on a small partial index of what waits, so asking costs the same with any number of orders.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from wholecell.models import Integration, OrderItem, SalesOrder, Shipment, Work
from wholecell.services.work import Kind

# Spelled as the partial index is, and not declared a boolean, which SQLite would be given as `... = 1`: no other
# spelling of the same uses the index.
IS_UNSENT: sa.ColumnElement[Any] = sa.literal_column("shipment.state IN ('waiting', 'sending', 'refused')")


def is_accept_due() -> sa.ColumnElement[bool]:
    """The SalesOrder of the enclosing query is to be accepted."""
    return sa.and_(SalesOrder.is_to_accept, SalesOrder.accept_wanted_at.is_not(None))


def is_cancel_due() -> sa.ColumnElement[bool]:
    """The OrderItem of the enclosing query is to be cancelled, and that was not refused."""
    return sa.and_(OrderItem.cancel_wanted_at.is_not(None), OrderItem.cancel_problem == "")


def is_shipment_due() -> sa.ColumnElement[bool]:
    """The Shipment of the enclosing query, joined with its SalesOrder, is to be sent.

    While its order waits to be accepted it is not: it goes by itself once that changed.
    """
    return sa.and_(
        IS_UNSENT, Shipment.state != "refused", Shipment.voided_at.is_(None), SalesOrder.is_to_accept.is_(False)
    )


def is_due() -> sa.ColumnElement[bool]:
    """The integration of the Work of the enclosing query has something to tell its channel."""
    accepts = sa.select(SalesOrder.integration_id).where(is_accept_due())
    cancels = (
        sa.select(SalesOrder.integration_id).join(OrderItem, OrderItem.order_id == SalesOrder.id).where(is_cancel_due())
    )
    parcels = (
        sa.select(SalesOrder.integration_id)
        .join(Shipment, Shipment.order_id == SalesOrder.id)
        .join(Integration, Integration.id == SalesOrder.integration_id)
        .where(is_shipment_due(), Integration.sends_shipments)
    )
    return Work.integration_id.in_(sa.union_all(accepts, cancels, parcels))


def is_wanted() -> sa.ColumnElement[bool]:
    """The Work of the enclosing query is what tells a channel about orders, and there is something to tell."""
    return sa.and_(Work.kind == Kind.SEND_SHIPMENTS, is_due())
