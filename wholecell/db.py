"""The database: one declarative base, SQLite's settings, and the transaction every change runs in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import flask
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# 64-bit on PostgreSQL; SQLite numbers rows by itself only for a column declared INTEGER.
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

P = ParamSpec("P")
T = TypeVar("T")

LONGEST_TURN = 20.0  # seconds
MOST_DEADLOCKS = 3  # in a row, of one change
LIBRARY = "security"  # the blueprint whose views commit by themselves

_writing: ContextVar[bool] = ContextVar("writing", default=False)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime. A naive one is refused; SQLite keeps it as naive text and gives it back aware."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables; constraint names are fixed so that migrations can find them on both databases."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: sa.JSON(), list[Any]: sa.JSON()}


# Tables derive from Base itself: Flask-SQLAlchemy would copy a base class and lose its type map.
db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})


def utcnow() -> datetime:
    """The time now, aware, UTC."""
    return datetime.now(UTC)


@contextmanager
def transaction() -> Iterator[sa.orm.Session]:
    """Run a change as one write transaction: committed at the end, rolled back on an error.

    Inside another one it joins it. An open reading transaction is ended first, so that SQLite takes the
    write lock (BEGIN IMMEDIATE) before anything is read: what was checked still holds when it is written.
    """
    session = db.session
    if _writing.get():
        yield session()
        return
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changes were made outside of transaction()")
    session.commit()  # ends an open reading transaction, and keeps what it loaded
    session.expire_all()
    token = _writing.set(True)
    try:
        yield session()
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.reset(token)


class _UndoneError(Exception):
    """Lets a transaction take back all that was done in it."""


def dry_run(change: Callable[[], T]) -> T:
    """What the change would return; whatever it writes is taken back."""
    found: list[T] = []
    try:
        with transaction():
            found.append(change())
            raise _UndoneError
    except _UndoneError:
        return found[0]


def repeats_after_deadlock(change: Callable[P, T]) -> Callable[P, T]:
    """For a change of many rows that may meet another in the opposite order: PostgreSQL ends one of the two.

    The change must be one transaction of its own, so that nothing of it is left and it can be made again.
    """

    @wraps(change)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(MOST_DEADLOCKS):
            try:
                return change(*args, **kwargs)
            except sa.exc.OperationalError as error:
                if _writing.get() or type(error.orig).__name__ != "DeadlockDetected":
                    raise
        return change(*args, **kwargs)

    return repeated


class _Turns:
    """The threads of one process take turns at writing to SQLite.

    Left to themselves they sleep between looks whether its lock is free, up to 100 ms, while others who come just
    then take it: on a busy machine one of five threads found it taken for five seconds, and failed.
    """

    def __init__(self) -> None:
        self._free = threading.Lock()

    def begin(self, connection: Connection) -> None:
        """Begin a transaction, one that writes when its turn comes. Other processes are waited for by SQLite."""
        if not _is_writer():
            connection.exec_driver_sql("BEGIN")
            return
        if not connection.info.get(self):  # the turn lasts as long as the connection is out of the pool
            connection.info[self] = self._free.acquire(timeout=LONGEST_TURN)
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def end(self, _dbapi_connection: Any, record: ConnectionPoolEntry) -> None:
        """The connection goes back to the pool, whatever became of its transaction."""
        if record.info.pop(self, False):
            self._free.release()


def _is_writer() -> bool:
    return _writing.get() or _may_write_by_itself()


def _may_write_by_itself() -> bool:
    """Whether this is a request in which a library changes things outside of `transaction`.

    A write that starts as a reading transaction fails at once when somebody else wrote in between, whatever
    busy_timeout says. Our own views write in `transaction` alone; nobody must wait while they draw the answer.
    """
    if not flask.has_request_context() or flask.request.method in {"GET", "HEAD", "OPTIONS"}:
        return False
    # The rule is not known yet while the session is opened, and what begins there goes on in the view.
    return flask.request.url_rule is None or flask.request.blueprint == LIBRARY


def _configure_sqlite(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.isolation_level = None  # we begin transactions ourselves
    cursor = dbapi_connection.cursor()
    for pragma in (
        "busy_timeout=5000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "cache_size=-65536",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _configure_postgresql(dbapi_connection: Any, _record: Any) -> None:
    # Of the usual 100, our few hundred statements push each other out, and are planned anew each time.
    dbapi_connection.prepared_max = 500
    # Compiling a statement of ours takes longer than running it: 0.3 s of 0.6 for all quantities of 20,000 listings.
    dbapi_connection.execute("SET jit = off")
    # Starting helpers takes longer than one variation's few hundred rows; large scans still get them.
    dbapi_connection.execute("SET parallel_setup_cost = 10000")
    dbapi_connection.commit()


def listen(engine: sa.Engine) -> None:
    """Give the engine's connections their settings."""
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _configure_postgresql)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        turns = _Turns()
        event.listen(engine, "begin", turns.begin)
        event.listen(engine, "checkin", turns.end)


def is_sqlite() -> bool:
    """Whether the app runs on SQLite."""
    return db.engine.dialect.name == "sqlite"
