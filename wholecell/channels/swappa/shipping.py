"""A shipment in the proposed words. Nothing here calls anything."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any

from wholecell.channels.contract import RejectedError, RemoteShipment, ShipmentResult
from wholecell.channels.http import Response
from wholecell.channels.swappa.mapping import UnreadableError
from wholecell.channels.swappa.order_reading import listing_of

NOT_TAKEN = "Swappa did not take this number."
NO_IMEI = "It is no IMEI, and Swappa takes no other numbers."


def body_of(shipment: RemoteShipment) -> dict[str, Any]:
    """What is told of it: the IMEIs by listing. Raises RejectedError for one that cannot be told."""
    if not shipment.tracking_number:
        raise RejectedError("Swappa takes no shipment without a tracking number.", advice="Enter it, then try again.")
    imeis: dict[str, list[str]] = {}
    for line_id in shipment.lines:
        if not listing_of(line_id):
            said = "A line of the order does not say which Swappa listing it was sold from."
            raise RejectedError(said, advice="Confirm the shipment on Swappa's own pages.")
        imeis.setdefault(listing_of(line_id), [])
    for unit in shipment.units:
        if _is_imei(unit.esn) and (listing_id := listing_of(unit.line_id)):
            imeis.setdefault(listing_id, []).append(unit.esn)
    return {
        "carrier": shipment.carrier,
        "tracking_number": shipment.tracking_number,
        "shipped_at": shipment.shipped_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "items": [{"listing_id": listing_id, "imeis": found} for listing_id, found in imeis.items()],
    }


def without_imeis(body: dict[str, Any]) -> dict[str, Any]:
    """The same shipment with none of its numbers."""
    return {**body, "items": [{**item, "imeis": []} for item in body["items"]]}


def is_about_imeis(response: Response) -> bool:
    """Whether it is refused because of a number: `field` of the error names it."""
    answer = response.json if isinstance(response.json, dict) else {}
    return response.status == 400 and "imei" in str(answer.get("field")).casefold()


def result_of(response: Response, shipment: RemoteShipment, words: str) -> ShipmentResult:
    """Read the shipment that is there now; `words` is why a first try with IMEIs was refused.

    200 instead of 201 says that it was there before. Raises UnreadableError for another shipment.
    """
    answer = response.json if isinstance(response.json, dict) else {}
    if answer.get("tracking_number") != shipment.tracking_number:
        raise UnreadableError("it does not show the shipment")
    items = answer["items"] if isinstance(answer.get("items"), list) else []
    there = {str(imei) for item in items if isinstance(item, dict) for imei in _list(item.get("imeis"))}
    refused = {
        unit.esn: (words or NOT_TAKEN) if _is_imei(unit.esn) else NO_IMEI
        for unit in shipment.units
        if unit.esn not in there
    }
    return ShipmentResult(
        f"Swappa shows {shipment.tracking_number}.",
        was_there=response.status == 200,
        taken_units=[unit.esn for unit in shipment.units if unit.esn not in refused],
        refused_units=refused,
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _is_imei(esn: str) -> bool:
    return re.fullmatch(r"\d{15}", esn, re.ASCII) is not None
