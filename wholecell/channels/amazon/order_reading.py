"""Reading Amazon's orders over HTTP: all of a window, page by page over several runs, or single ones by their id.

Few searches are allowed, so a long reading stops at the limit and goes on later, where it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from wholecell.channels.amazon import orders
from wholecell.channels.amazon.access import Access
from wholecell.channels.amazon.limits import GET_ORDER, SEARCH_ORDERS
from wholecell.channels.amazon.mapping import UnreadableError, block
from wholecell.channels.amazon.order_bookmark import Bookmark, Reading
from wholecell.channels.contract import OrderPage, OrderWindow, UnreadableOrder
from wholecell.channels.http import Response
from wholecell.channels.values import moment

ORDERS = "/orders/2026-01-01/orders"
PAGE_SIZE = 100
# Without FULFILLMENT an order has no status. Lines always come along.
DATA = "FULFILLMENT,RECIPIENT,BUYER,PROCEEDS,CANCELLATION,PACKAGES"
# A search ends two minutes before it is made, or earlier (searchOrders under lastUpdatedBefore). The answer repeats
# that end; one further back than this is taken for no end but an error.
TOLD_AFTER = timedelta(minutes=2)
LATEST_END = timedelta(hours=1)


class ReadsOrders:
    """The part of the connector that reads orders."""

    _access: Access

    def orders(self, window: OrderWindow) -> Iterator[OrderPage]:
        """Yield the orders of a window, 100 a page; each draw is one search.

        A reading that an earlier run had to leave goes on at its next page. Pages say up to when changes are in them.
        Raises WaitingError when the limit of searches is used up.
        """
        bookmark = Bookmark(self._access.state)
        reading = bookmark.open(window, datetime.now(UTC))
        if reading.is_over:
            # Read to the end by the run that then had to wait within another window.
            yield OrderPage((), 1, 0, datetime.now(UTC), reading_began_at=reading.began_at)
            return
        while True:
            page, token, until = self._search(bookmark, reading)
            # A number must not rise on the strength of a reading that could not hold the newest orders.
            reading = replace(reading, began_at=min(reading.began_at, until))
            yield replace(page, reading_began_at=reading.began_at)
            # Only now: what was not stored is read again.
            if not token or token == reading.token:
                bookmark.close(reading)
                return
            reading = bookmark.turn(reading, token)

    def orders_by_id(self, ids: Sequence[str]) -> Iterator[OrderPage]:
        """Yield these orders as they are now, a call each; one that is gone comes as an empty page."""
        for external_id in ids:
            began_at = datetime.now(UTC)
            path = f"{ORDERS}/{quote(external_id, safe='')}"
            response = self._access.call("GET", path, GET_ORDER, params={"includedData": DATA})
            yield self._one_order(response, external_id, began_at)

    def _search(self, bookmark: Bookmark, reading: Reading) -> tuple[OrderPage, str, datetime]:
        """One page, the token of the next, and the end of the time whose changes are told."""
        params = self._params(reading)
        began_at = datetime.now(UTC)
        response = self._access.call("GET", ORDERS, SEARCH_ORDERS, params=params)
        if response.status == 400 and reading.token:
            # It has refused good requests for hours, and a token that ended is refused likewise.
            bookmark.refused(reading)
        given = self._access.found(response, "orders")
        try:
            page = orders.page(given, reading.page, began_at)
        except UnreadableError as error:
            raise self._access.unreadable(str(error), response) from None
        token = block(response.json.get("pagination")).get("nextToken")
        return page, token if isinstance(token, str) else "", _until(response.json, began_at)

    def _params(self, reading: Reading) -> dict[str, str | int]:
        """The same for every page of a reading, as the token demands."""
        params: dict[str, str | int] = {
            "marketplaceIds": self._access.marketplace_id,
            "maxResultsPerPage": PAGE_SIZE,
            "includedData": DATA,
            reading.bound: reading.since,
        }
        if not reading.window.with_channel_fulfilled:
            params["fulfilledBy"] = "MERCHANT"
        if reading.window.is_open_only:
            params["fulfillmentStatuses"] = ",".join(orders.OPEN)
        return params | ({"paginationToken": reading.token} if reading.token else {})

    def _one_order(self, response: Response, external_id: str, began_at: datetime) -> OrderPage:
        if response.status == 404:
            return OrderPage((), 1, None, began_at)
        if response.status == 400:
            self._access.refuse(response)  # its ids are Amazon's own: good questions have been refused for hours
        if not response.is_ok:
            reason = f"Amazon could not be asked for it: {self._access.words(response)}"
            return OrderPage((), 1, None, began_at, (UnreadableOrder(external_id, reason, ""),))
        return orders.single(self._access.found(response, "order"), external_id, began_at)


def _until(answer: Mapping[str, Any], began_at: datetime) -> datetime:
    ends = (moment(answer.get(name)) for name in ("lastUpdatedBefore", "createdBefore"))
    told = next((end for end in ends if end is not None and began_at - LATEST_END < end), None)
    return min(told or began_at - TOLD_AFTER, began_at)
