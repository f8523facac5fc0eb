"""Which listings count which variations, by SKU or by hand (S of the quantity rule), as a query."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from wholecell.models import Integration, Listing, ListingSku, ListingVariation, ProductVariation


def has_choice() -> sa.ColumnElement[bool]:
    """A person chose SKUs or variations for the listing, so the channel's own SKU does not count."""
    by_sku = sa.exists().where(ListingSku.listing_id == Listing.id)
    by_variation = sa.exists().where(ListingVariation.listing_id == Listing.id)
    return sa.or_(by_sku, by_variation)


def pairs(variations: sa.ColumnElement[bool]) -> sa.CompoundSelect[Any]:
    """Rows (variation_id, listing_id) of the variations the condition names; listings that ended are left out."""
    alive = Listing.state != "ended"
    chosen = (
        sa.select(ListingVariation.variation_id, ListingVariation.listing_id)
        .join(ProductVariation, ProductVariation.id == ListingVariation.variation_id)
        .join(Listing, Listing.id == ListingVariation.listing_id)
        .where(variations, alive)
    )
    by_hand = (
        sa.select(ProductVariation.id, ListingSku.listing_id)
        .join(ListingSku, ListingSku.sku == ProductVariation.sku)
        .join(Listing, Listing.id == ListingSku.listing_id)
        .where(variations, alive)
    )
    by_channel = (
        sa.select(ProductVariation.id, Listing.id)
        .join(Listing, Listing.sku == ProductVariation.sku)
        .join(Integration, Integration.id == Listing.integration_id)
        .where(variations, alive, Integration.matches_via_sku, ~has_choice())
    )
    return sa.union(chosen, by_hand, by_channel)


def reached_by_sku(skus: Collection[str]) -> sa.CompoundSelect[Any]:
    """The ids of listings one of these SKU texts connects, or would connect."""
    by_hand = sa.select(ListingSku.listing_id).where(ListingSku.sku.in_(skus))
    by_channel = (
        sa.select(Listing.id)
        .join(Integration, Integration.id == Listing.integration_id)
        .where(Listing.sku.in_(skus), Integration.matches_via_sku, ~has_choice())
    )
    return sa.union(by_hand, by_channel)


def is_followed() -> sa.ColumnElement[bool]:
    """The variation of the enclosing query is counted by some listing."""
    variation = ProductVariation
    chosen = sa.exists().where(ListingVariation.variation_id == variation.id)
    by_hand = sa.exists().where(ListingSku.sku == variation.sku)
    by_channel = sa.exists().where(
        Listing.sku == variation.sku,
        Listing.state != "ended",
        Integration.id == Listing.integration_id,
        Integration.matches_via_sku,
        ~has_choice(),
    )
    return sa.or_(chosen, by_hand, by_channel)
