"""The items of orders with what each is, how many it wants and how many phones it has. Two queries, for any number."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from wholecell.db import db
from wholecell.models import OrderItem, ProductVariation
from wholecell.services import order_state, wanting
from wholecell.services.bulk import AnyRows, chunks
from wholecell.services.variation_names import with_names


@dataclass(frozen=True, slots=True)
class Known:
    """A variation an item may be; what the phone macro draws."""

    id: int
    sku: str | None
    model: str
    capacity: str
    color: str
    network: str
    grade: str
    condition_codes: str

    @property
    def damages(self) -> list[str]:
        """The codes of its damages."""
        return self.condition_codes.split("+") if self.condition_codes else []

    @property
    def name(self) -> str:
        """The phone without its grade."""
        return f"{self.model} {self.capacity} {self.color}"


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item; `known` are the variations of its choice or SKU, none for one known by its listing or not at all."""

    id: int
    order_id: int
    external_line_id: str | None
    sku: str | None
    title: str
    variation_id: int | None
    listing_id: int | None
    price_cents: int | None
    ordered: int
    cancelled: int
    refunded: int
    returned: int
    shipped: int
    channel_status: str
    is_set_aside: bool
    is_extra: bool
    is_cancel_wanted: bool
    cancel_problem: str
    wanted: int
    live: int
    is_unknown: bool
    known: Sequence[Known] = ()

    @property
    def what(self) -> Known | None:
        """The first variation it may be."""
        return self.known[0] if self.known else None

    @property
    def lacking(self) -> int:
        """Units without a phone."""
        return max(self.wanted - self.live, 0)

    @property
    def wants_release(self) -> int:
        """Phones that a cancellation or refund made free."""
        return max(self.live - self.wanted, 0) if self.cancelled + self.refunded else 0

    @property
    def name(self) -> str:
        """What it is in one line, in the channel's words where the catalog has none."""
        if self.what:
            return " ".join((self.what.name, self.what.grade, *self.what.damages))
        return self.title or self.sku or "No name"

    @property
    def total_cents(self) -> int | None:
        """The price of what is left of it."""
        units = max(self.ordered - self.cancelled - self.refunded, 0)
        return None if self.price_cents is None else self.price_cents * units


@cache  # here and below: writing a question down takes longer than asking it
def _query() -> AnyRows:
    item = OrderItem
    query: AnyRows = sa.select(
        item.id,
        item.order_id,
        item.external_line_id,
        item.sku,
        item.title,
        item.variation_id,
        item.listing_id,
        item.price_cents,
        item.ordered,
        item.cancelled,
        item.refunded_before_shipping,
        item.returned,
        item.shipped,
        item.channel_status,
        item.is_set_aside,
        item.is_extra,
        item.cancel_wanted_at.is_not(None),
        item.cancel_problem,
        order_state.wanted(),
        order_state.live_count(),
        order_state.is_unknown_sku(),
    )
    shown = query.where(item.order_id.in_(sa.bindparam("orders", expanding=True)), wanting.is_shown())
    return shown.order_by(item.is_extra, item.id)


def of_orders(order_ids: Collection[int]) -> dict[int, list[ItemLine]]:
    """The items of each order, in their order, extra lines last."""
    found: dict[int, list[ItemLine]] = {key: [] for key in order_ids}
    rows: list[Any] = [
        row for chunk in chunks(sorted(order_ids)) for row in db.session.execute(_query(), {"orders": chunk})
    ]
    chosen, by_sku = _variations(rows)
    for row in rows:
        known = chosen.get(row[5], ()) if row[5] is not None else by_sku.get(row[3], ())
        found[row[1]].append(replace(ItemLine(*row), known=known))
    return found


def _variations(rows: Sequence[Any]) -> tuple[Mapping[int, list[Known]], Mapping[str, list[Known]]]:
    """The variations that are chosen on these items or carry their SKUs."""
    by_id: dict[int, list[Known]] = {}
    by_sku: dict[str, list[Known]] = {}
    for column, values in (
        (ProductVariation.id, {row.variation_id for row in rows} - {None}),
        (ProductVariation.sku, {row.sku for row in rows if row.variation_id is None} - {None}),
    ):
        for chunk in chunks(sorted(values)):
            for found in db.session.execute(_named(column), {"values": chunk}):
                each = Known(*found)
                by_id.setdefault(each.id, [each])
                if each.sku is not None and column is ProductVariation.sku:
                    by_sku.setdefault(each.sku, []).append(each)
    return by_id, by_sku


@cache
def _named(column: InstrumentedAttribute[Any]) -> AnyRows:
    """Variations of which this column is one of `values`."""
    query = with_names(ProductVariation.id, ProductVariation.sku).order_by(ProductVariation.id)
    return query.where(column.in_(sa.bindparam("values", expanding=True)))
