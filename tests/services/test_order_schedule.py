"""When orders are looked for."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.push_world import World
from wholecell import jobs
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, Work
from wholecell.services import order_due, run_now, settings
from wholecell.services.connect import channel_of
from wholecell.services.events import SYSTEM
from wholecell.services.recompute import Cause
from wholecell.services.work import Kind


@pytest.fixture
def world(app):
    return World(imports_orders=True)


def is_wanted(world):
    db.session.expire_all()
    return (world.integration.id, Kind.IMPORT_ORDERS) in jobs.wanted(utcnow())


def set_work(**values):
    db.session.execute(sa.update(Work).where(Work.kind == Kind.IMPORT_ORDERS).values(values))
    db.session.commit()


def every(minutes):
    with transaction() as session:
        settings.put(session, SYSTEM, settings.ORDERS_EVERY, minutes)


@pytest.mark.parametrize(
    ("setting", "age", "wanted"),
    [(5, 6, True), (5, 4, False), (2, 4, False), (2, 6, True), (60, 30, False), (1 / 60, 0.1, True)],
)
def test_an_import_starts_at_its_interval_but_no_more_often_than_the_channel_allows(world, setting, age, wanted):
    every(setting)
    assert is_wanted(world), "the first one starts at once"
    set_work(last_started_at=utcnow() - timedelta(minutes=age))
    assert is_wanted(world) is wanted


def test_nothing_starts_where_orders_are_not_imported(app):
    world = World()
    assert not is_wanted(world)
    report = run_now.run_now(world.integration, Kind.IMPORT_ORDERS, None)
    assert not report.is_done
    assert "Order import is off" in report.sentence


def test_one_that_failed_goes_on_when_its_wait_is_over(world):
    now = utcnow()
    set_work(last_started_at=now, failures=1, not_before=now + timedelta(minutes=1))
    assert not is_wanted(world)
    set_work(not_before=now)
    assert is_wanted(world)


class TestWaitingRise:
    @pytest.fixture
    def rising(self, world):
        """Orders were imported, then a phone came in."""
        world.settle()
        db.session.execute(sa.update(Integration).values(orders_imported_from=utcnow(), orders_imported_at=utcnow()))
        set_work(last_started_at=utcnow() - timedelta(seconds=90))
        make.make_item(world.variations[0])
        world.change(Cause.SCAN, 0, status="Available", count=0)
        world.settle()
        return world

    def test_it_starts_an_import_at_once(self, rising):
        assert not is_wanted(rising)
        order_due.ask_for_rises(utcnow())
        assert is_wanted(rising)

    def test_a_channel_that_tells_of_orders_later_is_asked_later(self, rising, channel_has):
        channel_has(rising.integration.kind, orders_lag=timedelta(minutes=2))
        order_due.ask_for_rises(utcnow())
        assert not is_wanted(rising)
        ago = timedelta(minutes=2)
        values = {"orders_wanted_at": utcnow() - ago, "orders_imported_from": utcnow() - 2 * ago}
        db.session.execute(sa.update(Integration).values(values))
        db.session.commit()
        assert is_wanted(rising)

    def test_at_most_one_a_minute(self, rising):
        order_due.ask_for_rises(utcnow())
        set_work(last_started_at=utcnow() - timedelta(seconds=50))
        assert not is_wanted(rising)

    def test_asking_again_changes_nothing_and_the_finished_import_answers(self, rising):
        order_due.ask_for_rises(utcnow())
        asked = db.session.scalar(sa.select(Integration.orders_wanted_at))
        order_due.ask_for_rises(utcnow())
        db.session.expire_all()
        assert db.session.scalar(sa.select(Integration.orders_wanted_at)) == asked
        assert rising.due() == []
        rising.run(Kind.IMPORT_ORDERS)
        assert [number for _, number, _ in rising.due()] == [4]
        order_due.ask_for_rises(utcnow())
        set_work(last_started_at=utcnow() - timedelta(seconds=90))
        assert not is_wanted(rising)


def test_the_channel_says_how_often_at_most(world):
    assert order_due.every(channel_of(world.integration), 2) == timedelta(minutes=5)
