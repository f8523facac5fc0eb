"""Connect listings to what we sell, and set their own limits."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import db, transaction
from wholecell.models import Listing, ListingSku, ListingVariation, ProductVariation
from wholecell.services import extra_lines, order_matching, recompute
from wholecell.services.events import Actor, record
from wholecell.services.limits import Limits, OwnLimits
from wholecell.services.recompute import Cause


class ListingError(ValueError):
    """The change cannot be made; the text says why and what to do."""


def choose(listing_id: int, skus: Iterable[str], variations: Iterable[int], actor: Actor) -> None:
    """Connect a listing by hand to these SKUs and variations; none of either goes back to the channel's own SKU."""
    new_skus = sorted({sku.strip() for sku in skus if sku.strip()})
    new_variations = sorted(set(variations))
    with transaction() as session:
        waiting = order_matching.hold_waiting(session, listings=[listing_id])
        listing = session.get_one(Listing, listing_id, with_for_update=True)
        _refuse_unknown(session, new_variations)
        old, before = _shown_choice(session, listing_id), _also(session, listing)
        session.execute(sa.delete(ListingSku).where(ListingSku.listing_id == listing_id))
        session.execute(sa.delete(ListingVariation).where(ListingVariation.listing_id == listing_id))
        session.add_all(ListingSku(listing_id=listing_id, sku=sku) for sku in new_skus)
        session.add_all(ListingVariation(listing_id=listing_id, variation_id=v) for v in new_variations)
        listing.rejected_at = None
        session.flush()
        record(session, actor, "listing", listing_id, "connection", old, _shown_choice(session, listing_id))
        affected = before | _also(session, listing)
        recompute.request(session, Cause.CONNECTION, actor, listings=[listing_id], variations=affected)
        extra_lines.move_extras(session, waiting, actor)


def _refuse_unknown(session: Session, variations: list[int]) -> None:
    found = session.scalars(sa.select(ProductVariation.id).where(ProductVariation.id.in_(variations))).all()
    if len(found) != len(variations):
        raise ListingError("One of the chosen variations is not in the catalog any more: choose again.")


def _also(session: Session, listing: Listing) -> set[int]:
    """Other listings' numbers follow too, for orders sold from this listing want these variations."""
    own = sa.select(ProductVariation.id).join(ListingSku, ListingSku.sku == ProductVariation.sku)
    by_sku = session.scalars(own.where(ListingSku.listing_id == listing.id))
    by_choice = session.scalars(
        sa.select(ListingVariation.variation_id).where(ListingVariation.listing_id == listing.id)
    )
    by_channel = session.scalars(sa.select(ProductVariation.id).where(ProductVariation.sku == listing.sku))
    return {*by_sku, *by_choice, *by_channel}


def _shown_choice(session: Session, listing_id: int) -> str:
    skus = session.scalars(sa.select(ListingSku.sku).where(ListingSku.listing_id == listing_id)).all()
    chosen = session.scalars(
        sa.select(ListingVariation.variation_id).where(ListingVariation.listing_id == listing_id)
    ).all()
    parts = [f"SKU {sku}" for sku in sorted(skus)] + [f"variation {key}" for key in sorted(chosen)]
    return ", ".join(parts) or "the channel's own SKU"


def set_limits(listing_id: int, own: OwnLimits, actor: Actor) -> None:
    """Set the listing's own limits in the order threshold, percentage, safety, maximum; empty inherits."""
    with transaction() as session:
        listing = session.get_one(Listing, listing_id, with_for_update=True)
        old = own_limits(listing)
        if old == own:
            return
        listing.zero_out_threshold, listing.percentage, listing.safety_quantity, listing.maximum_quantity = own
        record(session, actor, "listing", listing_id, "limits", _limits_text(old), _limits_text(own))
        recompute.request(session, Cause.SETTINGS, actor, listings=[listing_id])


def own_limits(listing: Listing) -> OwnLimits:
    """The limits set on the listing itself."""
    return (listing.zero_out_threshold, listing.percentage, listing.safety_quantity, listing.maximum_quantity)


def _limits_text(own: OwnLimits) -> str:
    names = Limits.__dataclass_fields__
    set_here = [
        f"{name.replace('_', ' ')} {value}" for name, value in zip(names, own, strict=True) if value is not None
    ]
    return ", ".join(set_here) or "the integration's"


def set_to_zero(listing_id: int, actor: Actor) -> None:
    """Offer 0 on a listing that is no longer followed, so that it cannot sell what we do not count."""
    with transaction() as session:
        listing = session.get_one(Listing, listing_id, with_for_update=True)
        if listing.is_connected:
            raise ListingError("This listing is connected, so it follows its phones by itself.")
        listing.is_set_to_zero, listing.rejected_at = True, None
        record(session, actor, "listing", listing_id, "set to 0")
        recompute.request(session, Cause.ITEM, actor, listings=[listing_id])


def near_misses(sku: str, limit: int = 5) -> list[ProductVariation]:
    """Variations whose SKU differs from this one only by case, blanks or dashes."""
    plain = _plain(sku)
    if not plain:
        return []
    column = ProductVariation.sku
    stripped = sa.func.replace(sa.func.replace(sa.func.replace(column, "-", ""), " ", ""), "_", "")
    query = sa.select(ProductVariation).where(sa.func.lower(stripped) == plain, column != sku.strip())
    return list(db.session.scalars(query.limit(limit)))


def _plain(sku: str) -> str:
    return sku.replace("-", "").replace(" ", "").replace("_", "").lower()
