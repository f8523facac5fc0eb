"""Listings as other systems get them: the stored facts, and the numbers of the quantity rule as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET

from wholecell.channels.contract import ListingState
from wholecell.db import db
from wholecell.models import Integration, Listing
from wholecell.services.api_pages import next_cursor, of_integrations
from wholecell.services.api_records import ListingPage, ListingRecord, ListingsQuery
from wholecell.services.availability import Offer, quantities
from wholecell.services.bulk import AnyRows

_COLUMNS = (
    Listing.id,
    Listing.integration_id,
    Integration.name.label("integration"),
    Listing.external_id,
    Listing.sku,
    Listing.title,
    Listing.state,
    Listing.last_synced,
    Listing.answered_at,
    Listing.price_cents,
    Listing.currency,
)


def find(wanted: ListingsQuery, integration_id: int | None) -> ListingPage:
    """One page by id, of one integration when the token is tied to it."""
    where = [
        Listing.id > wanted.cursor,
        *of_integrations(Listing.integration_id, integration_id, wanted.integration_id),
    ]
    if wanted.sku is not UNSET:
        where.append(Listing.sku == wanted.sku)
    if wanted.changed_since is not UNSET:
        where.append(Listing.offered_at >= wanted.changed_since)
    found = _rows(where, wanted.limit + 1)
    shown = _with_numbers(found[: wanted.limit])
    return ListingPage(listings=shown, next_cursor=next_cursor(found, wanted.limit))


def one(listing_id: int, integration_id: int | None) -> ListingRecord | None:
    """One listing; None when there is none that the token may see."""
    where = [Listing.id == listing_id, *of_integrations(Listing.integration_id, integration_id)]
    return next(iter(_with_numbers(_rows(where, 1))), None)


def _rows(where: Sequence[sa.ColumnElement[bool]], limit: int) -> Sequence[sa.Row[Any]]:
    query: AnyRows = sa.select(*_COLUMNS).join(Integration, Integration.id == Listing.integration_id).where(*where)
    return db.session.execute(query.order_by(Listing.id).limit(limit)).all()


def _with_numbers(rows: Sequence[sa.Row[Any]]) -> list[ListingRecord]:
    offers = quantities(listings=[row.id for row in rows]) if rows else {}
    return [_record(row, offers.get(row.id)) for row in rows]


def _record(row: sa.Row[Any], offer: Offer | None) -> ListingRecord:
    number = offer.quantity if offer is not None else None
    return ListingRecord(
        id=row.id,
        integration_id=row.integration_id,
        integration=row.integration,
        external_id=row.external_id,
        sku=row.sku,
        title=row.title,
        state=ListingState(row.state),
        connected=number is not None,
        available=None if number is None else number.available,
        outstanding=None if number is None else number.outstanding,
        calculated=None if number is None else number.calculated,
        offered=None if offer is None else offer.offered,
        last_synced=row.last_synced,
        last_synced_at=row.answered_at,
        price_cents=row.price_cents,
        currency=row.currency,
    )
