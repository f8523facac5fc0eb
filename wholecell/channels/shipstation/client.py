"""ShipStation's API V1, put together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from wholecell.channels.contract import SharedState
from wholecell.channels.shipstation import stores
from wholecell.channels.shipstation.calls import Calls
from wholecell.channels.shipstation.orders import ReadsOrders
from wholecell.channels.shipstation.sending import SendsOurOrders
from wholecell.channels.shipstation.shipments import ReadsShipments
from wholecell.channels.shipstation.stores import Store


class ShipStation(ReadsOrders, SendsOurOrders, ReadsShipments):
    """One key of one account."""

    def __init__(self, login: Mapping[str, str], base_url: str, state: SharedState) -> None:
        """`login` are the values of the login form."""
        self._calls = Calls(login, base_url, state)
        self._stores = numbers(login.get("import_stores", ""))
        self._store = next(iter(numbers(login.get("store", ""))), None)
        self._prefix = login.get("reference_prefix", "")

    def check(self) -> Sequence[str]:
        """Prove that the login works; says which chosen stores are not there any more."""
        there = {store.store_id for store in self.stores()}
        gone = [each for each in (self._store, *self._stores) if each is not None and each not in there]
        return [f"Store {each} is not in ShipStation any more, or is switched off there." for each in gone]

    def stores(self) -> list[Store]:
        """The active stores. Raises CredentialsError or TemporaryError."""
        response = self._calls.get("/stores", {"showInactive": "false"})
        if not response.is_ok:
            self._calls.refuse(response)
        if not isinstance(response.json, list):
            raise self._calls.unreadable("it has no list of stores", response)
        return stores.read(response)


def numbers(text: str) -> list[int]:
    """Ids of stores as they are kept in a login, with commas."""
    return [int(each) for each in re.findall(r"\d{1,15}", text, re.ASCII)]
