"""Reading Back Market's orders over HTTP: all of a window, page by page, or single ones by their id."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NoReturn
from urllib.parse import quote

from wholecell.channels.backmarket import mapping, orders
from wholecell.channels.backmarket.mapping import UnreadableError
from wholecell.channels.backmarket.orders import OrderState
from wholecell.channels.backmarket.paging import PAGE_SIZE, Paging
from wholecell.channels.contract import ChannelError, OrderPage, OrderWindow, UnreadableOrder
from wholecell.channels.http import HttpClient, Response

# 0 and 8 are never listed, and what is 9 is over.
OPEN_STATES = (OrderState.TO_ACCEPT, OrderState.TO_SHIP, OrderState.PAYMENT_PENDING)
# The document says the first, most sellers send the second; each is refused by some accounts.
DATE_FORMATS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S")
MOST_PASSES = 2
WRONG_DATE_FORMAT = "WrongDateFormat"


class ReadsOrders:
    """The part of the connector that reads orders."""

    _http: HttpClient
    _date_format = DATE_FORMATS[0]
    _is_format_sure = False  # one that was refused once is not tried again

    def orders(self, window: OrderWindow) -> Iterator[OrderPage]:
        """Yield the orders of a window, 50 a page; each draw is one call. An empty page says that it goes on."""
        readings: list[Mapping[str, str | int]] = [{}]
        if window.is_open_only:
            readings = [{"state": int(state)} for state in OPEN_STATES]
        for reading in readings:
            yield from self._pages(reading, window)

    def orders_by_id(self, ids: Sequence[str]) -> Iterator[OrderPage]:
        """Yield these orders as they are now, a call each; one that is gone comes as an empty page."""
        for external_id in ids:
            began_at = datetime.now(UTC)
            response = self._http.request("GET", f"/ws/orders/{quote(external_id, safe='')}")
            yield self._one_order(response, external_id, began_at)

    def _pages(self, reading: Mapping[str, str | int], window: OrderWindow) -> Iterator[OrderPage]:
        """Read to the end, and once more from the start when fewer orders came than the channel counts.

        An order that leaves the list meanwhile moves the others up, past the page that is asked for next.
        """
        known: set[str] = set()
        for _ in range(MOST_PASSES):
            total = 0
            for page in self._pass(reading, window):
                yield page
                total = max(total, page.total or 0)
                known |= {order.external_id for order in page.orders} | {row.payload for row in page.unreadable}
            if len(known) >= total:
                return

    def _pass(self, reading: Mapping[str, str | int], window: OrderWindow) -> Iterator[OrderPage]:
        paging = Paging()
        while True:
            began_at = datetime.now(UTC)
            params = {**reading, **self._dates(window), "page": paging.page, "page-size": PAGE_SIZE}
            response = self._http.request("GET", "/ws/orders", params=params)
            if self._is_other_format_wanted(response):
                yield OrderPage((), paging.page, None, began_at)
                continue
            if response.status == 404 and paging.page > 1:
                return  # orders moved on while we were paging, and with them the last page
            found, has_next = self._order_page(response, paging.page, began_at)
            yield found
            ids = {order.external_id for order in found.orders} | {row.payload for row in found.unreadable}
            if not paging.goes_on(ids, found.total, has_next):
                return

    def _dates(self, window: OrderWindow) -> dict[str, str]:
        given = {"date_creation": window.placed_since, "date_modification": window.changed_since}
        return {
            name: moment.astimezone(UTC).strftime(self._date_format)
            for name, moment in given.items()
            if moment is not None
        }

    def _is_other_format_wanted(self, response: Response) -> bool:
        """The form of the dates was refused: take the other one from now on, once."""
        is_refused = response.status == 422 and WRONG_DATE_FORMAT in mapping.said(response.json).code
        if not is_refused or self._is_format_sure:
            return False
        self._date_format = next(each for each in DATE_FORMATS if each != self._date_format)
        self._is_format_sure = True
        return True

    def _order_page(self, response: Response, page: int, began_at: datetime) -> tuple[OrderPage, bool]:
        if not response.is_ok:
            self._refuse(response)
        try:
            return orders.page(response.json, page, began_at)
        except UnreadableError as error:
            raise self._unreadable(str(error), response) from None

    def _one_order(self, response: Response, external_id: str, began_at: datetime) -> OrderPage:
        if response.status == 404:
            return OrderPage((), 1, None, began_at)
        if response.status == 403:
            self._refuse(response)
        if not response.is_ok:
            reason = f"Back Market could not be asked for it: {self._words(response)}"
            return OrderPage((), 1, None, began_at, (UnreadableOrder(external_id, reason, ""),))
        return orders.single(response.json, external_id, began_at)

    @abstractmethod
    def _refuse(self, response: Response) -> NoReturn: ...

    @abstractmethod
    def _words(self, response: Response) -> str: ...

    @abstractmethod
    def _unreadable(self, what: str, response: Response, *, maybe_applied: bool = False) -> ChannelError: ...
