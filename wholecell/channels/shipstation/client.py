"""ShipStation's API V1, put together."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wholecell.channels.contract import SharedState
from wholecell.channels.shipstation.calls import Calls
from wholecell.channels.shipstation.orders import ReadsOrders
from wholecell.channels.shipstation.sending import SendsOurOrders
from wholecell.channels.shipstation.shipments import ReadsShipments
from wholecell.channels.shipstation.stores import KnowsStores


class ShipStation(KnowsStores, ReadsOrders, SendsOurOrders, ReadsShipments):
    """One key of one account."""

    def __init__(self, login: Mapping[str, str], base_url: str, state: SharedState) -> None:
        """`login` are the values of the login form."""
        self._calls = Calls(login, base_url, state)
        self._stores = numbers(login.get("import_stores", ""))
        self._store = next(iter(numbers(login.get("store", ""))), None)
        self._prefix = login.get("reference_prefix", "")


def numbers(text: str) -> list[int]:
    """Ids of stores as they are kept in a login, with commas."""
    return [int(each) for each in re.findall(r"\d{1,15}", text, re.ASCII)]
