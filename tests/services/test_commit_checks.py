"""What a person should look at, and what the picker is told to fetch."""

import sqlalchemy as sa

from tests import factories as make
from tests.order_moves import ME, Shop
from wholecell.db import db
from wholecell.models import InventoryItem, Location, OrderItem
from wholecell.services.commit import commit, commit_direct
from wholecell.services.commit_checks import misfits, to_release
from wholecell.services.what_fits import Fits, what_fits


def test_a_regraded_phone_does_not_fit_its_item_any_more(app):
    shop = Shop()
    other = make.make_variation("SKU-B", grade="B")
    order, shipped = shop.order(), shop.order(status="Shipped")
    for each, phone in zip((order, shipped), shop.phones, strict=False):
        commit(each.id, phone.esn, ME)
    assert misfits() == []
    db.session.execute(sa.update(InventoryItem).values(variation_id=other.id))
    db.session.commit()
    (found,) = misfits()
    assert (found.order_id, found.item_id, found.esn) == (order.id, shop.phones[0].id, shop.phones[0].esn)


def test_what_was_committed_directly_or_fits_through_a_listing_is_fine(app):
    shop = Shop()
    by_hand = make.make_variation()
    listing = make.make_listing(shop.integration, sku="NOT-IN-CATALOG", variations=[by_hand])
    order = shop.order({"sku": "NOT-IN-CATALOG", "listing_id": listing.id}, {"sku": "UNKNOWN"})
    commit(order.id, make.make_item(by_hand).esn, ME)
    commit_direct(make.order_items(order)[1].id, shop.phones[0].esn, ME)
    assert misfits() == []


def test_phones_to_release_are_counted_by_order(app):
    shop = Shop()
    order = shop.order({"sku": "SKU-A", "ordered": 2}, {"sku": "SKU-A"}, channel="Wholesale")
    for phone in shop.phones[:3]:
        commit(order.id, phone.esn, ME)
    assert to_release() == []
    db.session.execute(sa.update(OrderItem).where(OrderItem.ordered == 2).values(cancelled=2))
    db.session.commit()
    assert [(each.order_id, each.channel, each.units) for each in to_release()] == [(order.id, "Wholesale", 2)]


def test_each_item_names_how_many_fit_and_where_the_first_lies(app, count_queries):
    shop = Shop(2)
    shelf = make.save(Location(warehouse_id=shop.phones[0].warehouse_id, name="A-2"))
    make.make_item(shop.variation, location=shelf)
    make.make_item(shop.variation, status="Repair")
    order = shop.order({"sku": "SKU-A"}, {"sku": "UNKNOWN"}, {"sku": "SKU-A", "is_set_aside": True})
    known, unknown, _ = (item.id for item in make.order_items(order))
    order_id = order.id
    with count_queries() as statements:
        found = what_fits(order_id)
    assert found == {known: Fits(3, "A-2", "Main warehouse"), unknown: Fits(0, "", "")}
    assert len(statements) <= 4
