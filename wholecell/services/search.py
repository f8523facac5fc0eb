"""The search box of every page: a phone, a variation, a listing or an order, by what stands on it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Integration, Listing, ListingSku, ProductVariation, SalesOrder
from wholecell.services import inventory_page
from wholecell.services.bulk import AnyRows
from wholecell.services.codes import as_codes, split
from wholecell.services.item_filter import ItemFilter
from wholecell.services.keyset import Cursor
from wholecell.services.variation_names import variation_name, with_names

MOST = 20  # of each kind on the result page


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: item, variation, listing or order."""

    kind: str
    id: int
    title: str
    detail: str


def is_list(text: str) -> bool:
    """Whether several codes were pasted, which is a question for the inventory page."""
    return len(as_codes(text) or ()) > 1


def is_order_list(text: str) -> bool:
    """Whether the codes pasted are order numbers, at least one of them."""
    typed = split(text)
    forms = {*typed, *(each.upper() for each in typed)}
    return bool(db.session.scalar(sa.select(sa.exists().where(SalesOrder.number.in_(forms)))))


def find(text: str) -> list[Hit]:
    """What the text may mean, phones first. A fixed number of queries."""
    text = text.strip()
    if not text:
        return []
    return [*_items(text), *_variations(text), *_orders(text), *_listings(text)]


def _items(text: str) -> list[Hit]:
    if as_codes(text) is None:
        return []
    rows = inventory_page.find(ItemFilter(text=text), Cursor()).page.rows[:MOST]
    # A SKU finds its phones as well; the variation says more than any one of them.
    return [Hit("item", row.id, row.esn, f"{row.name} {row.grade}") for row in rows if row.sku != text]


def _variations(text: str) -> list[Hit]:
    query = with_names(ProductVariation.id, ProductVariation.sku).where(
        sa.func.lower(ProductVariation.sku) == text.lower()
    )
    return [
        Hit("variation", key, sku, variation_name(*name)) for key, sku, *name in db.session.execute(query.limit(MOST))
    ]


def _orders(text: str) -> list[Hit]:
    query = sa.select(SalesOrder.id, SalesOrder.number, SalesOrder.channel).where(
        SalesOrder.number.in_({text, text.upper()})
    )
    return [Hit("order", *row) for row in db.session.execute(query.limit(MOST))]


def _listings(text: str) -> list[Hit]:
    """Listings by the channel's id or SKU; else by the words of their title."""
    by_sku = sa.select(ListingSku.listing_id).where(ListingSku.sku == text)
    exact = sa.or_(Listing.external_id == text, Listing.sku == text, Listing.id.in_(by_sku))
    words = sa.and_(*(sa.func.lower(Listing.title).contains(word, autoescape=True) for word in text.lower().split()))
    query: AnyRows = sa.select(Listing.id, Listing.title, Integration.name).join(
        Integration, Integration.id == Listing.integration_id
    )
    for condition in (exact, words):
        if rows := db.session.execute(query.where(condition).order_by(Listing.title, Listing.id).limit(MOST)).all():
            return [Hit("listing", *row) for row in rows]
    return []
