"""Statements over many rows, written the same for both databases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
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
    if _is_postgresql(session):
        return _insert_document(session, target, rows, returning, tuple(unique))
    found = session.execute(_insert_unless_there(target, returning, tuple(unique)), list(rows))
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
                session.connection().execute(_set_alike(target, names), {**values, "row_ids": chunk})
            continue
        session.connection().execute(_set_each(target, names), group)


# Written once for each set of columns: that takes longer than a few rows do.


@lru_cache
def _set_alike(target: sa.Table, names: tuple[str, ...]) -> sa.Update:
    rows = sa.update(target).where(target.c.id.in_(sa.bindparam("row_ids", expanding=True)))
    return rows.values({name: sa.bindparam(name) for name in names})


@lru_cache
def _set_each(target: sa.Table, names: tuple[str, ...]) -> sa.Update:
    row = sa.update(target).where(target.c.id == sa.bindparam("row_id"))
    return row.values({name: sa.bindparam(name) for name in names})


@lru_cache
def _insert(target: sa.Table, returning: tuple[sa.Column[Any], ...]) -> Any:
    statement = sa.insert(target)
    return statement.returning(*returning) if returning else statement


@lru_cache
def _insert_unless_there(target: sa.Table, returning: tuple[sa.Column[Any], ...], unique: tuple[str, ...]) -> Any:
    statement = sqlite.insert(target).on_conflict_do_nothing(index_elements=list(unique))
    return statement.returning(*returning) if returning else statement


def insert_rows(
    session: Session, target: sa.Table, rows: Sequence[Mapping[str, Any]], *returning: sa.Column[Any]
) -> list[sa.Row[*tuple[Any, ...]]]:
    """Insert rows that all name the same columns; gives `returning` of each, in no certain order."""
    if not rows:
        return []
    if _is_postgresql(session):
        return _insert_document(session, target, rows, returning)
    result = session.connection().execute(_insert(target, returning), list(rows))
    return list(result) if returning else []


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _insert_document(
    session: Session,
    target: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    returning: tuple[sa.Column[Any], ...],
    unique: tuple[str, ...] = (),
) -> list[sa.Row[*tuple[Any, ...]]]:
    """All rows as one JSON value: a bound value for each of their columns takes longer to write out than to insert."""
    made = {c.name: c.default for c in target.c if c.name not in rows[0] and c.default is not None}
    document = json.dumps([{**_defaults(made), **row} for row in rows], default=_as_text)
    statement = _from_document(target, (*made, *rows[0]), returning, unique)
    result = session.connection().execute(statement, {"rows": document})
    return list(result) if returning else []


def _defaults(made: Mapping[str, Any]) -> dict[str, Any]:
    return {name: default.arg if default.is_scalar else default.arg(None) for name, default in made.items()}


def _as_text(value: object) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat()
    raise ValueError(f"a value of a kind that is not stored: {type(value).__name__}")


@lru_cache
def _from_document(
    target: sa.Table, names: tuple[str, ...], returning: tuple[sa.Column[Any], ...], unique: tuple[str, ...]
) -> Any:
    columns = [sa.column(name, _loose(target.c[name].type)) for name in names]
    document = sa.cast(sa.bindparam("rows", type_=sa.Text()), sa.JSON())
    rows = sa.func.json_to_recordset(document).table_valued(*columns, name="rows").render_derived(with_types=True)
    statement = postgresql.insert(target).from_select(list(names), sa.select(*rows.c), include_defaults=False)
    if unique:
        statement = statement.on_conflict_do_nothing(index_elements=list(unique))
    return statement.returning(*returning) if returning else statement


def _loose(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """Without its length: a value read as VARCHAR(80) would be cut off in silence where it has to be refused."""
    return sa.Text() if isinstance(kind, sa.String) else kind
