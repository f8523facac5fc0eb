"""What saving the Details tab of an integration would do to numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Listing
from wholecell.services import guard, listing_effects
from wholecell.services.availability import Offer, quantities
from wholecell.services.events import SYSTEM
from wholecell.services.integrations import Settings, save_settings


@dataclass(frozen=True, slots=True)
class Effect:
    """What saving would do to the numbers of one integration."""

    rises: int
    falls: int
    zeros: int  # of the falls, those to 0
    unfollowed: int
    connected: int
    is_held: bool  # more than the guard lets pass at once
    elsewhere: int = 0  # listings of other integrations that change too

    @property
    def changed(self) -> int:
        """How many listings would offer another number."""
        return self.rises + self.falls


def effect_of(old: Settings, new: Settings) -> Effect | None:
    """Count what the listings would offer under new settings against what they offer now; None: no number can move.

    Another status map begins or ceases to count orders everywhere: it is saved, read and rolled back.
    """
    if not new.moves_numbers(old):
        return None
    own = new.rule.integration_id
    if new.orders.remapped(old.orders):
        before, after = listing_effects.offers_around(lambda _: save_settings(own, new, SYSTEM))
    else:
        before, after = quantities([own]), quantities([own], settings={own: new.rule})
    return _count(own, before, after)


def _count(own: int, before: Mapping[int, Offer], after: Mapping[int, Offer]) -> Effect:
    """Listings whose number the channel keeps itself are sent nothing, before and after."""
    counts: Counter[str] = Counter()
    theirs = set(db.session.scalars(sa.select(Listing.id).where(Listing.is_pushable.is_(False))))
    for key, offer in after.items():
        if key in theirs:
            continue
        old, new = before[key].offered, offer.offered
        if offer.integration_id != own:
            counts["elsewhere"] += old != new
            continue
        counts["rises"] += new is not None and new > (old or 0)
        counts["falls"] += new is not None and old is not None and new < old
        counts["zeros"] += new == 0 and bool(old)
        counts["unfollowed"] += new is None and old is not None
        counts["connected"] += new is not None
    guarded = counts["rises"] + counts["zeros"]
    return Effect(
        counts["rises"],
        counts["falls"],
        counts["zeros"],
        counts["unfollowed"],
        counts["connected"],
        guard.is_many(guarded, counts["connected"]),
        counts["elsewhere"],
    )
