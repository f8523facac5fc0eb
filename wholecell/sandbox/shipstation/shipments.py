"""Listing labels, and what left without one."""

from __future__ import annotations

from datetime import datetime, time

from werkzeug.wrappers import Response

from . import shapes
from .call import Call
from .orders import poisoned
from .states import Shipment


def index(call: Call) -> Response:
    """GET /shipments: labels alone, never what was only marked as shipped."""
    names = {"orderNumber": "order.number", "carrierCode": "carrier", "serviceCode": "service"}
    asked = {place: call.text(name) for name, place in names.items()}
    order, store, batch = call.number("orderId"), call.number("storeId"), call.number("batchId")
    country = call.text("recipientCountryCode")
    rows = [
        row
        for row in _found(call, is_label=True)
        if (not asked["order.number"] or row.order.number == asked["order.number"])
        and asked["carrier"] in ("", row.carrier)
        and asked["service"] in ("", row.service)
        and order in (None, row.order.id)
        and store in (None, row.order.store_id)
        and batch in (None, row.batch)
        and country in ("", row.order.fields["shipTo"]["country"])
        and call.is_between("voidDate", row.voided)
    ]
    by = call.choice("sortBy", ("ShipDate", "CreateDate"), "CreateDate")
    rows = _sorted(call, rows, by)
    with_items = call.is_set("includeShipmentItems")
    poison = poisoned(call)
    return call.page(
        "shipments",
        rows,
        lambda row: shapes.shipment(row, with_items=with_items),
        lambda row: row.order.number in poison,
    )


def fulfillments(call: Call) -> Response:
    """GET /fulfillments: what was marked as shipped."""
    number, order = call.text("orderNumber"), call.number("orderId")
    one = call.number("fulfillmentId")
    rows = [
        row
        for row in _found(call, is_label=False)
        if number in ("", row.order.number) and order in (None, row.order.id) and one in (None, row.id)
    ]
    rows = _sorted(call, rows, call.choice("sortBy", ("ShipDate", "CreateDate"), "CreateDate"))
    poison = poisoned(call)
    return call.page("fulfillments", rows, shapes.fulfillment, lambda row: row.order.number in poison)


def _found(call: Call, *, is_label: bool) -> list[Shipment]:
    tracking, name = call.text("trackingNumber"), call.text("recipientName").casefold()
    return [
        row
        for row in call.account.shipments.values()
        if row.is_label == is_label
        and tracking in ("", row.tracking)
        and name in (row.order.fields["shipTo"]["name"] or "").casefold()
        and call.is_between("createDate", row.created)
        and call.is_on_days("shipDate", datetime.combine(row.day, time()))
    ]


def _sorted(call: Call, rows: list[Shipment], by: str) -> list[Shipment]:
    is_down = call.choice("sortDir", ("ASC", "DESC"), "ASC") == "DESC"
    key = (lambda row: (row.day, row.id)) if by == "ShipDate" else (lambda row: (row.created, row.id))
    return sorted(rows, key=key, reverse=is_down)
