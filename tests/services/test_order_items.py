"""Unknown items cured by people, and items that are not to count."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.order_moves import ME, Shop, kinds, lines, requests
from wholecell.db import db
from wholecell.models import OrderItem
from wholecell.services import order_edit, order_items
from wholecell.services.commit import commit
from wholecell.services.refusal import Refusal


def test_connecting_an_unknown_item_counts_it_and_moves_its_phones_up(app):
    shop = Shop()
    order = shop.order({"sku": "UNKNOWN", "ordered": 2})
    commit(order.id, shop.phones[0].esn, ME)
    assert shop.numbers() == (9, 0, 9)
    requests()
    order_items.connect_item(make.order_items(order)[0].id, shop.variation.id, ME)
    assert lines(order) == [(2, 1, False, False)]
    assert shop.numbers() == (9, 1, 8)
    assert (shop.variation.id, order.id, "order") in requests()
    assert kinds("order", order) == ["committed below", "item connected", "moved up"]


def test_connecting_to_another_variation_asks_for_both(app):
    shop = Shop()
    other = make.make_variation("SKU-B")
    order = shop.order()
    item = make.order_items(order)[0]
    order_items.connect_item(item.id, other.id, ME)
    assert {row[0] for row in requests()} == {shop.variation.id, other.id}
    order_items.connect_item(item.id, None, ME)
    assert shop.numbers() == (10, 1, 9)
    assert len(kinds("order", order)) == 2


def test_a_variation_that_is_gone_and_an_extra_line_are_refused(app):
    shop = Shop()
    order = shop.order({"sku": "UNKNOWN"})
    extra = commit(order.id, shop.phones[0].esn, ME).order_item_id
    with pytest.raises(Refusal, match="not in the catalog"):
        order_items.connect_item(make.order_items(order)[0].id, 4711, ME)
    with pytest.raises(Refusal, match="stands for the phones"):
        order_items.connect_item(extra, shop.variation.id, ME)


def test_refreshing_finds_a_sku_that_is_in_the_catalog_by_now(app):
    shop = Shop()
    order = shop.order({"sku": "NEW"})
    item = make.order_items(order)[0]
    commit(order.id, shop.phones[0].esn, ME)
    assert not order_items.refresh_item(item.id, ME)
    shop.variation.sku = "NEW"
    db.session.commit()
    assert order_items.refresh_item(item.id, ME)
    assert lines(order) == [(1, 1, False, False)]


def test_refreshing_finds_the_listing_an_item_was_sold_from_by_now(app):
    shop = Shop()
    order = shop.order({"sku": "NOT-IN-CATALOG", "listing_ids": {"listing": "L-LATE"}}, integration=shop.integration)
    item = make.order_items(order)[0]
    assert not order_items.refresh_item(item.id, ME)
    make.make_listing(shop.integration, external_id="L-LATE", variations=[shop.variation])
    assert order_items.refresh_item(item.id, ME)
    assert shop.numbers() == (10, 1, 9)


def test_a_raised_quantity_of_an_order_made_by_hand_takes_phones_from_below(app):
    shop = Shop()
    order = shop.order({"variation_id": shop.variation.id, "title": "Phone"})
    for phone in shop.phones[:2]:
        commit(order.id, phone.esn, ME)
    assert lines(order) == [(1, 1, False, False), (1, 1, True, False)]
    order_edit.edit_item(make.order_items(order)[0].id, 2, None, ME)
    assert lines(order) == [(2, 2, False, False)]


def test_an_item_set_aside_counts_nothing_until_restored(app):
    shop = Shop()
    order = shop.order()
    item = make.order_items(order)[0]
    order_items.set_aside(item.id, True, ME)
    assert shop.numbers() == (10, 0, 10)
    extra = commit(order.id, shop.phones[0].esn, ME)
    assert extra.is_extra
    order_items.set_aside(item.id, False, ME)
    assert lines(order) == [(1, 1, False, False)]
    with pytest.raises(Refusal, match="a phone is on it"):
        order_items.set_aside(item.id, True, ME)


def test_suggestions_come_from_near_skus_and_else_from_names(app):
    product = make.make_product("Galaxy S20", manufacturer="Samsung", capacity="128GB", color="Gray")
    galaxy = make.make_variation("GS20-128-GRAY-A", product=product)
    make.make_item(galaxy)
    shop = Shop()
    order = shop.order(
        {"sku": "SKU-a ", "title": "whatever"},
        {"sku": "3344", "title": "Samsung Galaxy S20 128GB - Gray - Unlocked - Grade A"},
        {"sku": "3345", "title": "Garden hose"},
        {"sku": "SKU-A"},
    )
    near, named, nothing, known = (item.id for item in make.order_items(order))
    found = order_items.suggestions([near, named, nothing, known])
    assert found.keys() == {near, named}
    assert (found[near].variation_id, found[near].available) == (shop.variation.id, 10)
    assert (found[named].variation_id, found[named].sku) == (galaxy.id, "GS20-128-GRAY-A")
    assert db.session.scalar(sa.select(OrderItem.variation_id).where(OrderItem.id == near)) is None


def test_another_model_or_capacity_is_no_likely_match(session):
    make.make_variation("IP12-UNL-128-BK-A")
    right = make.make_variation("IP7-UNL-32-BK-B")
    order = make.make_order(items=[{"sku": "IP7-UNL-32-BK-A"}, {"sku": "IP7-UNL-64-BK-A"}])
    near, other = make.order_items(order)
    found = order_items.suggestions([near.id, other.id])
    assert found[near.id].variation_id == right.id
    assert other.id not in found
