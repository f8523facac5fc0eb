"""Paging by id: no OFFSET, so page 1,000 is as quick as page 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from wholecell.db import db
from wholecell.services.bulk import AnyRows

T = TypeVar("T")
SIZE = 50
COUNT_TO = 10_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The rows of one page, and the cursors of its neighbors (None at an end)."""

    rows: list[T]
    previous: int | None
    next: int | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Which page is wanted: the rows below `before`, or those right above `after`; the first when both are None."""

    before: int | None = None
    after: int | None = None


def newest_first(query: AnyRows, key: Any, cursor: Cursor, size: int = SIZE) -> Page[Any]:
    """One page of a query, highest id first; `key` is its id column and the first column it selects."""
    if cursor.after is not None:
        rows = list(db.session.execute(query.where(key > cursor.after).order_by(key).limit(size + 1)))
        has_previous, rows = len(rows) > size, rows[:size][::-1]
        return Page(rows, rows[0][0] if has_previous else None, rows[-1][0] if rows else None)
    if cursor.before is not None:
        query = query.where(key < cursor.before)
    rows = list(db.session.execute(query.order_by(key.desc()).limit(size + 1)))
    has_next, rows = len(rows) > size, rows[:size]
    is_first = cursor.before is None or not rows
    return Page(rows, None if is_first else rows[0][0], rows[-1][0] if has_next else None)


def counts(queries: dict[str, AnyRows]) -> dict[str, int]:
    """How many rows each query has, in one statement, counting no further than just over 10,000."""
    columns = [
        sa.select(sa.func.count()).select_from(query.limit(COUNT_TO + 1).subquery()).scalar_subquery().label(f"n{i}")
        for i, query in enumerate(queries.values())
    ]
    return dict(zip(queries, db.session.execute(sa.select(*columns)).one(), strict=True))


def shown_count(number: int) -> str:
    """1,312, or 10,000+ where counting stopped."""
    return f"{COUNT_TO:,}+" if number > COUNT_TO else f"{number:,}"
