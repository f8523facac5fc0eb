"""Settings whose effect the guard holds can be taken back, and the hold goes with them."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.push_world import ME, World
from wholecell.db import db, transaction
from wholecell.models import ChangeBatch, Integration
from wholecell.services import guard, integrations, recompute, settings_undo
from wholecell.services import held as held_numbers
from wholecell.services.integrations import IntegrationError, settings_of
from wholecell.services.recompute import Cause


@pytest.fixture
def held(app):
    """Ten listings whose only warehouse was unticked: every 0 waits."""
    world = World(count=10, stock=1)
    make.named(make.Warehouse, "Empty")
    now = settings_of(db.session.get(Integration, world.integration.id))
    empty = frozenset({make.named(make.Warehouse, "Empty").id})
    integrations.save_settings(world.integration.id, replace(now, rule=replace(now.rule, warehouses=empty)), ME)
    assert world.settle() is None
    assert guard.held_on(world.integration.id).zeros == 10
    return world


def batch():
    return db.session.scalar(sa.select(ChangeBatch.id).where(ChangeBatch.title.startswith("Settings of")))


def test_undo_puts_the_settings_back_and_nothing_is_sent(held):
    assert guard.held_on(held.integration.id).batches == (batch(),)
    settings_undo.undo(batch(), ME)
    assert held.settle() is None
    assert guard.held_on(held.integration.id) is None
    assert held.channel.pushed == []
    assert held.listing().last_offered == 1


def test_undo_works_once(held):
    first = batch()
    settings_undo.undo(first, ME)
    with pytest.raises(IntegrationError, match="already"):
        settings_undo.undo(first, ME)


def test_numbers_that_come_back_with_an_undo_do_not_wait_once_more(app):
    world = World(count=10, stock=3)
    make.named(make.Warehouse, "Empty")
    with transaction() as session:  # so that the change below lowers every number, and empties five
        for variation in world.variations[:5]:
            make.make_item(variation, warehouse="Empty")
        recompute.request(session, Cause.SCAN, ME, variations=[each.id for each in world.variations])
    world.settle()
    now = settings_of(db.session.get(Integration, world.integration.id))
    empty = frozenset({make.named(make.Warehouse, "Empty").id})
    integrations.save_settings(world.integration.id, replace(now, rule=replace(now.rule, warehouses=empty)), ME)
    world.settle()
    assert sorted(world.channel.pushed) == [(f"L{i}", 1) for i in range(5)], "falls that leave something go out"
    assert guard.held_on(world.integration.id).zeros == 5
    held_numbers.undo_batch(batch(), ME)
    assert guard.held_on(world.integration.id) is None
    world.settle()
    assert [world.channel.shows(f"L{i}") for i in range(10)] == [3] * 10
