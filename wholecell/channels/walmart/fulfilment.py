"""What Walmart is told of orders: that we have seen them, which lines cannot be had, and the shipments that left.

There are no idempotency keys, and a shipment charges the buyer: every write reads the order first, and what is there
already is not sent again.
"""

from __future__ import annotations

from urllib.parse import quote

from wholecell.channels.contract import (
    RateLimit,
    RejectedError,
    RemoteOrder,
    RemoteShipment,
    ShipmentResult,
)
from wholecell.channels.http import Response
from wholecell.channels.walmart import limits, parcels
from wholecell.channels.walmart.order_reading import ReadsOrders
from wholecell.channels.walmart.parcels import IN_SELLER_CENTER, Seen
from wholecell.channels.walmart.statuses import CANCELLED
from wholecell.channels.walmart.values import UnreadableError


class TellsOfOrders(ReadsOrders):
    """The part of the connector that tells of orders."""

    def accept(self, order_id: str) -> RemoteOrder:
        """Acknowledge the whole order while units of it are only created. Raises RejectedError."""
        seen = self._see(order_id)
        if seen.order.is_fulfilled_by_channel:
            raise RejectedError("Walmart ships this order from its own stock.", advice="There is nothing to accept.")
        if not seen.order.is_to_accept:
            return seen.order
        response, after = self._tell(order_id, "acknowledge", limits.ACKNOWLEDGEMENTS, None)
        if after.order.is_to_accept:
            # Repeating it is safe: it is allowed for an order that is acknowledged.
            raise self._unreadable("it does not show the order as acknowledged", response, maybe_applied=True)
        return after.order

    def cancel_line(self, order_id: str, line_id: str) -> RemoteOrder:
        """Cancel the units of one line that have not left. One that is cancelled already is left alone."""
        seen = self._see(order_id)
        line = seen.line(line_id)
        if line is None:
            raise RejectedError("Walmart's order has no such line.", advice="Import the orders.", gone=True)
        if not line.to_leave:
            if line.units.count(CANCELLED) and not line.units.shipped:
                return seen.order
            raise RejectedError("The line left already, so it cannot be cancelled.", advice=IN_SELLER_CENTER)
        if seen.order.is_fulfilled_by_channel:
            raise RejectedError("Walmart ships this order from its own stock.", advice=IN_SELLER_CENTER)
        _, after = self._tell(order_id, "cancel", limits.CANCELLATIONS, parcels.cancellation_of(line))
        now = after.line(line_id)
        if now is None or now.to_leave:
            raise RejectedError("Walmart answered, but did not cancel the line.", advice=IN_SELLER_CENTER)
        return after.order

    def confirm_shipment(self, shipment: RemoteShipment) -> ShipmentResult:
        """Tell of one shipment, unless the order has it already.

        Raises NotAcceptedError while the order waits to be acknowledged, RejectedError for what cannot leave so.
        """
        seen = self._see(shipment.order_id)
        units = parcels.missing(seen, shipment)
        answer = f"Walmart shows {shipment.tracking_number}."
        if not units:
            return ShipmentResult(answer, was_there=True)
        parcels.refuse_wrong(seen, shipment, units)
        body = parcels.shipment_of(seen, shipment, units)
        response, after = self._tell(shipment.order_id, "shipping", limits.SHIPMENTS, body)
        if parcels.missing(after, shipment):
            raise self._unreadable("it does not show the shipment", response, maybe_applied=True)
        return ShipmentResult(answer)

    def _see(self, order_id: str) -> Seen:
        response = self._order(order_id)
        told = self._told(response)
        if not response.is_ok or told.is_error:
            if told.is_theirs or (response.status == 404 and not told.is_not_found):
                self._refuse(response)
            raise RejectedError(
                self._words(response),
                gone=told.is_not_found,
                advice="Look the order up in Seller Center, then press Try again.",
                reference=response.reference,
            )
        return self._seen(response)

    def _tell(self, order_id: str, what: str, limit: RateLimit, body: object) -> tuple[Response, Seen]:
        """Send one thing about an order; gives the order as it is then. Raises RejectedError in Walmart's words."""
        response = self._call("POST", f"/v3/orders/{quote(order_id, safe='')}/{what}", limit, body=body)
        told = self._told(response)
        if told.is_theirs:
            self._refuse(response, is_write=True)
        if not response.is_ok or told.is_error:
            raise RejectedError(
                self._words(response),
                advice="Look the order up in Seller Center, then press Try again.",
                reference=response.reference,
            )
        return response, self._seen(response, is_write=True)

    def _seen(self, response: Response, *, is_write: bool = False) -> Seen:
        try:
            return parcels.read(response.json)
        except UnreadableError as error:
            words = str(error).rstrip(".")
            raise self._unreadable(words[:1].lower() + words[1:], response, maybe_applied=is_write) from None
