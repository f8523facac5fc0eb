"""The quantity rule's case table, driven by what channels and people do: through services, and through pages."""

from functools import partial

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.order_cases import CaseWorld
from tests.order_world import OrderWorld
from tests.page_cases import PageWorld
from tests.web.clients import signed_in
from wholecell.db import db
from wholecell.models import InventoryItem, InventoryStatus, Listing, OrderItem
from wholecell.services.oversold import shortages


@pytest.fixture(params=["services", "pages"])
def open_world(request, app):
    """`open_world(phones)`: a shop whose people use services, or their pages."""
    return CaseWorld if request.param == "services" else partial(PageWorld, partial(signed_in, app))


@pytest.fixture
def world(open_world):
    return open_world()


def test_no_orders(world):
    assert world.numbers() == (10, 0, 10)


def test_an_open_order_is_scanned_and_shipped(world):
    order = world.sells()
    assert world.numbers() == (10, 1, 9)
    world.scan(order)
    assert world.numbers() == (9, 0, 9)
    world.set_status(order, "Shipped")
    assert world.numbers() == (9, 0, 9)


def test_shipped_there_and_not_scanned_here(world):
    order = world.sells()
    world.says("shipped", shipped=1)
    assert (world.status(), world.order().is_to_be_scanned) == ("Shipped", True)
    assert world.numbers() == (10, 1, 9)
    world.scan(order)
    assert world.numbers() == (9, 0, 9)
    assert not world.order().is_to_be_scanned


def test_shipped_there_from_another_stock(world):
    order = world.sells()
    world.says("shipped", shipped=1)
    world.dismiss_scan(order.id)
    assert world.numbers() == (10, 0, 10)


def test_cancelled_before_commit(world):
    world.sells()
    world.says("cancelled", cancelled=1)
    assert world.numbers() == (10, 0, 10)


def test_cancelled_after_commit_and_released(world):
    order = world.sells()
    world.scan(order)
    world.says("cancelled", cancelled=1)
    assert world.numbers() == (9, 0, 9)
    world.release_unwanted(order.id)
    assert world.numbers() == (10, 0, 10)


def test_overcommitted_by_mistake_hides_nobody_elses_need(world):
    first = world.sells(3)
    world.force(first, 5)
    world.sells(2, "2")
    assert world.numbers() == (5, 2, 3)


def test_one_of_three_cancelled(world):
    world.sells(3)
    world.says("3", is_final=False, cancelled=1)
    assert world.numbers() == (10, 2, 8)


def test_wholesale(world):
    order = world.order_by_hand(world.variations[0], 2)
    assert world.numbers() == (10, 2, 8)
    world.scan(order, 2)
    assert world.numbers() == (8, 0, 8)


def test_a_word_that_is_not_mapped_yet(world):
    world.sells(status="held")
    assert world.status() is None
    assert world.numbers() == (10, 1, 9)


def test_fulfilled_by_the_channel(world):
    world.sells(is_fulfilled_by_channel=True)
    assert world.numbers() == (10, 0, 10)


def test_repair_and_an_unticked_warehouse(world):
    esns = world.phones()
    world.move(esns[:2], status="Repair")
    world.move(esns[2:5], warehouse="Elsewhere")
    assert world.numbers() == (5, 0, 5)


@pytest.mark.parametrize("change", [{"status": "Repair"}, {"warehouse": "Elsewhere"}])
def test_a_committed_phone_that_moves_changes_nothing(world, change):
    esn = world.phones()[0]
    world.scan(world.sells())
    world.move([esn], **change)
    assert world.numbers() == (9, 0, 9)


def test_a_phone_from_an_unticked_warehouse(world):
    order = world.sells()
    esn = world.receive("Elsewhere", make.imei(4711))
    assert world.numbers() == (10, 1, 9)
    world.commit(order.id, esn)
    assert world.numbers() == (10, 0, 10)


@pytest.fixture
def shared(open_world):
    """SKU S0 on four phones of grade A and six of grade B."""
    world = open_world(4)
    grade_b = make.make_variation("S0", grade="B")
    make.make_items(grade_b, 6)
    world.grade_b = grade_b.id
    world.settle()
    return world


def test_a_sku_shared_by_two_grades(shared):
    assert shared.numbers() == (10, 0, 10)


def test_a_listing_of_one_grade_and_an_order_of_the_shared_sku(shared):
    listing = make.make_listing(shared.integration, sku="OTHER").id
    shared.choose(listing, variations=[shared.variations[0]])
    order = shared.sells()
    assert shared.numbers(listing) == (4, 1, 3)
    shared.connect_item(make.order_items(order)[0].id, shared.grade_b)
    assert shared.numbers(listing) == (4, 0, 4)


def test_a_listing_connected_to_another_sku_than_its_own(open_world):
    world = open_world(3)
    make.make_items(make.make_variation("Y"), 6)
    world.settle()
    world.choose(world.listing_id, ["Y"])
    world.sells()
    assert world.numbers() == (6, 1, 5)


def test_a_listing_of_two_skus(open_world):
    world = open_world(4)
    make.make_items(make.make_variation("S1"), 6)
    world.settle()
    world.choose(world.listing_id, ["S0", "S1"])
    world.sells(7)
    assert world.numbers() == (10, 7, 3)


@pytest.fixture
def nameless(open_world):
    """Ten phones without SKU on a listing connected by hand, and an order of an unknown SKU from elsewhere."""
    world = open_world(0)
    variation = make.make_variation(None)
    world.imeis = [phone.esn for phone in make.make_items(variation, 10)]
    world.variations = [variation.id]
    world.choose(world.listing_id, variations=[variation.id])
    world.settle()
    elsewhere = OrderWorld(count=0)
    elsewhere.channel.put_order("1", [("1", "NEW", 1)])
    elsewhere.press()
    world.unknown = elsewhere.order().id
    return world


def test_an_unknown_sku_counts_once_it_is_in_the_catalog(nameless):
    assert nameless.numbers() == (10, 0, 10)
    nameless.set_sku(nameless.variations[0], "NEW")
    assert nameless.numbers() == (10, 1, 9)


def test_a_phone_scanned_for_an_unknown_sku_moves_up_when_it_is_in_the_catalog(nameless):
    done = nameless.commit(nameless.unknown, nameless.imeis[0])
    assert db.session.get(OrderItem, done.order_item_id).is_extra
    assert nameless.numbers() == (9, 0, 9)
    nameless.set_sku(nameless.variations[0], "NEW")
    assert nameless.numbers() == (9, 0, 9)


def test_more_promised_than_there_is(open_world):
    world = open_world(2)
    world.sells(5)
    assert world.numbers() == (2, 5, -3)
    assert db.session.scalar(sa.select(Listing.last_offered)) == 0
    assert [each.units for each in shortages()] == [3]


# What else the table's last sentence and the returns promise.


def test_a_counted_phone_given_to_a_full_order_lowers_the_number_and_a_release_brings_it_back(world):
    order = world.sells()
    world.scan(order)
    (extra,) = world.scan(order)
    assert world.numbers() == (8, 0, 8)
    world.release(getattr(extra, "commitment_id", None) or extra.id)
    assert world.numbers() == (9, 0, 9)


def test_a_returned_phone_is_for_sale_again_and_a_replacement_is_wanted(world):
    order = world.sells()
    (done,) = world.scan(order)
    world.take_back(done.item_id, "Available")
    assert db.session.get(InventoryItem, done.item_id).status_id == make.named(InventoryStatus, "Available").id
    assert world.numbers() == (10, 0, 10)
    world.send_replacement(done.order_item_id)
    assert world.numbers() == (10, 1, 9)
