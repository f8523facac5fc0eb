"""What needs a person now, worst first; each list is cut short and says how long it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from wholecell.channels.contract import ListingState
from wholecell.db import db
from wholecell.models import (
    Commitment,
    Integration,
    InventoryItem,
    InventoryStatus,
    Listing,
    ListingVariation,
    OfferChange,
    ProductVariation,
    SalesOrder,
    Shipment,
    integration_statuses,
)
from wholecell.services import connections, hand_due
from wholecell.services.bulk import AnyRows
from wholecell.services.listing_filter import is_in_catalog
from wholecell.services.listing_state import is_doubtful, is_error, is_unfollowed
from wholecell.services.listing_table import Shown, rows_query
from wholecell.services.sync_health import Health, State
from wholecell.services.variation_names import names as variation_names

SHOWN = 5  # rows of one list


@dataclass(frozen=True, slots=True)
class Listings:
    """Listings of one kind of trouble: the first few, and how many there are."""

    rows: Sequence[Shown]
    count: int


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the guard holds on one integration."""

    health: Health
    units: int
    cause: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Unconnected:
    """Listings on sale whose phones nobody counts, of one integration."""

    health: Health
    units: int
    in_catalog: int


@dataclass(frozen=True, slots=True)
class Stray:
    """Phones for sale that no listing offers, of one variation."""

    variation_id: int
    name: str
    sku: str | None
    units: int


@dataclass(frozen=True, slots=True)
class Strays:
    """The variations with the most such phones, and how many there are in all."""

    rows: Sequence[Stray]
    variations: int
    units: int


@dataclass(frozen=True, slots=True)
class ShipmentsByHand:
    """Shipments of one integration that wait to be entered by hand."""

    health: Health
    units: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class Today:
    """Everything on the page that needs a person."""

    zeros: Listings  # a refused 0 goes on selling what is not there
    trouble: Sequence[Health]
    login_ends: Sequence[Health]  # soon, or they did
    refused: Listings
    unfollowed: Listings
    by_hand: Listings  # their numbers wait to be entered
    shipments_by_hand: Sequence[ShipmentsByHand]
    held: Sequence[Guarded]
    doubtful: Listings
    attention: Listings
    unconnected: Sequence[Unconnected]
    without_sku: Strays
    without_listing: Strays

    @property
    def count(self) -> int:
        """How many things that is."""
        lists = (self.zeros, self.refused, self.unfollowed, self.by_hand, self.doubtful, self.attention)
        groups = (self.trouble, self.login_ends, self.held, self.unconnected, self.shipments_by_hand)
        strays = (self.without_sku, self.without_listing)
        return sum(each.count for each in lists) + sum(map(len, groups)) + sum(each.variations for each in strays)


def needs(health: Sequence[Health]) -> Today:
    """Look at everything, in a fixed number of queries."""
    without_sku, without_listing = _strays() if health else (Strays((), 0, 0), Strays((), 0, 0))
    return Today(
        _listings(_refused_zeros),
        [each for each in health if each.state in (State.REFUSED, State.WAITING)],
        [each for each in health if each.login_end is not None and each.state is not State.REFUSED],
        _listings(_refused_others),
        _listings(_unfollowed),
        _listings(hand_due.is_waiting, hand_due.is_worse),
        _shipments_by_hand(health),
        _held(health),
        _listings(_doubtful),
        _listings(_to_look_at),
        _unconnected(health),
        without_sku,
        without_listing,
    )


def _refused_zeros() -> sa.ColumnElement[bool]:
    return sa.and_(is_error(), Listing.rejected_at.is_not(None), Listing.rejected_number == 0)


def _refused_others() -> sa.ColumnElement[bool]:
    return sa.and_(is_error(), Listing.rejected_at.is_not(None), Listing.rejected_number != 0)


def _unfollowed() -> sa.ColumnElement[bool]:
    return sa.and_(is_unfollowed(), Listing.is_set_to_zero.is_(False))


def _doubtful() -> sa.ColumnElement[bool]:
    return sa.and_(is_doubtful(), Listing.rejected_at.is_(None))


def _to_look_at() -> sa.ColumnElement[bool]:
    return sa.and_(is_error(), Listing.rejected_at.is_(None))


def _by_refusal() -> Sequence[Any]:
    return (Listing.rejected_at, Listing.title, Listing.id)


def _listings(
    which: Callable[[], sa.ColumnElement[bool]], order: Callable[[], Sequence[Any]] = _by_refusal
) -> Listings:
    rows = db.session.execute(_first(which, order)).all()
    return Listings([Shown(*row[:-1]) for row in rows], rows[0][-1] if rows else 0)


@cache  # writing a question down takes longer than asking it
def _first(which: Callable[[], sa.ColumnElement[bool]], order: Callable[[], Sequence[Any]]) -> AnyRows:
    query = rows_query().add_columns(sa.func.count().over()).where(which())
    return query.order_by(*order()).limit(SHOWN)


