"""Orders of ShipStation's other stores, such as a web shop's, read by store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from wholecell.channels.contract import OrderPage, OrderWindow, RemoteOrder, UnreadableOrder
from wholecell.channels.shipstation import order_reading, pacific
from wholecell.channels.shipstation.calls import Calls
from wholecell.channels.shipstation.paging import Page, pages
from wholecell.channels.shipstation.values import UnreadableError, number, row_of
from wholecell.channels.shipstation.words import OPEN

FEW = 5  # orders that are asked for one by one; for more, the lists of open ones are read first
BROKEN = "ShipStation answers with a fault of its own when it is asked for order {n} of its list. Open it there."


class ReadsOrders:
    """The part of the connector that reads orders of the chosen stores."""

    _calls: Calls
    _stores: Sequence[int]  # chosen to be imported
    _prefix: str  # of the keys of orders that we brought there

    def orders(self, window: OrderWindow) -> Iterator[OrderPage]:
        """Yield the orders of a window store by store; those we brought there ourselves are left out.

        The newest come first: an order that changes meanwhile moves others back, where they are met once more, and
        none forward, where they would be missed.
        """
        count, reading = 0, None
        for params in self._questions(window):
            for page in self._pages(params, window.with_channel_fulfilled):
                count += 1
                reading = min(reading or page.reading_began_at, page.reading_began_at)
                yield OrderPage(page.orders, count, None, page.began_at, page.unreadable, reading)

    def orders_by_id(self, ids: Sequence[str]) -> Iterator[OrderPage]:
        """Yield these orders as they are now. There is no call for several, so many are looked for in lists first."""
        missing = dict.fromkeys(each for each in ids if number(each) is not None)
        count = 0
        if len(missing) > FEW:
            for params in self._questions(OrderWindow(is_open_only=True)):
                for page in self._pages(params, True):
                    found = [order for order in page.orders if order.external_id in missing]
                    for order in found:
                        del missing[order.external_id]
                    if found:
                        count += 1
                        yield OrderPage(found, count, None, page.began_at)
        for each in missing:
            count += 1
            one = self._one(each)
            yield OrderPage(one.orders, count, None, one.began_at, one.unreadable)

    def _questions(self, window: OrderWindow) -> Iterator[dict[str, str | int]]:
        for store in self._stores:
            if window.is_open_only:
                for word in OPEN:
                    yield {"storeId": store, "orderStatus": word, "sortBy": "OrderDate", "sortDir": "DESC"}
            elif window.changed_since is not None:
                since = pacific.since(window.changed_since)
                yield {"storeId": store, "modifyDateStart": since, "sortBy": "ModifyDate", "sortDir": "DESC"}
            elif window.placed_since is not None:
                since = pacific.since(window.placed_since)
                yield {"storeId": store, "orderDateStart": since, "sortBy": "OrderDate", "sortDir": "DESC"}

    def _pages(self, params: dict[str, str | int], with_others: bool) -> Iterator[_Orders]:
        """Read a list; once more where fewer were met than it said it has: one that left it moved others forward."""
        for _ in range(2):
            met: set[str] = set()
            total, is_whole = 0, False
            for page in pages(self._calls, "/orders", "orders", params):
                is_whole = is_whole or page.offset == 0
                total = max(total, page.total or 0)
                met |= {str(row_of(row).get("orderId")) for row in page.rows} | {f"at {each}" for each in page.broken}
                yield self._read(page, with_others)
            if len(met) >= total or not is_whole:
                return

    def _read(self, page: Page, with_others: bool) -> _Orders:
        orders, unreadable = [], [_broken(each) for each in page.broken]
        for row in page.rows:
            if self._is_ours(row):
                continue
            try:
                order = order_reading.order(row)
            except UnreadableError as error:
                unreadable.append(order_reading.unreadable(row, error))
                continue
            if with_others or not order.is_fulfilled_by_channel:
                orders.append(order)
        return _Orders(orders, unreadable, page.began_at, page.reading_began_at)

    def _one(self, order_id: str) -> _Orders:
        began_at = datetime.now(UTC)
        response = self._calls.get(f"/orders/{order_id}")
        if response.status == 404:
            return _Orders([], [], began_at, began_at)
        if not response.is_ok:
            self._calls.refuse(response)
        return self._read(Page([response.json], 1, None, began_at, began_at), True)

    def _is_ours(self, row: object) -> bool:
        return bool(self._prefix) and order_reading.key_of(row).startswith(f"{self._prefix}-")


@dataclass(frozen=True, slots=True)
class _Orders:
    orders: list[RemoteOrder]
    unreadable: list[UnreadableOrder]
    began_at: datetime
    reading_began_at: datetime


def _broken(place: int) -> UnreadableOrder:
    return UnreadableOrder("", BROKEN.format(n=place), "")
