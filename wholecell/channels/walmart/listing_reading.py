"""Reading Walmart's items and quantities over HTTP: all of them, list by list, or single ones by their SKU."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

import structlog

from wholecell.channels.contract import ListingPage, ListingState, RemoteQuantity
from wholecell.channels.http import Response
from wholecell.channels.walmart import limits, listing_mapping
from wholecell.channels.walmart.calls import Calls
from wholecell.channels.walmart.listing_mapping import Page, Stock
from wholecell.channels.walmart.paging import LAST_OFFSET, PAGE_SIZE, STALE_PAGES, ItemPaging
from wholecell.channels.walmart.values import UnreadableError

# Nothing is heard of a run between two pages, which must not take longer than its lease: 90 seconds. One more call
# takes up to 60.
LONGEST_SILENCE = 20.0
LISTS_FROM = 300  # readings asked for together
ONLINE = {"lifecycleStatus": "ACTIVE", "publishedStatus": "PUBLISHED"}
ONLY_SO_MANY = f"Walmart lists no more than {LAST_OFFSET:,} items of your account this way: more were not read."

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Stocks:
    """The list of inventories as it is read."""

    by_sku: dict[str, Stock] = field(default_factory=dict)
    cursor: str = ""
    stale: int = 0  # pages in a row without a new SKU
    is_over: bool = False


class ReadsListings(Calls):
    """The part of the connector that reads items and quantities."""

    def listings(self, *, online_only: bool) -> Iterator[ListingPage]:
        """Yield the items, 50 a page, with their quantities, which are a list of their own, read before.

        An empty page says that it goes on. Raises TemporaryError and CredentialsError.
        """
        stocks, heard = _Stocks(), time.monotonic()
        while not stocks.is_over:
            self._more_stock(stocks)
            if time.monotonic() - heard > LONGEST_SILENCE:
                yield ListingPage((), 1, None)
                heard = time.monotonic()
        paging = ItemPaging()
        while True:
            page = self._items(paging, online_only)
            goes_on = paging.goes_on([str(row.get("sku")) for row in page.rows], page.cursor, page.total)
            number = paging.page - goes_on
            for row in page.rows:
                sku = row.get("sku")
                if isinstance(sku, str) and (found := stocks.by_sku.get(sku)) is not None and found.nodes > 1:
                    with suppress(UnreadableError):
                        stocks.by_sku[sku] = self._own_node(sku)
                    if time.monotonic() - heard > LONGEST_SILENCE:
                        yield ListingPage((), number, page.total)
                        heard = time.monotonic()
            unreadable = (ONLY_SO_MANY,) if paging.is_cut else ()
            yield listing_mapping.listing_page(page, number, stocks.by_sku, unreadable)
            heard = time.monotonic()
            if not goes_on:
                return

    def quantities(self, ids: Sequence[str]) -> Iterator[RemoteQuantity]:
        """Yield a reading for each SKU; NEEDS_ATTENTION without a number when this one could not be read.

        Many are found in the lists, which have 50 in a call: single items can be asked for 60 times a minute only.
        """
        waiting = dict.fromkeys(ids)
        if len(waiting) >= LISTS_FROM:
            yield from self._from_lists(waiting)
        for sku in list(waiting):
            yield self._reading(sku)

    def _from_lists(self, waiting: dict[str, None]) -> Iterator[RemoteQuantity]:
        """Yield what the lists hold of those that wait, and take them off; single ones while a list says nothing."""
        for page in self.listings(online_only=False):
            began_at = page.as_of or datetime.now(UTC)
            for listing in page.listings:
                sku = listing.external_id
                if sku not in waiting or (listing.quantity is None and listing.state is not ListingState.ENDED):
                    continue
                del waiting[sku]
                is_over = listing.state is ListingState.ENDED
                quantity, sellable = (None, None) if is_over else (listing.quantity, listing.sellable)
                yield RemoteQuantity(sku, quantity, began_at, listing.state, listing.state_reason, sellable)
            if not page.listings and waiting:
                sku = next(iter(waiting))
                del waiting[sku]
                yield self._reading(sku)
            if not waiting:
                return

    def _reading(self, sku: str) -> RemoteQuantity:
        began_at = datetime.now(UTC)
        path = f"/v3/items/{quote(sku, safe='')}?productIdType=SKU"
        response = self._call("GET", path, limits.ITEM)
        if self._is_none(response):
            return RemoteQuantity(sku, None, began_at, ListingState.ENDED)
        try:
            row = listing_mapping.single_item(self._answer(response), sku)
            if listing_mapping.state_of(row, None)[0] is ListingState.ENDED:
                return RemoteQuantity(sku, None, began_at, ListingState.ENDED)
            found = self._stock(sku, began_at)
        except UnreadableError as error:
            reason = f"Walmart could not be asked for the quantity: {error}"
            return RemoteQuantity(sku, None, began_at, ListingState.NEEDS_ATTENTION, reason)
        state, reason = listing_mapping.state_of(row, found.quantity)
        return RemoteQuantity(sku, found.quantity, began_at, state, reason, found.sellable)

    def _stock(self, sku: str, began_at: datetime) -> Stock:
        """The quantity of our node, by the call that also says what is left to sell, where one node has a number."""
        response = self._call("GET", f"/v3/inventories/{quote(sku, safe='')}", limits.INVENTORY)
        told = self._told(response)
        if response.is_ok and not told.is_error and isinstance(response.json, dict):
            found = listing_mapping.stock(response.json, began_at)
            if found.nodes == 1:
                return found
        return self._own_node(sku)

    def _own_node(self, sku: str) -> Stock:
        """The number of the default node, where several have one: it is what a quantity without a node is sent to.

        Raises UnreadableError.
        """
        began_at = datetime.now(UTC)
        response = self._call("GET", f"/v3/inventory?sku={quote(sku, safe='')}", limits.INVENTORY)
        if self._is_none(response):
            return Stock(None, None, 0, began_at)
        return Stock(listing_mapping.amount_of(self._answer(response), sku), None, 1, began_at)

    def _more_stock(self, stocks: _Stocks) -> None:
        """Read one more page of inventories. Pages may be short: only a cursor that is missing ends the list."""
        began_at = datetime.now(UTC)
        params: dict[str, str | int] = {"limit": PAGE_SIZE} | ({"nextCursor": stocks.cursor} if stocks.cursor else {})
        response = self._call("GET", "/v3/inventories", limits.INVENTORIES, params=params)
        if self._is_none(response):
            stocks.is_over = True
            return
        try:
            found, cursor = listing_mapping.stock_page(self._listed(response), began_at)
        except UnreadableError as error:
            raise self._unreadable(str(error), response) from None
        stocks.stale = 0 if found.keys() - stocks.by_sku.keys() else stocks.stale + 1
        stocks.by_sku |= found
        stocks.is_over = not cursor
        stocks.cursor = cursor
        if cursor and stocks.stale > STALE_PAGES:
            log.warning("the list of inventories goes in circles", channel="Walmart", skus=len(stocks.by_sku))
            stocks.is_over = True

    def _items(self, paging: ItemPaging, online_only: bool) -> Page:
        params = paging.params | (ONLINE if online_only else {})
        response = self._call("GET", "/v3/items", limits.ITEMS, params=params)
        if self._is_none(response):
            return Page([], "", 0 if paging.page == 1 else None)
        try:
            return listing_mapping.item_page(self._listed(response))
        except UnreadableError as error:
            raise self._unreadable(str(error), response) from None

    def _listed(self, response: Response) -> object:
        """The answer of a list. Raises when it is a refusal, also one told with a 200."""
        if not response.is_ok or self._told(response).is_error:
            self._refuse(response)
        return response.json

    def _answer(self, response: Response) -> object:
        """The answer about one SKU. Raises UnreadableError in Walmart's words when it is refused."""
        if not response.is_ok or self._told(response).is_error:
            raise UnreadableError(self._words(response))
        return response.json
