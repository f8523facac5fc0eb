"""SQLite has one lock for all who write: nobody waits for it while an answer is drawn."""

from contextlib import closing

import flask
import pytest

from tests.factories import make_item, make_order, make_variation
from wholecell import db as database
from wholecell.db import db, is_sqlite


@pytest.fixture
def scan(app, client_as):
    """Scan a phone; gives what came of writing while the answer was drawn."""
    told = []

    def write(_sender, template, **_context):
        with closing(db.engine.raw_connection()) as other:
            if is_sqlite():
                other.driver_connection.execute("PRAGMA busy_timeout=0")
            try:
                other.cursor().execute("UPDATE grade SET position = position")
            except Exception as error:
                told.append(str(error))
            other.rollback()
            other.detach()

    def scan():
        item, order = make_item(make_variation("S")), make_order("Awaiting shipment", [{"sku": "S"}])
        browser = client_as("picker")
        with flask.before_render_template.connected_to(write, app):
            answer = browser.post(
                "/fulfil/scan", data={"order": order.id, "code": item.esn}, headers={"HX-Request": "true"}
            )
        assert answer.status_code == 200
        return told

    return scan


def test_others_write_while_an_answer_is_drawn(scan):
    assert scan() == []


def test_a_request_that_held_the_lock_to_its_end_would_keep_them_out(scan, monkeypatch):
    """The twin."""
    monkeypatch.setattr(database, "_may_write_by_itself", flask.has_request_context)
    assert ("database is locked" in scan()) == is_sqlite()


@pytest.mark.parametrize(("method", "path", "does"), [("POST", "/sign-in", True), ("POST", "/fulfil/scan", False)])
def test_only_a_librarys_views_write_outside_of_a_transaction(app, method, path, does):
    with app.test_request_context(path, method=method):
        assert (flask.request.url_rule is not None, database._may_write_by_itself()) == (True, does)
