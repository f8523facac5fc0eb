"""Sixteen browsers scan at once. Each guard has its twin; `make torture` runs a hundred rounds of it."""

import pytest
import sqlalchemy as sa
from sqlalchemy.sql import Select

from tests.picking_race import floor
from wholecell import db as database
from wholecell.db import db, is_sqlite
from wholecell.models import Commitment
from wholecell.services import wanting

ROUNDS = 3
UNLUCKY = 10  # a race takes a moment in which two are between looking and writing
INDEX = next(each for each in Commitment.__table__.indexes if each.name == "uq_commitment_live_item")


@pytest.fixture
def pickers(app):
    with floor(app) as there:
        yield there


def test_of_sixteen_who_scan_the_last_phone_one_gets_it_and_the_others_are_told(pickers):
    pickers.last_phone(ROUNDS)


def test_of_two_phones_for_one_unit_the_second_goes_below(pickers):
    pickers.one_unit(ROUNDS)


@pytest.fixture
def no_index(app):
    db.session.commit()
    INDEX.drop(db.engine)
    yield
    db.session.rollback()
    db.session.execute(sa.delete(Commitment))
    db.session.commit()
    INDEX.create(db.engine)


def test_without_index_and_row_locks_the_phone_is_sold_twice(app, no_index, monkeypatch):
    """The twin; on SQLite, where one lock stands for both, scans fail on a locked database instead."""
    monkeypatch.setattr(Select, "with_for_update", lambda query, **_options: query)
    with fails(monkeypatch, "were told that they have the phone"), floor(app) as pickers:
        pickers.last_phone(UNLUCKY)


def test_without_the_orders_lock_both_phones_are_on_one_unit(app, monkeypatch):
    """The twin; on SQLite as above."""
    monkeypatch.setattr(wanting, "hold_orders", lambda _session, order_ids: list(order_ids))
    with fails(monkeypatch, "both phones are on one unit"), floor(app) as pickers:
        pickers.one_unit(UNLUCKY)


def fails(monkeypatch, wrong):
    """A round goes wrong, on PostgreSQL in this way."""
    if not is_sqlite():
        return pytest.raises(AssertionError, match=wrong)
    monkeypatch.setattr(database, "_is_writer", lambda: False)  # writers begin as readers, as SQLAlchemy lets them
    return pytest.raises(AssertionError, match="a scan failed: .*database is locked")
