"""Oversold is asked of orders: told once, with the orders by age and what could help."""

from datetime import timedelta

from tests import factories as make
from tests.order_moves import ME, Shop
from wholecell.db import db, utcnow
from wholecell.services.commit import commit
from wholecell.services.oversold import order_flags, shortages


def only():
    (found,) = shortages()
    return found


def test_two_phones_and_orders_for_five_are_short_by_three(app):
    shop = Shop(2)
    now = utcnow()
    late = shop.order({"sku": "SKU-A", "ordered": 2}, placed_at=now, integration=shop.integration)
    early = shop.order({"sku": "SKU-A", "ordered": 3}, placed_at=now - timedelta(days=1), channel="Wholesale")
    found = only()
    assert (found.units, found.wanted, found.phones, found.sku) == (3, 5, 2, "SKU-A")
    assert [(each.id, each.units, each.channel) for each in found.orders] == [
        (early.id, 3, "Wholesale"),
        (late.id, 2, shop.integration.name),
    ]
    other = shop.order({"sku": "UNKNOWN"})
    assert order_flags([late.id, early.id, other.id]) == {late.id, early.id}


def test_enough_anywhere_is_no_shortage(app):
    shop = Shop(1)
    shop.order({"sku": "SKU-A", "ordered": 2})
    assert only().units == 1
    make.make_item(shop.variation, warehouse="Elsewhere")
    assert shortages() == []


def test_committed_phones_and_their_units_leave_both_sides(app):
    shop = Shop(2)
    order = shop.order({"sku": "SKU-A", "ordered": 3})
    commit(order.id, shop.phones[0].esn, ME)
    assert (only().units, only().wanted, only().phones) == (1, 2, 1)


def test_orders_that_do_not_count_are_not_short(app):
    shop = Shop(0)
    shop.order(status="Shipped")
    shop.order(is_fulfilled_by_channel=True)
    shop.order({"sku": "SKU-A", "is_set_aside": True})
    shop.order({"sku": "UNKNOWN"})
    assert shortages() == []
    shop.order(status="Shipped", is_to_be_scanned=True)
    assert only().units == 1


def test_a_listing_connected_by_hand_brings_its_phones(app):
    shop = Shop(0)
    other = make.make_variation("Y")
    make.make_items(other, 6)
    listing = make.make_listing(shop.integration, sku="SKU-A", skus=["Y"])
    shop.order({"sku": "SKU-A", "ordered": 2, "listing_id": listing.id})
    assert shortages() == []
    shop.order({"sku": "Y", "ordered": 6})
    assert (only().units, len(only().variation_ids), len(only().orders)) == (2, 2, 2)


def test_other_grades_and_unsold_statuses_are_offered_as_help(app):
    shop = Shop(0)
    product = db.session.get(make.Product, shop.variation.product_id)
    better = make.make_variation("SKU-B", grade="B", product=product)
    make.make_items(better, 2)
    make.make_items(shop.variation, 3, status="Repair")
    make.make_items(make.make_variation("ELSE"), 4)
    shop.order()
    helps = [(each.variation_id, each.status, each.units, each.is_other_grade) for each in only().helps]
    assert helps == [(better.id, "Available", 2, True), (shop.variation.id, "Repair", 3, False)]


def test_the_worst_comes_first_in_a_fixed_number_of_queries(app, count_queries):
    shop = Shop(0)
    shop.order()
    counts = []
    for round_ in range(2):
        with count_queries() as statements:
            found = shortages()
        counts.append(len(statements))
        assert [each.units for each in found] == ([1] if not round_ else list(range(9, 0, -1)))
        for number in range(2, 10):
            make.make_variation(f"S{number}")
            shop.order({"sku": f"S{number}", "ordered": number})
    assert counts[0] == counts[1] <= 10
