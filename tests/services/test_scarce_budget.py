"""When calls are scarce: what raises numbers waits, what lowers them leaves at once."""

from datetime import timedelta

import sqlalchemy as sa

from tests.push_world import World
from wholecell.channels.contract import TemporaryError, WaitingError
from wholecell.db import db, transaction, utcnow
from wholecell.models import Work
from wholecell.services import due, listing_page, logins, push, sync_health, why
from wholecell.services.recompute import Cause
from wholecell.services.work import Kind

SAYS = "Fake allows 10 calls a day; the rest is kept for numbers that fall."


def scarce(retry_after=3600):
    return WaitingError(SAYS, retry_after=retry_after)


def a_world():
    """Six listings that offer 2, of which the first two then rise to 3."""
    world = World(count=6, stock=3)
    world.change(Cause.ITEM, *range(6), status="Repair")
    world.settle()
    world.channel.pushed.clear()
    world.change(Cause.ITEM, 0, 1, status="Available")
    return world


def waiting(world):
    db.session.expire_all()
    return db.session.get_one(Work, (world.integration.id, Kind.PUSH_QUANTITIES))


def test_a_rise_waits_and_a_fall_leaves_before_and_after_it(app):
    world = a_world()
    world.change(Cause.ITEM, 2, status="Repair")
    world.change(Cause.ITEM, 3, status="Repair", count=2)
    world.channel.errors = [None, None, scarce()]
    run = world.settle()
    assert world.channel.pushed == [("L3", 0), ("L2", 1)]
    assert (run.state, run.counts, run.problem) == ("done", {"sent": 2, "accepted": 2}, "")
    row = waiting(world)
    assert (row.not_before, row.failures, row.rises_reason) == (None, 0, SAYS)
    assert 3590 < (row.rises_not_before - utcnow()).total_seconds() <= 3600
    assert world.due() == [] and due.integrations_with_due(utcnow()) == []
    # A fall that comes up while the rises wait.
    world.change(Cause.ITEM, 4, status="Repair")
    world.change(Cause.ITEM, 0, status="Repair", count=2)
    world.settle()
    assert world.channel.pushed[2:] == [("L0", 1), ("L4", 1)]
    health = sync_health.health_of(world.integration.id)
    assert (health.waiting, health.paused, health.rises_waiting.rises_reason) == (None, [], SAYS)
    texts = [check.text for check in why.checks(listing_page.load(world.listing(1).id))]
    assert "Higher numbers wait" in texts
    assert "Higher numbers wait" not in [c.text for c in why.checks(listing_page.load(world.listing(0).id))]
    # And once the day is over the rest goes.
    later = utcnow() + timedelta(seconds=3601)
    assert [each.external_id for each in due.due_listings(world.integration.id, later)] == ["L1"]
    assert due.integrations_with_due(later) == [world.integration.id]


def test_a_wait_of_all_rises_looks_for_no_orders_in_vain(app):
    world = a_world()
    world.channel.errors = [scarce()]
    world.settle()
    with transaction() as session:
        session.execute(sa.update(type(world.integration)).values(imports_orders=True, orders_imported_from=utcnow()))
    assert due.integrations_waiting_for_orders(utcnow()) == []


def test_nothing_is_left_for_falls_either_then_all_waits(app):
    world = a_world()
    world.change(Cause.ITEM, 2, status="Repair")
    world.channel.errors = [scarce(60)]
    run = world.settle()
    assert (run.state, world.channel.pushed) == ("waiting", [])
    row = waiting(world)
    assert row.rises_not_before is None and row.not_before > utcnow() + timedelta(seconds=50)


def test_without_the_wait_of_rises_alone_a_fall_is_held_up(app, monkeypatch):
    def all_waits(run, message, seconds):
        raise scarce(seconds)

    monkeypatch.setattr(push.work, "put_off_rises", all_waits)
    world = a_world()
    world.channel.errors = [scarce()]
    world.settle()
    world.change(Cause.ITEM, 4, status="Repair")
    world.settle()
    assert world.channel.pushed == []


def test_an_unknown_number_that_may_be_too_high_goes_before_rises(app):
    world = a_world()
    world.set(5, is_number_unknown=True)
    world.settle()
    assert world.channel.pushed == [("L5", 2), ("L0", 3), ("L1", 3)]


def test_a_new_login_lets_rises_go(app):
    world = a_world()
    world.channel.errors = [scarce()]
    world.settle()
    with transaction() as session:
        logins.begin_anew(session, world.integration.id)
    assert [each[0] for each in world.due()] == ["L0", "L1"]


def test_a_higher_number_that_may_have_arrived_is_taken_back_while_rises_wait(app):
    world = a_world()
    world.channel.errors = [TemporaryError("Cut.", maybe_applied=True)]
    world.settle()
    assert (world.channel.pushed, world.listing().is_number_unknown) == ([("L0", 3)], True)
    with transaction() as session:
        values = {"not_before": None, "rises_not_before": utcnow() + timedelta(hours=1)}
        session.execute(sa.update(Work).values(values))
    assert world.settle() is None, "sent again it would be the higher number once more"
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    assert world.channel.pushed == [("L0", 3), ("L0", 2)]
    assert not world.listing().is_number_unknown