def _shipments_by_hand(health: Sequence[Health]) -> list[ShipmentsByHand]:
    """By integration; none is asked for where every integration has an API."""
    by_id = {each.integration.id: each for each in health if each.integration.is_by_hand}
    if not by_id:
        return []
    query = (
        sa.select(Integration.id, sa.func.count(), sa.func.min(Shipment.created_at))
        .select_from(Shipment)
        .join(SalesOrder, SalesOrder.id == Shipment.order_id)
        .join(Integration, Integration.id == SalesOrder.integration_id)
        .where(hand_due.is_shipment_waiting(), Integration.id.in_(by_id))
        .group_by(Integration.id)
    )
    found = [ShipmentsByHand(by_id[key], units, at) for key, units, at in db.session.execute(query)]
    return sorted(found, key=lambda each: each.oldest_at)


def _held(health: Sequence[Health]) -> list[Guarded]:
    query = (
        sa.select(Listing.integration_id, sa.func.count(), sa.func.max(Listing.cause), sa.func.max(OfferChange.at))
        .outerjoin(OfferChange, OfferChange.id == _newest_change())
        .where(Listing.held.is_not(None))
        .group_by(Listing.integration_id)
    )
    by_id = {each.integration.id: each for each in health}
    return [Guarded(by_id[key], units, cause, at) for key, units, cause, at in db.session.execute(query)]


def _newest_change() -> sa.ScalarSelect[int]:
    newest = sa.select(sa.func.max(OfferChange.id)).where(OfferChange.listing_id == Listing.id)
    return newest.correlate(Listing).scalar_subquery()


def _unconnected(health: Sequence[Health]) -> list[Unconnected]:
    """A listing whose phones nobody counts sells by its own number; those no longer followed stand elsewhere."""
    query = (
        sa.select(Listing.integration_id, sa.func.count(), sa.func.count(sa.case((is_in_catalog(), 1))))
        .where(
            ~Listing.is_connected,
            ~is_unfollowed(),
            Listing.is_pushable,
            Listing.state == ListingState.ACTIVE.value,
        )
        .group_by(Listing.integration_id)
    )
    by_id = {each.integration.id: each for each in health}
    return [Unconnected(by_id[key], *counts) for key, *counts in db.session.execute(query)]


def _strays() -> tuple[Strays, Strays]:
    """Variations with phones that any integration would sell, and that have no SKU, or a SKU but no listing."""
    ticked = sa.select(integration_statuses.c.status_id)
    committed = sa.exists().where(Commitment.item_id == InventoryItem.id, Commitment.released_at.is_(None))
    units = (
        sa.select(InventoryItem.variation_id, sa.func.count().label("units"))
        .where(InventoryItem.status_id.in_(ticked), ~committed)
        .group_by(InventoryItem.variation_id)
        .subquery()
    )
    followed = connections.pairs(ProductVariation.id.is_not(None)).subquery()
    chosen = sa.exists().where(ListingVariation.variation_id == ProductVariation.id)
    found = sa.select(ProductVariation.id, ProductVariation.sku, units.c.units).join(
        units, units.c.variation_id == ProductVariation.id
    )
    without_sku = _heaviest(found.where(ProductVariation.sku.is_(None), ~chosen))
    listed = sa.select(followed.c.variation_id)
    without_listing = _heaviest(found.where(ProductVariation.sku.is_not(None), ProductVariation.id.not_in(listed)))
    shown = variation_names(db.session(), {row[0] for rows, *_ in (without_sku, without_listing) for row in rows})
    return _named(*without_sku, shown), _named(*without_listing, shown)


_Heaviest = tuple[Sequence[sa.Row[int, str | None, int]], int, int]


def _heaviest(query: sa.Select[int, str | None, int]) -> _Heaviest:
    inner = query.subquery()
    variation, sku, units = inner.c
    counted = sa.select(variation, sku, units, sa.func.count().over(), sa.func.sum(units).over())
    rows = db.session.execute(counted.order_by(units.desc(), variation).limit(SHOWN)).all()
    return [row[:3] for row in rows], rows[0][3] if rows else 0, int(rows[0][4]) if rows else 0  # type: ignore[misc]


def _named(
    rows: Sequence[sa.Row[int, str | None, int]], variations: int, units: int, shown: Mapping[int | None, str]
) -> Strays:
    return Strays([Stray(key, shown[key], sku, count) for key, sku, count in rows], variations, units)


def phones_by_status() -> list[tuple[int | None, str, int]]:
    """Phones in each status, committed ones apart (their id is None): for the card beside the list."""
    committed = sa.exists().where(Commitment.item_id == InventoryItem.id, Commitment.released_at.is_(None))
    free = (
        sa.select(InventoryItem.status_id, sa.func.count().label("units"))
        .where(~committed)
        .group_by(InventoryItem.status_id)
        .subquery()
    )
    live = sa.select(sa.func.count()).where(Commitment.released_at.is_(None)).scalar_subquery()
    query = (
        sa.select(InventoryStatus.id, InventoryStatus.name, free.c.units, live)
        .outerjoin(free, free.c.status_id == InventoryStatus.id)
        .order_by(InventoryStatus.position, InventoryStatus.id)
    )
    rows = db.session.execute(query).all()
    found: list[tuple[int | None, str, int]] = [(key, name, units) for key, name, units, _ in rows if units]
    if rows and rows[0][3]:
        found.insert(1, (None, "Committed", rows[0][3]))
    return found
