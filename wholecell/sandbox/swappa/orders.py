"""Reading orders, and telling of shipments."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any, cast

from werkzeug.wrappers import Response

from ..api_call import RefusalError
from . import shapes
from .answers import answer, error, invalid, missing
from .call import Call
from .states import OrderState, SwappaOrder

MOST = 50


def index(call: Call) -> Response:
    """GET /orders: the newest first, those changed since `updated_since`."""
    since = _moment(call.request.args.get("updated_since"), "updated_since")
    for row in _visible(call):
        _strike(call, row)
    found = [row for row in _visible(call) if since is None or row.changed >= since]
    return call.page("orders", found, MOST, shapes.order)


def ship(call: Call, order_id: int) -> Response:
    """POST /orders/{id}/shipments: 201, or 200 for a tracking number that is there: nothing changes then."""
    order = next((row for row in _visible(call) if row.id == order_id), None)
    if order is None:
        raise missing("order")
    body = call.body()
    told = _checked(call, order, body)
    if there := order.shipments.get(told["tracking_number"]):
        return answer(there)
    if order.state not in (OrderState.PAID, OrderState.SHIPPED):
        raise RefusalError(error(400, "not_to_ship", f"The order is {order.status}", "status"))
    order.shipments[told["tracking_number"]] = told
    order.state, order.changed = int(OrderState.SHIPPED), call.now
    return answer(told, 201)


def _visible(call: Call) -> list[SwappaOrder]:
    return cast(list[SwappaOrder], call.shop.visible_orders("swappa"))


def _strike(call: Call, order: SwappaOrder) -> None:
    """Let a waiting fault cancel this order."""
    line = order.lines[-1]
    if order.may_cancel(line) and call.shop.faults.take("cancels_line", via=call.via, sku=line.sku):
        order.cancel(line)
        order.changed = call.now


def _checked(call: Call, order: SwappaOrder, body: dict[str, Any]) -> dict[str, Any]:
    """The shipment as it is kept."""
    for name in ("carrier", "tracking_number"):
        if not isinstance(body.get(name), str) or not 0 < len(body[name]) <= 100:
            raise invalid(f"{name} must be a text", name)
    if _moment(body.get("shipped_at"), "shipped_at") is None:
        raise invalid("shipped_at is needed", "shipped_at")
    if not isinstance(body.get("items"), list) or not body["items"]:
        raise invalid("items must be a list that is not empty", "items")
    items = [_item(order, row, f"items[{number}]") for number, row in enumerate(body["items"])]
    if call.account.settings["imeis"] and not all(item["imeis"] for item in items):
        raise invalid("IMEIs are needed", "items[0].imeis")
    return {name: body[name] for name in ("carrier", "tracking_number", "shipped_at")} | {"items": items}


def _item(order: SwappaOrder, row: object, place: str) -> dict[str, Any]:
    sold = Counter[str]()
    for line in order.lines:
        sold[line.listing.id] += line.quantity
    item = row if isinstance(row, dict) else {}
    listing_id, imeis = item.get("listing_id"), item.get("imeis")
    if not isinstance(listing_id, str) or listing_id not in sold:
        raise invalid("The order has no such listing", f"{place}.listing_id")
    if not isinstance(imeis, list) or len(imeis) > sold[listing_id] or not all(map(_is_imei, imeis)):
        raise invalid("imeis must be IMEIs, no more than were sold", f"{place}.imeis")
    return {"listing_id": listing_id, "imeis": imeis}


def _is_imei(value: object) -> bool:
    """Fifteen digits of which the last one fits the others (Luhn)."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{15}", value):
        return False
    doubled = (int(digit) * (1 + position % 2) for position, digit in enumerate(value))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _moment(text: object, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise invalid(f"{name} must be a time of ISO 8601 with its zone", name)
    return moment
