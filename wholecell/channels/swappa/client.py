"""The proposed API of Swappa: four calls, as README.md lists them. Here are those about listings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from wholecell.channels.contract import (
    ListingPage,
    ListingState,
    Outcome,
    PushResult,
    QuantityChange,
    RemoteQuantity,
    SharedState,
)
from wholecell.channels.http import Response
from wholecell.channels.swappa import mapping
from wholecell.channels.swappa.access import TRY_AGAIN, Access
from wholecell.channels.swappa.mapping import UnreadableError
from wholecell.channels.swappa.orders import TellsOfOrders
from wholecell.channels.swappa.paging import pages, read_page
from wholecell.channels.values import sentence

PAGE = 100  # listings, the most there are in one
PROPOSAL = "The API used here is a proposal of ours: Swappa has confirmed none of it."
GONE = "The listing is no longer on Swappa. Import the listings to see which are."


class Swappa(TellsOfOrders):
    """One seller on the proposed API."""

    def __init__(self, login: Mapping[str, str], base_url: str, state: SharedState) -> None:
        """`login` are the values of the login form, with what signing in gave and the addresses that are set."""
        self._access = Access(login, base_url, state)

    def check(self) -> Sequence[str]:
        """Prove that the login works. Raises CredentialsError or TemporaryError."""
        began_at = datetime.now(UTC)
        response = self._access.call("GET", "/listings", params={"limit": 1})
        read_page(self._access, response, mapping.listing_page, 1, began_at)
        return (PROPOSAL,)

    def listings(self, *, online_only: bool) -> Iterator[ListingPage]:
        """Yield the listings, 100 a page. The proposal has no filter, so all are read."""
        yield from pages(self._access, "/listings", PAGE, {}, mapping.listing_page)

    def quantities(self, ids: Sequence[str]) -> Iterator[RemoteQuantity]:
        """Yield a reading for each id. There is no call for one listing: the list is read until all are found."""
        wanted, began_at = dict.fromkeys(ids), datetime.now(UTC)
        for page in self.listings(online_only=False):
            began_at = page.as_of or began_at
            for found in page.listings:
                if found.external_id in wanted:
                    del wanted[found.external_id]
                    yield mapping.reading(found, began_at)
            if not wanted:
                return
        yield from (RemoteQuantity(each, None, began_at, ListingState.ENDED) for each in wanted)

    def plan(self, changes: Sequence[QuantityChange]) -> Iterator[Sequence[QuantityChange]]:
        """Yield each change alone, falls first."""
        yield from ((change,) for change in sorted(changes, key=lambda change: not change.is_fall))

    def push_quantities(self, changes: Sequence[QuantityChange]) -> Iterator[PushResult]:
        """Send each change and yield its answer; 409 answers with the number that Swappa keeps instead."""
        for change in changes:
            path = f"/listings/{quote(change.external_id, safe='')}"
            yield self._pushed(change, self._access.call("PATCH", path, body={"quantity": change.quantity}))

    def push_outcomes(self, receipt: str, changes: Sequence[QuantityChange]) -> Iterator[PushResult] | None:
        """Give none: no change is answered later."""
        return iter(())

    def _pushed(self, change: QuantityChange, response: Response) -> PushResult:
        if not response.is_ok and response.status != 409:
            return self._rejected(change, response)
        try:
            stored = mapping.stored_quantity(response.json, change.external_id)
        except UnreadableError as error:
            raise self._access.unreadable(str(error), response, maybe_applied=response.is_ok) from None
        answer = f"Swappa shows {stored}."
        if response.status == 409:  # below its open sales, whose orders the next import brings
            answer = sentence(f"Swappa keeps {stored}: {self._access.words(response)}")
        return PushResult(change.external_id, Outcome.ACCEPTED, stored, answer=answer, quantity=change.quantity)

    def _rejected(self, change: QuantityChange, response: Response) -> PushResult:
        is_gone = response.status == 404
        return PushResult(
            change.external_id,
            Outcome.REJECTED,
            answer=self._access.words(response),
            advice=GONE if is_gone else TRY_AGAIN,
            gone=is_gone,
            quantity=change.quantity,
        )
