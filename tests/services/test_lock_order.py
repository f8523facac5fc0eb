"""Computing and importing the same listings at the same moment."""

import random
from dataclasses import replace

import sqlalchemy as sa

from tests.push_world import ME, World
from tests.races import race
from wholecell.channels.contract import ListingPage
from wholecell.db import is_sqlite, transaction, utcnow
from wholecell.models import InventoryItem
from wholecell.services import importing, offers, recompute
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
