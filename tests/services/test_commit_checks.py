"""What a person should look at, and what the picker is told to fetch."""

import sqlalchemy as sa

from tests import factories as make
from tests.order_moves import ME, Shop
from wholecell.db import db
from wholecell.models import InventoryItem, OrderItem
from wholecell.services.commit import commit, commit_direct
from wholecell.services.commit_checks import misfits, to_release


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
