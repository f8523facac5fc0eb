"""Shipments: Fulfillment API, shipping_fulfillment. Each is one package; none can be changed."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from werkzeug.wrappers import Response

from ..api_call import RefusalError
from .answers import FULFILLMENT, answer, refuse
from .call import Call, text_or, written
from .orders import find, strike
from .states import EbayOrder, Fulfilment

MOST_TRACKING = 100
_TRACKING = re.compile(r"[A-Za-z0-9]{1,100}")


def index(call: Call, number: str) -> Response:
    """GET /order/{orderId}/shipping_fulfillment."""
    rows = [_shape(each) for each in find(call, number).fulfilments]
    return answer({"fulfillments": rows, "total": len(rows)})


def show(call: Call, number: str, fulfilment: str) -> Response:
    """GET .../shipping_fulfillment/{fulfillmentId}."""
    for each in find(call, number).fulfilments:
        if each.id == fulfilment:
            return answer(_shape(each))
    raise refuse(32110, FULFILLMENT, f"Invalid shipping fulfillment ID: {fulfilment}", 404)


def create(call: Call, number: str) -> Response:
    """POST .../shipping_fulfillment: 201 with an empty body; the id is the last part of Location."""
    order = find(call, number)
    body = call.json(FULFILLMENT)
    strike(call, order)
    units = _units(order, body.get("lineItems"))
    tracking, carrier = text_or(body.get("trackingNumber")), text_or(body.get("shippingCarrierCode"))
    if bool(tracking) != bool(carrier) or (tracking and not _TRACKING.fullmatch(tracking)):
        raise refuse(32300, FULFILLMENT, "Invalid shipment tracking number or carrier")
    shipped = _shipped(call, order, body.get("shippedDate"))
    _check(order, units, tracking)
    made = Fulfilment(tracking or str(999 + len(order.fulfilments)), tracking, carrier, shipped, units)
    order.fulfilments.append(made)
    order.changed = call.now
    return Response("", 201, {"Location": f"{call.here}/{made.id}"}, mimetype="application/json")


def _units(order: EbayOrder, sent: object) -> dict[int, int]:
    if not isinstance(sent, list) or not sent:
        raise _invalid("lineItems")
    lines = {str(line.id): line for line in order.lines}
    units: dict[int, int] = {}
    for row in sent:
        name = text_or(row.get("lineItemId")) if isinstance(row, dict) else ""
        if name not in lines:
            raise refuse(32200, FULFILLMENT, f"Invalid line item id: {name}")
        line, quantity = lines[name], row.get("quantity", lines[name].quantity)
        if line.id in units:
            raise refuse(32210, FULFILLMENT, "Duplicate line item in the request")
        if isinstance(quantity, bool) or not isinstance(quantity, int) or not 1 <= quantity <= line.quantity:
            raise _invalid("quantity")
        units[line.id] = quantity
    return units


def _shipped(call: Call, order: EbayOrder, sent: object) -> datetime:
    """Not before the order nor in the future; now, when it is left out."""
    if sent is None:
        return call.now
    try:
        moment = datetime.fromisoformat(text_or(sent)).astimezone(UTC)
        if not text_or(sent).endswith("Z") or not order.placed <= moment <= call.now:
            raise ValueError
    except (ValueError, OverflowError):
        raise refuse(32500, FULFILLMENT, "Invalid shipped date") from None
    return moment


def _check(order: EbayOrder, units: dict[int, int], tracking: str) -> None:
    if order.cancel_state == "CANCELED" or order.by_ebay:
        raise _invalid("orderId")
    if order.hub == "GSP" and len(units) > 1:
        words = "Mark As Shipped for multiple Global Shipping Program line items is not supported"
        raise refuse(34300, FULFILLMENT, words)
    if len(order.fulfilments) >= MOST_TRACKING:
        raise refuse(34100, FULFILLMENT, "Maximum tracking number for order is exceeded")
    whole = {line.id: line.quantity for line in order.lines}
    after = Counter({line: order.shipped(line) for line in units}) + Counter(units)
    is_known = bool(tracking) and any(each.tracking == tracking for each in order.fulfilments)
    if is_known or any(after[line] > whole[line] for line in units):
        raise refuse(34500, FULFILLMENT, "Please use PUT operation for updating shipping fulfillment")


def _shape(each: Fulfilment) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "fulfillmentId": each.id,
        "shippedDate": written(each.shipped),
        "lineItems": [{"lineItemId": str(line), "quantity": units} for line, units in each.units.items()],
    }
    if each.tracking:
        shape |= {"shipmentTrackingNumber": each.tracking, "shippingCarrierCode": each.carrier}
    return shape


def _invalid(name: str) -> RefusalError:
    return refuse(32600, FULFILLMENT, "Invalid input data", field=name)
