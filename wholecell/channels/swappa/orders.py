"""The proposed API of Swappa: its two calls about orders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

from wholecell.channels.contract import (
    OrderPage,
    OrderWindow,
    RejectedError,
    RemoteOrder,
    RemoteShipment,
    ShipmentResult,
)
from wholecell.channels.http import Response
from wholecell.channels.swappa import shipping
from wholecell.channels.swappa.access import TRY_AGAIN, Access
from wholecell.channels.swappa.mapping import UnreadableError
from wholecell.channels.swappa.order_reading import FINAL, SHIPPED, order_page
from wholecell.channels.swappa.paging import pages
from wholecell.channels.values import sentence

PAGE = 50  # orders, the most there are in one


class TellsOfOrders:
    """The part of the connector that reads orders and tells of shipments."""

    _access: Access

    def orders(self, window: OrderWindow) -> Iterator[OrderPage]:
        """Yield the orders of a window, 50 a page; what the proposal has no filter for is left out here."""
        since = window.changed_since or window.placed_since  # no order changes before it is placed
        for page in self._pages(since):
            yield _kept(page, lambda order: _is_in(order, window))

    def orders_by_id(self, ids: Sequence[str]) -> Iterator[OrderPage]:
        """Yield these orders as they are now. There is no call for one order: the list is read until all are found."""
        wanted = frozenset(ids)
        missing = set(ids)
        for page in self._pages(None):
            unreadable = [row for row in page.unreadable if row.external_id in wanted]
            found = _kept(page, lambda order: order.external_id in wanted)
            yield replace(found, unreadable=unreadable)
            missing -= {order.external_id for order in found.orders} | {row.external_id for row in unreadable}
            if not missing:
                return

    def confirm_shipment(self, shipment: RemoteShipment) -> ShipmentResult:
        """Tell of one shipment with the IMEIs of its phones; repeating it changes nothing. Raises RejectedError."""
        body = shipping.body_of(shipment)
        response, words = self._ship(shipment, body), ""
        if shipping.is_about_imeis(response) and body != (bare := shipping.without_imeis(body)):
            # Nothing was applied. If it leaves without the numbers, the numbers were what they did not take.
            words = self._access.words(response)
            response = self._ship(shipment, bare)
        if not response.is_ok:
            said, is_gone = sentence(self._access.words(response)), response.status == 404
            raise RejectedError(said, gone=is_gone, advice=TRY_AGAIN, reference=response.reference)
        try:
            return shipping.result_of(response, shipment, words)
        except UnreadableError as error:
            raise self._access.unreadable(str(error), response, maybe_applied=True) from None

    def _ship(self, shipment: RemoteShipment, body: object) -> Response:
        return self._access.call("POST", f"/orders/{quote(shipment.order_id, safe='')}/shipments", body=body)

    def _pages(self, since: datetime | None) -> Iterator[OrderPage]:
        params = {} if since is None else {"updated_since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        yield from pages(self._access, "/orders", PAGE, params, order_page)


def _kept(page: OrderPage, is_wanted: Callable[[RemoteOrder], bool]) -> OrderPage:
    return replace(page, orders=[order for order in page.orders if is_wanted(order)])


def _is_in(order: RemoteOrder, window: OrderWindow) -> bool:
    if window.is_open_only:
        return order.status not in FINAL | SHIPPED  # a word that is not known may be open
    placed = window.placed_since
    return placed is None or order.placed_at is None or order.placed_at >= placed
