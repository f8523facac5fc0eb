"""The settings that every connection to the database gets."""

from wholecell import create_app
from wholecell.db import db, is_sqlite

SQLITE = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 5000}
POSTGRESQL = {"jit": "off", "parallel_setup_cost": "10000"}


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
