"""Labels and fulfillments of ShipStation as shipments in our words. Pure: no call is made here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wholecell.channels.contract import CameLine, CameShipment
from wholecell.channels.shipstation.pacific import moment
from wholecell.channels.shipstation.values import UnreadableError, cents, key, number, rows_of, text, whole

# Resellers and accounts of a carrier; other codes hold its name, such as ups_walleted.
CARRIERS = {"stamps_com": "USPS", "endicia": "USPS", "express_1": "USPS", "globalpost": "USPS", "other": ""}
LONGEST_CODE = 60


def shipment(row: object) -> CameShipment | None:
    """Read a label. None for one with which the buyer sends something back. Raises UnreadableError for no label."""
    if not isinstance(row, dict) or number(row.get("shipmentId")) is None:
        raise UnreadableError("A row of ShipStation's shipments has no usable id.")
    if row.get("isReturnLabel") is True:
        return None
    lines = [_line(each) for each in rows_of(row.get("shipmentItems"))]
    return _came(row, f"shipment {row['shipmentId']}", row.get("serviceCode"), row.get("shipmentCost"), lines)


def fulfillment(row: object) -> CameShipment:
    """Read an order marked as shipped without a label of theirs. It has no key and no lines. Raises UnreadableError."""
    if not isinstance(row, dict) or number(row.get("fulfillmentId")) is None:
        raise UnreadableError("A row of ShipStation's fulfillments has no usable id.")
    return _came(row, f"fulfillment {row['fulfillmentId']}", row.get("fulfillmentServiceCode"), None, [])


def _came(
    row: Mapping[str, Any], external_id: str, service: object, cost: object, lines: list[CameLine]
) -> CameShipment:
    code = text(row.get("carrierCode"), LONGEST_CODE)
    order_id = number(row.get("orderId"))
    return CameShipment(
        reference=key(row.get("orderKey"), 200),
        number=text(row.get("orderNumber"), 120),
        carrier=CARRIERS.get(code.casefold(), code),
        service=_service(text(service, LONGEST_CODE), code),
        tracking_number=text(row.get("trackingNumber"), 200),
        shipped_at=_left(row),
        cost_cents=cents(cost),
        lines=[line for line in lines if line.quantity],
        is_voided=row.get("voided") is True,
        external_id=external_id,
        order_external_id="" if order_id is None else str(order_id),
    )


def _left(row: Mapping[str, Any]) -> datetime | None:
    """Its ship date is a day; made on that day, it left no earlier than it was made."""
    times = [found for name in ("shipDate", "createDate") if (found := moment(row.get(name))) is not None]
    return max(times, default=None)


def _service(code: str, carrier: str) -> str:
    """The code usps_priority_mail of stamps_com is Priority Mail for people: the carrier is told beside it."""
    words = code.replace("_", " ").split()
    leading = {carrier.casefold(), CARRIERS.get(carrier.casefold(), "").casefold(), carrier.casefold().split("_")[0]}
    if words and words[0].casefold() in leading:
        words = words[1:]
    return " ".join(word.capitalize() if word.islower() else word for word in words)


def _line(row: Mapping[str, Any]) -> CameLine:
    return CameLine(key(row.get("lineItemKey"), 100), text(row.get("sku"), 120), whole(row.get("quantity")) or 0)
