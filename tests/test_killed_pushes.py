"""A process that dies around a call, on whichever side of the channel's yes: at rest no number is wrong.

Nothing is read back here, so only what was committed before the call can tell that the channel's number is unknown.
"""

import pytest

from tests.engine_world import EngineWorld
from wholecell.db import transaction
from wholecell.models import Listing
from wholecell.sandbox import Sandbox
from wholecell.services import push

BEFORE_THE_CALL, AFTER_THE_YES = "_call", "answer"  # what the process does not live to do
STAYS, RETURNS = "the number stays", "the number is back at its old value before the restart"
MOMENTS = [(died, then) for died in (BEFORE_THE_CALL, AFTER_THE_YES) for then in (STAYS, RETURNS)]


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def world(app, sandbox):
    return EngineWorld(sandbox, imports_orders=False)


def wrong_at_rest(world, monkeypatch, died, then):
    """A phone goes to Repair, the process dies sending that, and perhaps the phone comes back; what is wrong then?"""
    phone = world.items(world.variations[0])[0]
    world.set_status(phone, "Repair")
    world.killed(monkeypatch, died)
    if then == RETURNS:
        world.set_status(phone, "Available")
    world.quiet(rounds=3, repairs=False)
    return [(shown, offered) for _sku, shown, offered in world.faults_at_rest()]


@pytest.mark.parametrize(("died", "then"), MOMENTS)
def test_a_killed_process_leaves_no_wrong_number(world, monkeypatch, died, then):
    assert wrong_at_rest(world, monkeypatch, died, then) == []


def instead_of_sending(monkeypatch, **values):
    """What is committed before the call is not *sending* but this, made of the number about to be sent."""
    mark = push._mark_sending

    def other(run, group, total):
        claimed = mark(run, group, total)
        with transaction() as session:
            for due in claimed:
                listing = session.get_one(Listing, due.listing_id)
                listing.sending = None
                for name in values:
                    setattr(listing, name, due.number)
        return claimed

    monkeypatch.setattr(push, "_mark_sending", other)


@pytest.mark.parametrize(("died", "then"), MOMENTS)
def test_a_number_marked_as_synced_before_it_is_sent_is_lost_with_the_process(world, monkeypatch, died, then):
    """A twin: marked first, a number that never left counts as sent, and the channel goes on offering 2 for 1."""
    instead_of_sending(monkeypatch, last_synced=True)
    is_lost = (died, then) == (BEFORE_THE_CALL, STAYS)
    assert wrong_at_rest(world, monkeypatch, died, then) == ([(2, 1)] if is_lost else [])


@pytest.mark.parametrize(("died", "then"), MOMENTS)
def test_without_sending_nobody_knows_of_a_number_that_arrived(world, monkeypatch, died, then):
    """A twin: nothing is marked, so a number that arrived and is no longer wanted stays there, 1 for 2."""
    instead_of_sending(monkeypatch)
    is_forgotten = (died, then) == (AFTER_THE_YES, RETURNS)
    assert wrong_at_rest(world, monkeypatch, died, then) == ([(1, 2)] if is_forgotten else [])
