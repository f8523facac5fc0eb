"""What the catalog page shows: one page of variations with their phones and listings, in few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from wholecell.db import db
from wholecell.models import Grade, InventoryItem, InventoryStatus, Product, ProductVariation
from wholecell.services import connections, keyset
from wholecell.services.bulk import AnyRows
from wholecell.services.catalog import PRODUCT_COLUMNS
from wholecell.services.catalog_search import word_conditions
from wholecell.services.codes import MOST, split
from wholecell.services.item_filter import is_committed
from wholecell.services.refusal import Refusal

ALL, WITH_PHONES, NO_SKU, SHARED, NO_LISTING = "all", "phones", "no-sku", "shared", "no-listing"
TABS = {
    ALL: "All",
    WITH_PHONES: "With phones",
    NO_SKU: "Without SKU",
    SHARED: "Shared SKU",
    NO_LISTING: "No listing",
}


@dataclass(frozen=True, slots=True)
class VariationFilter:
    """Which variations are asked for."""

    text: str = ""
    tab: str = ALL
    manufacturer: str = ""
    model: str = ""
    grade_id: int | None = None


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many uncommitted phones of a variation are in a status."""

    status_id: int
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class VariationRow:
    """One variation as lists show it, with its phones by status and its listings."""

    id: int
    manufacturer: str
    model: str
    variant: str
    network: str
    capacity: str
    color: str
    grade: str
    condition_codes: str
    sku: str | None
    price_cents: int | None
    version: int
    product_id: int
    phones: tuple[StatusCount, ...] = field(default=())
    committed: int = 0
    listings: int = 0
    sharing: int = 1  # variations that carry its SKU

    @property
    def damages(self) -> list[str]:
        """The codes of its damages."""
        return self.condition_codes.split("+") if self.condition_codes else []

    @property
    def name(self) -> str:
        """The product without network and grade."""
        return f"{self.model} {self.capacity} {self.color}"

    @property
    def full_name(self) -> str:
        """The variation in one line."""
        return " ".join((self.name, self.network, self.grade, *self.damages))

    @property
    def phone_count(self) -> int:
        """All its phones, committed ones too."""
        return sum(each.count for each in self.phones) + self.committed


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """One page of variations, in the order of their names; cursors are variation ids."""

    rows: list[VariationRow]
    has_previous: bool
    next: int | None


@lru_cache(maxsize=1)
def _query() -> AnyRows:
    variation, product = ProductVariation, Product
    return (
        sa.select(
            variation.id,
            product.manufacturer,
            product.model,
            product.variant,
            product.network,
            product.capacity,
            product.color,
            Grade.name,
            variation.condition_codes,
            variation.sku,
            variation.price_cents,
            variation.version,
            variation.product_id,
        )
        .join(product, product.id == variation.product_id)
        .join(Grade, Grade.id == variation.grade_id)
    )


def conditions(wanted: VariationFilter) -> list[sa.ColumnElement[bool]]:
    """The filter as conditions on ProductVariation and Product. Raises Refusal for too long a list."""
    found: list[sa.ColumnElement[bool]] = []
    if wanted.text.strip():
        found += _search(wanted.text)
    if wanted.manufacturer:
        found.append(Product.manufacturer == wanted.manufacturer)
    if wanted.model:
        found.append(Product.model == wanted.model)
    if wanted.grade_id is not None:
        found.append(ProductVariation.grade_id == wanted.grade_id)
    if wanted.tab in _ON_TAB:
        found.append(_ON_TAB[wanted.tab]())
    return found


def _has_phones() -> sa.ColumnElement[bool]:
    return sa.exists().where(InventoryItem.variation_id == ProductVariation.id)


def _is_shared() -> sa.ColumnElement[bool]:
    other = aliased(ProductVariation)
    return sa.exists().where(other.sku == ProductVariation.sku, other.id != ProductVariation.id)


_ON_TAB = {
    WITH_PHONES: _has_phones,
    NO_SKU: lambda: ProductVariation.sku.is_(None),
    SHARED: _is_shared,
    NO_LISTING: lambda: ~connections.is_followed(),
}


def _search(text: str) -> list[sa.ColumnElement[bool]]:
    """A pasted list of SKUs, when it is one per line or each part is a SKU we have; else words."""
    parts = split(text)
    lines = list(filter(None, (line.strip() for line in text.replace(",", "\n").replace(";", "\n").splitlines())))
    if len(lines) > MOST:
        raise Refusal(f"That are {len(lines):,} SKUs: search for at most {MOST} at once.")
    if len(lines) > 1:
        return [ProductVariation.sku.in_(lines)]
    known = set(db.session.scalars(sa.select(ProductVariation.sku).where(ProductVariation.sku.in_(parts))))
    if len(parts) > 1 and known >= set(parts):
        return [ProductVariation.sku.in_(parts)]
    return word_conditions(parts)


