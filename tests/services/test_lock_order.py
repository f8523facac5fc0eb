"""Computing and importing the same listings at the same moment."""

import random
import threading
from dataclasses import replace

import flask
import pytest
import sqlalchemy as sa

from tests.conftest import SERVER
from tests.order_world import OrderWorld
from tests.push_world import ME, World
from tests.races import race
from wholecell.channels.contract import ListingPage
from wholecell.db import db, is_sqlite, transaction, utcnow
from wholecell.models import InventoryItem, SalesOrder
from wholecell.services import importing, offers, recompute
from wholecell.services.order_saving import save_orders
from wholecell.services.recompute import Cause
from wholecell.services.work import Kind, Run

ROUNDS = 20


def _at_once():
    world = World(count=60, stock=1, armed=False)
    variations, integration_id = [each.id for each in world.variations], world.integration.id

    def compute():
        for status in range(ROUNDS):
            with transaction() as session:
                session.execute(sa.update(InventoryItem).values(status_id=1 + status % 2))
                recompute.request(session, Cause.ITEM, ME, variations=variations)
            offers.compute_all()

    def read_in():
        run = Run(1, integration_id, Kind.IMPORT_LISTINGS, "lease")
        for number in range(ROUNDS):
            rows = [replace(each, title=f"Title {number}") for each in world.channel.listings_by_id.values()]
            random.Random(number).shuffle(rows)
            importing._save_page(run, ListingPage(rows, 1, len(rows)), utcnow(), 1)

    return [each for each in race(lambda index: (compute, read_in)[index]()) if each is not None]


def test_neither_waits_for_the_other_for_ever(app):
    assert _at_once() == []


def test_in_any_order_one_ends_in_a_deadlock(app, monkeypatch):
    """The twin; SQLite has one lock for all rows."""
    monkeypatch.setattr(offers, "_lock", lambda *_: None)
    update = offers._bulk_update
    monkeypatch.setattr(offers, "_bulk_update", lambda session, rows: update(session, rows[::-1]))
    if is_sqlite():
        assert _at_once() == []
    else:  # a deadlock takes an unlucky moment: on a busy machine not every attempt has one
        assert any(_at_once() for _ in range(8))


def _compute_while_orders_are_saved(lock=lambda session: None):
    """Whether the numbers that an order caused are computed while the same order is being read again."""
    world = OrderWorld(count=1)
    world.channel.put_order("1")
    world.press()
    with transaction() as session:
        recompute.request(session, Cause.ORDER, ME, variations=world.variations, order_id=world.order().id)
        session.execute(sa.update(InventoryItem).values(status_id=2))
    app, done = flask.current_app._get_current_object(), threading.Event()

    def compute():
        with app.app_context():
            offers.compute_all()
            db.session.remove()
            done.set()

    with transaction() as session:
        save_orders(session, world.integration_id, list(world.channel.orders_there.values()), utcnow())
        lock(session)
        thread = threading.Thread(target=compute)
        thread.start()
        went_on = done.wait(2)
    thread.join(10)
    return went_on


@pytest.mark.skipif(not SERVER, reason="SQLite has one lock for all rows")
def test_orders_being_read_again_keep_no_numbers_waiting(app):
    assert _compute_while_orders_are_saved()


@pytest.mark.skipif(not SERVER, reason="SQLite has one lock for all rows")
def test_orders_locked_as_if_to_be_deleted_keep_numbers_waiting(app):
    """The twin: holding listings, the computing waits for an import that may be about to ask for those listings."""
    query = sa.select(SalesOrder.id).with_for_update()
    assert not _compute_while_orders_are_saved(lambda session: session.execute(query))
