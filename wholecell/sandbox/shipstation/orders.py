"""Taking in, listing, changing and deleting orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from werkzeug.wrappers import Response

from ..records import RefusedError
from . import fulfilment, order_body, shapes, times
from .answers import answer, invalid, missing
from .call import Call
from .states import ShipOrder

MOST = 100
_STATUSES = ("awaiting_payment", "awaiting_shipment", "pending_fulfillment", "shipped", "on_hold", "cancelled")
_LOCKED = "The order is shipped or cancelled and cannot be changed."


def index(call: Call) -> Response:
    """GET /orders. orderNumber finds what begins with it."""
    status = call.choice("orderStatus", _STATUSES, "") if call.text("orderStatus") else ""
    store, number, name = (
        call.number("storeId"),
        call.text("orderNumber").casefold(),
        call.text("customerName").casefold(),
    )
    word, batch = call.text("itemKeyword").casefold(), call.number("importBatch")
    rows = [
        row
        for row in call.account.all_orders()
        if (not status or row.status == status)
        and (store is None or row.store_id == store)
        and batch in (None, row.id)
        and row.number.casefold().startswith(number)
        and name in (row.fields["shipTo"]["name"] or "").casefold()
        and (not word or any(word in f"{item['sku']} {item['name']}".casefold() for item in row.items))
        and call.is_between("createDate", row.created)
        and call.is_between("modifyDate", row.changed)
        and call.is_between("orderDate", row.placed)
        and call.is_between("paymentDate", _paid(row))
    ]
    by = call.choice("sortBy", ("OrderDate", "ModifyDate", "CreateDate"), "OrderDate")
    name = {"OrderDate": "placed", "ModifyDate": "changed", "CreateDate": "created"}[by]
    is_down = call.choice("sortDir", ("ASC", "DESC"), "ASC") == "DESC"
    rows.sort(key=lambda row: (getattr(row, name), row.id), reverse=is_down)
    poison = poisoned(call)
    return call.page("orders", rows, shapes.order, lambda row: row.number in poison)


def poisoned(call: Call) -> list[str]:
    """The numbers of the orders that no list can show."""
    return [number for number in str(call.account.settings["poison"]).split(",") if number]


def show(call: Call, order_id: int) -> Response:
    """GET /orders/{orderId}."""
    return answer(shapes.order(_one(call, order_id)))


def create(call: Call) -> Response:
    """POST /orders/createorder: one object."""
    body = call.json()
    if not isinstance(body, dict):
        raise invalid({"apiOrder": ["A JSON array was sent where the type Order requires a JSON object."]})
    wrong = order_body.complaints(call.account, body)
    if wrong:
        raise invalid({f"apiOrder.{name}": words for name, words in wrong.items()})
    order, complaint = _save(call, body)
    if order is None:
        raise invalid({"apiOrder": [complaint]})
    return answer(shapes.order(order))


def create_many(call: Call) -> Response:
    """POST /orders/createorders: an array of at most 100; what is wrong with one of them does not harm the others."""
    body = call.json()
    if not isinstance(body, list):
        raise invalid({"apiOrders": ["A JSON object was sent where a list of Order requires a JSON array."]})
    if len(body) > MOST:
        raise invalid({"apiOrders": [f"No more than {MOST} orders may be sent at once."]})
    if not all(isinstance(each, dict) for each in body):
        raise invalid({"apiOrders": ["Each entry must be a JSON object."]})
    results = [_result(call, each) for each in body]
    return answer({"hasErrors": not all(each["success"] for each in results), "results": results})


def delete(call: Call, order_id: int) -> Response:
    """DELETE /orders/{orderId}: it is not shown any more."""
    _one(call, order_id).is_deleted = True
    return answer({"success": True, "message": "The requested order has been deleted."})


def mark_as_shipped(call: Call) -> Response:
    """POST /orders/markasshipped: shipped without a label of ShipStation's."""
    body = call.json()
    body = body if isinstance(body, dict) else {}
    order_id, carrier, tracking = body.get("orderId"), body.get("carrierCode"), body.get("trackingNumber") or ""
    wrong = {}
    if not isinstance(order_id, int) or isinstance(order_id, bool):
        wrong["orderId"] = ["The orderId field is required."]
    if not isinstance(carrier, str) or not carrier:
        wrong["carrierCode"] = ["The carrierCode field is required."]
    if not isinstance(tracking, str):
        wrong["trackingNumber"] = ["The value could not be converted to string."]
    for name in ("notifyCustomer", "notifySalesChannel"):
        if not isinstance(body.get(name, False), bool):
            wrong[name] = ["The value could not be converted to boolean."]
    day = _day(body.get("shipDate"), call.now)
    if day is None:
        wrong["shipDate"] = ["The value could not be converted to date."]
    if wrong or day is None:
        raise invalid(wrong)
    order = _one(call, body["orderId"])
    try:
        made = fulfilment.mark(call.account, order, carrier=str(carrier), tracking=tracking, day=day.date())
    except RefusedError as problem:
        raise invalid({"orderId": [str(problem)]}) from None
    if body.get("notifySalesChannel"):
        fulfilment.notify(call.account, made)
    return answer({"orderId": order.id, "orderNumber": order.number})


def _result(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    wrong = order_body.complaints(call.account, body)
    order, complaint = (None, " ".join(sum(wrong.values(), []))) if wrong else _save(call, body)
    return {
        "orderId": order.id if order else 0,
        "orderNumber": _text(body.get("orderNumber")),
        "orderKey": order.key if order else _text(body.get("orderKey")),
        "success": order is not None,
        "errorMessage": complaint or None,
    }


def _save(call: Call, body: dict[str, Any]) -> tuple[ShipOrder | None, str]:
    key = body.get("orderKey")
    found = [row for row in call.account.all_orders() if key and row.key == key]
    if not found:
        order = order_body.make(call.account, body)
        call.account.outbox += fulfilment.order_events(order)
        return order, ""
    (order,) = found
    if order.is_open:
        order_body.rewrite(call.account, order, body, call.now)
    elif call.account.settings["locked"] == "refused":
        return None, _LOCKED
    return order, ""


def _one(call: Call, order_id: int) -> ShipOrder:
    found = [row for row in call.account.all_orders() if row.id == order_id]
    if not found:
        raise missing("order")
    return found[0]


def _paid(row: ShipOrder) -> datetime | None:
    paid = row.fields["paymentDate"]
    return times.utc(times.read(paid)) if paid else None


def _day(text: object, now: datetime) -> datetime | None:
    try:
        return times.local(now) if text is None else times.read(str(text))
    except ValueError:
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
