"""A shop moved only by what people and channels do: orders imported, scanned, moved, returned, settings edited.

`numbers` first computes what those moves asked for, and fails where a listing's number was not asked for.
"""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from tests import factories as make
from tests.order_moves import ME
from tests.order_world import OrderWorld
from wholecell.db import db, transaction
from wholecell.models import Commitment, InventoryItem, InventoryStatus, Listing, ProductVariation, Warehouse
from wholecell.services import inventory, listings, offers, order_items, order_new, receiving, recompute, skus
from wholecell.services.availability import quantities
from wholecell.services.commit import commit, commit_direct, release, release_unwanted
from wholecell.services.order_changes import dismiss_scan, set_status
from wholecell.services.recompute import Cause
from wholecell.services.returns import return_phone, send_replacement

PLACES = {"status": InventoryStatus, "warehouse": Warehouse}


@dataclass(frozen=True)
class Placed:
    """An order that came in."""

    id: int
    number: str


class CaseWorld(OrderWorld):
    """One listing of SKU S0 with its phones; orders have the channel's ids 1, 2, ..."""

    def __init__(self, phones=10):
        super().__init__(count=1, stock=phones)
        self.press()  # the first import takes open orders only
        self.listing_id = db.session.scalar(sa.select(Listing.id))
        self.settle()

    def settle(self):
        """What was set up by hand is computed once, so that from here on only requests count."""
        with transaction() as session:
            recompute.request_all(session, Cause.REGULAR, ME)
        offers.compute_all()

    def variation(self, sku):
        return db.session.scalar(sa.select(ProductVariation.id).where(ProductVariation.sku == sku).limit(1))

    def phones(self, sku="S0"):
        """Free phones, as their IMEIs."""
        live = sa.exists().where(Commitment.item_id == InventoryItem.id, Commitment.released_at.is_(None))
        query = sa.select(InventoryItem.esn).join(ProductVariation).where(ProductVariation.sku == sku, ~live)
        return list(db.session.scalars(query.order_by(InventoryItem.id)))

    # What channels do.

    def sells(self, units=1, number="1", sku="S0", listing_ids=None, **fields):
        self.channel.put_order(number, [(f"{number}-1", sku, units)], **fields)
        if listing_ids:
            self.change_line(number, listing_ids=listing_ids)
        self.press()
        return Placed(self.order(number).id, number)

    def says(self, status, number="1", is_final=True, **line):
        """The channel's word changes, and its line with it."""
        (row,) = self.channel.orders_there[number].lines
        self.channel.change_order(number, status=status, is_final=is_final, lines=[replace(row, **line)])
        self.press()

    # What people do, here through services; tests.page_cases does the same through pages.

    def commit(self, order_id, esn):
        return commit(order_id, esn, ME)

    def commit_direct(self, item_id, esn):
        return commit_direct(item_id, esn, ME)

    def release(self, commitment_id):
        release(commitment_id, ME)

    def release_unwanted(self, order_id):
        release_unwanted(order_id, ME)

    def dismiss_scan(self, order_id):
        dismiss_scan(order_id, ME)

    def set_status(self, order, title):
        set_status([order.id], self.status_id(title), ME, is_sure=True)

    def order_by_hand(self, variation_id, units):
        lines = [order_new.NewLine(variation_id, units)]
        new = order_new.NewOrder("Ada Example", "Wholesale", self.status_id("Awaiting shipment"), lines)
        return Placed(order_new.create(new, ME), "")

    def connect_item(self, item_id, variation_id):
        order_items.connect_item(item_id, variation_id, ME)

    def choose(self, listing_id, skus=(), variations=()):
        listings.choose(listing_id, skus, variations, ME)

    def set_sku(self, variation_id, sku):
        skus.set_sku(variation_id, sku, ME)

    def take_back(self, item_id, status):
        return_phone(item_id, ME, status_id=make.named(InventoryStatus, status).id, grade_id=None)

    def send_replacement(self, order_item_id):
        send_replacement(order_item_id, ME)

    def move(self, esns, **change):
        """Phones to another `status` or `warehouse`."""
        values = {f"{key}_id": make.named(PLACES[key], name).id for key, name in change.items()}
        inventory.change_many(self.phone_ids(esns), inventory.Bulk(**values), ME, "a move")

    def receive(self, warehouse, esn):
        status, place = make.named(InventoryStatus, "Available").id, make.named(Warehouse, warehouse).id
        receiving.receive(receiving.NewItem(esn, self.variations[0], status, place), ME)
        return esn

    def phone_ids(self, esns):
        return db.session.scalars(sa.select(InventoryItem.id).where(InventoryItem.esn.in_(esns))).all()

    def scan(self, order, count=1):
        return [self.commit(order.id, esn) for esn in self.phones()[:count]]

    def force(self, order, count):
        (item,) = self.items(order.number)
        return [self.commit_direct(item.id, esn) for esn in self.phones()[:count]]

    # What comes of it.

    def numbers(self, listing_id=None):
        offers.compute_all()
        db.session.rollback()
        rule = quantities()
        stored = dict(db.session.execute(sa.select(Listing.id, Listing.last_offered)).all())
        assert stored == {key: offer.offered for key, offer in rule.items()}, "a change did not ask for its listings"
        quantity = rule[listing_id or self.listing_id].quantity
        return (quantity.available, quantity.outstanding, quantity.calculated)
