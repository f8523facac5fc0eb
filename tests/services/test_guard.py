"""The guard: one slip must not empty or raise many listings without a person."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.push_world import ME, World
from wholecell.db import transaction
from wholecell.models import InventoryItem, InventoryStatus
from wholecell.services import guard, offers, recompute
from wholecell.services.events import open_batch
from wholecell.services.recompute import Cause


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

    def test_all_of_one_bulk_action_is_seen_before_any_of_it_may_leave(self, app, monkeypatch):
        world = World(count=20, stock=1)
        monkeypatch.setattr(offers, "_WAITING", offers._WAITING.limit(4))
        with transaction() as session:
            batch = open_batch(session, ME, "Upload of phones.csv")
            session.execute(sa.update(InventoryItem).values(status_id=make.named(InventoryStatus, "Repair").id))
            variations = [each.id for each in world.variations]
            recompute.request(session, Cause.UPLOAD, ME.within(batch), variations=variations)
        offers.compute_requested()
        assert world.due() == []
        assert guard.held_on(world.integration.id).zeros == 20
