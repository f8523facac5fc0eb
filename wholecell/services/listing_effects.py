"""What a change would do to listings' numbers: it is done, read and rolled back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import transaction
from wholecell.models import Integration, Listing
from wholecell.services import availability
from wholecell.services.availability import Offer
from wholecell.services.bulk import chunks


@dataclass(frozen=True, slots=True)
class ListingEffect:
    """A listing whose number the change would move; a number is None where it is not connected."""

    listing_id: int
    title: str
    integration: str
    is_armed: bool
    old: int | None
    new: int | None


def effect_of(change: Callable[[Session], object]) -> list[ListingEffect]:
    """The listings whose offered number the change would move. Raises what the change itself raises."""
    offers = offers_around(change)
    before, after = ({key: offer.offered for key, offer in each.items()} for each in offers)
    changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    query = sa.select(Listing.id, Listing.title, Integration.name, Integration.armed_at).join(
        Integration, Integration.id == Listing.integration_id
    )
    with transaction() as session:
        rows = [row for chunk in chunks(changed) for row in session.execute(query.where(Listing.id.in_(chunk)))]
    found = [
        ListingEffect(key, title, integration, armed is not None, before.get(key), after.get(key))
        for key, title, integration, armed in rows
    ]
    return sorted(found, key=lambda each: (each.integration, each.title, each.listing_id))


def offers_around(change: Callable[[Session], object]) -> tuple[dict[int, Offer], dict[int, Offer]]:
    """What every listing offers now and after the change, by listing id; the change does not stay."""
    with transaction() as session:
        before = availability.quantities()
        trial = session.begin_nested()
        try:
            change(session)
            session.flush()
            after = availability.quantities()
        finally:
            trial.rollback()
        return before, after
