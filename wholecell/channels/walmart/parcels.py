"""An order as it is told of, and which shipment it can take. Nothing here calls anything."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from wholecell.channels.contract import NotAcceptedError, RejectedError, RemoteOrder, RemoteShipment
from wholecell.channels.walmart import orders
from wholecell.channels.walmart.carriers import carrier_name
from wholecell.channels.walmart.statuses import CANCELLED, CREATED, LEFT, TO_LEAVE, Units, units_of
from wholecell.channels.walmart.values import block, rows, text, whole

METHODS = ("Standard", "Express", "OneDay", "Freight", "WhiteGlove", "Value")
LONGEST_OWN_NUMBER = 30
LATEST = timedelta(days=30)  # an order created longer ago takes no shipment
IN_SELLER_CENTER = "Do it in Seller Center."

OUT_OF_STOCK = "SELLER_CANCEL_OUT_OF_STOCK"
BUYER_ASKED = "CUSTOMER_REQUESTED_SELLER_TO_CANCEL"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order as it is told of; `sent` has the units in each shipment by its number."""

    id: str
    sku: str
    units: Units
    wants_cancel: bool
    sent: Mapping[str, int]

    @property
    def to_leave(self) -> int:
        """Units that neither left nor are cancelled."""
        return min(self.units.count(*TO_LEAVE), self.units.ordered - self.units.count(CANCELLED) - self.units.shipped)


@dataclass(frozen=True, slots=True)
class Seen:
    """An order as Walmart answered it a moment ago."""

    order: RemoteOrder
    method: str
    lines: Sequence[Line]

    def line(self, line_id: str) -> Line | None:
        """The line of this number."""
        return next((each for each in self.lines if each.id == line_id), None)


def read(answer: Any) -> Seen:
    """Read an order as it is told of. Raises UnreadableError as `orders.order` does."""
    row = orders.bare(answer)
    order = orders.order(row)
    assert isinstance(row, dict)
    method = text(block(row, "shippingInfo").get("methodCode"), 30)
    return Seen(
        order,
        next((each for each in METHODS if each.casefold() == method.casefold()), METHODS[0]),
        [_line(each) for each in rows(row, "orderLines", "orderLine")],
    )


def _line(row: Mapping[str, Any]) -> Line:
    units = units_of(row)
    sent: dict[str, int] = {}
    for status in rows(row, "orderLineStatuses", "orderLineStatus"):
        number = _plain(text(block(status, "trackingInfo").get("trackingNumber"), 100))
        if number and text(status.get("status"), 40).casefold() in {word.casefold() for word in LEFT}:
            count = whole(block(status, "statusQuantity").get("amount"))
            sent[number] = sent.get(number, 0) + (units.ordered if count is None else count)
    return Line(
        text(row.get("lineNumber"), orders.LONGEST_ID),
        text(block(row, "item").get("sku"), 120),
        units,
        orders.wants_cancel(row, units),
        sent,
    )


def missing(seen: Seen, shipment: RemoteShipment) -> dict[str, int]:
    """The units of a shipment, by line, that Walmart does not have under its number yet; empty when it is there."""
    number = _plain(shipment.tracking_number)
    lines = {line.id: line for line in seen.lines}
    return {
        line_id: count - there
        for line_id, count in shipment.lines.items()
        if count > (there := lines[line_id].sent.get(number, 0) if line_id in lines and number else 0)
    }


def refuse_wrong(seen: Seen, shipment: RemoteShipment, units: Mapping[str, int]) -> None:
    """Raise what Walmart would, in plain words, for units that cannot leave so."""
    if seen.order.is_fulfilled_by_channel:
        raise RejectedError(
            "Walmart ships this order from its own stock.", advice="Void this shipment: nothing has to be sent."
        )
    for line_id, count in units.items():
        _refuse_line(seen.line(line_id), line_id, count)
    placed_at = seen.order.placed_at
    if placed_at is not None and datetime.now(UTC) - placed_at > LATEST:
        raise RejectedError(
            "Walmart takes no shipment for an order that was placed more than 30 days ago.",
            advice="Ask Walmart's Partner Support to mark it as shipped, and void this shipment here.",
        )
    if not shipment.tracking_number:
        raise RejectedError("Walmart wants a tracking number.", advice="Enter it, and add the shipment again.")
    if "otherCarrier" in carrier_name(shipment.carrier, shipment.service) and not shipment.tracking_url:
        raise RejectedError(
            f"Walmart does not know the carrier {shipment.carrier}, and then wants a link to follow the shipment by.",
            advice="Void this shipment, and add it again with a tracking link or another carrier.",
        )


def _refuse_line(line: Line | None, line_id: str, count: int) -> None:
    if line is None:
        raise RejectedError(f"Walmart's order has no line {line_id}.", advice="Import the orders.")
    if line.units.count(CREATED):
        raise NotAcceptedError("The order has to be acknowledged to Walmart first.", advice="Accept the order.")
    if line.to_leave >= count:
        return
    name = line.sku or f"line {line_id}"
    if cancelled := line.units.count(CANCELLED):
        raise RejectedError(
            f"{cancelled} of {line.units.ordered} of {name} were cancelled on Walmart, and this shipment has {count}.",
            advice="Take the cancelled phones out: void this shipment, release them, and add the shipment again.",
        )
    numbers = ", ".join(line.sent) or "none"
    raise RejectedError(
        f"Walmart says that {line.units.shipped} of {line.units.ordered} of {name} left already, with the number "
        f"{numbers}, so that {count} more cannot.",
        advice="Compare the numbers. If Walmart's is right, void this shipment.",
    )


def shipment_of(seen: Seen, shipment: RemoteShipment, units: Mapping[str, int]) -> dict[str, object]:
    """What is sent for a shipment: amounts as text, the time in milliseconds. There is no place for an IMEI."""
    url = shipment.tracking_url
    info: dict[str, object] = {
        "shipDateTime": int(min(shipment.shipped_at, datetime.now(UTC)).timestamp() * 1000),
        "carrierName": carrier_name(shipment.carrier, shipment.service),
        "methodCode": seen.method,
        "trackingNumber": shipment.tracking_number,
        **({"trackingURL": url} if url else {}),
    }
    lines = []
    for line_id, count in units.items():
        line = seen.line(line_id)
        status = {"status": "Shipped", "statusQuantity": _amount(count), "trackingInfo": info}
        lines.append(
            {
                "lineNumber": line_id,
                "sellerOrderId": seen.order.number[:LONGEST_OWN_NUMBER],
                # Where the buyer asked to cancel, Walmart wants to hear that it leaves all the same.
                "intentToCancelOverride": line is not None and line.wants_cancel,
                "orderLineStatuses": {"orderLineStatus": [status]},
            }
        )
    return {"orderShipment": {"orderLines": {"orderLine": lines}}}


def cancellation_of(line: Line) -> dict[str, object]:
    """What is sent to cancel what has not left of a line. The buyer's reason is refused unless the buyer asked."""
    status = {
        "status": CANCELLED,
        "cancellationReason": BUYER_ASKED if line.wants_cancel else OUT_OF_STOCK,
        "statusQuantity": _amount(line.to_leave),
    }
    told = {"lineNumber": line.id, "orderLineStatuses": {"orderLineStatus": [status]}}
    return {"orderCancellation": {"orderLines": {"orderLine": [told]}}}


def _amount(count: int) -> dict[str, str]:
    return {"unitOfMeasurement": "EACH", "amount": str(count)}


def _plain(number: str) -> str:
    return re.sub(r"[\s-]+", "", number).casefold()
