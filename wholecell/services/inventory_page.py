"""What the inventory page shows: one page of phones, its tabs and their counts, and the whole filter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import (
    Commitment,
    Grade,
    InventoryItem,
    InventoryStatus,
    Location,
    OrderItem,
    Product,
    ProductVariation,
    SalesOrder,
    Warehouse,
)
from wholecell.services import keyset
from wholecell.services.bulk import AnyRows, table
from wholecell.services.codes import MOST, lines, split
from wholecell.services.csvsafe import quote
from wholecell.services.esn import search_forms
from wholecell.services.item_filter import ALL, COMMITTED, ItemFilter, conditions
from wholecell.services.keyset import Cursor, Page

EXPORT_CHUNK = 1_000
EXPORT_COLUMNS = (
    "ESN",
    "Hex ID",
    "Manufacturer",
    "Model",
    "Variant",
    "Network",
    "Capacity",
    "Color",
    "Grade",
    "Damages",
    "SKU",
    "Status",
    "Warehouse",
    "Location",
    "Cost",
    "Received",
    "Order",
)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One phone as lists show it; `order_number` is set while it is committed."""

    id: int
    esn: str
    hex_id: str
    variation_id: int
    manufacturer: str
    model: str
    variant: str
    network: str
    capacity: str
    color: str
    grade: str
    condition_codes: str
    sku: str | None
    status_id: int
    status: str
    status_color: str
    warehouse: str | None
    location: str | None
    cost_cents: int | None
    received_at: datetime
    order_number: str | None
    version: int

    @property
    def damages(self) -> list[str]:
        """The codes of its damages."""
        return self.condition_codes.split("+") if self.condition_codes else []

    @property
    def name(self) -> str:
        """The phone without its grade."""
        return f"{self.model} {self.capacity} {self.color}"


@dataclass(frozen=True, slots=True)
class Found:
    """One page of phones; `missing` are pasted codes that no phone has."""

    page: Page[ItemRow]
    missing: list[str]
    asked: int


@lru_cache(maxsize=1)
def rows_query() -> AnyRows:
    """Phones with everything a row shows, in the order of ItemRow's fields."""
    item, variation, product = InventoryItem, ProductVariation, Product
    live = sa.and_(Commitment.item_id == item.id, Commitment.released_at.is_(None))
    return (
        sa.select(
            item.id,
            item.esn,
            item.hex_id,
            item.variation_id,
            product.manufacturer,
            product.model,
            product.variant,
            product.network,
            product.capacity,
            product.color,
            Grade.name,
            variation.condition_codes,
            variation.sku,
            item.status_id,
            InventoryStatus.name,
            InventoryStatus.color,
            Warehouse.name,
            Location.name,
            item.cost_cents,
            item.received_at,
            SalesOrder.number,
            item.version,
        )
        .join(variation, variation.id == item.variation_id)
        .join(product, product.id == variation.product_id)
        .join(Grade, Grade.id == variation.grade_id)
        .join(InventoryStatus, InventoryStatus.id == item.status_id)
        .outerjoin(Warehouse, Warehouse.id == item.warehouse_id)
        .outerjoin(Location, Location.id == item.location_id)
        .outerjoin(Commitment, live)
        .outerjoin(OrderItem, OrderItem.id == Commitment.order_item_id)
        .outerjoin(SalesOrder, SalesOrder.id == OrderItem.order_id)
    )


def find(wanted: ItemFilter, cursor: Cursor) -> Found:
    """One page, newest first; a pasted list comes whole, in its order. Raises Refusal for too long a list."""
    query: AnyRows = sa.select(InventoryItem.id).where(*conditions(wanted))
    codes = wanted.codes
    size = MOST if wanted.is_list else keyset.SIZE
    page = keyset.newest_first(query, InventoryItem.id, cursor, size)
    rows = _rows([row[0] for row in page.rows])
    if wanted.is_list and page.previous is None and page.next is None:
        place = {form: index for index, code in enumerate(codes) for form in search_forms(code)}
        rows.sort(key=lambda row: min(place.get(row.esn, MOST), place.get(row.hex_id, MOST)))
    return Found(Page(rows, page.previous, page.next), _missing(wanted) if wanted.is_list else [], len(codes))


def _rows(ids: Sequence[int]) -> list[ItemRow]:
    """These phones in this order. PostgreSQL would join all phones first, given the filter beside so many tables."""
    found = db.session.execute(rows_query().where(InventoryItem.id.in_(ids))) if ids else ()
    by_id = {row[0]: ItemRow(*row) for row in found}
    return [by_id[key] for key in ids if key in by_id]


def _missing(wanted: ItemFilter) -> list[str]:
    """The pasted codes that stand on no phone and no variation, whatever the other filters are."""
    typed = dict(zip(split(wanted.text), wanted.codes, strict=True))
    forms = {form for code in wanted.codes for form in search_forms(code)}
    item = InventoryItem
    query: sa.CompoundSelect[str] = sa.union(
        sa.select(item.esn).where(item.esn.in_(forms)),
        sa.select(item.hex_id).where(item.hex_id.in_(forms)),
        sa.select(ProductVariation.sku).where(ProductVariation.sku.in_({*typed, *lines(wanted.text)})),
    )
    here = set(db.session.scalars(query))
    here.update(part for sku in list(here) for part in split(sku))  # a SKU with blanks in it was one line
    return [part for part, code in typed.items() if part not in here and not search_forms(code) & here]


_STATUS = table(InventoryStatus).c
_STATUSES = sa.select(_STATUS.id, _STATUS.name, _STATUS.color).order_by(_STATUS.position, _STATUS.id)


def statuses() -> list[sa.Row[int, str, str]]:
    """The statuses that have a tab, in their order: id, name, color."""
    return list(db.session.connection().execute(_STATUSES))


def tab_counts(wanted: ItemFilter) -> dict[str, int]:
    """How many phones each tab has under the same filter, in two statements, counting to 10,000."""
    tabs = [ALL, COMMITTED, *(str(key) for key, _name, _color in statuses())]
    return keyset.counts({tab: sa.select(InventoryItem.id).where(*conditions(wanted.on(tab))) for tab in tabs})


def selected_ids(wanted: ItemFilter) -> list[int]:
    """The ids of every phone of the filter."""
    return list(db.session.scalars(sa.select(InventoryItem.id).where(*conditions(wanted))))


def one(item_id: int) -> ItemRow | None:
    """One phone as a row."""
    row = db.session.execute(rows_query().where(InventoryItem.id == item_id)).first()
    return ItemRow(*row) if row else None


def export(wanted: ItemFilter) -> Iterator[list[str]]:
    """The header and every phone of the filter, read in chunks; text is safe to open in a spreadsheet."""
    yield list(EXPORT_COLUMNS)
    query = sa.select(InventoryItem.id).where(*conditions(wanted)).order_by(InventoryItem.id).limit(EXPORT_CHUNK)
    last = 0
    while ids := db.session.scalars(query.where(InventoryItem.id > last)).all():
        last = ids[-1]
        yield from map(_exported, _rows(ids))


def _exported(row: ItemRow) -> list[str]:
    texts = (
        row.esn,
        row.hex_id,
        row.manufacturer,
        row.model,
        row.variant,
        row.network,
        row.capacity,
        row.color,
        row.grade,
        row.condition_codes,
        row.sku or "",
        row.status,
        row.warehouse or "",
        row.location or "",
    )
    cost = "" if row.cost_cents is None else f"{row.cost_cents / 100:.2f}"
    return [*map(quote, texts), cost, row.received_at.date().isoformat(), quote(row.order_number or "")]
