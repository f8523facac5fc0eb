"""Reading Walmart's orders over HTTP: all of a window, slice by slice and page by page, or single ones by their id."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import structlog

from wholecell.channels.contract import OrderPage, OrderWindow, TemporaryError, UnreadableOrder
from wholecell.channels.http import Response
from wholecell.channels.walmart import limits, orders
from wholecell.channels.walmart.calls import Calls
from wholecell.channels.walmart.orders import SELLER, Found
from wholecell.channels.walmart.statuses import ACKNOWLEDGED, CREATED
from wholecell.channels.walmart.values import UnreadableError

PAGE_SIZE = 200  # the most there is
# Orders created longer ago are refused: 180 days. Left out, only the last 7 days are looked at.
OLDEST = timedelta(days=179)
MOST_ORDERS = 10_000  # in one query, by today's reference; the document of June 2026 says 20,000
LONGEST_SLICE = timedelta(days=30)  # of orders asked for by the time they were placed
SHORTEST_SLICE = timedelta(minutes=1)
OVERLAP = timedelta(seconds=1)  # whether both ends of a slice belong to it, nothing says
# How it is refused to give more, the document does not say. A refusal for another reason that sounds like this ends
# with the shortest slice, after some twenty calls.
TOO_MANY = re.compile(r"more than|exceed|too many|maximum|10,?000|20,?000", re.IGNORECASE)
MOST_PASSES = 2
STALE_PAGES = 3  # in a row without a new order
WALMARTS = "WFSFulfilled"
OPEN = (CREATED, ACKNOWLEDGED)

log = structlog.get_logger(__name__)


class _TooManyError(Exception):
    """A query would give more orders than Walmart gives."""


@dataclass(frozen=True, slots=True)
class _Slice:
    """One query: what is asked for, and the times between which the orders were created; no end means now."""

    params: Mapping[str, str | int]
    start: datetime
    end: datetime | None = None

    @property
    def node_type(self) -> str:
        """The type of ship node that is asked for."""
        return str(self.params["shipNodeType"])

    def query(self) -> dict[str, str | int]:
        """The query of its first page."""
        return {
            **self.params,
            "createdStartDate": _time(self.start),
            **({} if self.end is None else {"createdEndDate": _time(self.end)}),
            "limit": PAGE_SIZE,
            "productInfo": "false",
            "replacementInfo": "true",
        }

    def halves(self) -> list[_Slice]:
        """The same in two; none when it is too short for that."""
        end = self.end or datetime.now(UTC)
        if end - self.start < 2 * SHORTEST_SLICE:
            return []
        middle = self.start + (end - self.start) / 2
        return [_Slice(self.params, self.start, middle), _Slice(self.params, middle - OVERLAP, self.end)]


class ReadsOrders(Calls):
    """The part of the connector that reads orders."""

    def orders(self, window: OrderWindow) -> Iterator[OrderPage]:
        """Yield the orders of a window, 200 a page; each draw is one call. An empty page says that it goes on."""
        waiting = _slices(window)
        while waiting:
            one = waiting.pop(0)
            try:
                yield from self._passes(one)
            except _TooManyError:
                waiting = one.halves() + waiting

    def orders_by_id(self, ids: Sequence[str]) -> Iterator[OrderPage]:
        """Yield these orders as they are now, a call each; one that is gone comes as an empty page."""
        for external_id in ids:
            began_at = datetime.now(UTC)
            yield self._one_order(self._order(external_id), external_id, began_at)

    def _order(self, external_id: str) -> Response:
        path = f"/v3/orders/{quote(external_id, safe='')}?replacementInfo=true"
        return self._call("GET", path, limits.ORDERS)

    def _passes(self, one: _Slice) -> Iterator[OrderPage]:
        """Read to the end, and once more from the start when fewer orders came than Walmart counts.

        Whether orders that change meanwhile move the others past the page that is asked for next, nothing says.
        """
        known: set[str] = set()
        for _ in range(MOST_PASSES):
            total = 0
            for found in self._pages(one):
                known |= found.ids
                total = max(total, found.page.total or 0)
                yield found.page
            if len(known) >= total:
                return
        log.warning("fewer orders than counted", channel="Walmart", found=len(known), total=total)

    def _pages(self, one: _Slice) -> Iterator[Found]:
        """One pass over a slice. Raises _TooManyError when it has to be cut, TemporaryError when it goes in circles."""
        number, stale, known, cursors = 1, 0, set[str](), set[str]()
        found = self._page(one, "", number)
        while True:
            self._cut(one, found, number)
            yield found
            stale = 0 if found.ids - known else stale + 1
            known |= found.ids
            if not found.cursor:
                return
            if found.cursor in cursors or stale >= STALE_PAGES:
                if found.page.total is not None and len(known) >= found.page.total:
                    return
                raise TemporaryError("Walmart's pages of orders go in circles: not all could be read.")
            cursors.add(found.cursor)
            number += 1
            found = self._page(one, found.cursor, number)

    def _cut(self, one: _Slice, found: Found, number: int) -> None:
        """Raise _TooManyError for more orders than one query gives, unless the slice is too short to be cut."""
        total = found.page.total
        is_too_many = total > MOST_ORDERS if total is not None else number * PAGE_SIZE >= MOST_ORDERS and found.cursor
        if is_too_many and one.halves():
            raise _TooManyError

    def _page(self, one: _Slice, cursor: str, number: int) -> Found:
        """Read a page: the first by its query, a later one by the cursor, which is a whole query string, unchanged."""
        began_at = datetime.now(UTC)
        if cursor:
            response = self._call("GET", "/v3/orders" + cursor, limits.ORDERS)
        else:
            response = self._call("GET", "/v3/orders", limits.ORDERS, params=one.query())
        told = self._told(response)
        if self._is_none(response):
            return Found(OrderPage((), number, None, began_at), "", frozenset())
        if not response.is_ok or told.is_error:
            if TOO_MANY.search(told.words) and not told.is_theirs and one.halves():
                raise _TooManyError
            self._refuse(response)
        try:
            return orders.page(response.json, number, began_at, one.node_type)
        except UnreadableError as error:
            raise self._unreadable(str(error), response) from None

    def _one_order(self, response: Response, external_id: str, began_at: datetime) -> OrderPage:
        told = self._told(response)
        if self._is_none(response):
            return OrderPage((), 1, None, began_at)
        if not response.is_ok or told.is_error:
            if response.status == 404 or told.is_theirs:
                self._refuse(response)  # no word of this order
            reason = f"Walmart could not be asked for it: {self._words(response)}"
            return OrderPage((), 1, None, began_at, (UnreadableOrder(external_id, reason, ""),))
        return orders.single(response.json, external_id, began_at)


def _slices(window: OrderWindow) -> list[_Slice]:
    """The queries of a window, by type of ship node, status and time of creation."""
    now = datetime.now(UTC)
    oldest = now - OLDEST
    found = []
    for node_type in (SELLER, WALMARTS) if window.with_channel_fulfilled else (SELLER,):
        params: dict[str, str | int] = {"shipNodeType": node_type}
        if window.is_open_only:
            found += [_Slice(params | {"status": status}, oldest) for status in OPEN]
            continue
        if window.changed_since is not None:
            params["lastModifiedStartDate"] = _time(window.changed_since)
            found.append(_Slice(params, oldest))
            continue
        start = max(window.placed_since or oldest, oldest)
        while now - start > LONGEST_SLICE:
            found.append(_Slice(params, start, start + LONGEST_SLICE))
            start += LONGEST_SLICE - OVERLAP
        found.append(_Slice(params, start))
    return found


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
