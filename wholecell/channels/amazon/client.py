"""Amazon's Selling Partner API: one seller's login on one marketplace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wholecell.channels.amazon.access import Access
from wholecell.channels.amazon.limits import PARTICIPATIONS, SEARCH_LISTINGS
from wholecell.channels.amazon.listing_reading import ReadsListings
from wholecell.channels.amazon.mapping import block, rows, text
from wholecell.channels.amazon.order_reading import ReadsOrders
from wholecell.channels.amazon.pushing import SendsQuantities
from wholecell.channels.amazon.shipping import TellsOfShipments
from wholecell.channels.contract import CredentialsError, SharedState

SUSPENDED = (
    "Amazon has suspended some of your listings in this marketplace: they sell nothing, whatever quantity is sent. See "
    "Account Health in Seller Central."
)


class Amazon(ReadsListings, ReadsOrders, SendsQuantities, TellsOfShipments):
    """One seller's login on one marketplace."""

    def __init__(self, settings: Mapping[str, str], base_url: str, state: SharedState) -> None:
        """`settings` are the values of the login form."""
        self._access = Access(settings, base_url, state)

    def check(self) -> Sequence[str]:
        """Prove that the login works and the seller id is its own; tells the shop's name, and of suspended listings.

        Raises CredentialsError or TemporaryError.
        """
        access = self._access
        found = rows(access.get("/sellers/v1/marketplaceParticipations", PARTICIPATIONS, "payload"))
        shop = next((each for each in found if block(each.get("marketplace")).get("id") == access.marketplace_id), {})
        taking_part = block(shop.get("participation"))
        if taking_part.get("isParticipating") is not True:
            raise CredentialsError(
                f"This login does not sell on {access.marketplace.domain}.",
                advice="Choose a marketplace that you sell on, in the region that the refresh token is of.",
            )
        self._check_seller()
        name = shop.get("storeName")
        told = [f"The shop on {access.marketplace.domain} is called {text(name, 80)}."] if isinstance(name, str) else []
        return told + ([SUSPENDED] if taking_part.get("hasSuspendedListings") is True else [])

    def _check_seller(self) -> None:
        """No answer names the seller id, but listings are only told to whom they belong."""
        access = self._access
        params: dict[str, str | int] = {"marketplaceIds": access.marketplace_id, "pageSize": 1}
        response = access.call("GET", access.items_path, SEARCH_LISTINGS, params=params)
        if response.status in {400, 404}:
            raise CredentialsError(
                f"Amazon does not take this seller id: {access.words(response).rstrip('.')}.",
                advice="Copy it again from Seller Central, Settings, Account Info, Merchant Token.",
                reference=response.reference,
            )
        access.found(response, "items")
