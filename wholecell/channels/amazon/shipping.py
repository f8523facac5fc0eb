"""What Amazon is told of orders: the shipments that left.

The call is of Orders v0, which has no successor. There are no idempotency keys, but a shipment's own number, sent
again, edits that shipment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from wholecell.channels.amazon import carriers
from wholecell.channels.amazon.access import Access, sentence
from wholecell.channels.amazon.limits import CONFIRM_SHIPMENT, GET_ORDER
from wholecell.channels.amazon.mapping import block, rows, said, stamp, text
from wholecell.channels.contract import RejectedError, RemoteShipment, ShipmentResult
from wholecell.channels.http import Response

LOOK = "Look the order up in Seller Central, then press Try again."
NOT_FOUND = "PackageToUpdateNotFound"  # stands in the code or, as sellers saw it, in the message
SHIPPED = "Amazon knows the order as shipped already, or without such a shipment. "


class TellsOfShipments:
    """The part of the connector that tells of shipments."""

    _access: Access

    def confirm_shipment(self, shipment: RemoteShipment) -> ShipmentResult:
        """Tell of one shipment; one that may be there is looked for first. Raises RejectedError."""
        if not shipment.tracking_number:
            raise RejectedError(
                "Amazon takes no shipment without a tracking number.",
                advice="Add the number to the shipment, or confirm it in Seller Central.",
            )
        if shipment.may_be_there and self._is_there(shipment):
            return ShipmentResult(f"Amazon shows {shipment.tracking_number}.", was_there=True)
        path = f"/orders/v0/orders/{quote(shipment.order_id, safe='')}/shipmentConfirmation"
        body = {"marketplaceId": self._access.marketplace_id, "packageDetail": package(shipment)}
        response = self._access.call("POST", path, CONFIRM_SHIPMENT, body=body)
        if not response.is_ok:
            raise self._refusal(response)
        return ShipmentResult(f"Amazon took {shipment.tracking_number}.")

    def _is_there(self, shipment: RemoteShipment) -> bool:
        """Whether the order has a package with our tracking number."""
        path = f"/orders/2026-01-01/orders/{quote(shipment.order_id, safe='')}"
        response = self._access.call("GET", path, GET_ORDER, params={"includedData": "FULFILLMENT,PACKAGES"})
        if response.status in {400, 404}:
            raise self._refusal(response)
        order: Mapping[str, Any] = block(self._access.found(response, "order"))
        numbers = {_bare(text(each.get("trackingNumber"), 100)) for each in rows(order.get("packages"))}
        return _bare(shipment.tracking_number) in numbers

    def _refusal(self, response: Response) -> RejectedError:
        answer = said(response.json)
        is_shipped = any(NOT_FOUND in each for each in (answer.code, answer.message, answer.details))
        return RejectedError(
            sentence(self._access.words(response)),
            gone=response.status == 404,
            advice=SHIPPED + LOOK if is_shipped else LOOK,
            reference=response.reference,
        )


def package(shipment: RemoteShipment) -> dict[str, object]:
    """What is sent for a shipment. Its number is text made of digits: a number is refused."""
    code = carriers.code(shipment.carrier)
    detail: dict[str, object] = {
        "packageReferenceId": str(shipment.number),
        "carrierCode": code,
        "trackingNumber": shipment.tracking_number,
        "shipDate": stamp(shipment.shipped_at),
        "orderItems": [{"orderItemId": line, "quantity": units} for line, units in shipment.lines.items()],
    }
    if code == carriers.OTHER:
        detail["carrierName"] = shipment.carrier or carriers.OTHER
    return detail | ({"shippingMethod": shipment.service} if shipment.service else {})


def _bare(number: str) -> str:
    return re.sub(r"[\s-]+", "", number).casefold()
