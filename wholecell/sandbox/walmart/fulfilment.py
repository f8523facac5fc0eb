"""Changing orders: acknowledging, confirming shipments, cancelling. Each answers the order as it is then."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any, NamedTuple

from werkzeug.wrappers import Response

from . import shapes
from .answers import ORDERS, answer, invalid_content
from .call import Call
from .carriers import CARRIERS, METHODS
from .orders import find, strike
from .reading import member, objects, units, word
from .states import OPEN, SENT, Portion, Status, WalmartLine, WalmartOrder

LONGEST_ORDER_NUMBER, OLDEST_DAYS, CORRECTION_HOURS = 30, 30, 4
RETURN_ADDRESS = ("address1", "city", "state", "postalCode", "country")
REASONS = frozenset(
    {
        "CUSTOMER_REQUESTED_SELLER_TO_CANCEL",
        "SELLER_CANCEL_PRICING_ERROR",
        "SELLER_CANCEL_OUT_OF_STOCK",
        "SELLER_CANCEL_FRAUD_STOP_SHIPMENT",
        "SELLER_CANCEL_ADDRESS_NOT_SERVICEABLE",
    }
)


class _Move(NamedTuple):
    """Units of one line that become a portion."""

    line: WalmartLine
    quantity: int
    portion: Portion


def acknowledge(call: Call, purchase_order: str) -> Response:
    """POST .../acknowledge: all lines; once more does no harm, but nothing that went further is taken back."""
    order = _order(call, purchase_order)
    waiting = [line for line in _lines(order) if line.units(Status.CREATED)]
    if not waiting and any(line.units(*OPEN) < line.quantity for line in _lines(order)):
        raise _refused(order, "acknowledge", "Some or all qty in higher status")
    for line in waiting:
        line.move(line.units(Status.CREATED), (Status.CREATED,), Portion(Status.ACKNOWLEDGED, 0))
    return _changed(call, order, is_changed=bool(waiting))


def ship(call: Call, purchase_order: str) -> Response:
    """POST .../shipping: all that is sent or nothing. With processMode it corrects a tracking number instead."""
    order = _order(call, purchase_order)
    shipment = member(call.json(ORDERS), "orderShipment", dict)
    mode = member(shipment, "processMode", str, optional=True)
    if mode not in (None, "PARTIAL_UPDATE"):
        raise invalid_content(ORDERS, "processMode must be PARTIAL_UPDATE or absent", "processMode")
    entries = [(_named(order, row), row) for row in objects(shipment, "orderLines", "orderLine")]
    for _, row in entries:
        if not 0 < len(member(row, "sellerOrderId", str)) <= LONGEST_ORDER_NUMBER:
            raise invalid_content(ORDERS, "sellerOrderId must have 1 to 30 characters", "sellerOrderId")
    if mode:
        return _correct(call, order, entries)
    if call.now - order.placed > timedelta(days=OLDEST_DAYS):
        raise _refused(order, "shipConfirm", f"Orders created more than {OLDEST_DAYS} days ago cannot be shipped")
    moves = [
        _Move(line, units(status), Portion(Status.SHIPPED, 0, tracking=_tracking(status), at=call.now))
        for line, row in entries
        for status in _statuses(row, "Shipped")
    ]
    for line, row in entries:
        is_meant = member(row, "intentToCancelOverride", bool, optional=True)
        if line.wants_cancel and not is_meant:
            raise _refused(order, "shipConfirm", f"The customer wants line {line.id} cancelled: override or cancel it")
    _apply(order, moves, (Status.ACKNOWLEDGED,), "shipConfirm")
    for line, row in entries:
        line.seller_order = row["sellerOrderId"]
    return _changed(call, order)


def cancel(call: Call, purchase_order: str) -> Response:
    """POST .../cancel: units that were not shipped."""
    order = _order(call, purchase_order)
    cancellation = member(call.json(ORDERS), "orderCancellation", dict)
    moves = []
    for row in objects(cancellation, "orderLines", "orderLine"):
        line = _named(order, row)
        for status in _statuses(row, "Cancelled"):
            reason = word(status, "cancellationReason", REASONS)
            if reason == "CUSTOMER_REQUESTED_SELLER_TO_CANCEL" and not line.wants_cancel:
                raise _refused(order, "cancel", f"The customer did not ask to cancel line {line.id}")
            moves.append(_Move(line, units(status), Portion(Status.CANCELLED, 0, reason)))
    _apply(order, moves, OPEN, "cancel")
    return _changed(call, order)


def _order(call: Call, purchase_order: str) -> WalmartOrder:
    order = find(call, purchase_order)
    if not order.is_ours:
        raise _refused(order, "update", "Orders fulfilled by Walmart cannot be changed")
    strike(call, order)
    return order


def _lines(order: WalmartOrder) -> list[WalmartLine]:
    return [line for line in order.lines if isinstance(line, WalmartLine)]


def _named(order: WalmartOrder, row: dict[str, Any]) -> WalmartLine:
    line = order.line(member(row, "lineNumber", str))
    if line is None:
        raise _refused(order, "update", f"There is no line {row['lineNumber']}")
    return line


def _statuses(row: dict[str, Any], wanted: str) -> list[dict[str, Any]]:
    found = objects(row, "orderLineStatuses", "orderLineStatus")
    for status in found:
        word(status, "status", frozenset({wanted}))
    return found


def _tracking(status: dict[str, Any]) -> dict[str, Any]:
    """Checked, as it is shown from then on."""
    back = member(status, "returnCenterAddress", dict, optional=True)
    for name in RETURN_ADDRESS if back is not None else ():
        member(back or {}, name, str)
    told = member(status, "trackingInfo", dict)
    carrier = member(told, "carrierName", dict)
    known, other = (member(carrier, name, str, optional=True) for name in ("carrier", "otherCarrier"))
    if known is not None and known not in CARRIERS:
        raise invalid_content(ORDERS, f"Carrier {known} is not supported", "carrier")
    link = member(told, "trackingURL", str, optional=True)
    if not known and not (other and link):
        raise invalid_content(ORDERS, "Without carrier both otherCarrier and trackingURL are needed", "carrierName")
    shipped = member(told, "shipDateTime", int)
    if shipped < 10**12:
        raise invalid_content(ORDERS, "shipDateTime must be milliseconds since 1970", "shipDateTime")
    if not member(told, "trackingNumber", str):
        raise invalid_content(ORDERS, "trackingNumber is required", "trackingNumber")
    shape = {
        "shipDateTime": shipped,
        "carrierName": {"carrier": known} if known else {"otherCarrier": other},
        "methodCode": word(told, "methodCode", METHODS),
        "trackingNumber": told["trackingNumber"],
    }
    return shape | ({"trackingURL": link} if link else {})


def _apply(order: WalmartOrder, moves: list[_Move], sources: tuple[Status, ...], name: str) -> None:
    """All the moves or, when they ask for more units than there are, none."""
    wanted: Counter[int] = Counter()
    for move in moves:
        wanted[move.line.id] += move.quantity
        if wanted[move.line.id] > move.line.units(*sources):
            states = ", ".join(f"{old.quantity} {old.status.word.upper()}" for old in move.line.portions)
            raise _refused(order, name, f"Qty more than allowed: line {move.line.id} has {states}")
    for move in moves:
        move.line.move(move.quantity, sources, move.portion)


def _correct(call: Call, order: WalmartOrder, entries: list[tuple[WalmartLine, dict[str, Any]]]) -> Response:
    """The number to be replaced stands in currentTrackingInfo; a few hours after shipping it is too late."""
    todo: list[tuple[Portion, dict[str, Any]]] = []
    for line, row in entries:
        for status in _statuses(row, "Shipped"):
            old = member(member(status, "currentTrackingInfo", dict), "trackingNumber", str)
            found = [each for each in line.portions if each.tracking and each.tracking["trackingNumber"] == old]
            if not found or found[0].status not in SENT:
                raise _refused(order, "shipConfirm", f"Line {line.id} has no shipment with the number {old}")
            sent = found[0].at
            if sent is None or call.now - sent > timedelta(hours=CORRECTION_HOURS):
                raise _refused(order, "shipConfirm", f"The shipment {old} left more than {CORRECTION_HOURS} hours ago")
            todo.append((found[0], _tracking(status)))
    for portion, told in todo:
        portion.tracking = told
    return _changed(call, order)


def _changed(call: Call, order: WalmartOrder, *, is_changed: bool = True) -> Response:
    if is_changed:
        order.changed = call.now
        order.follow()
    return answer({"order": shapes.order(order, call.account.settings)})


def _refused(order: WalmartOrder, name: str, why: str) -> Exception:
    return invalid_content(ORDERS, f"INVALID_REQUEST_CONTENT :: Failed when called {name} API for {order.id}. {why}")
