"""Reading eBay's orders over HTTP: all of a window page by page, or single ones by their id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from wholecell.channels.contract import OrderPage, OrderWindow, RemoteOrder, UnreadableOrder
from wholecell.channels.ebay import orders, statuses
from wholecell.channels.ebay.limits import ORDERS, SHIPMENTS
from wholecell.channels.ebay.trading import Access
from wholecell.channels.ebay.values import UnreadableError, block, rows, stamp
from wholecell.channels.values import sentence, whole

PATH = "/sell/fulfillment/v1/order"
PAGE_SIZE = 200  # a call for more fails
AT_ONCE = 50  # ids in one call
MOST_PAGES = 5000
LAG = timedelta(minutes=2)  # eBay advises not to ask for what changed just now; a time in the future is error 30850
OLDEST = timedelta(days=2 * 365 - 1)
SHORTEST = timedelta(seconds=1)


class ReadsOrders:
    """The part of the connector that reads orders."""

    _access: Access

    def orders(self, window: OrderWindow) -> Iterator[OrderPage]:
        """Yield the orders of a window, 200 a page; open ones are told of 90 days, all others of two years.

        Pages say up to when changes are in them.
        """
        latest = datetime.now(UTC) - LAG
        query: Mapping[str, str | int] | str = {
            "filter": _filter(window, latest),
            "limit": PAGE_SIZE,
            "offset": 0,
        }
        asked: set[str] = set()
        for number in range(1, MOST_PAGES + 1):
            began_at = datetime.now(UTC)
            if isinstance(query, str):
                response = self._access.call("GET", f"{PATH}?{query}", ORDERS)
            else:
                response = self._access.call("GET", PATH, ORDERS, params=query)
            given = self._access.found(response, "orders")
            if not isinstance(given, list):
                raise self._access.unreadable("it has no list of orders", response)
            page = self._order_page(given, window, number, whole(response.json.get("total")), began_at)
            yield replace(page, reading_began_at=latest)
            query = _next(response.json.get("next"))
            if not query or query in asked:
                return
            asked.add(query)

    def orders_by_id(self, ids: Sequence[str]) -> Iterator[OrderPage]:
        """Yield these orders as they are now, 50 a call; of a call that is refused each by itself."""
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            began_at = datetime.now(UTC)
            response = self._access.call("GET", PATH, ORDERS, params={"orderIds": ",".join(some)})
            if response.status not in {400, 404}:
                given = self._access.found(response, "orders")
                yield self._order_page(given if isinstance(given, list) else [], None, 1, None, began_at)
                continue
            for order_id in some:
                yield self._order_alone(order_id)

    def _order_alone(self, order_id: str) -> OrderPage:
        began_at = datetime.now(UTC)
        response = self._access.call("GET", f"{PATH}/{quote(order_id, safe='')}", ORDERS)
        if response.status == 404:
            return OrderPage((), 1, None, began_at)
        if not response.is_ok or not isinstance(response.json, dict):
            reason = sentence(f"eBay could not be asked for it: {self._access.words(response)}")
            return OrderPage((), 1, None, began_at, (UnreadableOrder(order_id, reason, ""),))
        return self._order_page([response.json], None, 1, None, began_at)

    def _order_page(
        self, given: list[Any], window: OrderWindow | None, number: int, total: int | None, began_at: datetime
    ) -> OrderPage:
        read: list[RemoteOrder] = []
        unreadable = []
        for row in given:
            try:
                if not isinstance(row, dict):
                    raise UnreadableError("A row of the answer is no order.")
                found = self._order(row)
            except UnreadableError as error:
                unreadable.append(orders.unreadable(row, error))
                continue
            if window is None or _is_wanted(found, window):
                read.append(found)
        return OrderPage(read, number, total, began_at, tuple(unreadable))

    def _order(self, row: Mapping[str, Any]) -> RemoteOrder:
        order_id = row.get("orderId")
        if statuses.cancel_state(row) == "IN_PROGRESS" and not block(row, "cancelStatus").get("cancelRequests"):
            row = self._with_requests(str(order_id), row)
        shipments = self._shipments(str(order_id)) if order_id and orders.needs_shipments(row) else None
        return orders.order(row, datetime.now(UTC), shipments)

    def _with_requests(self, order_id: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The order as its own call tells it: in lists the requests to cancel are always left out."""
        response = self._access.call("GET", f"{PATH}/{quote(order_id, safe='')}", ORDERS)
        found = response.json if response.is_ok else None
        return found if isinstance(found, dict) and found.get("orderId") == order_id else row

    def _shipments(self, order_id: str) -> list[dict[str, Any]] | None:
        path = f"{PATH}/{quote(order_id, safe='')}/shipping_fulfillment"
        response = self._access.call("GET", path, SHIPMENTS)
        return rows(self._access.found(response, "fulfillments"))


def _filter(window: OrderWindow, latest: datetime) -> str:
    """What to ask for. Of both dates only creationdate would count, so each window has one."""
    oldest = latest - OLDEST
    if window.changed_since is not None:
        since = max(min(window.changed_since, latest - SHORTEST), oldest)
        return f"lastmodifieddate:[{stamp(since)}..{stamp(latest)}]"
    if window.placed_since is not None:
        since = max(min(window.placed_since, latest - SHORTEST), oldest)
        return f"creationdate:[{stamp(since)}..]"
    return "orderfulfillmentstatus:{NOT_STARTED|IN_PROGRESS}"


def _is_wanted(order: RemoteOrder, window: OrderWindow) -> bool:
    """Not started also are orders that were cancelled, or refunded before they left."""
    if order.is_fulfilled_by_channel and not window.with_channel_fulfilled:
        return False
    return not (window.is_open_only and order.is_final)


def _next(link: object) -> str:
    """The query of a link to the next page; its host is not followed. Here `offset` counts orders, not pages."""
    try:
        return urlsplit(link).query if isinstance(link, str) else ""
    except ValueError:
        return ""
