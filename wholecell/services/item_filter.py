"""Which phones the inventory page is about: search, tab and filters as one value, and as SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from wholecell.db import db
from wholecell.models import Commitment, InventoryItem, Location, Product, ProductVariation
from wholecell.services.catalog_search import word_conditions
from wholecell.services.codes import as_codes, following, lines, split
from wholecell.services.esn import search_forms
from wholecell.services.refusal import Refusal

ALL, COMMITTED = "all", "committed"
LAST_DIGITS = 4  # fewer would match too many phones to be of use


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What is asked for; the tab is all, committed, or the id of a status (phones not committed)."""

    text: str = ""
    tab: str = ALL
    warehouse_id: int | None = None
    location: str = ""
    model: str = ""
    grade_id: int | None = None
    variation_id: int | None = None

    def on(self, tab: str) -> ItemFilter:
        """The same filter on another tab."""
        return replace(self, tab=tab)

    @property
    def codes(self) -> list[str]:
        """The codes searched for; none when the search is words, nothing, or too long a list."""
        try:
            return as_codes(self.text) or [] if self.text.strip() else []
        except Refusal:
            return []

    @property
    def is_list(self) -> bool:
        """Whether a list of several codes was pasted."""
        return len(self.codes) > 1


def is_committed() -> sa.ColumnElement[bool]:
    """The phone belongs to an order item now."""
    live = aliased(Commitment)  # the page's query joins the table itself, for the order's number
    return sa.exists().where(live.item_id == InventoryItem.id, live.released_at.is_(None))


def conditions(wanted: ItemFilter) -> list[sa.ColumnElement[bool]]:
    """The filter as conditions on InventoryItem. Raises Refusal for a list that is too long."""
    item = InventoryItem
    found: list[sa.ColumnElement[bool]] = []
    if wanted.text.strip():
        found.append(_search(wanted.text))
    if wanted.tab == COMMITTED:
        found.append(is_committed())
    elif wanted.tab != ALL:
        found += [item.status_id == int(wanted.tab), ~is_committed()]
    if wanted.warehouse_id is not None:
        found.append(item.warehouse_id == wanted.warehouse_id)
    if wanted.location:
        found.append(item.location_id.in_(sa.select(Location.id).where(Location.name == wanted.location)))
    if wanted.variation_id is not None:
        found.append(item.variation_id == wanted.variation_id)
    if (about := _about_variation(wanted)) is not None:
        found.append(item.variation_id.in_(about))
    return found


def _about_variation(wanted: ItemFilter) -> sa.Select[int] | None:
    if not wanted.model and wanted.grade_id is None:
        return None
    query = sa.select(ProductVariation.id)
    if wanted.model:
        query = query.join(Product, Product.id == ProductVariation.product_id).where(Product.model == wanted.model)
    if wanted.grade_id is not None:
        query = query.where(ProductVariation.grade_id == wanted.grade_id)
    return query


def _search(text: str) -> sa.ColumnElement[bool]:
    codes = as_codes(text)
    if codes is not None:
        return InventoryItem.id.in_(_by_codes(codes, {*split(text), *lines(text)}))
    words = sa.select(ProductVariation.id).join(Product, Product.id == ProductVariation.product_id)
    of_sku = ProductVariation.sku == text.strip()
    is_sku = db.session.scalar(sa.select(sa.exists().where(of_sku)))
    return InventoryItem.variation_id.in_(words.where(of_sku) if is_sku else words.where(*word_conditions(split(text))))


def _by_codes(codes: Sequence[str], typed: Collection[str]) -> sa.CompoundSelect[int]:
    """Ids of phones by number, label code or SKU; one code alone may be the last digits of a number."""
    forms = {form for code in codes for form in search_forms(code)}
    item = InventoryItem
    of_sku = sa.select(ProductVariation.id).where(ProductVariation.sku.in_(typed))
    branches = [
        sa.select(item.id).where(item.esn.in_(forms)),
        sa.select(item.id).where(item.hex_id.in_(codes)),
        sa.select(item.id).where(item.variation_id.in_(of_sku)),
    ]
    if len(codes) == 1 and len(codes[0]) >= LAST_DIGITS and codes[0].isascii() and codes[0].isalnum():
        ending = codes[0][::-1]
        after = following(ending)
        query = sa.select(item.id).where(item.esn_reversed >= ending)
        branches.append(query if after is None else query.where(item.esn_reversed < after))
    return sa.union(*branches)
