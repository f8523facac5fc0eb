"""What a sheet of orders leaves out, where the order is known: a column it does not have changes nothing.

A sheet of states alone, say, has no quantities: an order of two must not become one of one by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import OrderItem, SalesOrder
from wholecell.services.bulk import chunks
from wholecell.services.money import shown_cents
from wholecell.services.upload_kinds import Row

LINE = "line"  # in a filled row the key of the line it is about, whatever columns the file has that made it
_NAMES = ("listing_id", "sku", "title")  # what tells lines apart, the surest first


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """An order as the channel told it last, in the words of cells."""

    status: str
    seen: str  # when it was told last: what was told since, a sheet read before does not know
    cells: Mapping[str, str]
    lines: Sequence[Mapping[str, str]]


def orders_of(integration_id: int, external_ids: Collection[str]) -> dict[str, KnownOrder]:
    """Those of these orders that we have."""
    found: dict[str, KnownOrder] = {}
    order, item = SalesOrder, OrderItem
    for chunk in chunks(sorted(set(external_ids) - {""})):
        own = sa.and_(order.integration_id == integration_id, order.external_id.in_(chunk))
        lines: dict[str, list[Mapping[str, str]]] = defaultdict(list)
        item_columns = (item.external_line_id, item.listing_ids, item.sku, item.title, item.ordered, item.price_cents)
        query = sa.select(order.external_id, item.channel_said, *item_columns).join(item, item.order_id == order.id)
        for key, said, *values in db.session.execute(query.where(own, item.external_line_id.is_not(None))):
            lines[key].append(_line(said, *values))
        columns = (order.channel_status, order.read_at, order.channel_said, order.shipping_cents)
        for key, status, read_at, said, shipping in db.session.execute(
            sa.select(order.external_id, *columns).where(own)
        ):
            cells = _told({"shipping_price": shown_cents(said.get("shipping_cents", shipping))})
            found[key or ""] = KnownOrder(status, seen_at(read_at), cells, lines[key])
    return found


def seen_at(read_at: datetime | None) -> str:
    """A time as `KnownOrder.seen` holds it."""
    return "" if read_at is None else read_at.isoformat()


def _line(
    said: Mapping[str, Any], key: str, listings: Mapping[str, str], sku: str, title: str, ordered: int, cents: int
) -> Mapping[str, str]:
    cells = {
        LINE: key,
        "listing_id": next(iter(listings.values()), ""),
        "sku": said.get("sku", sku),
        "title": said.get("title", title),
        "quantity": str(said.get("ordered", ordered)),
        "unit_price": shown_cents(said.get("price_cents", cents)),
    }
    return _told(cells)


def _told(cells: Mapping[str, str | None]) -> Mapping[str, str]:
    return {name: text for name, text in cells.items() if text}


def filled(rows: Sequence[Row], known: Mapping[str, KnownOrder]) -> list[Row]:
    """The rows with what the channel told of their lines, in the columns that the file does not have."""
    left = {key: list(order.lines) for key, order in known.items()}
    found = []
    for row in rows:
        order = known.get(row.get("order_id"))
        if order is None:
            found.append(row)
            continue
        lines = left[row.get("order_id")]
        ranks = [(_rank(row, line), place) for place, line in enumerate(lines)]
        rank, place = min(ranks, default=(len(_NAMES), 0))
        cells = lines.pop(place) if rank < len(_NAMES) else {}
        found.append(Row(row.number, {**order.cells, **cells, **row.values}))
    return found


def _rank(row: Row, line: Mapping[str, str]) -> int:
    """How surely the row is about the line: by the first name that both have; not at all where that differs."""
    for rank, name in enumerate(_NAMES):
        if row.get(name) and line.get(name):
            return rank if row.get(name) == line[name] else len(_NAMES)
    return len(_NAMES)
