"""Statements over many rows, written the same for both databases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wholecell.db import Base

T = TypeVar("T")
CHUNK = 500
MANY = 5000  # for plain questions: the more at once, the fewer of them
AnyRows = sa.Select[*tuple[Any, ...]]  # a query whose columns are listed at run time


def table(model: type[Base]) -> sa.Table:
    """The table of a model, for statements that leave ORM objects out."""
    return model.metadata.tables[model.__tablename__]


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The values in groups that fit into one IN list."""
    rows = list(values)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def insert_new(
    session: Session,
    target: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *returning: sa.Column[Any],
    unique: Sequence[str],
) -> list[sa.Row[*tuple[Any, ...]]]:
    """Insert the rows whose `unique` columns nobody holds yet; gives `returning` of those inserted.

    The unique index decides, so of two who insert the same row at once one inserts and the other gets nothing.
    """
    if not rows:
        return []
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(target).on_conflict_do_nothing(index_elements=list(unique))
    wanted = returning or _batching(session, target)
    if not wanted:
        session.execute(statement, list(rows))
        return []
    found = session.execute(statement.returning(*wanted), list(rows))
    return list(found) if returning else []


def update_each(session: Session, model: type[Base], column: str, values: Mapping[int, Any]) -> None:
    """Set one column of many rows, each to its own value, and count their versions up."""
    target = table(model)
    changes: dict[str, Any] = {column: sa.bindparam("new_value")}
    if "version" in target.c:
        changes["version"] = target.c.version + 1
    statement = sa.update(target).where(target.c.id == sa.bindparam("row_id")).values(changes)
    rows = [{"row_id": key, "new_value": value} for key, value in sorted(values.items())]
    if rows:
        session.connection().execute(statement, rows)


def update_rows(session: Session, model: type[Base], rows: Iterable[Mapping[str, Any]]) -> None:
    """Set columns of many rows, each row naming its `id` and what changes: one executemany per set of columns."""
    target = table(model)
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        values = {name: value for name, value in row.items() if name != "id"}
        groups.setdefault(tuple(values), []).append({"row_id": row["id"], **values})
    for names, group in groups.items():
        values = {name: group[0][name] for name in names}
        if all(row[name] == value for row in group for name, value in values.items()):
            for chunk in chunks(row["row_id"] for row in group):  # one round trip instead of one a row
                session.connection().execute(sa.update(target).where(target.c.id.in_(chunk)).values(values))
            continue
        statement = sa.update(target).where(target.c.id == sa.bindparam("row_id"))
        session.connection().execute(statement.values({name: sa.bindparam(name) for name in names}), group)


def insert_rows(
    session: Session, target: sa.Table, rows: Sequence[Mapping[str, Any]], *returning: sa.Column[Any]
) -> list[sa.Row[*tuple[Any, ...]]]:
    """Insert rows that all name the same columns; gives `returning` of each, in no certain order."""
    if not rows:
        return []
    wanted = returning or _batching(session, target)
    result = session.connection().execute(sa.insert(target).returning(*wanted), list(rows)) if wanted else None
    if result is None:
        session.connection().execute(sa.insert(target), list(rows))
    return list(result) if returning and result is not None else []


def _batching(session: Session, target: sa.Table) -> tuple[sa.Column[Any], ...]:
    """PostgreSQL is sent many rows in one statement only where something is to be returned; SQLite has no need."""
    return tuple(target.primary_key.columns)[:1] if session.get_bind().dialect.name == "postgresql" else ()
