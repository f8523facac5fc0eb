"""Calls of a day, shared by all processes and by all logins of a kind."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.races import race
from wholecell.channels.contract import Channel, DailyBudget, WaitingError
from wholecell.db import db
from wholecell.models import BudgetState
from wholecell.services import budgets
from wholecell.services.budgets import KindLimiter, Standing, day_end, standings

PACIFIC = "America/Los_Angeles"
CALLS = DailyBudget("listing calls", 10, kept_back=4, zone=PACIFIC, says="Fake allows 10 listing calls a day")
NOON = datetime(2027, 1, 15, 20, tzinfo=UTC)
NEXT_DAY = datetime(2027, 1, 16, 8, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    """The time that budgets look at: noon in Los Angeles at first."""

    class Clock:
        now = NOON

    monkeypatch.setattr(budgets, "utcnow", lambda: Clock.now)
    return Clock


def spent(limiter, **options):
    """How many calls pass."""
    for passed in range(100):
        try:
            limiter.spend(CALLS, **options)
        except WaitingError:
            return passed
    return 100


@pytest.mark.parametrize(
    ("zone", "now", "end"),
    [
        ("UTC", "2027-01-15T00:00", "2027-01-16T00:00"),
        ("UTC", "2027-01-15T23:59", "2027-01-16T00:00"),
        (PACIFIC, "2027-01-15T07:59", "2027-01-15T08:00"),
        (PACIFIC, "2027-01-15T08:00", "2027-01-16T08:00"),
        # The clocks there change in the night of 14 March and of 7 November: days of 23 and of 25 hours.
        (PACIFIC, "2027-03-14T08:00", "2027-03-15T07:00"),
        (PACIFIC, "2027-11-07T07:00", "2027-11-08T08:00"),
    ],
)
def test_a_day_ends_at_midnight_where_the_channel_counts(zone, now, end):
    assert day_end(zone, datetime.fromisoformat(now + "+00:00")) == datetime.fromisoformat(end + "+00:00")


def test_what_is_kept_back_is_for_what_is_urgent(app, clock):
    limiter = KindLimiter("fake")
    assert spent(limiter) == 6
    with pytest.raises(WaitingError, match=r"10 listing calls a day; the rest is kept for numbers that fall\.") as told:
        KindLimiter("fake").spend(CALLS)
    assert told.value.retry_after == (NEXT_DAY - NOON).total_seconds()
    assert spent(limiter, units=3, is_urgent=True) == 1
    assert spent(limiter, is_urgent=True) == 1
    with pytest.raises(WaitingError, match="all are used"):
        limiter.spend(CALLS, is_urgent=True)
    assert spent(KindLimiter("other")) == 6
    clock.now = NEXT_DAY
    assert spent(limiter) == 6


def test_what_the_channel_says_of_its_day_goes_before_what_was_assumed(app, clock):
    limiter, ends_at = KindLimiter("fake"), NOON + timedelta(hours=1)
    limiter.spend(CALLS)
    limiter.learn_budget(CALLS, 20, 10, ends_at)
    assert spent(limiter) == 2  # of 20 calls 8 are kept back
    with pytest.raises(WaitingError) as told:
        limiter.spend(CALLS)
    assert told.value.retry_after == 3600
    clock.now = ends_at
    assert spent(limiter) == 12  # the next day has as many


def test_a_day_of_very_many_calls_is_counted(app, clock):
    limiter, many = KindLimiter("fake"), DailyBudget("many calls", 5_000_000, kept_back=1_000_000)
    limiter.spend(many, 4_000_000)
    with pytest.raises(WaitingError):
        limiter.spend(many)
    limiter.spend(many, 1_000_000, is_urgent=True)


@pytest.mark.parametrize("ends_at", [NOON, NOON + timedelta(days=3)])
def test_an_end_that_cannot_be_is_not_believed(app, clock, ends_at):
    KindLimiter("fake").learn_budget(CALLS, -5, 7, ends_at)
    row = db.session.scalars(sa.select(BudgetState)).one()
    assert (row.count, row.used, row.ends_at) == (0, 0, NEXT_DAY)


def test_a_clock_set_back_does_not_stop_the_calls(app, clock):
    clock.now = NOON + timedelta(days=30)
    spent(KindLimiter("fake"))
    clock.now = NOON
    assert spent(KindLimiter("fake")) == 6


def _race():
    """How many of four calls at once, of 4 units each, pass where 10 are left."""
    found = race(lambda _: KindLimiter("fake").spend(CALLS, 4, is_urgent=True), runners=4)
    assert all(each is None or isinstance(each, WaitingError) for each in found), found
    return found.count(None)


def test_many_at_once_spend_no_more_than_there_is(app):
    assert _race() == 2


def test_without_the_guard_they_spend_more(app, monkeypatch):
    barrier = threading.Barrier(4)

    def unguarded(self, session, budget, units, is_urgent):
        mine = BudgetState.kind == "fake"
        used = session.scalar(sa.select(BudgetState.used).where(mine))
        session.commit()
        barrier.wait(5)
        session.execute(sa.update(BudgetState).where(mine).values(used=used + units))
        return used + units <= budget.count

    monkeypatch.setattr(KindLimiter, "_take_units", unguarded)
    assert _race() == 4


def test_how_a_budget_stands_is_said(app, clock):
    channel = Channel("fake", "Fake", "Fake", "Fa", "", budgets=(CALLS,))
    limiter = KindLimiter("fake")
    assert standings(channel, NOON) == [Standing(CALLS.says, 10, NEXT_DAY, is_kept=False)]
    spent(limiter)
    assert standings(channel, NOON) == [Standing(CALLS.says, 4, NEXT_DAY, is_kept=True)]
    assert standings(channel, NEXT_DAY)[0].left == 10
    limiter.learn_budget(CALLS, 5000, 3120, NOON + timedelta(hours=1))
    said = Standing("Fake allows 5,000 listing calls a day", 3120, NOON + timedelta(hours=1), is_kept=False)
    assert standings(channel, NOON) == [said]
