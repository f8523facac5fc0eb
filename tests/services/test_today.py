"""What needs a person, worst first, how every integration fares, and the first steps of a new account."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.push_world import ME, World
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, QuantityPush, SyncRun, Work
from wholecell.services import first_steps, integrations, listings, offers, sync_health, sync_progress, today, work
from wholecell.services.sync_health import State
from wholecell.services.sync_progress import Stage
from wholecell.services.work import Kind

NOON = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def needs():
    db.session.remove()
    return today.needs(sync_health.all_health())


def of_work(kind, **values):
    db.session.execute(sa.update(Work).where(Work.kind == kind).values(values))
    db.session.commit()


def of_integration(world, **values):
    db.session.execute(sa.update(Integration).where(Integration.id == world.integration.id).values(values))
    db.session.commit()


@pytest.fixture
def world(app):
    world = World(count=2, stock=3)
    world.settle()
    return world


def test_nothing_needs_a_person(world):
    assert needs().count == 0


def test_a_refused_zero_stands_apart(world):
    world.set(0, rejected_at=utcnow(), rejected_number=0, rejected_words="No")
    world.set(1, rejected_at=utcnow(), rejected_number=4, rejected_words="Too many")
    found = needs()
    assert [row.rejected_words for row in found.zeros.rows] == ["No"]
    assert [row.rejected_words for row in found.refused.rows] == ["Too many"]
    assert found.count == 2


def test_trouble_is_a_refused_login_or_a_wait(world):
    of_integration(world, login_refused_at=utcnow())
    assert [each.state for each in needs().trouble] == [State.REFUSED]
    of_integration(world, login_refused_at=None)
    of_work(Kind.PUSH_QUANTITIES, not_before=utcnow() + timedelta(minutes=3), failures=2)
    assert [each.state for each in needs().trouble] == [State.WAITING]
    of_work(Kind.PUSH_QUANTITIES, not_before=utcnow() - timedelta(minutes=3))
    assert needs().trouble == []


def test_no_longer_followed_until_it_is_set_to_zero(world):
    world.set(0, last_synced=3)
    listings.choose(world.listing(0).id, ["gone"], [], ME)
    offers.compute_requested()
    found = needs()
    assert [row.external_id for row in found.unfollowed.rows] == ["L0"]
    assert found.unconnected == []
    listings.set_to_zero(world.listing(0).id, ME)
    assert needs().unfollowed.count == 0


def test_held_doubtful_and_to_look_at(world):
    world.set(0, held="zero", cause="bulk edit")
    world.set(1, state="needs attention", state_reason="Photo")
    found = needs()
    assert [(each.units, each.cause) for each in found.held] == [(1, "bulk edit")]
    assert [row.state_reason for row in found.attention.rows] == ["Photo"]
    world.set(0, held=None, more_shown=2)
    assert [row.words for row in needs().doubtful.rows] == ["another tool?"]


def test_listings_on_sale_that_nobody_follows(world):
    make.make_listing(world.integration, "X1")
    make.make_listing(world.integration, "X2", state="ended")
    make.make_listing(world.integration, "S0", title="same SKU, not computed yet")
    (found,) = needs().unconnected
    assert (found.units, found.in_catalog) == (2, 1)


def test_phones_for_sale_that_no_listing_offers(world):
    make.make_items(make.make_variation(None), 4)
    make.make_items(make.make_variation("UNLISTED"), 2)
    make.make_items(make.make_variation("LATER"), 2, status="Processing")
    chosen = make.make_variation(None)
    make.make_item(chosen)
    make.make_listing(world.integration, "by hand", variations=[chosen])
    found = needs()
    assert [(each.units, each.sku) for each in found.without_sku.rows] == [(4, None)]
    assert [(each.units, each.sku) for each in found.without_listing.rows] == [(2, "UNLISTED")]


def test_long_lists_are_cut_and_counted(world):
    for number in range(9):
        make.make_listing(world.integration, f"R{number}", rejected_at=utcnow(), rejected_number=1)
    found = needs().refused
    assert (len(found.rows), found.count) == (today.SHOWN, 9)


def test_queries_do_not_grow(world, count_queries):
    def queries():
        db.session.remove()
        with count_queries() as statements:
            today.needs(sync_health.all_health())
            today.phones_by_status()
        return len(statements)

    make.make_item(make.make_variation(None))
    make.make_listing(world.integration, "R", rejected_at=utcnow(), rejected_number=1)
    few = queries()
    for number in range(40):
        make.make_item(make.make_variation(None))
        make.make_listing(world.integration, f"R{number}", rejected_at=utcnow(), rejected_number=1)
    for _ in range(4):
        make.make_integration()
    assert queries() == few


def test_phones_by_status_set_committed_ones_apart(app):
    variation = make.make_variation("A1")
    make.make_items(variation, 2)
    make.make_item(variation, status="Repair")
    order = make.make_order(items=[{"sku": "A1"}])
    make.commit_phone(make.make_item(variation), make.order_items(order)[0])
    assert [(name, units) for _, name, units in today.phones_by_status()] == [
        ("Available", 2),
        ("Committed", 1),
        ("Repair", 1),
    ]


def test_numbers_sent_by_the_hour(world):
    db.session.remove()
    for minutes, outcome in (
        (5, "accepted"),
        (10, "rejected"),
        (60, "accepted"),
        (23 * 60, "accepted"),
        (1500, "accepted"),
    ):
        db.session.add(
            QuantityPush(
                listing_id=world.listing().id,
                integration_id=world.integration.id,
                at=NOON - timedelta(minutes=minutes),
                new=1,
                reason="x",
                outcome=outcome,
            )
        )
    db.session.commit()
    (health,) = sync_health.all_health(NOON)
    assert [(place, hour.sent, hour.bad) for place, hour in enumerate(health.hours) if hour.sent] == [
        (0, 1, 0),
        (22, 1, 0),
        (23, 2, 1),
    ]


def test_states_of_an_integration(world):
    assert sync_health.health_of(world.integration.id).state is State.ARMED
    of_integration(world, pushes_quantities=False)
    assert sync_health.health_of(world.integration.id).state is State.OFF
    integrations.disarm(world.integration.id, ME)
    found = sync_health.health_of(world.integration.id)
    assert (found.state, found.next_at) == (State.PREVIEW, None)
    run = work.claim(world.integration.id, Kind.IMPORT_LISTINGS, ME)
    assert sync_health.health_of(world.integration.id).running.id == run.run_id
    assert sync_health.health_of(world.integration.id).state is State.IMPORTING
    work.refuse_login(run, "Bad token", "")
    assert sync_health.health_of(world.integration.id).state is State.REFUSED


def test_the_pulse_names_what_needs_a_person(world):
    assert (sync_health.pulse().connected, sync_health.pulse().in_sync, sync_health.pulse().trouble) == (1, 1, "")
    of_integration(world, login_refused_at=utcnow(), name="eBay")
    make.make_integration()
    assert sync_health.pulse() == sync_health.Pulse(connected=2, in_sync=0, trouble="eBay", previews=1)
    of_integration(world, login_refused_at=None, is_by_hand=True)  # whether it is in sync, only people know
    assert sync_health.pulse() == sync_health.Pulse(connected=2, in_sync=0, trouble="", previews=1, by_hand=1)


def test_stages_of_an_import(world):
    key = world.integration.id

    def stage():
        db.session.remove()
        return sync_progress.progress_of(key, Kind.IMPORT_LISTINGS).stage

    assert stage() is Stage.DONE
    assert sync_progress.ask(key, Kind.IMPORT_LISTINGS, ME)
    assert stage() is Stage.ASKED
    run = work.claim(key, Kind.IMPORT_LISTINGS, ME)
    assert stage() is Stage.RUNNING
    assert not sync_progress.ask(key, Kind.IMPORT_LISTINGS, ME), "a second press shows the one that runs"
    work.wait(run, "Too many calls.", "", 600)
    assert stage() is Stage.WAITING, "an interrupted import goes on by itself"
    of_work(Kind.IMPORT_LISTINGS, not_before=None)
    run = work.claim(key, Kind.IMPORT_LISTINGS, ME)
    sync_progress.stop(key + 1, run.run_id)
    assert not db.session.get(SyncRun, run.run_id).is_stop_asked, "another integration's run is left alone"
    sync_progress.stop(key, run.run_id)
    with pytest.raises(work.StopAskedError):
        run.keep()
    work.stop(run)
    assert stage() is Stage.STOPPED


def test_a_run_whose_process_died_counts_as_failed(world):
    work.claim(world.integration.id, Kind.IMPORT_LISTINGS, ME)
    of_work(Kind.IMPORT_LISTINGS, lease_until=utcnow() - timedelta(seconds=1))
    assert sync_progress.progress_of(world.integration.id, Kind.IMPORT_LISTINGS).stage is Stage.FAILED


def test_an_integration_that_never_ran(app):
    one = make.make_integration()
    assert sync_progress.progress_of(one.id, Kind.IMPORT_LISTINGS).stage is Stage.NEVER
    with transaction() as session:
        work.ensure_rows(session, one.id)
    assert sync_progress.progress_of(one.id, Kind.IMPORT_LISTINGS).stage is Stage.NEVER


def test_first_steps_one_after_the_other(app):
    assert (first_steps.first_steps().now, first_steps.is_set_up()) == (0, False)
    variation = make.make_variation("S0")
    assert first_steps.first_steps().now == 1
    make.make_item(variation)
    assert first_steps.first_steps().now == 2
    one = make.make_integration()
    assert first_steps.first_steps().now == 3
    make.make_listing(one, "S0", is_connected=True)
    steps = first_steps.first_steps()
    assert (steps.now, steps.integration_id, steps.done) == (4, one.id, (True, True, True, True, False, False))
    integrations.arm(one.id, ME)
    assert first_steps.is_set_up()
    integrations.disarm(one.id, ME)
    assert first_steps.is_set_up(), "once armed the list does not come back"
