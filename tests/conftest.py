"""A fresh database for every test: SQLite files copied from a template, or one PostgreSQL database per worker."""

import gc
import os
import shutil
from contextlib import nullcontext
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import factories, quick_apps
from wholecell import config, create_app, jobs
from wholecell.db import Base, db, listen

BROWSERS = {"client", "client_as"}  # fixtures that need the pages for sure
SERVER = os.environ.get("WHOLECELL_TEST_DATABASE_URL", "")

quick_apps.prepare()
quick_apps.keep_files_in_memory()


# Deleting the few rows of a test is many times quicker than truncating every table; "replica" leaves out the
# triggers that refuse deletions. Ids begin at 1 again, as in a fresh SQLite file.
EMPTY = """
SET LOCAL session_replication_role = replica;
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE 'DELETE FROM ' || name;
  END LOOP;
  FOR name IN SELECT quote_ident(sequencename) FROM pg_sequences
      WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    EXECUTE 'ALTER SEQUENCE ' || name || ' RESTART';
  END LOOP;
END $$;
"""


# Begun last, one of these would keep a single worker busy while the other waits.
LONG = ("tests/torture/", "tests/test_state_machine.py", "tests/test_bench.py", "tests/commands/test_processes.py")


def pytest_collection_modifyitems(config, items):
    """The longest tests first; on PostgreSQL, leave out what only repeats the run on SQLite."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
    if SERVER:
        repeated = [item for item in items if not quick_apps.runs_on_each_database(item)]
        config.hook.pytest_deselected(items=repeated)
        items[:] = [item for item in items if quick_apps.runs_on_each_database(item)]


def pytest_collection_finish(session):
    """What is imported is no garbage: looking through it took up to a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(scope="session")
def worker(request):
    name = getattr(request.config, "workerinput", {}).get("workerid", "main")
    return f"{os.environ.get('WHOLECELL_TEST_WORKER', '')}{name}"


@pytest.fixture(scope="session")
def template(tmp_path_factory, worker):
    """What each test's database is made from: a SQLite file, or the URL of this worker's PostgreSQL database."""
    if SERVER:
        return _postgresql_database(sa.make_url(SERVER).set(drivername="postgresql+psycopg"), worker)
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    listen(engine)
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


def _postgresql_database(server, worker):
    name = f"wholecell_test_{worker}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        # A test's rows need not outlive a power cut.
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    admin.dispose()
    url = server.set(database=name)
    engine = sa.create_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()
    return url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def first_engine(template):
    """An engine that was connected once; those of the tests take what it knows."""
    url = f"sqlite:///{template}" if isinstance(template, Path) else template
    engine = sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)
    listen(engine)
    engine.connect().close()
    yield engine
    engine.dispose()


@pytest.fixture
def database_url(request, template, first_engine, tmp_path):
    assert quick_apps.runs_on_each_database(request.node), "asks for the database too late: would not run on PostgreSQL"
    if isinstance(template, Path):
        shutil.copy(template, tmp_path / "test.db")
        return f"sqlite:///{tmp_path / 'test.db'}"
    with first_engine.begin() as connection:
        connection.exec_driver_sql(EMPTY)
    return template


@pytest.fixture
def settings(database_url, tmp_path):
    return config.load(
        {
            "WHOLECELL_DATA_DIR": str(tmp_path / "data"),
            "WHOLECELL_DATABASE_URL": database_url,
            "WHOLECELL_SECRET_KEY": "only-for-tests-0123456789",
            "WHOLECELL_SCHEDULER": "off",
            "WHOLECELL_TIMEZONE": "UTC",
            "WHOLECELL_LOG_LEVEL": "ERROR",
        }
    )


@pytest.fixture
def bare_app(request, settings, first_engine):
    """The app on an empty database."""
    with quick_apps.late_pages() if BROWSERS.isdisjoint(request.fixturenames) else nullcontext():
        app = create_app(settings)
        app.testing = True
    with app.app_context():
        quick_apps.share_statements(db.engine, first_engine)
        if SERVER:
            quick_apps.share_connections(db.engine, first_engine)
        yield app
        db.session.remove()
        if not SERVER:
            db.engine.dispose()
        elif first_engine.pool.checkedout():  # what a test left open must not hold up the next ones
            first_engine.dispose()


@pytest.fixture
def app(bare_app):
    """The app on a database that has the start lists: grades, conditions, statuses, one warehouse."""
    quick_apps.fill_start_lists()
    factories.reset()
    return bare_app


@pytest.fixture
def session(app):
    return db.session


@pytest.fixture
def count_queries(app):
    """A context manager that collects the statements run inside it."""
    return factories.QueryCounter


@pytest.fixture
def schedulers(app):
    """Start this many schedulers, as so many processes would; stopped at the end."""
    started = []

    def start(count=1):
        for _ in range(count):
            scheduler = jobs.start(app)
            started.append((scheduler, app.extensions["looker"]))

    yield start
    for scheduler, looker in started:
        scheduler.shutdown()
        looker.stop()


@pytest.fixture
def channel_has(monkeypatch):
    """`channel_has(**fields)` gives a channel of the list other facts, so that no test needs a real one with them."""
    from dataclasses import replace

    from wholecell.channels import discover

    def change(kind="backmarket", **fields):
        monkeypatch.setitem(discover(), kind, replace(discover()[kind], **fields))

    return change
