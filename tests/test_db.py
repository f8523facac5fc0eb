"""The settings that every connection to the database gets."""

import threading
import time

import flask
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from wholecell import create_app
from wholecell import db as database
from wholecell.db import db, is_sqlite, repeats_after_deadlock, transaction

SQLITE = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 5000}
POSTGRESQL = {"jit": "off", "parallel_setup_cost": "10000"}


def ended_in_a_deadlock(times, error="DeadlockDetected"):
    """A change that PostgreSQL ends so often, with the error its driver raises; what is given back counts the tries."""
    tries = []

    @repeats_after_deadlock
    def change():
        tries.append(1)
        with transaction():
            if len(tries) <= times:
                raise sa.exc.OperationalError("UPDATE", {}, type(error, (Exception,), {})())
        return len(tries)

    return change


@pytest.mark.parametrize("times", [0, 1, 3])
def test_a_change_that_met_another_is_made_again(app, times):
    assert ended_in_a_deadlock(times)() == times + 1


def test_but_not_for_ever_and_not_after_another_error(app):
    for change in (ended_in_a_deadlock(4), ended_in_a_deadlock(1, "ConnectionLost")):
        with pytest.raises(sa.exc.OperationalError):
            change()


def test_nor_within_another_change_which_would_lose_its_first_half(app):
    with pytest.raises(sa.exc.OperationalError), transaction():
        ended_in_a_deadlock(1)()


def test_each_connection_has_the_settings(settings):
    with create_app(settings).app_context():
        check_settings()
        db.engine.dispose()


def check_settings():
    verb, wanted = ("PRAGMA", SQLITE) if is_sqlite() else ("SHOW", POSTGRESQL)
    with db.engine.connect() as first, db.engine.connect() as second:
        for connection in (first, second):
            found = {name: connection.exec_driver_sql(f"{verb} {name}").scalar() for name in wanted}
            assert found == wanted


def two_writers():
    """One thread writes while another wants to; what the other was told."""
    app, is_open, told = flask.current_app._get_current_object(), threading.Event(), []

    def second():
        with app.app_context():
            is_open.wait(5)
            try:
                write()
            except sa.exc.OperationalError as error:
                told.append(str(error.orig))
            db.session.remove()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction() as session:
        session.execute(TOUCH)
        is_open.set()
        time.sleep(0.2)
    thread.join(10)
    return told


TOUCH = sa.text("UPDATE grade SET position = position")


def write():
    with transaction() as session:
        session.execute(TOUCH)


@pytest.fixture
def impatient(app):
    """Connections that do not wait for SQLite's lock."""
    if is_sqlite():
        event.listen(db.engine, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout=0"))
        db.session.remove()
        db.engine.dispose()


def test_threads_of_one_process_take_turns_at_writing(impatient):
    for _ in range(3):
        assert two_writers() == []


def test_a_turn_ends_with_its_transaction_whatever_became_of_it(impatient):
    with pytest.raises(ZeroDivisionError), transaction() as session:
        session.execute(TOUCH)
        raise ZeroDivisionError
    began = time.monotonic()
    assert two_writers() == []
    assert time.monotonic() - began < database.LONGEST_TURN / 2


def test_without_turns_the_second_finds_the_database_locked(impatient, monkeypatch):
    """The twin."""
    monkeypatch.setattr(database, "LONGEST_TURN", 0)
    assert two_writers() == (["database is locked"] if is_sqlite() else [])
