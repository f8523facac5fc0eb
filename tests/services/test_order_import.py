"""Orders coming in: what is read, what is kept, how far it got."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.order_world import VAULT, OrderWorld
from wholecell.channels.contract import RemoteAddress, TemporaryError
from wholecell.db import db, utcnow
from wholecell.models import Customer, Event, Listing, SalesChannel, SalesOrder
from wholecell.services import offers, order_import, sync
from wholecell.services.availability import quantities
from wholecell.services.work import Kind, Run


@pytest.fixture
def world(app):
    return OrderWorld()


def offered(world):
    while offers.compute_requested():
        pass
    return [row.last_offered for row in db.session.scalars(sa.select(Listing).order_by(Listing.id))]


def test_the_first_import_takes_open_orders_in_whole(world):
    world.channel.put_order("1", [("11", "S0", 2)], ship_by=utcnow() + timedelta(days=2))
    world.channel.put_order("2", status="shipped", is_final=True)
    run = world.press()
    assert (run.state, run.done, run.counts["new"]) == ("done", 1, 1)
    assert [window.is_open_only for window in world.channel.windows] == [True]
    order, (item,) = world.order(), world.items()
    assert (order.number, order.channel, order.currency, order.total_cents) == ("1", "Backmarket", "USD", 10000)
    assert (order.ship_name, order.ship_country, order.channel_status) == ("Ada Example", "US", "3")
    assert (item.external_line_id, item.sku, item.ordered, item.price_cents) == ("11", "S0", 2, 10000)
    assert db.session.get(Listing, item.listing_id).external_id == "L0"
    assert world.status() == "Awaiting shipment"
    assert offered(world) == [1, 3]


def test_what_is_cancelled_while_the_first_import_is_cut_off_is_heard_of(world):
    """It is not among the open orders of the next try, and changed before that began."""
    world.channel.page_size = 1
    for number in ("1", "2"):
        world.channel.put_order(number)
    world.channel.page_errors = [None, TemporaryError("Busy.")]
    assert world.press().state == "failed"
    world.change_line("1", cancelled=1)
    world.channel.change_order("1", status="cancelled", is_final=True)
    world.advance(minutes=30)
    assert world.press().state == "done"
    assert [item.cancelled for item in world.items("1")] == [1]
    assert world.channel.read_ids == ["1"]


def test_the_sales_channel_and_the_customer_are_made_and_found_again(world):
    for number in ("1", "2"):
        world.channel.put_order(number)
    world.press()
    assert db.session.scalars(sa.select(SalesChannel.name)).all() == ["Backmarket"]
    assert world.order("1").customer_id == world.order("2").customer_id
    assert db.session.get(Customer, world.order("1").customer_id).name == "Ada Example"


@pytest.mark.parametrize(("setting", "name"), [("channel name", "Ada"), ("shipping name", " ")])
def test_orders_go_to_the_channels_own_customer(app, setting, name):
    world = OrderWorld(order_customer=setting)
    world.channel.put_order("1", ship_to=RemoteAddress(name=name))
    world.press()
    customer = db.session.get(Customer, world.order().customer_id)
    assert (customer.name, customer.is_channel) == ("Back Market", True)


def test_the_same_page_twice_changes_nothing(world):
    world.channel.put_order("1", [("11", "S0", 1), ("", "S1", 2)])
    world.press()
    before = [world.count(model) for model in (SalesOrder, Event, Customer)]
    offered(world)
    run = world.press()
    assert run.counts["same"] == 1
    assert [world.count(model) for model in (SalesOrder, Event, Customer)] == before
    assert world.requests() == []
    assert world.item_count() == 2


def test_a_minimum_date_fetches_older_orders_once(world):
    world.set(order_minimum_at=utcnow() - timedelta(days=30))
    world.channel.put_order("1", status="shipped", is_final=True, placed_at=utcnow() - timedelta(days=20))
    world.channel.put_order("2", status="shipped", is_final=True, placed_at=utcnow() - timedelta(days=40))
    world.press()
    assert world.order("1") is not None
    assert world.order("2") is None
    world.press()
    assert [window.placed_since is not None for window in world.channel.windows] == [False, True, False]
    world.set(order_minimum_at=utcnow() - timedelta(days=50))
    world.press()
    assert world.order("2") is not None


def test_a_minimum_date_saved_during_an_import_is_read_by_the_next_one(world):
    world.set(order_minimum_at=utcnow() - timedelta(days=30))
    then = utcnow() - timedelta(days=40)
    world.channel.put_order("1", status="shipped", is_final=True, placed_at=then, changed_at=then)
    orders = world.channel.orders

    def meanwhile(window):
        yield from orders(window)
        if window.placed_since is not None:
            world.set(order_minimum_at=utcnow() - timedelta(days=50))

    world.channel.orders = meanwhile
    world.press()
    world.channel.orders = orders
    world.press()
    assert world.order("1") is not None


def test_later_imports_read_changes_with_an_overlap(world):
    world.press()
    until = world.integration.orders_changed_until
    world.press()
    assert world.channel.windows[-1].changed_since == until - timedelta(minutes=10)


def test_the_mark_moves_only_after_the_last_page(world):
    world.channel.page_size = 1
    for number in ("1", "2", "3"):
        world.channel.put_order(number)
    world.channel.page_errors = [None, TemporaryError("Busy.")]
    run = world.press()
    assert run.state == "failed"
    assert world.count() == 1, "what was read stays"
    assert world.integration.orders_changed_until is None
    assert world.integration.orders_imported_at is None
    began = utcnow()
    assert world.press().state == "done"
    assert world.count() == 3
    assert world.integration.orders_changed_until >= began
    assert world.integration.orders_imported_from == world.integration.orders_changed_until


def test_an_order_on_two_pages_with_different_states_ends_as_the_newer_one(world):
    world.channel.put_order("1", status="1", is_to_accept=True)
    older = world.channel.orders_there["1"]
    world.channel.change_order("1", status="3", is_to_accept=False)
    world.channel.orders_there = {"b": world.channel.orders_there["1"], "a": older}
    for size in (2, 1):
        world.channel.page_size = size
        world.press()
        assert (world.count(), world.order().channel_status, world.order().is_to_accept) == (1, "3", False)


def test_an_order_of_300_lines_is_stored_whole_in_few_statements(world, count_queries):
    world.channel.put_order("1", [(str(n), f"S{n % 2}", 1) for n in range(300)])
    with count_queries() as statements:
        world.press()
    assert len(world.items()) == 300
    assert len(statements) < 100
    assert offered(world) == [0, 0]


def test_a_sale_marks_its_listing_and_a_cancellation_marks_it_again(world):
    def seen():
        db.session.expire_all()
        return [row.order_seen_at for row in db.session.scalars(sa.select(Listing).order_by(Listing.id))]

    world.channel.put_order("1", [("11", "S0", 1)])
    world.press()
    first, other = seen()
    assert first is not None
    assert other is None
    world.press()
    assert seen()[0] == first
    world.change_line(cancelled=1, status="4")
    world.press()
    assert seen()[0] > first


def test_requests_name_the_order_and_all_that_may_fill_it(world):
    world.channel.put_order("1", [("11", "S0", 1)], number="N")
    world.channel.set("L0", sku="other")
    world.press()
    while offers.compute_requested():
        pass
    (order_id,) = set(db.session.scalars(sa.text("select order_id from offer_change_order")))
    assert order_id == world.order().id


def test_the_number_falls_and_comes_back_with_a_cancellation(world):
    world.channel.put_order("1", [("11", "S0", 2)])
    world.press()
    assert offered(world) == [1, 3]
    world.change_line(cancelled=1)
    world.press()
    assert offered(world) == [2, 3]
    assert quantities()[1].quantity.outstanding == 1
    assert "units cancelled" in world.events()


def test_a_page_locks_the_integration_before_its_lease_as_saving_settings_does(world, monkeypatch):
    """The other way round, a page and a person who saves settings would each wait for the other's row."""
    locked, keep, hold = [], Run.keep, order_import.hold_settings

    def note_lease(run, session=None, now=None):
        if session is not None:
            locked.append("lease")
        return keep(run, session, now)

    def note_settings(*args):
        locked.append("settings")
        return hold(*args)

    monkeypatch.setattr(Run, "keep", note_lease)
    monkeypatch.setattr(order_import, "hold_settings", note_settings)
    world.channel.put_order("1")
    world.press()
    assert locked == ["lease", "settings", "lease", "lease"]  # before the call, the page, the end


