"""Reading orders: Fulfillment API, getOrders and getOrder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, cast
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from ..api_call import RefusalError
from . import order_shapes
from .answers import FULFILLMENT, answer, refuse
from .call import Call
from .states import EbayOrder

#: Without a filter so many days come; orders are kept for two years.
USUAL, KEPT = timedelta(days=90), timedelta(days=731)
MOST_IDS = 50
_ID = re.compile(r"\d{2}-\d{5}-\d{5}")
_FILTER = re.compile(r"\s*([A-Za-z]+):(\[[^\]]*\]|\{[^}]*\})\s*(?:,|$)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")
#: The two combinations of orderfulfillmentstatus that are supported.
_STATUSES = ({"NOT_STARTED", "IN_PROGRESS"}, {"FULFILLED", "IN_PROGRESS"})


class Span(NamedTuple):
    """From one time to another, both included."""

    first: datetime
    last: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether it lies within; eBay shows thousandths of a second and so compares them."""
        return self.first <= moment.replace(microsecond=moment.microsecond // 1000 * 1000) <= self.last


def index(call: Call) -> Response:
    """GET /order: the newest first; here offset counts records, and cancelRequests are always empty."""
    groups = _groups(call)
    if named := call.text("orderIds"):
        rows = list(_named(call, named))
        return answer({"href": call.request.url, "total": len(rows), "orders": _shapes(call, rows, groups)})
    limit = call.number("limit", 50, 1, 200, refuse(31100, FULFILLMENT, f"Invalid limit: {call.text('limit')}"))
    offset = call.number("offset", 0, 0, 10**9, refuse(31000, FULFILLMENT, f"Invalid offset: {call.text('offset')}"))
    keeps = _filter(call, call.text("filter") or "")
    rows = [row for row in visible(call) if keeps(row)]
    if offset < limit:
        for row in rows:
            strike(call, row)
    page = call.page(rows[offset % limit :], offset // limit + 1, limit)
    total = page.count + offset % limit
    shape: dict[str, object] = {"href": call.request.url, "total": total, "limit": limit, "offset": offset}
    if offset + limit < total:
        shape["next"] = _address(call, limit, offset + limit)
    if offset:
        shape["prev"] = _address(call, limit, max(offset - limit, 0))
    return answer(shape | {"orders": _shapes(call, page.rows, groups)})


def show(call: Call, number: str) -> Response:
    """GET /order/{orderId}, with the requests to cancel."""
    groups = _groups(call)
    order = find(call, number, 404)
    strike(call, order)
    return answer(order_shapes.order(call, order, with_requests=True, with_taxes=groups))


def find(call: Call, number: str, status: int = 400) -> EbayOrder:
    """The order. Raises RefusalError when there is none, or it is hidden still."""
    if _ID.fullmatch(number):
        order = call.account.orders.get(int(number.replace("-", "")))
        if order is not None and order.visible_from <= call.now:
            return cast(EbayOrder, order)
    else:
        status = 400
    raise refuse(32100, FULFILLMENT, f"Invalid order ID: {number}", status)


def visible(call: Call) -> list[EbayOrder]:
    """Orders not hidden, of the last two years."""
    rows = cast(list[EbayOrder], call.shop.visible_orders("ebay"))
    return [row for row in rows if row.placed >= call.now - KEPT]


def strike(call: Call, order: EbayOrder) -> None:
    """Let a waiting fault cancel a line of this order."""
    lines = [line for line in order.lines if order.may_cancel(line)]
    if lines and call.shop.faults.take("cancels_line", via=call.via, sku=lines[-1].sku):
        order.cancel(lines[-1])
        order.changed = call.now


def _groups(call: Call) -> bool:
    asked = call.text("fieldGroups")
    if asked not in (None, "TAX_BREAKDOWN"):
        raise refuse(32800, FULFILLMENT, f"Invalid field group: {asked}")
    return asked is not None


def _shapes(call: Call, rows: object, groups: bool) -> list[dict[str, object]]:
    return [order_shapes.order(call, row, with_taxes=groups) for row in cast(list[EbayOrder], rows)]


def _named(call: Call, named: str) -> Iterator[EbayOrder]:
    numbers = dict.fromkeys(each.strip() for each in named.split(",") if each.strip())
    if len(numbers) > MOST_IDS:
        raise refuse(30900, FULFILLMENT, f"Exceeded maximum number of order IDs (the current limit is {MOST_IDS})")
    for number in numbers:
        try:
            order = find(call, number)
        except RefusalError:
            if not _ID.fullmatch(number):
                raise
            continue  # a number that is not the seller's is left out
        strike(call, order)
        yield order


class _Keeps(NamedTuple):
    created: Span | None
    modified: Span | None
    statuses: set[str] | None

    def __call__(self, order: EbayOrder) -> bool:
        if self.statuses is not None and order.fulfilment not in self.statuses:
            return False
        if self.created is not None:  # given both, only this one counts
            return self.created.holds(order.placed)
        return self.modified is None or self.modified.holds(order.changed)


def _filter(call: Call, text: str) -> _Keeps:
    created = modified = statuses = None
    position = 0
    while position < len(text):
        found = _FILTER.match(text, position)
        if found is None:
            raise refuse(30800, FULFILLMENT, f"Invalid filter value {text[position:]} for filter")
        name, value, position = found[1], found[2][1:-1], found.end()
        match name.lower():
            case "creationdate":
                created = _span(call, value)
                if created.first < call.now - KEPT:
                    words = "Time range between start date and end date must be within '2' years."
                    raise refuse(30830, FULFILLMENT, words)
            case "lastmodifieddate":
                modified = _span(call, value)
            case "orderfulfillmentstatus":
                statuses = set(value.split("|"))
                if statuses not in _STATUSES:
                    raise refuse(30800, FULFILLMENT, f"Invalid filter value {value} for filter {name}")
            case _:
                raise refuse(30700, FULFILLMENT, f"Invalid filter name: {name}")
    if created is None and modified is None:
        created = Span(call.now - USUAL, call.now)
    return _Keeps(created, modified, statuses)


def _span(call: Call, value: str) -> Span:
    """TIME..TIME or TIME.. for until now; both in the past."""
    start, dots, end = value.partition("..")
    if not start or not dots:
        raise refuse(30820, FULFILLMENT, "Start date is missing")
    first, last = _moment(start), _moment(end) if end else call.now
    if first > call.now or (end and last > call.now):
        raise refuse(30850, FULFILLMENT, "Start and end dates can't be in the future")
    if first > last:
        raise refuse(30840, FULFILLMENT, "Start date should be before end date")
    return Span(first, last)


def _moment(text: str) -> datetime:
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise refuse(30810, FULFILLMENT, "Invalid date format") from None


def _address(call: Call, limit: int, offset: int) -> str:
    kept = {name: value for name, value in call.request.args.items() if name not in ("limit", "offset")}
    return f"{call.here}?{urlencode({**kept, 'limit': limit, 'offset': offset})}"
