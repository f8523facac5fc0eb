"""The databases that are measured: a fresh SQLite file, and a PostgreSQL database of our own."""

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from wholecell import config, create_app
from wholecell.db import Base, db, listen
from wholecell.services import start_lists

SERVER = os.environ.get("WHOLECELL_TEST_DATABASE_URL") or "postgresql://postgres@127.0.0.1/postgres"
NAME = "wholecell_bench"


class Raw:
    """A connection of the driver itself, kept open, with the settings the app's connections have."""

    def __init__(self, url):
        self._engine = sa.create_engine(url)
        listen(self._engine)
        self.is_sqlite = self._engine.dialect.name == "sqlite"
        self._pooled = self._engine.raw_connection()
        self.driver = self._pooled.driver_connection
        if not self.is_sqlite:
            self.driver.autocommit = True  # as on SQLite: we begin transactions ourselves

    def rows(self, statement, **values):
        """Ask; `:name` stands for a value on both databases."""
        return self.driver.execute(self._said(statement), values).fetchall()

    def ids(self, table, column="name"):
        """The ids of a short list by name."""
        return dict(self.rows(f"SELECT {column}, id FROM {table}"))

    @contextmanager
    def writing(self):
        """One durable transaction, begun as the app begins its own."""
        self.driver.execute("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
        try:
            yield
        except BaseException:
            self.driver.execute("ROLLBACK")
            raise
        self.driver.execute("COMMIT")

    def write(self, statement, **values):
        with self.writing():
            self.driver.execute(self._said(statement), values)

    def _said(self, statement):
        return statement if self.is_sqlite else _psycopg(statement)

    def load(self, table, columns, rows):
        """Put many rows in as fast as the driver can; columns nobody named get what the model gives them."""
        defaults = self._defaults(table, columns)
        columns, filling = (*columns, *defaults), tuple(defaults.values())
        rows = ((*row, *filling) for row in rows)
        names = ", ".join(columns)
        if self.is_sqlite:
            marks = ", ".join("?" * len(columns))
            with self.writing():
                self.driver.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)
            return
        with self.driver.cursor().copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
        if columns[0] == "id":
            self.rows(f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), max(id)) FROM \"{table}\"")

    def _defaults(self, table, named):
        found = {}
        for column in Base.metadata.tables[table].columns:
            if column.name not in named and not column.nullable and column.default is not None:
                value = column.default.arg if column.default.is_scalar else column.default.arg(None)
                stored = column.type.dialect_impl(self._engine.dialect).bind_processor(self._engine.dialect)
                found[column.name] = stored(value) if stored else value
        return found

    def settle(self):
        """What an idle server does by itself: on PostgreSQL, look at the tables after so many rows came in."""
        if not self.is_sqlite:
            self.driver.execute("VACUUM ANALYZE")

    def close(self):
        self._pooled.close()
        self._engine.dispose()


@lru_cache
def _psycopg(statement):
    return re.sub(r":(\w+)", r"%(\1)s", statement.replace("%", "%%"))


@dataclass(frozen=True)
class Target:
    """One database with the app on it and a bare connection beside."""

    name: str
    app: Flask
    raw: Raw
    folder: Path
    vault_keys: tuple


def environ(url, folder):
    """What every process on this database is started with."""
    return {
        "WHOLECELL_DATA_DIR": str(folder),
        "WHOLECELL_DATABASE_URL": url,
        "WHOLECELL_SCHEDULER": "off",
        "WHOLECELL_TIMEZONE": "UTC",
        "WHOLECELL_LOG_LEVEL": "ERROR",
    }


@contextmanager
def open_target(name, url, folder):
    """The app on an empty database that has the start lists."""
    settings = config.load(environ(url, folder))
    app = create_app(settings)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        start_lists.ensure()
        db.session.remove()
        raw = Raw(url)
        try:
            yield Target(name, app, raw, folder, settings.credentials_keys)
        finally:
            raw.close()
            db.session.remove()
            db.engine.dispose()


@contextmanager
def sqlite(folder):
    with open_target("SQLite", f"sqlite:///{folder / 'bench.db'}", folder) as target:
        yield target


@contextmanager
def postgresql(folder, name=NAME):
    """A database that is made for this and dropped after it. Raises Absent when no server answers."""
    server = sa.make_url(SERVER).set(drivername="postgresql+psycopg")
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        _run(admin, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    except (sa.exc.OperationalError, ImportError) as error:
        raise Absent(f"no PostgreSQL answers at {SERVER}: {str(error).splitlines()[0]}") from None
    url = server.set(database=name).render_as_string(hide_password=False)
    try:
        with open_target("PostgreSQL", url, folder) as target:
            yield target
    finally:
        _run(admin, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.dispose()


def _run(admin, *statements):
    with admin.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


class Absent(Exception):
    """There is no such database here; the text says why."""
