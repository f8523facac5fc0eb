"""What is due, what leaves, and what each answer means, against a marketplace in memory."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.fakes import FakeChannel
from wholecell.channels.contract import CredentialsError, ListingState, TemporaryError
from wholecell.db import db, transaction, utcnow
from wholecell.models import (
    Integration,
    InventoryItem,
    InventoryStatus,
    Listing,
    OfferChange,
    QuantityPush,
    SyncRun,
    Work,
)
from wholecell.services import due, guard, integrations, listings, offers, push, recompute, sync, work
from wholecell.services.events import Actor
from wholecell.services.recompute import Cause
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

ME = Actor()


class World:
    """One armed integration with `count` listings, each counting `stock` phones of its own SKU."""

    def __init__(self, count=1, stock=3, shown=None, armed=True, **integration):
        self.channel = FakeChannel()
        self.integration = make.make_integration(**integration)
        with transaction() as session:
            work.ensure_rows(session, self.integration.id)
        self.variations = [make.make_variation(f"S{i}") for i in range(count)]
        for index, variation in enumerate(self.variations):
            make.make_items(variation, stock)
            self.channel.put(f"L{index}", sku=f"S{index}", quantity=stock if shown is None else shown)
        self.run(Kind.IMPORT_LISTINGS)
        if armed:
            integrations.arm(self.integration.id, ME)

    def run(self, kind):
        db.session.remove()
        sync.run_work(self.integration.id, kind, None, opener=lambda _: self.channel)
        db.session.remove()
        return db.session.scalar(sa.select(SyncRun).order_by(SyncRun.id.desc()).limit(1))

    def settle(self):
        """Compute what changed and send what is due."""
        db.session.remove()
        while offers.compute_requested():
            pass
        if due.due_listings(self.integration.id, utcnow()):
            return self.run(Kind.PUSH_QUANTITIES)
        return None

    def change(self, cause, *indexes, status=None, count=1):
        """Move some phones of these variations to a status, for this cause."""
        status_id = make.named(InventoryStatus, status).id
        with transaction() as session:
            for index in indexes:
                variation = self.variations[index].id
                rows = session.scalars(
                    sa.select(InventoryItem)
                    .where(InventoryItem.variation_id == variation, InventoryItem.status_id != status_id)
                    .order_by(InventoryItem.id)
                    .limit(count)
                )
                for row in rows:
                    row.status_id = status_id
                recompute.request(session, cause, ME, variations=[variation])

    def listing(self, index=0):
        db.session.expire_all()
        return db.session.scalar(sa.select(Listing).where(Listing.external_id == f"L{index}"))

    def set(self, index=0, **values):
        db.session.execute(sa.update(Listing).where(Listing.external_id == f"L{index}").values(values))
        db.session.commit()

    def rewind(self, **ages):
        """Make times of the listings lie this many minutes further back."""
        for name, minutes in ages.items():
            column = getattr(Listing, name)
            for key, value in db.session.execute(sa.select(Listing.id, column)).all():
                if value is not None:
                    db.session.execute(
                        sa.update(Listing).where(Listing.id == key).values({name: value - timedelta(minutes=minutes)})
                    )
        db.session.commit()

    def due(self):
        db.session.expire_all()
        return [(d.external_id, d.number, d.reason) for d in due.due_listings(self.integration.id, utcnow())]


def test_nothing_is_sent_before_arming(app):
    world = World(shown=9, armed=False)
    assert world.listing().last_offered == 3
    assert world.settle() is None
    integrations.arm(world.integration.id, ME)
    world.settle()
    assert world.channel.pushed == [("L0", 3)]


def test_nothing_ticked_cannot_be_armed(app):
    world = World(armed=False, statuses=())
    with pytest.raises(integrations.IntegrationError, match="No statuses are ticked"):
        integrations.arm(world.integration.id, ME)


def test_a_listing_that_shows_the_offered_number_causes_no_call(app):
    assert World(shown=3).settle() is None


def test_a_change_to_a_phone_reaches_the_channel(app):
    world = World()
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    assert world.channel.pushed == [("L0", 2)]
    assert world.listing().last_synced == 2
    row = db.session.scalar(sa.select(QuantityPush))
    assert (row.old, row.new, row.reason, row.outcome, row.stored) == (3, 2, "fewer to sell", "accepted", 2)
    assert world.settle() is None


def test_drops_to_0_leave_first_then_falls_then_rises(app):
    world = World(count=4)
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    world.channel.pushed.clear()
    world.change(Cause.ITEM, 0, status="Available")
    world.change(Cause.ITEM, 1, status="Repair")
    world.change(Cause.ITEM, 2, status="Repair", count=3)
    world.settle()
    assert world.channel.pushed == [("L2", 0), ("L1", 2), ("L0", 3)]


def test_only_the_requests_read_are_deleted(app):
    world = World()
    world.change(Cause.ITEM, 0, status="Repair")
    assert offers.has_requests()
    offers.compute_requested()
    assert not offers.has_requests()


def test_a_429_leaves_the_number_known_and_waits_as_long_as_asked(app):
    world = World()
    world.channel.errors = [TemporaryError("Too many calls.", retry_after=3600)]
    world.change(Cause.ITEM, 0, status="Repair")
    run = world.settle()
    assert (run.state, run.problem) == ("failed", "Too many calls.")
    listing = world.listing()
    assert (listing.sending, listing.is_number_unknown) == (None, False)
    waiting = db.session.get(Work, (world.integration.id, Kind.PUSH_QUANTITIES))
    assert waiting.not_before > utcnow() + timedelta(minutes=59)
    assert sync.run_work(world.integration.id, Kind.PUSH_QUANTITIES, None) is None


def test_a_cut_call_makes_the_number_unknown_and_it_is_sent_again(app):
    world = World()
    world.channel.errors = [TemporaryError("The connection was cut.", maybe_applied=True)]
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    assert world.listing().is_number_unknown
    assert world.due() == [("L0", 2, due.Reason.UNKNOWN)]


def test_sending_left_by_a_dead_run_is_unknown_and_sent_again(app):
    world = World()
    world.set(sending=1)
    world.run(Kind.PUSH_QUANTITIES)
    assert world.channel.pushed == [("L0", 3)]
    assert [row.outcome for row in db.session.scalars(sa.select(QuantityPush).order_by(QuantityPush.id))] == [
        "unknown",
        "accepted",
    ]


def test_a_refused_login_stops_everything_until_a_new_one(app):
    world = World()
    world.channel.errors = [CredentialsError("Back Market refused the token.", advice="Enter a new one.")]
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    assert db.session.get(Integration, world.integration.id).login_problem == "Back Market refused the token."
    assert world.due() == []
    assert sync.run_work(world.integration.id, Kind.IMPORT_LISTINGS, None) is None
    from cryptography.fernet import Fernet

    integrations.change_login(world.integration.id, {"token": "new"}, Vault([Fernet.generate_key().decode()]), ME)
    world.settle()
    assert world.channel.shows("L0") == 2


def test_a_refused_number_waits_until_it_changes_or_a_person_tries_again(app):
    world = World()
    world.channel.rejects["L0"] = "Price is missing"
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    assert world.listing().rejected_words == "Price is missing"
    assert world.due() == []
    push.try_again(world.listing().id)
    assert world.due() == [("L0", 2, due.Reason.FALL)]
    world.settle()
    world.change(Cause.ITEM, 0, status="Repair")
    world.channel.rejects.clear()
    world.settle()
    assert world.listing().last_synced == 1
    assert world.listing().rejected_at is None


def test_a_refused_0_is_tried_again_every_half_hour(app):
    world = World()
    world.channel.rejects["L0"] = "Not now"
    world.change(Cause.ITEM, 0, status="Repair", count=3)
    world.settle()
    assert world.due() == []
    world.rewind(rejected_at=31)
    assert world.due() == [("L0", 0, due.Reason.FALL)]


def test_a_listing_that_is_gone_is_marked_ended_and_left_alone(app):
    world = World()
    del world.channel.listings_by_id["L0"]
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    assert world.listing().state == ListingState.ENDED.value
    assert world.due() == []


@pytest.mark.parametrize("state", [ListingState.NEEDS_ATTENTION, ListingState.ENDED])
def test_only_listings_on_sale_or_out_of_stock_are_pushed(app, state):
    world = World()
    world.set(state=state.value)
    world.change(Cause.ITEM, 0, status="Repair")
    assert world.settle() is None


def test_a_reading_that_shows_more_is_answered_with_our_number(app):
    world = World()
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    world.channel.set("L0", quantity=7)
    world.run(Kind.REPAIR)
    assert world.due() == [("L0", 2, due.Reason.MORE_SHOWN)]
    world.settle()
    assert world.channel.shows("L0") == 2
    assert world.due() == []


def test_a_reading_from_before_the_answer_is_no_news(app):
    world = World()
    began = utcnow()
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    with transaction():
        from wholecell.services import readings

        readings.note(world.listing(), 3, began, (False, None))
    assert world.listing().last_imported == 2
    assert world.due() == []


def test_a_reading_within_the_settle_time_is_no_news(app):
    world = World()
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    world.set(settled_at=utcnow() + timedelta(minutes=15))
    world.channel.set("L0", quantity=3)
    world.run(Kind.REPAIR)
    assert world.due() == []


def test_a_smaller_number_is_tried_twice_after_two_readings_an_hour_apart(app):
    world = World()
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    for tried in (1, 2):
        world.channel.set("L0", quantity=1)
        world.run(Kind.REPAIR)
        assert world.due() == [], "one reading is not enough: the sale behind it may still be on its way"
        world.rewind(less_shown_at=61, last_imported_at=61, settled_at=61)
        world.run(Kind.REPAIR)
        assert world.due() == [("L0", 2, due.Reason.LESS_SHOWN)]
        world.settle()
        assert world.listing().tries == tried
    world.channel.set("L0", quantity=1)
    world.run(Kind.REPAIR)
    world.rewind(less_shown_at=61, last_imported_at=61, settled_at=61)
    world.run(Kind.REPAIR)
    assert world.due() == []
    assert (world.listing().less_shown, world.listing().tries) == (1, 2)
    world.channel.set("L0", quantity=2)
    world.run(Kind.REPAIR)
    assert world.listing().tries == 0


def test_a_smaller_number_needs_an_order_import_between_where_orders_are_imported(app):
    world = World(imports_orders=True)
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    world.channel.set("L0", quantity=1)
    world.run(Kind.REPAIR)
    world.rewind(less_shown_at=61, last_imported_at=61, settled_at=61)
    world.run(Kind.REPAIR)
    assert world.due() == []
    db.session.execute(sa.update(Integration).values(orders_imported_from=utcnow()))
    db.session.commit()
    world.run(Kind.REPAIR)
    assert world.due() == [("L0", 2, due.Reason.LESS_SHOWN)]


def test_a_rise_waits_for_an_order_import_begun_since(app):
    world = World(imports_orders=True)
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    assert world.channel.pushed == [("L0", 2)], "a fall does not wait"
    world.change(Cause.ITEM, 0, status="Available")
    assert world.settle() is None
    db.session.execute(sa.update(Integration).values(orders_imported_from=utcnow()))
    db.session.commit()
    world.settle()
    assert world.channel.pushed[-1] == ("L0", 3)


def test_an_unknown_number_sends_the_lower_at_once_and_the_rest_as_a_rise(app):
    world = World(imports_orders=True)
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    world.change(Cause.ITEM, 0, status="Available")
    world.set(is_number_unknown=True)
    world.settle()
    assert world.channel.pushed[-1] == ("L0", 2)
    assert world.due() == []
    db.session.execute(sa.update(Integration).values(orders_imported_from=utcnow()))
    db.session.commit()
    world.settle()
    assert world.channel.pushed[-1] == ("L0", 3)


def test_an_order_of_its_own_integration_sends_the_number_once_even_if_the_same(app):
    world = World()
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    world.set(order_seen_at=utcnow())
    assert world.due() == [("L0", 2, due.Reason.ORDER)]
    world.settle()
    assert world.due() == []


def test_a_different_number_stored_is_a_reading_but_no_reason_to_call_again(app):
    world = World()
    world.channel.after_push = lambda change: world.channel.set(change.external_id, quantity=1)
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    listing = world.listing()
    assert (listing.last_synced, listing.last_imported, listing.less_shown) == (2, 1, 1)
    assert world.due() == []


def test_a_feed_is_pending_until_answered_and_only_a_fall_overtakes_it(app):
    world = World(count=4, shown=0)
    world.channel.feed_from = 3
    world.channel.answer_feeds = False
    world.settle()
    assert world.listing().receipt == "feed-1"
    assert world.due() == []
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    assert world.channel.pushed == [("L0", 2)]
    assert world.due() == [], "told once while the feed is open"
    world.channel.answer_feeds = True
    world.rewind(receipt_asked_at=6)
    world.run(Kind.PUSH_QUANTITIES)
    assert world.listing(1).last_synced == 3
    assert world.channel.shows("L0") == 2, "sent once more, because the feed may have overwritten it"
    assert world.listing().receipt == ""
    assert world.due() == []


def test_a_feed_past_its_deadline_counts_as_unknown(app):
    world = World(count=3, shown=0)
    world.channel.feed_from = 3
    world.channel.answer_feeds = False
    world.settle()
    world.rewind(receipt_at=61, receipt_asked_at=61)
    world.channel.feed_from = None
    world.run(Kind.PUSH_QUANTITIES)
    assert [world.channel.shows(f"L{i}") for i in range(3)] == [3, 3, 3]


class TestGuard:
    """One slip must not empty or raise many listings without a person."""

    def test_many_falls_to_0_from_a_bulk_edit_wait(self, app):
        world = World(count=10, stock=1)
        world.change(Cause.BULK, *range(5), status="Repair")
        assert world.settle() is None
        held = guard.held_on(world.integration.id)
        assert (held.zeros, held.rises, held.causes) == (5, 0, ("bulk edit",))
        guard.release(world.integration.id, ME)
        world.settle()
        assert sorted(world.channel.pushed) == [(f"L{i}", 0) for i in range(5)]

    def test_few_do_not_wait(self, app):
        world = World(count=10, stock=1)
        world.change(Cause.BULK, *range(4), status="Repair")
        world.settle()
        assert len(world.channel.pushed) == 4

    def test_thirty_percent_do_not_wait_yet(self, app):
        world = World(count=20, stock=1)
        world.change(Cause.BULK, *range(6), status="Repair")
        world.settle()
        assert len(world.channel.pushed) == 6

    @pytest.mark.parametrize("cause", [Cause.ORDER, Cause.COMMITMENT, Cause.SCAN, Cause.ITEM])
    def test_what_people_and_buyers_do_one_by_one_never_waits(self, app, cause):
        world = World(count=10, stock=1)
        world.change(cause, *range(10), status="Repair")
        world.settle()
        assert len(world.channel.pushed) == 10

    def test_falls_that_leave_something_do_not_wait(self, app):
        world = World(count=10, stock=3)
        world.change(Cause.BULK, *range(10), status="Repair")
        world.settle()
        assert len(world.channel.pushed) == 10

    def test_several_runs_within_ten_minutes_count_together(self, app):
        world = World(count=10, stock=1)
        for index in range(4):
            world.change(Cause.BULK, index, status="Repair")
            world.settle()
        assert len(world.channel.pushed) == 4
        world.change(Cause.BULK, 4, status="Repair")
        assert world.settle() is None
        assert guard.held_on(world.integration.id).zeros == 1

    def test_a_held_rise_still_sends_falls(self, app):
        world = World(count=5, stock=3)
        world.change(Cause.ITEM, *range(5), status="Repair")
        world.settle()
        world.channel.pushed.clear()
        world.change(Cause.BULK, *range(5), status="Available")
        assert world.settle() is None
        assert guard.held_on(world.integration.id).rises == 5
        world.change(Cause.ORDER, 0, status="Repair", count=2)
        world.settle()
        assert world.channel.pushed == [("L0", 1)]

    def test_what_was_agreed_at_arming_does_not_wait_and_what_comes_later_does(self, app):
        world = World(count=5, stock=2, shown=0)
        world.settle()
        assert len(world.channel.pushed) == 5
        world.change(Cause.BULK, *range(5), status="Repair", count=2)
        assert world.settle() is None

    def test_undoing_the_cause_lets_go(self, app):
        world = World(count=5, stock=1)
        world.change(Cause.BULK, *range(5), status="Repair")
        world.settle()
        world.change(Cause.BULK, *range(5), status="Available")
        assert world.settle() is None
        assert guard.held_on(world.integration.id) is None
        assert world.channel.pushed == []


class TestFollowed:
    """A listing that stops being connected keeps our last number on the channel: never silently."""

    def test_it_is_not_pushed_any_more_and_says_so(self, app):
        world = World()
        listings.choose(world.listing().id, ["no such SKU"], [], ME)
        assert world.settle() is None
        listing = world.listing()
        assert (listing.is_connected, listing.last_offered) == (False, None)
        assert listing.unfollowed_at is not None

    def test_a_person_can_set_it_to_0(self, app):
        world = World()
        listings.choose(world.listing().id, ["no such SKU"], [], ME)
        world.settle()
        listings.set_to_zero(world.listing().id, ME)
        world.settle()
        assert world.channel.shows("L0") == 0

    def test_connected_again_it_follows_again(self, app):
        world = World()
        listings.choose(world.listing().id, ["no such SKU"], [], ME)
        world.settle()
        listings.choose(world.listing().id, [], [world.variations[0].id], ME)
        world.settle()
        listing = world.listing()
        assert (listing.is_connected, listing.unfollowed_at, listing.last_offered) == (True, None, 3)


def test_history_keeps_every_change_of_the_offered_number(app):
    world = World()
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    changes = db.session.execute(sa.select(OfferChange.old, OfferChange.new, OfferChange.cause)).all()
    assert [tuple(row) for row in changes] == [(None, 3, "connection"), (3, 2, "one phone's edit")]


def test_any_number_of_listings_is_let_go_of_at_once(session):
    with transaction():
        guard.drop_settled(session(), range(1, 70_000))
