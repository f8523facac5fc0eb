"""A shop with orders, and short ways to ask what its tables hold after a move."""

import sqlalchemy as sa

from tests import factories as make
from wholecell.db import db
from wholecell.models import Commitment, Event, OrderItem, RecomputeRequest
from wholecell.services.availability import quantities
from wholecell.services.events import Actor

ME = Actor()


class Shop:
    """Phones of one SKU, a listing that sells them, and orders."""

    def __init__(self, phones=10, sku="SKU-A"):
        self.integration = make.make_integration()
        self.variation = make.make_variation(sku)
        self.phones = make.make_items(self.variation, phones)
        self.listing = make.make_listing(self.integration, sku=sku)

    def order(self, *items, status="Awaiting shipment", **fields):
        """An order with these items; one unit of the SKU when none are said."""
        return make.make_order(status, items or [{"sku": "SKU-A"}], **fields)

    def numbers(self, listing=None):
        db.session.rollback()
        key = (listing or self.listing).id
        quantity = quantities(listings=[key])[key].quantity
        return (quantity.available, quantity.outstanding, quantity.calculated)


def lines(order):
    """Each item that is shown: its units, phones, whether it is an extra line and whether set aside."""
    db.session.rollback()
    live = (
        sa.select(sa.func.count())
        .where(Commitment.order_item_id == OrderItem.id, Commitment.released_at.is_(None))
        .scalar_subquery()
    )
    query = sa.select(OrderItem.ordered, live, OrderItem.is_extra, OrderItem.is_set_aside)
    rows = db.session.execute(query.where(OrderItem.order_id == order.id).order_by(OrderItem.id))
    return [tuple(row) for row in rows if row.ordered or not row.is_extra]


def kinds(subject, row):
    """The kinds of a timeline's lines, oldest first."""
    query = sa.select(Event.kind).where(Event.subject == subject, Event.subject_id == row.id).order_by(Event.id)
    return list(db.session.scalars(query))


def requests():
    """Variation and order of each recompute request, and forget them."""
    query = sa.select(RecomputeRequest.variation_id, RecomputeRequest.order_id, RecomputeRequest.cause)
    found = {tuple(row) for row in db.session.execute(query)}
    db.session.execute(sa.delete(RecomputeRequest))
    db.session.commit()
    return found
