"""The stores of an account: those to choose from."""

from __future__ import annotations

from dataclasses import dataclass

from wholecell.channels.http import Response
from wholecell.channels.shipstation.values import number, rows_of, text


@dataclass(frozen=True, slots=True)
class Store:
    """A store in ShipStation, such as a web shop, or one in which orders are made by hand."""

    store_id: int
    name: str
    marketplace: str
    is_by_hand: bool

    @property
    def title(self) -> str:
        """For people: its name and what it is."""
        return f"{self.name} ({self.marketplace})" if self.marketplace else self.name


def read(response: Response) -> list[Store]:
    """The active stores of an answer."""
    found = []
    for row in rows_of(response.json):
        store_id = number(row.get("storeId"))
        if store_id is not None and row.get("active") is not False:
            name, marketplace = text(row.get("storeName"), 80), text(row.get("marketplaceName"), 40)
            found.append(Store(store_id, name or str(store_id), marketplace, row.get("marketplaceId") == 0))
    return found
