"""One seller account at Walmart."""

from __future__ import annotations

from collections.abc import Sequence

from wholecell.channels.contract import CredentialsError
from wholecell.channels.walmart import limits
from wholecell.channels.walmart.calls import PERMISSIONS, scopes_missing
from wholecell.channels.walmart.fulfilment import TellsOfOrders
from wholecell.channels.walmart.listing_reading import ReadsListings
from wholecell.channels.walmart.pushing import PushesNumbers
from wholecell.channels.walmart.values import block, text


class Walmart(ReadsListings, PushesNumbers, TellsOfOrders):
    """One login: the keys of a seller account in the United States."""

    def check(self) -> Sequence[str]:
        """Prove that the login works, and that it may do what is needed. Raises CredentialsError or TemporaryError."""
        response = self._call(
            "GET", "/v3/token/detail", limits.TOKEN_DETAILS, headers={"Content-Type": "application/json"}
        )
        if not response.is_ok or self._told(response).is_error:
            self._refuse(response)
        if not isinstance(response.json, dict):
            raise self._unreadable("it says nothing of the login's permissions", response)
        if response.json.get("is_valid") is False:
            raise CredentialsError(
                "Walmart says that these keys are not valid.", advice=PERMISSIONS, reference=response.reference
            )
        scopes = block(response.json, "scopes")
        if scopes and (missing := scopes_missing(scopes)):
            held = ", ".join(f"{text(name, 30)} {text(level, 30).replace('_', ' ')}" for name, level in scopes.items())
            wanted = " and ".join(filter(None, (", ".join(missing[:-1]), missing[-1])))
            raise CredentialsError(
                f"Walmart's keys lack permission for {wanted}. They have: {held[:400]}.",
                advice="Orders, inventory and feeds need full access, and item at least view. " + PERMISSIONS,
                reference=response.reference,
            )
        self._items_readable()
        return ()

    def _items_readable(self) -> None:
        response = self._call("GET", "/v3/items", limits.ITEMS, params={"limit": 1})
        if not self._is_none(response):
            self._listed(response)
            if not isinstance(response.json, dict):
                raise self._unreadable("it is no list of items", response)
