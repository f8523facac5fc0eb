"""Paging orders by a time and the id, where the time may be missing: those without one come last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import SalesOrder
from wholecell.services import keyset
from wholecell.services.bulk import AnyRows
from wholecell.services.keyset import Cursor, Page
from wholecell.services.order_filter import SHIP_BY


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the list that one index walks: its rows, and its columns in their order."""

    condition: sa.ColumnElement[bool]
    columns: tuple[Any, ...]
    is_falling: bool = False

    def query(self, query: AnyRows, place: Sequence[Any] | None, is_back: bool) -> AnyRows:
        """The rows of this part beyond the place, nearest first."""
        falls = self.is_falling != is_back
        query = query.where(self.condition)
        if place is not None:
            here, there = sa.tuple_(*self.columns), sa.tuple_(*(sa.literal(each) for each in place))
            query = query.where(here < there if falls else here > there)
        return query.order_by(*(column.desc() if falls else column for column in self.columns))


def _parts(sort: str) -> tuple[_Part, ...]:
    order = SalesOrder
    if sort == SHIP_BY:
        dated = _Part(order.ship_by.is_not(None), (order.ship_by, order.id))
        return dated, _Part(order.ship_by.is_(None), (order.id,), is_falling=True)
    return (_Part(sa.true(), (order.placed_at, order.id), is_falling=True),)


def ids(where: Sequence[sa.ColumnElement[bool]], sort: str, cursor: Cursor, size: int | None = None) -> Page[int]:
    """The ids of one page. `before` in the cursor is the last order of the page before, `after` the first after."""
    size = size or keyset.SIZE
    parts = _parts(sort)
    is_back = cursor.after is not None
    start, place = _place(parts, cursor.after if is_back else cursor.before)
    if is_back:
        parts, start = parts[::-1], len(parts) - 1 - start
    found: list[int] = []
    for part in parts[start:]:
        query = part.query(sa.select(SalesOrder.id).where(*where), place, is_back).limit(size + 1 - len(found))
        found += db.session.scalars(query)
        place = None
        if len(found) > size:
            break
    has_more, rows = len(found) > size, found[:size]
    if is_back:
        rows.reverse()
        return Page(rows, rows[0] if has_more else None, rows[-1] if rows else None)
    is_first = cursor.before is None or not rows
    return Page(rows, None if is_first else rows[0], rows[-1] if has_more else None)


def _place(parts: Sequence[_Part], order_id: int | None) -> tuple[int, Sequence[Any] | None]:
    """Which part an order is in, and its place there; the beginning when there is no such order."""
    if order_id is None:
        return 0, None
    order = SalesOrder
    row = db.session.execute(sa.select(order.ship_by, order.placed_at, order.id).where(order.id == order_id)).first()
    if row is None:
        return 0, None
    if len(parts) == 1:
        return 0, (row.placed_at, row.id)
    return (1, (row.id,)) if row.ship_by is None else (0, (row.ship_by, row.id))