def find(wanted: VariationFilter, after: int | None = None, size: int = keyset.SIZE) -> CatalogPage:
    """One page, by the product's name; `after` is the last variation of the page before."""
    query = _query().where(*conditions(wanted))
    if after is not None and (start := _behind(after)) is not None:
        query = query.where(start)
    columns = [getattr(Product, name) for name in PRODUCT_COLUMNS]
    found = db.session.execute(query.order_by(*columns, ProductVariation.id).limit(size + 1)).all()
    rows = with_counts([VariationRow(*row) for row in found[:size]])
    return CatalogPage(rows, after is not None, rows[-1].id if len(found) > size else None)


def _behind(variation_id: int) -> sa.ColumnElement[bool] | None:
    """What comes behind this variation: a range over the products' unique index, then the rest of its product."""
    columns: list[Any] = [getattr(Product, name) for name in PRODUCT_COLUMNS]
    query: AnyRows = sa.select(Product.id, *columns).join(ProductVariation, ProductVariation.product_id == Product.id)
    row = db.session.execute(query.where(ProductVariation.id == variation_id)).first()
    if row is None:
        return None
    product_id, *values = row
    not_before = sa.tuple_(*columns) >= sa.tuple_(*(sa.literal(value) for value in values))
    return sa.and_(not_before, sa.or_(Product.id != product_id, ProductVariation.id > variation_id))


def one(variation_id: int) -> VariationRow | None:
    """One variation as a row."""
    row = db.session.execute(_query().where(ProductVariation.id == variation_id)).first()
    return with_counts([VariationRow(*row)])[0] if row else None


def with_counts(rows: Sequence[VariationRow]) -> list[VariationRow]:
    """The rows with their phones by status, committed phones, listings and sharers: three queries in all."""
    ids = [row.id for row in rows]
    if not ids:
        return []
    phones, committed = _phones(ids)
    listings = _listings(ids)
    sharing = _sharing({row.sku for row in rows if row.sku})
    return [
        replace(
            row,
            phones=tuple(phones.get(row.id, ())),
            committed=committed.get(row.id, 0),
            listings=listings.get(row.id, 0),
            sharing=sharing.get(row.sku, 1) if row.sku else 1,
        )
        for row in rows
    ]


_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)


@cache  # here and below: writing a question down takes longer than asking it
def _phones_of() -> AnyRows:
    item, taken = InventoryItem, sa.case((is_committed(), 1), else_=0).label("taken")
    counted = sa.select(item.variation_id, item.status_id, taken).where(item.variation_id.in_(_IDS)).subquery()
    return (
        sa.select(
            counted.c.variation_id,
            InventoryStatus.id,
            InventoryStatus.name,
            sa.func.count(),
            sa.func.sum(counted.c.taken),
        )
        .join(InventoryStatus, InventoryStatus.id == counted.c.status_id)
        .group_by(counted.c.variation_id, InventoryStatus.id, InventoryStatus.name, InventoryStatus.position)
        .order_by(InventoryStatus.position, InventoryStatus.id)
    )


def _phones(ids: Collection[int]) -> tuple[dict[int, list[StatusCount]], dict[int, int]]:
    free: dict[int, list[StatusCount]] = defaultdict(list)
    committed: dict[int, int] = defaultdict(int)
    for variation, status_id, name, count, on_orders in db.session.execute(_phones_of(), {"ids": list(ids)}):
        committed[variation] += on_orders
        if count > on_orders:
            free[variation].append(StatusCount(status_id, name, count - on_orders))
    return free, committed


def _listings(ids: Collection[int]) -> dict[int, int]:
    return dict(db.session.execute(_listings_of(), {"ids": list(ids)}).all())


@cache
def _listings_of() -> sa.Select[int, int]:
    pairs = connections.pairs(ProductVariation.id.in_(_IDS)).subquery()
    variation = pairs.c[0]
    return sa.select(variation, sa.func.count()).group_by(variation)


def _sharing(skus: Collection[str]) -> dict[str, int]:
    return {text: count for text, count in db.session.execute(_sharing_of(), {"ids": list(skus)}) if text}


@cache
def _sharing_of() -> sa.Select[str | None, int]:
    sku = ProductVariation.sku
    return sa.select(sku, sa.func.count()).where(sku.in_(_IDS)).group_by(sku)


def tab_counts(wanted: VariationFilter) -> dict[str, int]:
    """How many variations each tab has under the same filter, in one statement, counting to 10,000."""
    query = sa.select(ProductVariation.id).join(Product, Product.id == ProductVariation.product_id)
    return keyset.counts({tab: query.where(*conditions(replace(wanted, tab=tab))) for tab in TABS})


def manufacturers() -> list[str]:
    """The manufacturers there are, for the filter."""
    return list(db.session.scalars(sa.select(Product.manufacturer).distinct().order_by(Product.manufacturer)))


def models(manufacturer: str = "", limit: int = 500) -> list[str]:
    """The first models there are, for suggestions beside the filter."""
    query = sa.select(Product.model).distinct().order_by(Product.model).limit(limit)
    return list(db.session.scalars(query.where(Product.manufacturer == manufacturer) if manufacturer else query))
