"""What eBay is told of orders: the shipments that left, a call for each. What is there is looked at first.

There are no idempotency keys, and no call changes a shipment once it is there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from wholecell.channels.contract import RejectedError, RemoteShipment, ShipmentResult, TemporaryError
from wholecell.channels.ebay import carriers
from wholecell.channels.ebay.answers import said
from wholecell.channels.ebay.limits import SHIPMENTS
from wholecell.channels.ebay.sign_in import RETRY
from wholecell.channels.ebay.trading import Access
from wholecell.channels.ebay.values import rows, stamp, text
from wholecell.channels.http import Response
from wholecell.channels.values import sentence

LOOK = "Look the order up on eBay, then press Try again."
# Left out, it is now by eBay's clock. One ahead of that, or behind it at an order just placed, would be refused.
JUST_NOW = timedelta(minutes=10)
NO_ORDER, IS_THERE = 32100, 34500
_ADVICE = {
    NO_ORDER: "eBay does not know this order. Void the shipment here if the order was cancelled.",
    32200: "A line of the shipment is not on eBay's order. Read the order again, then press Try again.",
    32210: "A line is in the shipment twice. Void the shipment and make it anew.",
    32300: "eBay does not take this tracking number with this carrier. Correct them, then press Try again.",
    32500: "eBay does not take this day of shipping. Look at when the order was placed and paid.",
    34100: "The order has as many tracking numbers as eBay allows. Add this one in a message to the buyer.",
    34200: "Lines that go by eBay's international hub leave in a shipment of their own: void this one and make two.",
    34300: "Lines that go by eBay's international hub leave one by one: void this shipment and make one for each.",
}
CORRECT = "It cannot be changed from here: correct it on eBay."


class TellsOfShipments:
    """The part of the connector that tells of shipments."""

    _access: Access

    def confirm_shipment(self, shipment: RemoteShipment) -> ShipmentResult:
        """Tell of one shipment, unless it is there already. Raises RejectedError."""
        path = f"/sell/fulfillment/v1/order/{quote(shipment.order_id, safe='')}/shipping_fulfillment"
        number = bare(shipment.tracking_number)
        if self._is_there(shipment, number, path):
            return ShipmentResult(f"eBay shows {number or 'the shipment'}. {CORRECT}", was_there=True)
        body = self._package(shipment, number)
        response = self._access.call("POST", path, SHIPMENTS, body=body)
        if response.is_ok:
            return ShipmentResult(f"eBay took {number or 'the shipment'} as {_id_of(response)}.")
        told = said(response.json)
        if told.is_theirs:
            self._access.refuse(response, is_write=True)
        if response.status == 409 or IS_THERE in told.numbers:
            if self._is_there(shipment, number, path, is_repeated=True):
                return ShipmentResult(f"eBay shows {number or 'the shipment'}.", was_there=True)
            if response.status == 409:
                words = "eBay is busy with another change of this order."
                raise TemporaryError(words, retry_after=RETRY, reference=response.reference)
        raise self._refusal(response)

    def _is_there(self, shipment: RemoteShipment, number: str, path: str, *, is_repeated: bool = False) -> bool:
        """Whether the order has a shipment with our tracking number; without one, with just our lines."""
        response = self._access.call("GET", path, SHIPMENTS)
        if response.status in {400, 404}:
            raise self._refusal(response)
        found = rows(self._access.found(response, "fulfillments"))
        if number:
            return number.casefold() in {
                bare(text(each.get("shipmentTrackingNumber"), 100)).casefold() for each in found
            }
        if not (shipment.may_be_there or is_repeated):
            return False
        return any(not text(each.get("shipmentTrackingNumber")) and _lines(each) == shipment.lines for each in found)

    def _package(self, shipment: RemoteShipment, number: str) -> dict[str, object]:
        """Carrier and number go together or not at all."""
        body: dict[str, object] = {
            "lineItems": [{"lineItemId": line, "quantity": units} for line, units in shipment.lines.items()]
        }
        if datetime.now(UTC) - shipment.shipped_at > JUST_NOW:
            body["shippedDate"] = stamp(shipment.shipped_at)
        if not number:
            return body
        return body | {
            "shippingCarrierCode": carriers.code(self._access, shipment.carrier),
            "trackingNumber": number,
        }

    def _refusal(self, response: Response) -> RejectedError:
        told = said(response.json)
        advice = next((_ADVICE[number] for number in sorted(told.numbers) if number in _ADVICE), LOOK)
        return RejectedError(
            sentence(self._access.words(response, told)),
            gone=response.status == 404 or NO_ORDER in told.numbers,
            advice=advice,
            reference=response.reference,
        )


def bare(number: str) -> str:
    """A tracking number as eBay takes it: letters and digits only."""
    return re.sub(r"[^0-9A-Za-z]", "", number)


def _lines(fulfillment: dict[str, Any]) -> dict[str, int]:
    given: Sequence[dict[str, Any]] = rows(fulfillment.get("lineItems"))
    return {text(each.get("lineItemId"), 60): each.get("quantity") or 1 for each in given}


def _id_of(response: Response) -> str:
    """The new shipment's id is the last part of where it is."""
    return text(response.headers.get("Location", "").rstrip("/").rpartition("/")[2], 60) or "done"
