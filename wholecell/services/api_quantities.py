"""Numbers that another system took over: for integrations that nobody calls, where only it can say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import transaction, utcnow
from wholecell.models import Integration, Listing, QuantityPush
from wholecell.services import push
from wholecell.services.api_records import QuantitiesTaken, TakenEntry
from wholecell.services.api_tokens import Token
from wholecell.services.connect import channel_of
from wholecell.services.due import Reason
from wholecell.services.refusal import Refusal


class UnknownListingError(Refusal):
    """One of the listings is not there for this token; `place` is its place in what was sent."""

    def __init__(self, place: int) -> None:
        super().__init__("There is no such listing, or it stands in the request twice.")
        self.place = place


def take(entries: Sequence[TakenEntry], token: Token) -> QuantitiesTaken:
    """Note each number as what the channel has now; the same once more changes nothing. All of them, or none.

    Raises UnknownListingError, and Refusal for listings whose numbers we send ourselves.
    """
    places = {entry.listing_id: place for place, entry in reversed(list(enumerate(entries)))}
    with transaction() as session:
        found = _hold(session, sorted(places), token.integration_id)
        for place, entry in enumerate(entries):
            if entry.listing_id not in found or places[entry.listing_id] != place:
                raise UnknownListingError(place)
        integrations = _by_hand(session, found.values())
        now, changed = utcnow(), 0
        for entry in sorted(entries, key=lambda each: each.listing_id):
            listing = found[entry.listing_id]
            changed += _note(session, listing, integrations[listing.integration_id], entry.quantity, token, now)
    return QuantitiesTaken(taken=changed, unchanged=len(entries) - changed)


def _hold(session: Session, ids: Sequence[int], integration_id: int | None) -> dict[int, Listing]:
    query = sa.select(Listing).where(Listing.id.in_(ids)).order_by(Listing.id).with_for_update()
    if integration_id is not None:
        query = query.where(Listing.integration_id == integration_id)
    return {each.id: each for each in session.scalars(query, execution_options={"populate_existing": True})}


def _by_hand(session: Session, listings: Iterable[Listing]) -> dict[int, Integration]:
    """The integrations of these listings, by id."""
    ids = {each.integration_id for each in listings}
    found = {each.id: each for each in session.scalars(sa.select(Integration).where(Integration.id.in_(ids)))}
    for integration in found.values():
        if not integration.is_by_hand:
            raise Refusal(f"WholeCell sends the numbers of {integration.name} itself.")
    return found


def _note(
    session: Session, listing: Listing, integration: Integration, number: int, token: Token, now: datetime
) -> bool:
    """Whether it is news."""
    if listing.last_synced == number and not listing.is_number_unknown and listing.sending is None:
        return False
    old = listing.last_synced if listing.last_synced is not None else listing.last_imported
    push.accepted(listing, number, Reason.BY_HAND, number, channel_of(integration), now)
    listing.sending, listing.receipt, listing.receipt_number = None, "", None
    session.add(
        QuantityPush(
            listing_id=listing.id,
            integration_id=integration.id,
            run_id=None,
            at=now,
            old=old,
            new=number,
            reason=Reason.BY_HAND.value,
            outcome="accepted",
            answer=f"Taken over with the API token {token.name}.",
        )
    )
    return True
