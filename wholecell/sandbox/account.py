"""One seller's account on one marketplace: everything a reset of the sandbox forgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .clock import Clock
from .limits import RateLimit
from .records import Listing, Order, RefusedError


@dataclass
class Account:
    """Listings by id, orders by id, tokens, limits and settings. Not locked: only `Shop` and handlers touch it.

    A marketplace subclasses it: `listing_from`, `order_from` and what else its API needs.
    """

    kind: str
    tokens: set[str]
    limits: dict[str, RateLimit]
    settings: dict[str, Any]
    listings: dict[str, Listing] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    paging_shift: dict[str, int] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)  # the shop's, once the account is one of its
    pages: str = "http://127.0.0.1:8000"  # where the seller's program is, for marketplaces that send browsers back
    _skus: dict[str, str] = field(default_factory=dict, repr=False)
    _numbers: dict[int, str] = field(default_factory=dict, repr=False)
    _last_number: int = field(default=4_400_000, repr=False)

    @property
    def login(self) -> str:
        """What a person types in to connect."""
        return f"the token {', '.join(sorted(self.tokens))}"

    def listing_from(self, row: Mapping[str, Any], number: int) -> Listing:
        """A listing of this marketplace from a seed row. Raises KeyError for a missing field."""
        raise NotImplementedError

    def order_from(self, lines: Sequence[tuple[Listing, int]], now: datetime, **options: Any) -> Order:
        """A new order of this marketplace, not yet among `orders`."""
        raise NotImplementedError

    def arranged(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """Plain seed rows as this marketplace would list them."""
        return rows

    def add(self, row: Mapping[str, Any]) -> Listing:
        """Put a listing up. Raises RefusedError when the SKU is taken, whatever its case."""
        if self.by_sku(str(row["sku"])):
            raise RefusedError(f"There is a listing with the SKU {row['sku']} already.")
        self._last_number += 1
        listing = self.listing_from(row, self._last_number)
        if listing.id in self.listings:
            raise RefusedError(f"There is a listing with the id {listing.id} already.")
        self.listings[listing.id] = listing
        self._skus[listing.sku.casefold()] = listing.id
        self._numbers[listing.number] = listing.id
        return listing

    def remove(self, listing: Listing) -> None:
        """Take it away for good: the marketplace answers 404 from now on."""
        del self.listings[listing.id]
        del self._skus[listing.sku.casefold()]
        del self._numbers[listing.number]

    def rename(self, listing: Listing, sku: str) -> None:
        """Give it another SKU. Raises RefusedError when another listing has it."""
        other = self.by_sku(sku)
        if other is not None and other is not listing:
            raise RefusedError(f"There is a listing with the SKU {sku} already.")
        del self._skus[listing.sku.casefold()]
        listing.sku = sku
        self._skus[sku.casefold()] = listing.id

    def by_sku(self, sku: str) -> Listing | None:
        """The listing with this SKU; case does not count."""
        found = self._skus.get(sku.casefold())
        return self.listings[found] if found else None

    def by_number(self, number: int) -> Listing | None:
        """The listing with this old-style integer id."""
        found = self._numbers.get(number)
        return self.listings[found] if found else None

    def find(self, *, sku: str | None = None, listing: str | None = None) -> Listing:
        """By SKU or by id. Raises RefusedError when there is none."""
        found = self.by_sku(sku) if sku is not None else self.listings.get(listing or "")
        if found is None:
            raise RefusedError(f"There is no listing {sku or listing}.")
        return found
