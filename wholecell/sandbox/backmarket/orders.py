"""Reading orders, and moving their lines on."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, cast

from werkzeug.wrappers import Response

from ..api_call import RefusalError
from ..records import Line, RefusedError
from . import shapes
from .answers import answer, bad_request, error, errors
from .call import Call
from .shippers import SHIPPERS
from .states import BackMarketOrder, LineState, OrderState

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_PLAIN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_FORMS = {"any": (_RFC3339, _PLAIN), "rfc3339": (_RFC3339,), "plain": (_PLAIN,)}
_BY_LINE = (LineState.ACCEPTED, LineState.CANCELLED, LineState.REFUNDED_BEFORE, LineState.REFUNDED_AFTER)
_NEVER_LISTED = (OrderState.NEW, OrderState.NOT_PAID)
_REASONS = (0, 1, 11, 12, 13, 21, 22, 23, 24, 25)
IMEI_LENGTH, SERIAL_LENGTH, TRACKING_LENGTH = 15, 50, 200


def index(call: Call) -> Response:
    """GET /ws/orders, the newest first; dates are lower bounds."""
    created, changed = _date(call, "date_creation"), _date(call, "date_modification")
    state, market = call.integer("state"), call.request.args.get("country_code")
    for row in _visible(call):
        _strike(call, row)
    found = [
        row
        for row in _visible(call)
        if row.state not in _NEVER_LISTED
        and (created is None or row.placed >= created)
        and (changed is None or row.changed >= changed)
        and (state is None or row.state == state)
        and (market is None or row.market == market)
    ]
    return call.page(found, shapes.order)


def show(call: Call, order_id: int) -> Response:
    """GET /ws/orders/{id}."""
    order = _order(call, order_id)
    _strike(call, order)
    return answer(shapes.order(order))


def update(call: Call, order_id: int) -> Response:
    """POST /ws/orders/{id}: new_state 3 ships all accepted lines, 2, 4, 5 and 6 change the line of a SKU."""
    order = _order(call, order_id)
    body = call.body(bad_request)
    if body.get("order_id") != order.id:
        return bad_request("order_id must be the one of the address")
    _strike(call, order)
    try:
        _move(call, order, body)
    except RefusedError as refused:
        return bad_request(str(refused))
    order.changed = call.now
    return answer(shapes.order(order))


def identify(call: Call, line_id: int) -> Response:
    """PATCH /ws/orderlines/{id}: imei and serial_number, each once and for good."""
    lines = [line for order in _visible(call) for line in order.lines if line.id == line_id]
    if not lines:
        return error(404, "not_found", "Orderline not found")
    body = call.body(bad_request)
    sent: dict[str, Any] = {name: body[name] for name in ("imei", "serial_number") if name in body}
    if not sent:
        return bad_request("imei or serial_number is needed")
    try:
        _register(lines[0], sent)
    except RefusedError as refused:
        return error(422, "unprocessable_entity", str(refused))
    return answer(sent)


def _visible(call: Call) -> list[BackMarketOrder]:
    return cast(list[BackMarketOrder], call.shop.visible_orders("backmarket"))


def _order(call: Call, order_id: int) -> BackMarketOrder:
    for order in _visible(call):
        if order.id == order_id:
            return order
    raise RefusalError(error(404, "not_found", "Order not found"))


def _strike(call: Call, order: BackMarketOrder) -> None:
    """Let a waiting fault cancel a line of this order."""
    open_lines = [line for line in order.lines if order.may_cancel(line)]
    if open_lines and call.shop.faults.take("cancels_line", via=call.via, sku=open_lines[-1].sku):
        order.cancel(open_lines[-1])
        order.changed = call.now


def _date(call: Call, name: str) -> datetime | None:
    text = call.request.args.get(name)
    if text is None:
        return None
    try:
        if not any(form.fullmatch(text) for form in _FORMS[call.account.settings["dates"]]):
            raise ValueError
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RefusalError(errors(422, "Ws.OrderList.WrongDateFormat", "Wrong date format")) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _move(call: Call, order: BackMarketOrder, body: dict[str, Any]) -> None:
    new_state = body.get("new_state")
    if new_state == LineState.SHIPPED:
        _ship(call, order, body)
    elif new_state in _BY_LINE:
        _move_line(order, LineState(new_state), body)
    else:
        raise RefusedError("new_state must be 2, 3, 4, 5 or 6")


def _move_line(order: BackMarketOrder, state: LineState, body: dict[str, Any]) -> None:
    sku, reason = body.get("sku"), body.get("return_reason")
    lines = [line for line in order.lines if isinstance(sku, str) and line.sku.casefold() == sku.casefold()]
    if not lines:
        raise RefusalError(error(404, "not_found", "The listing doesn't exist"))
    if reason is not None and reason not in _REASONS:
        raise RefusedError("return_reason is not one of the documented ones")
    order.move(lines[0], state)
    if state != LineState.ACCEPTED:
        lines[0].return_reason = reason
        lines[0].return_message = str(body.get("return_message", ""))


def _ship(call: Call, order: BackMarketOrder, body: dict[str, Any]) -> None:
    tracking, shipper = body.get("tracking_number"), body.get("shipper")
    if not isinstance(tracking, str) or not 0 < len(tracking) <= TRACKING_LENGTH:
        raise RefusedError("tracking_number is required to ship")
    if not isinstance(shipper, str) or shipper not in SHIPPERS:
        raise RefusedError("shipper is not one of the documented names")
    lines = [line for line in order.lines if line.state == LineState.ACCEPTED]
    if order.state != OrderState.TO_SHIP or not lines:
        raise RefusedError(f"order {order.id} is in state {int(order.state)}: accept its lines before shipping")
    shipped = _shipped_at(call, body)
    sent: dict[str, Any] = {name: body[name] for name in ("imei", "serial_number") if body.get(name)}
    if sent and len(order.lines) > 1:
        raise RefusedError("imei and serial_number are only taken for an order of one line")
    _register(lines[0], sent)
    for line in lines:
        order.move(line, LineState.SHIPPED)
    order.tracking_number, order.shipper = tracking, shipper
    order.tracking_url, order.shipped = str(body.get("tracking_url") or ""), shipped


def _shipped_at(call: Call, body: dict[str, Any]) -> datetime:
    text = body.get("date_shipping")
    if text is None:
        return call.now
    if not isinstance(text, str) or not _RFC3339.fullmatch(text):
        raise RefusedError("date_shipping is not an RFC 3339 date and time")
    return datetime.fromisoformat(text)


def _register(line: Line, sent: dict[str, Any]) -> None:
    """Write the identifiers on the line. Raises RefusedError, and writes none, unless all of them may be."""
    if sent and line.quantity != 1:
        raise RefusedError("a line of several units takes no identifier")
    if any(getattr(line, name) for name in sent):
        raise RefusedError("a registered identifier cannot be corrected")
    if "imei" in sent and not valid_imei(sent["imei"]):
        raise RefusedError("imei is not valid")
    serial = sent.get("serial_number", "x")
    if not isinstance(serial, str) or not 0 < len(serial) <= SERIAL_LENGTH:
        raise RefusedError("serial_number is not valid")
    for name, value in sent.items():
        setattr(line, name, value)


def valid_imei(value: object) -> bool:
    """Fifteen digits of which the last one fits the others (Luhn)."""
    if not isinstance(value, str) or not re.fullmatch(rf"[0-9]{{{IMEI_LENGTH}}}", value):
        return False
    doubled = (int(digit) * (1 + position % 2) for position, digit in enumerate(value))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0
