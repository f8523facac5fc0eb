"""The stores of an account, and the address at which ShipStation tells that something was shipped."""

from __future__ import annotations

from collections.abc import Sequence

from wholecell.channels.contract import RemoteStore
from wholecell.channels.http import Response
from wholecell.channels.shipstation.calls import Calls
from wholecell.channels.shipstation.values import number, row_of, rows_of, text

EVENT = "SHIP_NOTIFY"
NAME = "WholeCell {prefix}"  # of our webhook, by which it is known again


class KnowsStores:
    """The part of the connector about the account itself."""

    _calls: Calls
    _stores: Sequence[int]
    _store: int | None
    _prefix: str

    def check(self) -> Sequence[str]:
        """Prove that the login works; says which chosen stores are not there any more."""
        there = {store.store_id for store in self.stores()}
        gone = [each for each in (self._store, *self._stores) if each is not None and str(each) not in there]
        return [f"Store {each} is not in ShipStation any more, or is switched off there." for each in gone]

    def stores(self) -> list[RemoteStore]:
        """The active stores. Raises CredentialsError or TemporaryError."""
        response = self._calls.get("/stores", {"showInactive": "false"})
        self._refuse_unless_ok(response)
        if not isinstance(response.json, list):
            raise self._calls.unreadable("it has no list of stores", response)
        return _stores(response)

    def tell_of_shipments(self, address: str) -> None:
        """Subscribe this address, and end those that were subscribed before under our name."""
        name = NAME.format(prefix=self._prefix)
        response = self._calls.get("/webhooks")
        self._refuse_unless_ok(response)
        old = [row for row in rows_of(row_of(response.json).get("webhooks")) if row.get("Name") == name]
        body = {"target_url": address, "event": EVENT, "friendly_name": name}
        self._refuse_unless_ok(self._calls.send("POST", "/webhooks/subscribe", body))
        for row in old:
            if (webhook_id := number(row.get("WebHookID"))) is not None:
                self._calls.send("DELETE", f"/webhooks/{webhook_id}")  # one that stays tells what opens nothing

    def _refuse_unless_ok(self, response: Response) -> None:
        if not response.is_ok:
            self._calls.refuse(response)


def _stores(response: Response) -> list[RemoteStore]:
    found = []
    for row in rows_of(response.json):
        store_id = number(row.get("storeId"))
        if store_id is not None and row.get("active") is not False:
            name, marketplace = text(row.get("storeName"), 80) or str(store_id), text(row.get("marketplaceName"), 40)
            found.append(RemoteStore(str(store_id), f"{name} ({marketplace})" if marketplace else name))
    return found
