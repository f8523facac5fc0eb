"""What the channel shows, and when that is a reason to send again."""

from datetime import timedelta

import sqlalchemy as sa

from tests.push_world import World
from wholecell.db import db, transaction, utcnow
from wholecell.models import (
    Integration,
)
from wholecell.services import due, readings
from wholecell.services.recompute import Cause
from wholecell.services.work import Kind


def test_a_reading_that_shows_more_is_answered_with_our_number(app):
    world = World()
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    world.channel.set("L0", quantity=7)
    world.run(Kind.REPAIR)
    assert world.due() == [("L0", 2, due.Reason.MORE_SHOWN)]
    world.settle()
    assert world.channel.shows("L0") == 2
    assert world.due() == []


def test_a_reading_from_before_the_answer_is_no_news(app):
    world = World()
    began = utcnow()
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    with transaction():
        readings.note(world.listing(), 3, began, (False, None))
    assert world.listing().last_imported == 2
    assert world.due() == []


def test_a_reading_within_the_settle_time_is_no_news(app):
    world = World()
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    world.set(settled_at=utcnow() + timedelta(minutes=15))
    world.channel.set("L0", quantity=3)
    world.run(Kind.REPAIR)
    assert world.due() == []


def test_a_smaller_number_is_tried_twice_after_two_readings_an_hour_apart(app):
    world = World()
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    for tried in (1, 2):
        world.channel.set("L0", quantity=1)
        world.run(Kind.REPAIR)
        assert world.due() == [], "one reading is not enough: the sale behind it may still be on its way"
        world.rewind(less_shown_at=61, last_imported_at=61, settled_at=61)
        world.run(Kind.REPAIR)
        assert world.due() == [("L0", 2, due.Reason.LESS_SHOWN)]
        world.settle()
        assert world.listing().tries == tried
    world.channel.set("L0", quantity=1)
    world.run(Kind.REPAIR)
    world.rewind(less_shown_at=61, last_imported_at=61, settled_at=61)
    world.run(Kind.REPAIR)
    assert world.due() == []
    assert (world.listing().less_shown, world.listing().tries) == (1, 2)
    world.channel.set("L0", quantity=2)
    world.run(Kind.REPAIR)
    assert world.listing().tries == 0


def test_a_smaller_number_needs_an_order_import_between_where_orders_are_imported(app):
    world = World(imports_orders=True)
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    world.channel.set("L0", quantity=1)
    world.run(Kind.REPAIR)
    world.rewind(less_shown_at=61, last_imported_at=61, settled_at=61)
    world.run(Kind.REPAIR)
    assert world.due() == []
    db.session.execute(sa.update(Integration).values(orders_imported_from=utcnow()))
    db.session.commit()
    world.run(Kind.REPAIR)
    assert world.due() == [("L0", 2, due.Reason.LESS_SHOWN)]


def test_a_different_number_stored_is_a_reading_but_no_reason_to_call_again(app):
    world = World()
    world.channel.after_push = lambda change: world.channel.set(change.external_id, quantity=1)
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    listing = world.listing()
    assert (listing.last_synced, listing.last_imported, listing.less_shown) == (2, 1, 1)
    assert world.due() == []
