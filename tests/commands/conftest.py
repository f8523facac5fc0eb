"""An app on tables that migrations built, in a database of its own, for commands that replace or migrate it."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import upgrade

from tests import factories
from tests.conftest import SERVER
from wholecell import create_app
from wholecell.db import db
from wholecell.services import start_lists


@pytest.fixture
def own_url(template, tmp_path, worker):
    if isinstance(template, Path):
        yield f"sqlite:///{tmp_path / 'own.db'}"
        return
    if not shutil.which("pg_dump"):
        pytest.skip("pg_dump is not installed")
    name = f"wholecell_test_{worker}_own"
    server = sa.make_url(SERVER).set(drivername="postgresql+psycopg")
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def own_app(settings, own_url):
    app = create_app(replace(settings, database_url=own_url))
    with app.app_context():
        upgrade()
        start_lists.ensure()
        factories.reset()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def flask(own_app):
    """Run a command as `flask` does: flask("backup", path) gives its result."""
    runner = own_app.test_cli_runner()

    def run(*args, **options):
        db.session.remove()
        return runner.invoke(args=[str(each) for each in args], **options)

    return run
