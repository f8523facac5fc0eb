"""The listings that count a variation, for its page and the pages of its phones."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Integration, Listing, ProductVariation
from wholecell.services import connections
from wholecell.services.bulk import AnyRows


@dataclass(frozen=True, slots=True)
class ListingRow:
    """One listing with the number it offers."""

    id: int
    title: str
    sku: str
    kind: str
    integration: str
    is_armed: bool
    state: str
    is_pushable: bool
    last_offered: int | None
    last_synced: int | None


def listings(variation_id: int) -> list[ListingRow]:
    """The listings that count this variation, by integration and title."""
    pairs = connections.pairs(ProductVariation.id == variation_id).subquery()
    query: AnyRows = (
        sa.select(
            Listing.id,
            Listing.title,
            Listing.sku,
            Integration.kind,
            Integration.name,
            Integration.armed_at.is_not(None),
            Listing.state,
            Listing.is_pushable,
            Listing.last_offered,
            Listing.last_synced,
        )
        .join(Integration, Integration.id == Listing.integration_id)
        .where(Listing.id.in_(sa.select(pairs.c[1])))
        .order_by(Integration.name, Listing.title, Listing.id)
    )
    return [ListingRow(*row) for row in db.session.execute(query)]
