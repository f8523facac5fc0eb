"""The orders of a filter as CSV: one row an order item, so that units and SKUs can be summed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import SalesOrder
from wholecell.services import orders_page
from wholecell.services.csvsafe import quote
from wholecell.services.money import shown_cents
from wholecell.services.order_filter import OrderFilter, conditions, ready
from wholecell.services.order_lines import ItemLine
from wholecell.services.orders_page import OrderRow

CHUNK = 500
COLUMNS = (
    "Order",
    "Channel",
    "Integration",
    "Status",
    "Channel status",
    "Placed (UTC)",
    "Ship by (UTC)",
    "Customer",
    "SKU",
    "Item",
    "Ordered",
    "Wanted",
    "Committed",
    "Uncommitted",
    "Price",
    "Total of order",
    "Currency",
    "Parcels",
)


def export(wanted: OrderFilter) -> Iterator[list[str]]:
    """The header and every item of the filter's orders, read in chunks; text is safe to open in a spreadsheet."""
    yield list(COLUMNS)
    query = sa.select(SalesOrder.id).where(*conditions(ready(wanted))).order_by(SalesOrder.id).limit(CHUNK)
    last = 0
    while ids := db.session.scalars(query.where(SalesOrder.id > last)).all():
        last = ids[-1]
        for row in orders_page.rows(ids):
            items: Sequence[ItemLine | None] = row.items or (None,)
            yield from (_exported(row, item) for item in items)


def _exported(row: OrderRow, item: ItemLine | None) -> list[str]:
    own = row.facts
    texts = (
        own.number,
        own.channel,
        own.integration or "",
        own.status or "",
        own.channel_status,
        _time(own.placed_at),
        _time(own.ship_by),
        row.buyer,
        (item.sku or "") if item else "",
        item.name if item else "",
    )
    units = (item.ordered, item.wanted, item.live, item.lacking) if item else ("", "", "", "")
    price = shown_cents(item.price_cents) if item else ""
    return [
        *map(quote, texts),
        *map(str, units),
        price,
        shown_cents(own.total_cents),
        quote(own.currency),
        str(row.parcels.all),
    ]


def _time(at: datetime | None) -> str:
    return at.isoformat(sep=" ", timespec="seconds")[:19] if at else ""
