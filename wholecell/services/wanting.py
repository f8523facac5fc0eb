"""What items of orders want, what they lack and what would fill them, whatever their order's status."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.models import Commitment, Integration, OrderItem, ProductVariation, SalesOrder
from wholecell.services.availability_rows import NONE, counted_listings
from wholecell.services.bulk import MANY, AnyRows, chunks, table

_ITEM, _LIVE = table(OrderItem).c, table(Commitment).c
_ORDER, _VARIATION = table(SalesOrder).c, table(ProductVariation).c

# Built once, for they run with every page of orders and every scan.
_MATCHING = sa.select(table(Integration).c.id).where(table(Integration).c.matches_via_sku)
_HOLD_ORDERS = (
    sa.select(_ORDER.id)
    .where(_ORDER.id.in_(sa.bindparam("orders", expanding=True)))
    .order_by(_ORDER.id)
    .with_for_update(key_share=True)
)
_WITH_SKU = sa.select(_VARIATION.sku, _VARIATION.id).where(_VARIATION.sku.in_(sa.bindparam("skus", expanding=True)))


@dataclass(frozen=True, slots=True)
class Item:
    """One order item; `candidates` are the variations that would fill it, none for an Unknown SKU."""

    id: int
    order_id: int
    variation_id: int | None
    sku: str | None
    title: str
    listing_id: int | None
    ordered: int
    gone: int  # cancelled, refunded before shipping or returned
    unshipped: int  # of those, the cancelled and refunded ones
    live: int  # phones committed to it
    is_extra: bool
    is_set_aside: bool
    candidates: frozenset[int] = NONE

    @property
    def wanted(self) -> int:
        """Units it wants in all."""
        return 0 if self.is_set_aside else max(self.ordered - self.gone, 0)

    @property
    def lacking(self) -> int:
        """Units it wants and has no phone for."""
        return max(self.wanted - self.live, 0)

    @property
    def is_shown(self) -> bool:
        """An extra line without phones stays for its history, and is shown nowhere."""
        return not (self.is_extra and self.ordered == 0)


def is_shown() -> sa.ColumnElement[bool]:
    """The same as `Item.is_shown`, of the OrderItem of the enclosing query."""
    return sa.or_(OrderItem.is_extra.is_(False), OrderItem.ordered > 0)


def hold_orders(session: Session, order_ids: Iterable[int]) -> list[int]:
    """Lock these orders until the transaction ends, in one order so that no two wait for each other."""
    held: list[int] = []
    for chunk in chunks(sorted(set(order_ids))):
        held += session.connection().scalars(_HOLD_ORDERS, {"orders": chunk})
    return held


def items_of(session: Session, order_ids: Iterable[int]) -> list[Item]:
    """All items of these orders, by id."""
    return _items(session, _ITEM.order_id, order_ids)


def items(session: Session, ids: Iterable[int]) -> list[Item]:
    """These items, by id."""
    return _items(session, _ITEM.id, ids)


def _items(session: Session, column: sa.Column[int], ids: Iterable[int]) -> list[Item]:
    found: list[Item] = []
    for chunk in chunks(sorted(set(ids))):
        rows = session.connection().execute(_query(column), {"ids": chunk})
        found += [Item(*row) for row in rows]
    return _with_candidates(session, found)


@lru_cache
def _query(column: sa.Column[int]) -> AnyRows:
    """Items by one of their columns, which is one of `ids`."""
    live = sa.select(sa.func.count()).where(_LIVE.order_item_id == _ITEM.id, _LIVE.released_at.is_(None))
    unshipped = _ITEM.cancelled + _ITEM.refunded_before_shipping
    return (
        sa.select(
            _ITEM.id,
            _ITEM.order_id,
            _ITEM.variation_id,
            _ITEM.sku,
            _ITEM.title,
            _ITEM.listing_id,
            _ITEM.ordered,
            unshipped + _ITEM.returned,
            unshipped,
            live.scalar_subquery(),
            _ITEM.is_extra,
            _ITEM.is_set_aside,
        )
        .where(column.in_(sa.bindparam("ids", expanding=True)))
        .order_by(_ITEM.id)
    )


def _with_candidates(session: Session, found: Collection[Item]) -> list[Item]:
    """The chosen variation, else all with its SKU and those its listing counts."""
    unchosen = [each for each in found if each.variation_id is None]
    by_sku = with_skus(session, {each.sku for each in unchosen if each.sku})
    by_listing = counted_by(session, {each.listing_id for each in unchosen if each.listing_id is not None})
    return [_filled(each, by_sku, by_listing) for each in found]


def _filled(item: Item, by_sku: dict[str, frozenset[int]], by_listing: dict[int, frozenset[int]]) -> Item:
    if item.variation_id is not None:
        candidates = frozenset((item.variation_id,))
    else:
        candidates = by_sku.get(item.sku or "", NONE) | by_listing.get(item.listing_id or 0, NONE)
    fields = {name: getattr(item, name) for name in Item.__dataclass_fields__}
    return Item(**{**fields, "candidates": candidates})


def with_skus(session: Session, skus: Collection[str]) -> dict[str, frozenset[int]]:
    """The variations that carry each SKU."""
    found: dict[str, set[int]] = defaultdict(set)
    for chunk in chunks(sorted(skus), MANY):
        for sku, variation in session.connection().execute(_WITH_SKU, {"skus": chunk}):
            found[sku].add(variation)
    return {sku: frozenset(variations) for sku, variations in found.items()}


def counted_by(session: Session, listings: Collection[int]) -> dict[int, frozenset[int]]:
    """S of each listing."""
    if not listings:
        return {}
    matching = set(session.connection().scalars(_MATCHING))
    found: dict[int, frozenset[int]] = {}
    for chunk in chunks(sorted(listings), MANY):
        found.update({key: row.variations for key, row in counted_listings(matching, listings=chunk).items()})
    return found


def all_candidates(some: Iterable[Item]) -> frozenset[int]:
    """The candidates of all of these."""
    return NONE.union(*(each.candidates for each in some))


def wants(some: Iterable[Item], variation_id: int) -> Item | None:
    """The item that wants a phone of this variation: one with a chosen variation before others, then the oldest."""
    fitting = [each for each in some if each.lacking and variation_id in each.candidates]
    return min(fitting, key=lambda each: (each.variation_id is None, each.id), default=None)
