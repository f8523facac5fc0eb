"""What happens to the orders of an EngineWorld: imported by the real run, and moved by the services people use."""

import sqlalchemy as sa

from tests import factories as make
from tests.ship_world import parcel
from wholecell.db import db
from wholecell.models import (
    Commitment,
    InventoryItem,
    InventoryStatus,
    Listing,
    OrderItem,
    SalesOrder,
    Shipment,
)
from wholecell.services import (
    availability,
    commit,
    order_state,
    release,
    returns,
    shipment_wishes,
    shipments,
    skus,
    wanting,
)
from wholecell.services.events import Actor
from wholecell.services.refusal import Refusal
from wholecell.services.work import Kind

ME = Actor()


class OrderMoves:
    """Each picks among what there is with a number, and does nothing when there is nothing."""

    def import_orders(self):
        self.run(Kind.IMPORT_ORDERS)

    def tell_the_channel(self):
        self.run(Kind.SEND_SHIPMENTS)

    def orders(self):
        query = sa.select(SalesOrder.id).where(SalesOrder.integration_id == self.integration_id)
        return list(db.session.scalars(query.order_by(SalesOrder.id)))

    def live(self):
        """Live commitments: id, phone, order."""
        query = (
            sa.select(Commitment.id, Commitment.item_id, OrderItem.order_id)
            .join(OrderItem, OrderItem.id == Commitment.order_item_id)
            .where(OrderItem.order_id.in_(self.orders()), Commitment.released_at.is_(None))
        )
        return db.session.execute(query.order_by(Commitment.id)).all()

    def calculated(self):
        """What each listing may sell, by the variation it counts."""
        found = availability.quantities([self.integration_id]).values()
        return {min(each.variations): each.quantity.calculated for each in found if each.quantity is not None}

    def moves_on(self, pick):
        """An order takes its next step: accepted, a phone scanned for each unit, shipped, sent back."""
        orders = self.orders()
        if not orders:
            return
        order = db.session.get(SalesOrder, orders[pick % len(orders)], populate_existing=True)
        wants = [key for each in wanting.items_of(db.session(), [order.id]) if each.lacking for key in each.candidates]
        if order.is_to_accept:
            _may_be_refused(shipment_wishes.ask_accept, [order.id], ME)
            self.tell_the_channel()
        elif any(self.items(key, "Available") for key in wants):
            self.scan(order.id, next(key for key in wants if self.items(key, "Available")))
        elif shipments.has_parcel(db.session(), order.id):
            self.phone_comes_back(pick, "Available")
        else:
            self.ship(order.id)

    def scan_any(self, pick, variation_id):
        """A picker scans a phone for an order, whatever that wants."""
        if orders := self.orders():
            self.scan(orders[pick % len(orders)], variation_id)

    def scan(self, order_id, variation_id):
        """A phone its listing counts goes to an order: that moves the number only where no open item lacked it."""
        phones = self.items(variation_id, "Available")
        if not phones:
            return
        esn = db.session.get(InventoryItem, phones[0]).esn
        numbers = self.calculated()
        is_counted = db.session.scalar(sa.select(order_state.is_open()).where(SalesOrder.id == order_id))
        try:
            done = commit.commit(order_id, esn, ME)
        except Refusal:
            return
        if variation_id in numbers and (done.is_extra or not is_counted):
            numbers[variation_id] -= 1
        assert self.calculated() == numbers

    def release(self, pick):
        if found := self.live():
            _may_be_refused(release.release, found[pick % len(found)].id, ME)

    def release_unwanted(self, pick):
        if found := self.live():
            release.release_unwanted(found[pick % len(found)].order_id, ME)

    def ship(self, order_id):
        """All committed phones of an order leave in one parcel."""
        if phones := [row.id for row in self.live() if row.order_id == order_id]:
            _may_be_refused(shipments.add, order_id, parcel(*phones), ME, is_sure=True)

    def phone_comes_back(self, pick, status):
        if found := self.live():
            status_id = make.named(InventoryStatus, status).id
            _may_be_refused(
                returns.return_phone, found[pick % len(found)].item_id, ME, status_id=status_id, grade_id=None
            )

    def catalog_the_unknown(self):
        """The SKU that the catalog lacked is written on the variation that lacked it."""
        skus.set_sku(self.loose, self.unknown, ME)

    def restart(self):
        """The process was stopped and runs again: nothing but the tables is remembered."""
        db.session.remove()
        db.engine.dispose()

    # What must hold whatever happens.

    def committed_twice(self):
        query = sa.select(Commitment.item_id).where(Commitment.released_at.is_(None)).group_by(Commitment.item_id)
        return list(db.session.scalars(query.having(sa.func.count() > 1)))

    def waiting_below(self):
        """Extra lines whose phones an item of the same order lacks."""
        items = [each for each in wanting.items_of(db.session(), self.orders()) if each.is_shown]
        lacking = {(each.order_id, key) for each in items if each.lacking for key in each.candidates}
        return [each for each in items if each.is_extra and (each.order_id, each.variation_id) in lacking]

    def not_as_there(self):
        """Orders that are not here as the channel has them: their lines, and what is cancelled or shipped."""
        wrong = []
        for order in self.shop.visible_orders("backmarket"):
            row = db.session.scalar(
                sa.select(SalesOrder).where(
                    SalesOrder.integration_id == self.integration_id, SalesOrder.external_id == str(order.id)
                )
            )
            lines = {} if row is None else {x.external_line_id: x for x in make.order_items(row) if x.external_line_id}
            for line in order.lines:
                item = lines.get(str(line.id))
                gone = line.quantity if line.state in (4, 5) else 0
                if item is None or (item.ordered, item.cancelled + item.refunded_before_shipping) != (
                    line.quantity,
                    gone,
                ):
                    wrong.append((order.id, line))
        return wrong

    def untold(self):
        """Parcels that the channel ought to know of and does not, and that say nothing of it."""
        query = (
            sa.select(Shipment, SalesOrder.external_id)
            .join(SalesOrder, SalesOrder.id == Shipment.order_id)
            .where(SalesOrder.integration_id == self.integration_id, Shipment.state.in_(["sending", "sent"]))
        )
        return [
            (shipment.state, external_id)
            for shipment, external_id in db.session.execute(query)
            if self.shop.order("backmarket", int(external_id)).tracking_number != shipment.tracking_number
        ]

    def miscounted(self):
        """Listings whose last computed number is not what the rule says now."""
        offers = availability.quantities([self.integration_id])
        rows = db.session.scalars(sa.select(Listing).where(Listing.integration_id == self.integration_id))
        return [
            (row.sku, row.last_offered, offers[row.id].offered)
            for row in rows
            if row.last_offered != offers[row.id].offered
        ]


def _may_be_refused(verb, *args, **kwargs):
    try:
        verb(*args, **kwargs)
    except Refusal:
        db.session.rollback()
