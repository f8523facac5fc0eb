"""Lines of an order: added, cancelled, gone and back, without an id, edited here, set aside."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.order_world import OrderWorld
from wholecell.channels.contract import RemoteLine
from wholecell.db import db
from wholecell.models import Commitment, InventoryItem, Listing, OrderItem
from wholecell.services.availability import quantities


@pytest.fixture
def world(app):
    made = OrderWorld()
    made.channel.put_order("1", [("11", "S0", 2), ("12", "S1", 1)])
    return made


def set_item(item, **values):
    db.session.execute(sa.update(OrderItem).where(OrderItem.id == item.id).values(values))
    db.session.commit()


def line(key="", sku="S0", units=1, **fields):
    values = {"listing_ids": {}, "title": "Phone", "cancelled": 0, "refunded_before_shipping": 0, "shipped": 0}
    return RemoteLine(key, sku, ordered=units, **{**values, "price_cents": 10000, "status": "2", **fields})


def put_lines(world, *lines):
    world.channel.change_order("1", lines=list(lines))
    world.press()


def wanted():
    return sum(offer.quantity.outstanding for offer in quantities().values())


def test_cancelled_refunded_and_shipped_units_follow_the_channel(world):
    world.press()
    world.change_line(index=0, cancelled=1)
    world.change_line(index=1, refunded_before_shipping=1, status="5")
    world.press()
    first, second = world.items()
    assert (first.cancelled, second.refunded_before_shipping, second.channel_status) == (1, 1, "5")
    assert wanted() == 1
    world.change_line(index=0, cancelled=0, shipped=2)
    world.press()
    assert (world.items()[0].cancelled, world.items()[0].shipped) == (0, 2)


def test_a_line_that_left_the_order_is_kept_wants_nothing_and_keeps_its_phones(world):
    world.press()
    phone = db.session.scalars(sa.select(InventoryItem)).first()
    make.commit_phone(phone, world.items()[0])
    put_lines(world, line("12", "S1"))
    gone, _ = world.items()
    assert (gone.cancelled, gone.channel_status) == (2, "no longer on the order")
    assert db.session.scalar(sa.select(Commitment.released_at)) is None
    put_lines(world, line("11", "S0", 2), line("12", "S1"))
    assert (world.items()[0].cancelled, world.items()[0].channel_status) == (0, "2")


def test_an_order_told_without_lines_keeps_those_it_had(world):
    world.press()
    put_lines(world)
    assert [item.cancelled for item in world.items()] == [0, 0]
    assert wanted() == 3


def test_lines_without_an_id_or_with_one_id_twice_are_stored_once(world):
    lines = [line("", "S0", 1), line("", "S0", 2), line("", "", 1), line("7", "S0"), line("7", "S1")]
    world.channel.change_order("1", lines=lines)
    world.press()
    keys = [item.external_line_id for item in world.items()]
    assert len(set(keys)) == 5
    put_lines(world, *lines)
    assert [item.external_line_id for item in world.items()] == keys
    assert [item.ordered for item in world.items()] == [1, 2, 1, 1, 1]


def test_what_a_person_changed_gives_way_only_to_a_new_value_of_the_channel(world):
    world.press()
    item = world.items()[0]
    set_item(item, ordered=1, sku="S1", title="Mine")
    world.change_order(ship_name="Ann", total_cents=1)
    world.channel.change_order("1", ship_by=world.order().placed_at)
    world.press()
    item = world.items()[0]
    assert (item.ordered, item.sku, item.title) == (1, "S1", "Mine")
    assert (world.order().ship_name, world.order().total_cents) == ("Ann", 1)
    assert world.order().ship_by == world.order().placed_at
    world.change_line(ordered=3)
    world.channel.change_order("1", total_cents=20000)
    world.press()
    item = world.items()[0]
    assert (item.ordered, item.sku, item.title) == (3, "S1", "Mine")
    assert (world.order().ship_name, world.order().total_cents) == ("Ann", 20000)


def test_a_line_set_aside_stays_so(world):
    world.press()
    set_item(world.items()[0], is_set_aside=True)
    world.change_line(ordered=5)
    world.press()
    assert world.items()[0].is_set_aside
    assert wanted() == 1


def test_an_id_of_the_listing_goes_before_its_sku(world):
    put = line("1", "S1", listing_ids={"listing_id": "700"})
    named = line("2", "nowhere", listing_ids={"listing_id": "701"})
    by_external = line("3", "", listing_ids={"id": "L0"})
    unknown = line("4", "S0", listing_ids={"listing_id": "999"})
    world.channel.change_order("1", lines=[put, named, by_external, unknown])
    world.press()
    listings = {row.id: row.external_id for row in db.session.scalars(sa.select(Listing))}
    assert [listings[item.listing_id] for item in world.items()] == ["L0", "L1", "L0", "L0"]


def test_a_line_nobody_knows_is_kept_as_unknown(world):
    world.channel.put_order("2", [("1", "never heard", 2), ("2", "", 1)])
    world.press()
    assert [(item.sku, item.listing_id) for item in world.items("2")] == [("never heard", None), (None, None)]
    assert wanted() == 3


def test_a_wish_to_cancel_ends_when_the_channel_cancelled(world):
    world.press()
    set_item(world.items()[0], cancel_wanted_at=world.order().placed_at, cancel_problem="Not now.")
    world.change_line(index=0, cancelled=2, status="4")
    world.press()
    assert (world.items()[0].cancel_wanted_at, world.items()[0].cancel_problem) == (None, "")
