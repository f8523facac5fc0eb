"""Numbers that another system took over: for integrations that nobody calls, where only it can say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import transaction, utcnow
from wholecell.models import Integration, Listing
from wholecell.services import hand_entered
from wholecell.services.api_records import QuantitiesTaken, TakenEntry
from wholecell.services.api_tokens import Token
from wholecell.services.connect import channel_of
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
        integrations, now = _by_hand(session, found.values()), utcnow()
        news = [entry for entry in entries if _is_news(found[entry.listing_id], entry.quantity)]
        for entry in news:
            listing = found[entry.listing_id]
            channel = channel_of(integrations[listing.integration_id])
            answer = f"Taken over with the API token {token.name}."
            hand_entered.note(session, listing, entry.quantity, channel, answer, now)
    return QuantitiesTaken(taken=len(news), unchanged=len(entries) - len(news))


def _is_news(listing: Listing, number: int) -> bool:
    return listing.last_synced != number or listing.is_number_unknown or listing.sending is not None


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