def test_orders_the_channel_no_longer_knows_do_not_keep_others_from_being_read(world, monkeypatch):
    monkeypatch.setattr(order_import, "MOST_REREAD", 2)
    for number in "1234":
        world.channel.put_order(number)
    world.press()
    for number in "12":
        del world.channel.orders_there[number]
    db.session.execute(sa.update(SalesOrder).values(read_at=utcnow() - timedelta(hours=2)))
    db.session.commit()
    world.channel.read_ids.clear()
    world.channel.windows.clear()
    for number in "34":  # not told as changed either
        world.channel.orders_there[number] = replace(
            world.channel.orders_there[number], changed_at=utcnow() - timedelta(days=9)
        )
    world.press()
    world.press()
    assert world.channel.read_ids[:4] == ["1", "2", "3", "4"]


def test_new_numbers_are_told_before_orders_nobody_told_of_are_read_again(world):
    world.channel.put_order("1")
    world.press()
    world.change_order(read_at=utcnow() - timedelta(hours=2))
    world.channel.orders_there["1"] = replace(world.channel.orders_there["1"], changed_at=utcnow() - timedelta(days=9))
    world.channel.put_order("2", [("12", "S1", 2)])
    seen = []

    def look():
        offered = db.session.scalar(sa.select(Listing.last_offered).where(Listing.external_id == "L1"))
        seen.append((list(world.channel.read_ids), offered))

    key = world.integration_id
    sync.run_work(key, Kind.IMPORT_ORDERS, VAULT, opener=lambda _: world.channel, when_computed=look)
    assert seen == [([], 1)]
    assert world.channel.read_ids == ["1"]
