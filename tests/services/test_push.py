"""What is due, what leaves, and what each answer means, against a marketplace in memory."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.push_world import ME, World
from wholecell.channels.contract import CredentialsError, ListingState, TemporaryError
from wholecell.db import db, transaction, utcnow
from wholecell.models import (
    Integration,
    Listing,
    OfferChange,
    QuantityPush,
    Work,
)
from wholecell.services import due, guard, integrations, logins, offers, push, recompute, sync
from wholecell.services.recompute import Cause
from wholecell.services.vault import Vault
from wholecell.services.work import Kind


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


def test_a_listing_is_out_of_stock_at_0_and_back_with_the_next_phone(app):
    world = World(stock=1)
    states = []
    for status in ("Repair", "Available"):
        world.change(Cause.ITEM, 0, status=status)
        world.settle()
        states.append(world.listing().state)
    assert states == ["out of stock", "active"]


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

    logins.change(world.integration.id, {"token": "new"}, Vault([Fernet.generate_key().decode()]), ME)
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


def test_history_keeps_every_change_of_the_offered_number(app):
    world = World()
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    query = sa.select(OfferChange.old, OfferChange.new, OfferChange.cause).order_by(OfferChange.id)
    changes = db.session.execute(query).all()
    assert [tuple(row) for row in changes] == [(None, 3, "connection"), (3, 2, "one phone's edit")]


def test_any_number_of_listings_is_let_go_of_at_once(session):
    with transaction():
        guard.drop_settled(session(), range(1, 70_000))


def test_disarmed_in_the_middle_of_a_run_nothing_more_leaves(app):
    world = World(count=3, shown=9)
    world.channel.after_push = lambda _change: integrations.disarm(world.integration.id, ME)
    world.settle()
    assert world.channel.pushed == [("L0", 3)]


def test_held_in_the_middle_of_a_run_a_0_does_not_leave(app):
    world = World(count=3, stock=1)
    world.change(Cause.ITEM, 0, 1, 2, status="Repair")
    world.channel.after_push = lambda _change: world.set(2, held="zero")
    world.settle()
    assert world.channel.pushed == [("L0", 0), ("L1", 0)]


def test_an_answer_that_comes_after_another_run_took_over_leaves_its_number_alone(app):
    world = World(shown=9)

    def take_over(_change):
        with transaction() as session:
            session.execute(sa.update(Work).values(lease="theirs"))
            session.execute(sa.update(Listing).values(sending=2))

    world.channel.after_push = take_over
    world.settle()
    listing = world.listing()
    assert (listing.sending, listing.is_number_unknown, listing.last_synced) == (2, True, None)
    assert db.session.scalar(sa.select(QuantityPush.outcome)) == "unknown"


def test_a_cut_call_after_another_run_took_over_leaves_its_number_alone(app):
    world = World(shown=9)

    def take_over(_change):
        with transaction() as session:
            session.execute(sa.update(Work).values(lease="theirs"))
            session.execute(sa.update(Listing).values(sending=2))

    world.channel.after_push = take_over
    world.channel.errors = [TemporaryError("Cut.", maybe_applied=True)]
    world.settle()
    listing = world.listing()
    assert (listing.sending, listing.is_number_unknown) == (2, True)


def test_arming_computes_all_that_waits_first(app, monkeypatch):
    world = World(count=2, armed=False)
    monkeypatch.setattr(offers, "_WAITING", offers._WAITING.limit(1))
    with transaction() as session:
        recompute.request(session, Cause.ITEM, ME, listings=[world.listing(0).id])  # changes nothing
    world.change(Cause.SETTINGS, 1, status="Repair")
    integrations.arm(world.integration.id, ME)
    assert world.listing(1).last_offered == 2
