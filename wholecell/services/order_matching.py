"""What order items are sold from and which variations may fill them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import ListingState
from wholecell.models import Listing, OrderItem, SalesOrder
from wholecell.services import extra_lines, recompute, wanting
from wholecell.services.availability_rows import NONE
from wholecell.services.bulk import chunks, table, update_rows
from wholecell.services.events import Actor
from wholecell.services.order_state import is_open
from wholecell.services.recompute import Cause

_LISTING, _ITEM = table(Listing).c, table(OrderItem).c
_COLUMNS = (
    _LISTING.id,
    _LISTING.integration_id,
    _LISTING.external_id,
    _LISTING.sku,
    _LISTING.other_ids,
    _LISTING.state,
)
# Built once, for they run with every page.
_WITH_SKU = sa.select(*_COLUMNS).where(_LISTING.sku.in_(sa.bindparam("skus", expanding=True)))
_WITH_ID = sa.select(*_COLUMNS).where(
    _LISTING.integration_id == sa.bindparam("integration"),
    _LISTING.external_id.in_(sa.bindparam("ids", expanding=True)),
)


class Named(NamedTuple):
    """How an order item says what it is: a chosen variation, else its SKU and the listing it was sold from."""

    variation_id: int | None
    sku: str | None
    listing_id: int | None


def named(item: Mapping[str, Any]) -> Named:
    """How this row of an order item says what it is."""
    return Named(item["variation_id"], item["sku"], item["listing_id"])


def candidates(session: Session, wants: Iterable[Named]) -> dict[Named, set[int]]:
    """The variations that may fill each of these items; none for an unknown one. At most four queries for a page."""
    found: dict[Named, set[int]] = {want: set() for want in wants}
    free = [want for want in found if want.variation_id is None]
    by_sku = wanting.with_skus(session, {want.sku for want in free if want.sku})
    by_listing = wanting.counted_by(session, {want.listing_id for want in free if want.listing_id is not None})
    for want, variations in found.items():
        if want.variation_id is not None:
            variations.add(want.variation_id)
            continue
        variations |= by_sku.get(want.sku or "", NONE)
        variations |= by_listing.get(want.listing_id or 0, NONE)
    return found


def find_listings(
    session: Session, integration_id: int, items: Mapping[Any, tuple[str | None, Mapping[str, str]]]
) -> dict[Any, int]:
    """The listing each item (its SKU and the channel's ids of the listing) was sold from, where we know it.

    An id that the channel gives goes before the SKU, for a SKU may have been given to another listing since.
    """
    skus = {sku for sku, _ in items.values() if sku}
    ids = {value for _, given in items.values() for value in given.values()}
    known = _Known(_listings(session, integration_id, skus, ids))
    found = {key: known.with_id(given) for key, (_, given) in items.items()}
    unsure = [given for key, (_, given) in items.items() if given and found[key] is None]
    if unsure:
        others = _Known(_by_other_ids(session, integration_id, unsure))
        found = {key: listing or others.with_id(items[key][1]) for key, listing in found.items()}
    best = {key: listing or known.with_sku(items[key][0]) for key, listing in found.items()}
    return {key: listing for key, listing in best.items() if listing is not None}


class _Known:
    """Listings by their SKU and by every id they have, those that ended last."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._by_sku: dict[str, int] = {}
        self._by_id: dict[str | tuple[str, str], int] = {}
        for row in sorted(rows, key=lambda row: (row.state == ListingState.ENDED, row.id)):
            self._by_sku.setdefault(row.sku, row.id)
            self._by_id.setdefault(row.external_id, row.id)
            for name, value in row.other_ids.items():
                self._by_id.setdefault((name, value), row.id)

    def with_id(self, given: Mapping[str, str]) -> int | None:
        keys: list[str | tuple[str, str]] = [*given.items(), *given.values()]
        return next((self._by_id[key] for key in keys if key in self._by_id), None)

    def with_sku(self, sku: str | None) -> int | None:
        return self._by_sku.get(sku) if sku else None


def _listings(session: Session, integration_id: int, skus: Collection[str], ids: Collection[str]) -> list[Any]:
    rows: dict[int, Any] = {}
    for chunk in chunks(sorted(skus)):
        # Of all integrations, each has few: asked for one, SQLite walks through all of its listings.
        for row in session.connection().execute(_WITH_SKU, {"skus": chunk}):
            if row.integration_id == integration_id:
                rows[row.id] = row
    for chunk in chunks(sorted(ids)):
        found = session.connection().execute(_WITH_ID, {"integration": integration_id, "ids": chunk})
        rows.update((row.id, row) for row in found)
    return list(rows.values())


def _by_other_ids(session: Session, integration_id: int, given: Iterable[Mapping[str, str]]) -> list[Any]:
    """Listings found by an id that has no column of its own: one look through the integration's listings."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for each in given:
        for name, value in each.items():
            wanted[name].add(value)
    is_one = [_LISTING.other_ids[name].as_string().in_(sorted(values)) for name, values in wanted.items()]
    query = sa.select(*_COLUMNS).where(_LISTING.integration_id == integration_id, sa.or_(*is_one))
    return list(session.connection().execute(query))


def hold_waiting(session: Session, *, skus: Iterable[str] = (), listings: Iterable[int] = ()) -> list[int]:
    """Lock the orders that hold phones on extra lines and have an item of these SKUs, or sold from these listings.

    To be called before what names the SKUs or listings is locked: an import locks orders first, then listings.
    """
    found: set[int] = set()
    extra = table(OrderItem).alias("extra")
    has_extra = sa.exists().where(extra.c.order_id == _ITEM.order_id, extra.c.is_extra, extra.c.ordered > 0)
    for column, values in ((_ITEM.sku, set(skus)), (_ITEM.listing_id, set(listings))):
        for chunk in chunks(sorted(values)):
            query = sa.select(_ITEM.order_id).where(column.in_(chunk), _ITEM.variation_id.is_(None), has_extra)
            found |= set(session.connection().scalars(query))
    return wanting.hold_orders(session, found)


def connect_loose(session: Session, integration_id: int, actor: Actor) -> int:
    """Tie items of open orders that no listing was known for to the listing they were sold from, where it is now.

    Gives how many. Phones on extra lines move up to items that are known by it.
    """
    query = (
        sa.select(OrderItem.id, OrderItem.order_id, OrderItem.sku, OrderItem.listing_ids)
        .join(SalesOrder, SalesOrder.id == OrderItem.order_id)
        .where(SalesOrder.integration_id == integration_id, is_open(), OrderItem.listing_id.is_(None))
        .where(OrderItem.is_extra.is_(False))
    )
    loose = {row.id: row for row in session.execute(query)}
    found = find_listings(session, integration_id, {key: (row.sku, row.listing_ids) for key, row in loose.items()})
    if not found:
        return 0
    orders = wanting.hold_orders(session, {loose[key].order_id for key in found})
    update_rows(session, OrderItem, [{"id": key, "listing_id": listing} for key, listing in sorted(found.items())])
    touched: dict[int, set[int]] = defaultdict(set)
    for item in wanting.items(session, found):
        touched[item.order_id] |= item.candidates
    recompute.request_orders(session, Cause.ORDER, actor, touched)
    extra_lines.move_extras(session, orders, actor)
    return len(found)
