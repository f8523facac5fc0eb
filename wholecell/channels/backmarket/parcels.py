"""An order as Back Market is told of it, and what of a shipment it can take. Nothing here calls anything."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from wholecell.channels.backmarket import orders
from wholecell.channels.backmarket.orders import LineState, OrderState
from wholecell.channels.backmarket.shippers import shipper
from wholecell.channels.contract import NotAcceptedError, RejectedError, RemoteOrder, RemoteShipment, RemoteUnit
from wholecell.channels.http import plain
from wholecell.channels.values import whole

LONGEST_URL = 300
LONGEST_SERIAL = 50
LEFT = frozenset({LineState.SHIPPED, LineState.REFUNDED_AFTER_SHIPPING})
GONE = frozenset({LineState.CANCELLED, LineState.REFUNDED_BEFORE_SHIPPING, LineState.NOT_PAID})
NOT_PAID = frozenset({LineState.NEW, LineState.PAYMENT_PENDING, LineState.PARTNER_CHECK})

CANCEL_MISSING = "Cancel or refund what does not leave, then press Try again."


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order as it is told of: the channel moves the line of a SKU."""

    id: str
    sku: str
    state: int | None
    quantity: int
    imei: str
    serial_number: str


@dataclass(frozen=True, slots=True)
class Seen:
    """An order as Back Market answered it a moment ago."""

    order: RemoteOrder
    state: int | None
    is_backship: bool
    lines: Sequence[Line]

    def in_state(self, *states: LineState) -> list[Line]:
        """The lines in one of these states."""
        return [line for line in self.lines if line.state in states]


def is_there(seen: Seen, shipment: RemoteShipment) -> bool:
    """Whether the order left with this number."""
    return bool(seen.in_state(*LEFT)) and _same(seen.order.tracking_number, shipment.tracking_number)


def refuse_wrong(seen: Seen, shipment: RemoteShipment) -> None:
    """Raise what Back Market would, in plain words, for a shipment that it cannot take."""
    if seen.in_state(*LEFT):
        raise RejectedError(
            f"Back Market says that this order left with another number: {seen.order.tracking_number or 'none'}.",
            advice="Compare the numbers. If Back Market's is right, void this shipment.",
        )
    if seen.is_backship:
        raise RejectedError(
            "Back Market provides the carrier of this order, and has the tracking number from its own label.",
            advice="Nothing has to be sent. If Back Market asks for a number, enter it in the back office.",
        )
    if seen.state == OrderState.TO_ACCEPT or seen.in_state(LineState.PAID):
        raise NotAcceptedError("The order has to be accepted on Back Market first.", advice="Accept the order.")
    if seen.in_state(*NOT_PAID):
        raise RejectedError("The order is not paid yet: it must not be shipped.", advice="Wait for the payment.")
    _refuse_partial(seen, shipment)


def _refuse_partial(seen: Seen, shipment: RemoteShipment) -> None:
    accepted = seen.in_state(LineState.ACCEPTED)
    if not accepted:
        raise RejectedError(
            "Nothing of this order is left to ship: its lines are cancelled or refunded.",
            advice="Take the phones back, and void this shipment.",
        )
    if gone := [line.sku for line in seen.in_state(*GONE) if shipment.lines.get(line.id)]:
        raise RejectedError(
            f"{', '.join(gone)} was cancelled on Back Market and is still in the shipment.",
            advice="Take its phone out: void this shipment, release the phone, and add the shipment again.",
        )
    if missing := [line for line in accepted if shipment.lines.get(line.id, 0) < line.quantity]:
        units = ", ".join(f"{line.quantity - shipment.lines.get(line.id, 0)} of {line.sku}" for line in missing)
        raise RejectedError(
            f"A Back Market order leaves as one shipment, and this one lacks {units}.", advice=CANCEL_MISSING
        )


def read(row: Any) -> Seen:
    """Read an order as it is told of. Raises UnreadableError as `orders.order` does."""
    order = orders.order(row)
    given = row.get("orderlines")
    rows = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    return Seen(order, whole(row.get("state")), row.get("is_backship") is True, [_line(each) for each in rows])


def _line(row: dict[str, Any]) -> Line:
    def text(name: str) -> str:
        return "" if row.get(name) is None else plain(row[name], 120)

    quantity = whole(row.get("quantity"))
    return Line(
        text("id"),
        text("listing"),
        whole(row.get("state")),
        1 if quantity is None else quantity,
        text("imei"),
        text("serial_number"),
    )


def body_of(shipment: RemoteShipment) -> dict[str, object]:
    """What is sent for a shipment, without the number of a phone."""
    url = shipment.tracking_url
    body: dict[str, object] = {
        "order_id": number(shipment.order_id),
        "new_state": int(LineState.SHIPPED),
        "tracking_number": shipment.tracking_number,
        "shipper": shipper(shipment.carrier, shipment.service),
        "date_shipping": shipment.shipped_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return body | ({"tracking_url": url} if url and len(url) <= LONGEST_URL else {})


def only_unit(shipment: RemoteShipment, seen: Seen) -> RemoteUnit | None:
    """The phone whose number may go with the shipment: of an order that has one line of one unit."""
    if len(seen.lines) != 1 or seen.lines[0].quantity != 1 or len(shipment.units) != 1:
        return None
    line, unit = seen.lines[0], shipment.units[0]
    return unit if unit.line_id == line.id and not line.imei and not line.serial_number else None


def identifier(esn: str) -> dict[str, str]:
    """How a number is told: an IMEI, else a serial; nothing for 15 digits that are no IMEI, for it stays for good."""
    if re.fullmatch(r"[0-9]{15}", esn):
        return {"imei": esn} if _is_luhn(esn) else {}
    return {"serial_number": esn} if 0 < len(esn) <= LONGEST_SERIAL else {}


def _is_luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(each // 10 + each % 10 for each in doubled) % 10 == 0


def _same(one: str, other: str) -> bool:
    return re.sub(r"[\s-]+", "", one).casefold() == re.sub(r"[\s-]+", "", other).casefold() != ""


def number(order_id: str) -> int:
    """The id as Back Market counts orders. Raises RejectedError for one that cannot be theirs."""
    if whole(order_id) is None:
        raise RejectedError(f"{plain(order_id, 40)} is no number of a Back Market order.", advice="Import the orders.")
    return int(order_id)
