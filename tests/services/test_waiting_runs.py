"""Work that waits for the channel: nothing failed, and it goes on under the same row of History."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.fakes import FakeChannel
from tests.order_world import OrderWorld
from wholecell import jobs
from wholecell.channels.contract import ListingPage, WaitingError
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, Listing, SyncRun, Work
from wholecell.services import importing, sync, sync_health, sync_progress, work
from wholecell.services.sync_progress import Stage
from wholecell.services.work import Kind


class SlowShop(FakeChannel):
    """A marketplace that prepares its list first, and tells changes alone when asked."""

    def __init__(self, waits=1):
        super().__init__()
        self.waits, self.since, self.too_many = waits, [], False

    def listings(self, *, online_only):
        if self.waits:
            self.waits -= 1
            raise WaitingError("The shop prepares its list.", retry_after=30)
        yield from super().listings(online_only=online_only)

    def changed_listings(self, since):
        self.since.append(since)
        return None if self.too_many else iter([ListingPage([], 1, 0)])


@pytest.fixture
def integration(app):
    row = make.make_integration()
    with transaction() as session:
        work.ensure_rows(session, row.id)
    return row


def press(integration, shop):
    db.session.execute(sa.update(Work).values(not_before=None))
    db.session.commit()
    sync.run_work(integration.id, Kind.IMPORT_LISTINGS, None, opener=lambda _: shop)
    return db.session.scalars(sa.select(SyncRun).order_by(SyncRun.id).execution_options(populate_existing=True)).all()


def test_a_run_that_waits_goes_on_under_the_same_row(integration):
    shop = SlowShop(waits=2)
    shop.put("L1", "S1", 3)
    (run,) = press(integration, shop)
    assert (run.state, run.problem) == ("waiting", "The shop prepares its list.")
    press(integration, shop)
    (run,) = press(integration, shop)
    assert (run.state, run.problem, run.done) == ("done", "", 1)
    press(integration, shop)
    assert db.session.scalar(sa.select(sa.func.count(SyncRun.id))) == 2


def test_waiting_is_no_failure_and_says_when_it_goes_on(integration):
    press(integration, SlowShop())
    row = db.session.get_one(Work, (integration.id, Kind.IMPORT_LISTINGS), populate_existing=True)
    assert (row.failures, row.not_before_reason) == (0, "The shop prepares its list.")
    assert 28 <= (row.not_before - utcnow()).total_seconds() <= 30
    progress = sync_progress.progress_of(integration.id, Kind.IMPORT_LISTINGS)
    assert (progress.stage, progress.not_before) == (Stage.WAITING, row.not_before)
    health = sync_health.health_of(integration.id)
    assert (health.waiting, [each.kind for each in health.paused]) == (None, [Kind.IMPORT_LISTINGS])
    assert sync_health.pulse().trouble == ""


def test_it_is_wanted_again_by_itself_once_its_time_has_come(integration):
    press(integration, SlowShop())
    assert jobs.wanted(utcnow()) == []
    assert jobs.wanted(utcnow() + timedelta(seconds=31)) == [(integration.id, Kind.IMPORT_LISTINGS)]


def test_orders_that_had_to_wait_are_looked_for_again(app):
    world = OrderWorld()
    world.channel.page_errors = [WaitingError("Order searches are used up.", retry_after=60)]
    world.press()
    wanted = (world.integration_id, Kind.IMPORT_ORDERS)
    assert wanted not in jobs.wanted(utcnow())
    assert wanted in jobs.wanted(utcnow() + timedelta(seconds=61))


def test_after_a_whole_reading_only_changes_are_read_for_a_day(integration):
    shop = SlowShop(waits=0)
    shop.put("L1", "S1", 3)
    press(integration, shop)
    began = db.session.get_one(Integration, integration.id, populate_existing=True).listings_read_at
    press(integration, shop)
    assert shop.since == [began]
    kept = db.session.scalar(sa.select(Listing.state).execution_options(populate_existing=True))
    assert kept == "active", "what did not change is not missing"
    with transaction() as session:
        session.get_one(Integration, integration.id).listings_read_at = utcnow() - importing.WHOLE_EVERY
    press(integration, shop)
    assert shop.since == [began]


def test_changes_are_read_from_when_a_list_prepared_earlier_was_true(integration):
    asked = utcnow() - timedelta(minutes=20)
    shop = SlowShop(waits=0)
    shop.listings = lambda *, online_only: iter([ListingPage([], 1, 0, as_of=asked), ListingPage([], 2, 0)])
    press(integration, shop)
    press(integration, shop)
    assert shop.since == [asked]


def test_where_too_much_changed_everything_is_read(integration):
    shop = SlowShop(waits=0)
    press(integration, shop)
    shop.too_many = True
    shop.put("L1", "S1", 3)
    runs = press(integration, shop)
    assert (len(shop.since), runs[-1].done) == (1, 1)
