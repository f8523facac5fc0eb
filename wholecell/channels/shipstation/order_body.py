"""An order in the words of `createorder` and `createorders`. Pure: no call is made here."""

from __future__ import annotations

from typing import Any

from wholecell.channels.contract import OutgoingLine, OutgoingOrder, RemoteAddress, Stage
from wholecell.channels.shipstation.pacific import stamp
from wholecell.channels.shipstation.words import CANCELLED, ON_HOLD, TO_SHIP, UNPAID

# Never `shipped`: an order is shipped by a label, or by markasshipped.
STATUSES = {Stage.UNPAID: UNPAID, Stage.PAID: TO_SHIP, Stage.ON_HOLD: ON_HOLD, Stage.CANCELLED: CANCELLED}
LONGEST_FIELD = 100  # of a custom field
MOST_ESNS = 20  # named among a line's options


def body(order: OutgoingOrder, store: int | None) -> dict[str, Any]:
    """The whole order, for each change anew: there is no partial update. `store` counts only when it is created."""
    options: dict[str, Any] = {
        "customField1": order.reference[:LONGEST_FIELD],
        "customField2": order.channel[:LONGEST_FIELD],
        "customField3": ", ".join(order.esns)[:LONGEST_FIELD],
        "source": order.channel[:50],
    }
    if store is not None:
        options["storeId"] = store
    found: dict[str, Any] = {
        "orderNumber": order.number[:50],
        "orderKey": order.reference,
        "orderDate": stamp(order.placed_at),
        "orderStatus": STATUSES[order.stage],
        "customerUsername": order.customer,
        "customerEmail": order.email,
        "billTo": _address(order.bill_to),
        "shipTo": _address(order.ship_to),
        "items": [_item(line) for line in order.lines],
        "amountPaid": 0.0 if order.stage is Stage.UNPAID else _dollars(order.total_cents),
        "shippingAmount": _dollars(order.shipping_cents),
        "requestedShippingService": order.service,
        "advancedOptions": options,
    }
    if order.stage is not Stage.UNPAID:
        found["paymentDate"] = stamp(order.placed_at)
    if order.ship_by is not None:
        found["shipByDate"] = stamp(order.ship_by)
    return found


def _item(line: OutgoingLine) -> dict[str, Any]:
    """Numbers of phones stand among the options, which packing slips of ShipStation show."""
    return {
        "lineItemKey": line.line_id,
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "unitPrice": _dollars(line.price_cents),
        "warehouseLocation": line.location,
        "options": [{"name": "IMEI", "value": esn} for esn in line.esns[:MOST_ESNS]],
    }


def _address(address: RemoteAddress) -> dict[str, Any]:
    return {
        "name": address.name,
        "company": address.company,
        "street1": address.street,
        "street2": address.street2,
        "city": address.city,
        "state": address.state,
        "postalCode": address.postal_code,
        "country": address.country,
        "phone": address.phone,
    }


def _dollars(cents: int) -> float:
    """A JSON number of two decimals: `round` gives the float that is written so."""
    return round(cents / 100, 2)
