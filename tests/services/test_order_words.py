"""What a channel's word does to our status: mapped, older, going back, to be scanned, edited by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.order_world import OrderWorld
from wholecell.db import db, transaction, utcnow
from wholecell.models import Event, InventoryItem, SalesOrder, SalesOrderStatus, Shipment
from wholecell.services import offers, order_status
from wholecell.services.availability import quantities
from wholecell.services.events import Actor
from wholecell.services.integrations import save_settings, settings_of

ME = Actor()


@pytest.fixture
def world(app):
    made = OrderWorld()
    made.channel.put_order("1")
    return made


def says(world, word, external_id="1", **fields):
    """The channel changes its word, and an import sees it."""
    is_final = word in ("shipped", "cancelled", "refunded")
    world.channel.change_order(external_id, status=word, is_final=is_final, **fields)
    return world.press()


def outstanding(world):
    db.session.expire_all()
    return sum(offer.quantity.outstanding for offer in quantities().values())


def test_words_are_mapped_as_suggested_where_a_status_has_that_title(world):
    world.press()
    assert world.map("3") == world.status_id("Awaiting shipment")
    assert world.map("1") == world.status_id("To accept")
    assert world.map("cancelled") is None
    assert world.status() == "Awaiting shipment"


def test_an_unmapped_word_keeps_the_order_without_a_status_and_lists_the_word(world):
    world.channel.change_order("1", status="never seen")
    world.set(orders_changed_until=utcnow())  # a word that the list of open orders does not hold
    world.press()
    assert (world.status(), world.order().channel_status) == (None, "never seen")
    assert world.map("never seen") is None
    assert outstanding(world) == 1
    order_status.set_map(world.integration_id, {"never seen": world.status_id("Packed")}, ME)
    assert world.status() == "Packed"


@pytest.mark.parametrize(("word", "units"), [("3", 1), ("cancelled", 0)])
def test_a_word_without_a_status_counts_as_open_unless_it_is_final(world, word, units):
    world.press()
    order_status.set_map(world.integration_id, {word: None}, ME)
    says(world, word)
    assert world.status() is None
    assert outstanding(world) == units


def test_a_hand_change_stands_until_the_channels_word_changes(world):
    says(world, "1", is_to_accept=True)
    assert world.status() == "To accept"
    world.change_order(status_id=world.status_id("On hold"))
    world.channel.change_order("1", total_cents=12345)
    world.press()
    assert world.status() == "On hold"
    says(world, "3", is_to_accept=False)
    assert world.status() == "Awaiting shipment"


def test_older_news_never_wins_by_the_channels_time(world):
    world.press()
    says(world, "shipped")
    old = utcnow() - timedelta(hours=1)
    world.channel.orders_there["1"] = replaced(world, changed_at=old, status="3", is_final=False)
    world.set(orders_changed_until=None)
    run = world.press()
    assert run.counts["older"] == 2, "listed, and read by its id"
    assert world.order().channel_status == "shipped"
    assert world.order().reopening_status == ""


def replaced(world, **fields):
    return replace(world.channel.orders_there["1"], **fields)


def test_without_the_channels_time_the_request_that_began_later_wins(world):
    world.channel.change_order("1")
    world.channel.orders_there["1"] = replaced(world, changed_at=None)
    world.press()
    world.change_order(read_at=utcnow() + timedelta(hours=1))
    world.channel.orders_there["1"] = replaced(world, status="10")
    assert world.press().counts["older"] == 1
    assert world.order().channel_status == "3"


@pytest.mark.parametrize("word", ["shipped", "cancelled", "refunded"])
def test_what_is_over_goes_back_to_open_only_when_two_readings_agree(world, word):
    world.press()
    says(world, word)

    def flip_back(external_id):
        world.channel.orders_there["1"] = replaced(world, status=word, is_final=True)

    world.channel.before_call = flip_back
    run = says(world, "3")
    assert run.counts["held back"] == 1
    assert world.channel.read_ids[-1:] == ["1"], "the second reading is by its id, in the same import"
    assert world.order().channel_status == word
    assert world.order().reopening_status == ""


def test_two_readings_that_agree_open_it_again_in_one_import(world):
    world.press()
    says(world, "shipped")
    says(world, "3")
    assert (world.order().channel_status, world.status()) == ("3", "Awaiting shipment")


class TestToBeScanned:
    def test_shipped_there_and_not_scanned_here_stays_outstanding(self, world):
        world.press()
        says(world, "shipped")
        assert (world.status(), world.order().is_to_be_scanned) == ("Shipped", True)
        assert outstanding(world) == 1
        assert "to be scanned" in world.events()

    @pytest.mark.parametrize("word", ["cancelled", "refunded"])
    def test_cancelled_or_refunded_clears_it(self, world, word):
        world.press()
        says(world, "shipped")
        says(world, word)
        assert not world.order().is_to_be_scanned
        assert outstanding(world) == 0

    def test_orders_first_seen_as_shipped_are_not_held(self, world):
        world.set(order_minimum_at=utcnow() - timedelta(days=9))
        says(world, "shipped")
        assert world.status() == "Shipped"
        assert not world.order().is_to_be_scanned

    def test_hand_made_changes_are_not_held(self, world):
        world.press()
        world.change_order(status_id=world.status_id("Completed"))
        says(world, "shipped")
        assert not world.order().is_to_be_scanned

    def test_the_setting_switches_it_off(self, world):
        world.set(holds_for_scan=False)
        world.press()
        says(world, "shipped")
        assert not world.order().is_to_be_scanned

    def test_an_order_with_all_its_phones_is_not_held(self, world):
        world.press()
        make.commit_phone(db.session.scalars(sa.select(InventoryItem)).first(), world.items()[0])
        says(world, "shipped")
        assert not world.order().is_to_be_scanned

    def test_committing_everything_settles_it(self, world):
        world.press()
        says(world, "shipped")
        order = world.order()
        with transaction() as session:
            assert not order_status.settle_scan(session, order.id, ME)
        make.commit_phone(db.session.scalars(sa.select(InventoryItem)).first(), world.items()[0])
        with transaction() as session:
            assert order_status.settle_scan(session, order.id, ME)
        assert not world.order().is_to_be_scanned


@pytest.mark.parametrize(
    ("state", "status"), [("waiting", "Shipped"), ("sent", "Shipped"), ("refused", "Awaiting shipment")]
)
def test_ours_stays_shipped_while_our_parcel_is_on_its_way(world, state, status):
    says(world, "1", is_to_accept=True)
    order = world.order()
    make.save(Shipment(order_id=order.id, carrier="UPS", tracking_number="1Z", state=state))
    world.change_order(status_id=world.status_id("Shipped"))
    says(world, "3", is_to_accept=False)
    assert world.status() == status


class TestEditedMap:
    def test_orders_with_the_word_follow_and_the_numbers_are_asked_for(self, world):
        world.press()
        offers.compute_all()
        assert order_status.set_map(world.integration_id, {"3": world.status_id("Completed")}, ME) == 1
        assert world.status() == "Completed"
        assert world.requests() == [(world.variations[0], world.order().id)]
        assert outstanding(world) == 0

    def test_orders_with_another_word_stay_as_people_put_them(self, world):
        world.press()
        world.change_order(status_id=world.status_id("Packed"))
        order_status.set_map(world.integration_id, {"1": world.status_id("On hold")}, ME)
        assert world.status() == "Packed"

    def test_saving_it_unchanged_moves_nothing(self, world):
        world.press()
        world.change_order(status_id=world.status_id("Packed"))
        assert order_status.set_map(world.integration_id, {"3": world.status_id("Awaiting shipment")}, ME) == 0
        assert world.status() == "Packed"

    def test_without_words_only_waiting_orders_get_a_status(self, world):
        world.channel.put_order("2", status="10")
        world.press()
        world.change_order("1", status_id=world.status_id("Packed"))
        world.change_order("2", status_id=None)
        with transaction() as session:
            assert order_status.apply_map(session, world.integration_id) == 1
        assert (world.status("1"), world.status("2")) == ("Packed", "On hold")

    def test_a_status_for_cancelled_orders_added_later_is_applied(self, world):
        world.press()
        says(world, "cancelled")
        assert world.status() is None
        canceled = make.save(SalesOrderStatus(title="Canceled", counts_as_open=False, allows_commitment=False))
        order_status.set_map(world.integration_id, {"cancelled": canceled.id}, ME)
        assert world.status() == "Canceled"
        lines = db.session.scalars(sa.select(Event.new).where(Event.subject == "integration")).all()
        assert "Canceled" in lines


@pytest.mark.parametrize("is_automatic", [True, False])
def test_orders_to_accept_are_accepted_by_themselves_where_the_setting_says_so(app, is_automatic):
    world = OrderWorld(accepting="on import" if is_automatic else "by hand")
    world.channel.put_order("1", is_to_accept=True)
    world.press()
    order = world.order()
    assert order.is_to_accept
    assert (order.accept_wanted_at is not None) is is_automatic
    says(world, "3", is_to_accept=False)
    assert db.session.scalar(sa.select(SalesOrder.accept_wanted_at)) is None


def test_where_somebody_accepts_orders_elsewhere_nothing_waits_for_our_yes(app):
    world = OrderWorld()
    world.channel.put_order("1", is_to_accept=True)
    world.press()
    assert world.order().is_to_accept
    now = settings_of(world.integration)
    save_settings(world.integration_id, replace(now, orders=replace(now.orders, accepting="none")), ME)
    assert not world.order().is_to_accept
    world.channel.change_order("1", total_cents=999)
    world.channel.put_order("2", is_to_accept=True)
    world.press()
    assert [world.order(key).is_to_accept for key in ("1", "2")] == [False, False]
    world.change_order("2", is_to_accept=True)  # the channel refused a shipment because of it
    world.channel.change_order("2", total_cents=998)
    world.press()
    assert world.order("2").is_to_accept, "that is told until the channel says otherwise"
    says(world, "3", "2", is_to_accept=False)
    assert not world.order("2").is_to_accept
    now = settings_of(world.integration)
    save_settings(world.integration_id, replace(now, orders=replace(now.orders, accepting="by hand")), ME)
    world.channel.change_order("1", total_cents=997)
    world.press()
    assert world.order("1").is_to_accept
