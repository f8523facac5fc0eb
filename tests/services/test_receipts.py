"""Feeds that a channel answers later."""

import sqlalchemy as sa

from tests.push_world import World
from wholecell.channels.contract import Outcome, PushResult
from wholecell.db import transaction
from wholecell.models import Work
from wholecell.services.push import last_pushes
from wholecell.services.recompute import Cause
from wholecell.services.work import Kind


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


def test_the_lease_is_renewed_before_each_reading_of_a_feeds_outcome(app):
    world = World(count=4, shown=0)
    world.channel.feed_from = 3
    world.settle()
    world.rewind(receipt_asked_at=6)
    drawn = []

    def outcomes(receipt, changes):
        for change in changes:
            drawn.append(change.external_id)
            with transaction() as session:  # what another runner does when the lease ran out
                session.execute(sa.update(Work).where(Work.kind == Kind.PUSH_QUANTITIES).values(lease="theirs"))
            yield world.channel._push_one(change)

    world.channel.push_outcomes = outcomes
    world.run(Kind.PUSH_QUANTITIES)
    assert drawn == ["L0"], "it stopped at once when the lease was lost"


def test_what_a_feed_met_a_fault_with_is_sent_again(app):
    world = World(count=4, shown=0)
    world.channel.feed_from = 3
    world.settle()
    world.rewind(receipt_asked_at=6)
    fault = PushResult("L0", Outcome.UNKNOWN, answer="SYSTEM_ERROR")
    answers = [fault, *(world.channel._push_one(change) for change in world.channel.feeds["feed-1"][1:])]
    world.channel.push_outcomes = lambda receipt, changes: iter(answers)
    world.run(Kind.PUSH_QUANTITIES)
    assert [world.channel.shows(f"L{i}") for i in range(4)] == [3] * 4
    assert world.channel.pushed[-1] == ("L0", 3), "by a single call"
    assert ("unknown", "SYSTEM_ERROR") in [(push.outcome, push.answer) for push in last_pushes(world.listing().id)]
