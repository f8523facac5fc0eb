"""Reading orders: Order Management, getAllOrders, getAllReleasedOrders and getAnOrder."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import quote

from werkzeug.wrappers import Response

from . import shapes
from .answers import ORDERS, answer, invalid, missing
from .call import Call, digits
from .states import WalmartLine, WalmartOrder

#: Created so many days ago at most, and so many without createdStartDate.
FARTHEST, USUAL = 180, 7
NODES = ("SellerFulfilled", "WFSFulfilled", "3PLFulfilled")
STATUSES = ("Created", "Acknowledged", "Shipped", "Delivered", "Cancelled")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_FLAG = ("true", "false")
#: What a cursor repeats of the query it goes on with.
_REPEATED = (
    "sku",
    "customerOrderId",
    "purchaseOrderId",
    "status",
    "createdEndDate",
    "fromExpectedShipDate",
    "toExpectedShipDate",
    "lastModifiedStartDate",
    "lastModifiedEndDate",
    "productInfo",
    "shipNodeType",
    "shippingProgramType",
    "replacementInfo",
    "orderType",
)


def index(call: Call) -> Response:
    """GET /v3/orders, the newest first. The next page is asked for with the answered query and nothing else."""
    return _page(call, call.choice("status", STATUSES, ORDERS))


def released(call: Call) -> Response:
    """GET /v3/orders/released: what has a line in status Created."""
    return _page(call, "Created")


def show(call: Call, purchase_order: str) -> Response:
    """GET /v3/orders/{purchaseOrderId}; whether it is wrapped is where example and schema disagree."""
    order = find(call, purchase_order)
    strike(call, order)
    shape = shapes.order(order, call.account.settings, pictures=_flag(call, "productInfo"), kind=_kind(call))
    if call.setting("one_order_date") == "iso":
        shape["orderDate"] = order.placed.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return answer({"order": shape} if call.setting("order_wrapped") else shape)


def find(call: Call, purchase_order: str) -> WalmartOrder:
    """The order. Raises RefusalError when there is none, or it is hidden still."""
    order = call.account.orders.get(digits(purchase_order) or 0)
    if order is not None and order.visible_from <= call.now:
        return cast(WalmartOrder, order)
    raise missing(ORDERS, f"There is no purchase order {purchase_order}")


def strike(call: Call, order: WalmartOrder) -> None:
    """Let a waiting fault cancel a line of this order."""
    lines = [line for line in order.lines if order.may_cancel(line)]
    if lines and call.shop.faults.take("cancels_line", via=call.via, sku=lines[-1].sku):
        order.cancel(lines[-1])
        order.changed = call.now


def _visible(call: Call) -> list[WalmartOrder]:
    return cast(list[WalmartOrder], call.shop.visible_orders("walmart"))


def _page(call: Call, status: str | None) -> Response:
    if call.text("nextCursor"):
        raise invalid(ORDERS, "The cursor is the whole query of the next call, not a parameter", "nextCursor")
    size = call.number("limit", 100, 1, 200, ORDERS)
    start = call.number("poIndex", 0, 0, 10**9, ORDERS) if _goes_on(call) else 0
    created = _date(call, "createdStartDate") or call.now - timedelta(days=USUAL)
    if not _goes_on(call):
        for order in _visible(call):
            strike(call, order)
    rows = _found(call, status, created)
    if len(rows) > call.setting("most_orders"):
        raise invalid(ORDERS, f"The query finds {len(rows)} orders, more than {call.setting('most_orders')}")
    if not rows and call.setting("no_orders") == "404":
        raise missing(ORDERS, "Failed when called getAllOrders. Orders not found for given search parameters")
    page = call.page(rows, start // size + 1, size)
    pictures, kind = _flag(call, "productInfo"), _kind(call)
    shown = [shapes.order(row, call.account.settings, pictures=pictures, kind=kind) for row in page.rows]
    after = _cursor(call, page.count, start + size, size, created) if page.next else None
    meta = {"totalCount": page.count, "limit": size} | shapes.next_cursor(after, call.setting("end_cursor"))
    return answer({"list": {"meta": meta, "elements": {"order": shown}}})


def _found(call: Call, status: str | None, created: datetime) -> list[WalmartOrder]:
    node = call.choice("shipNodeType", NODES, ORDERS, "SellerFulfilled")
    created = max(created, call.now - timedelta(days=FARTHEST))
    placed = (created, _date(call, "createdEndDate"))
    changed = (_date(call, "lastModifiedStartDate"), _date(call, "lastModifiedEndDate"))
    due = (_date(call, "fromExpectedShipDate"), _date(call, "toExpectedShipDate"))
    kind = call.choice("orderType", ("REGULAR", "REPLACEMENT"), ORDERS)
    texts = {name: call.literal(name) for name in ("sku", "customerOrderId", "purchaseOrderId", "shippingProgramType")}
    return [
        row
        for row in _visible(call)
        if row.node_type == node
        and _within(row.placed, *placed)
        and _within(row.changed, *changed)
        and _within(row.ship_by, *due)
        and (status is None or status in _statuses(row))
        and (kind is None or ("REPLACEMENT" if row.replaces else "REGULAR") == kind)
        and _matches(row, texts)
    ]


def _statuses(row: WalmartOrder) -> set[str]:
    """Those of any line: the others come along with it."""
    lines = [line for line in row.lines if isinstance(line, WalmartLine)]
    return {portion.status.word for line in lines for portion in line.portions}


def _matches(row: WalmartOrder, texts: dict[str, str | None]) -> bool:
    has: dict[str, set[str]] = {
        "sku": {line.sku for line in row.lines},
        "customerOrderId": {str(row.customer_order)},
        "purchaseOrderId": {str(row.id)},
        "shippingProgramType": {row.program},
    }
    return all(text is None or text in has[name] for name, text in texts.items())


def _within(moment: datetime, first: datetime | None, last: datetime | None) -> bool:
    return (first is None or moment >= first) and (last is None or moment <= last)


def _goes_on(call: Call) -> bool:
    return call.text("hasMoreElements") == "true"


def _cursor(call: Call, total: int, start: int, size: int, created: datetime) -> str:
    """A complete query with its question mark; a list that was cut off in time stays so."""
    own = {"limit": size, "hasMoreElements": "true", "soIndex": total, "poIndex": start, "partnerId": 10001067309}
    asked = {name: call.literal(name) for name in _REPEATED}
    own |= {name: text for name, text in asked.items() if text is not None}
    own["createdStartDate"] = _written(created)
    own.setdefault("createdEndDate", _written(call.now))
    return "?" + "&".join(f"{name}={quote(str(value), safe=':')}" for name, value in own.items())


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _flag(call: Call, name: str) -> bool:
    return call.choice(name, _FLAG, ORDERS, "false") == "true"


def _kind(call: Call) -> bool:
    return _flag(call, "replacementInfo")


def _date(call: Call, name: str) -> datetime | None:
    """2020-03-16 or 2020-03-16T10:30:15Z. Fractions of a second, which sellers saw refused, pass in a cursor alone."""
    text = call.literal(name)
    if text is None:
        return None
    is_free = call.setting("dates") == "any" or _goes_on(call)
    try:
        if not is_free and not _DAY.fullmatch(text) and not _SECOND.fullmatch(text):
            raise ValueError
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(ORDERS, f"Invalid Date format value for {name}", name) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
