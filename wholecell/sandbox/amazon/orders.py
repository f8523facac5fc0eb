"""Orders 2026-01-01: searching and reading orders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from werkzeug.wrappers import Response

from ..api_call import RefusalError
from ..paging import page_of
from . import order_shapes
from .account import AmazonAccount
from .answers import answer, refuse, usual
from .call import Call, fields_of, token_of
from .kept import iso
from .states import AmazonOrder, FulfillmentStatus

TOKEN_LIFETIME = timedelta(hours=24)
BOUND_AGE = timedelta(minutes=2)
#: How far back orders are shown outside Japan, Australia and Singapore.
OLDEST = timedelta(days=2 * 365)
_STATUSES = [status.name for status in FulfillmentStatus]


@dataclass(frozen=True)
class Search:
    """What the first page found: later pages show the same orders, whatever happens to them meanwhile."""

    numbers: list[int]
    parameters: dict[str, str]
    bound: dict[str, str]
    made: datetime


def search(call: Call) -> Response:
    """searchOrders: orders created or updated in a window, the oldest first."""
    blocks = call.many("includedData", known=order_shapes.BLOCKS) or []
    size = _size(call)
    token = call.text("paginationToken")
    if token is None:
        key, number, found = str(uuid4()), 1, _search(call)
    else:
        key, number, found = _again(call, token)
    rows = page_of(call.shop, call.account, call.via, found.numbers, number, size)
    orders = [cast(AmazonOrder, call.account.orders[order_id]) for order_id in rows.rows]
    shape: dict[str, Any] = {"orders": [_shape(call, row, blocks) for row in orders]}
    if rows.next:
        _forget_old_searches(call.account, call.now)
        call.account.searches[key] = found
        shape["pagination"] = {"nextToken": token_of({"search": key, "page": rows.next})}
    return answer(shape | found.bound)


def show(call: Call, order_id: str) -> Response:
    """getOrder."""
    blocks = call.many("includedData", known=order_shapes.BLOCKS) or []
    order = order_of(call, order_id)
    return answer({"order": _shape(call, order, blocks)})


def order_of(call: Call, order_id: str) -> AmazonOrder:
    """The order with this number, unless it is hidden. Ends the call with 404 otherwise."""
    is_number = re.fullmatch("[0-9]{3}-[0-9]{7}-[0-9]{7}", order_id)
    found = call.account.orders.get(int(order_id.replace("-", ""))) if is_number else None
    order = cast(AmazonOrder | None, found)
    if order is None or order.visible_from > call.now:
        raise RefusalError(usual(404, f"There is no order {order_id}."))
    _strike(call, order)
    return order


def _size(call: Call) -> int:
    return call.whole("maxResultsPerPage", 100, 100)


def _shape(call: Call, row: AmazonOrder, blocks: list[str]) -> dict[str, Any]:
    return order_shapes.order(row, blocks, call.account.settings)


def _search(call: Call) -> Search:
    field = _field(call)
    after, before = call.moment(f"{field}After"), call.moment(f"{field}Before")
    assert after is not None
    lag = timedelta(seconds=float(call.account.settings["order_lag_seconds"]))
    if before is None:
        before = call.now - lag
    elif before < after or before > call.now - BOUND_AGE:
        raise refuse(f"{field}Before must be after {field}After and at least two minutes before the request.")
    if after > call.now:
        raise refuse(f"{field}After must not be in the future.")
    statuses = call.many("fulfillmentStatuses", known=_STATUSES) or _STATUSES
    parties = call.many("fulfilledBy", known=("MERCHANT", "AMAZON")) or ["MERCHANT", "AMAZON"]
    if len(call.many("marketplaceIds", most=50) or []):
        call.marketplaces()
    rows = cast(list[AmazonOrder], call.shop.visible_orders("amazon"))
    if any(fault.kind == "cancels_line" for fault in call.shop.faults):
        for row in rows:
            _strike(call, row)
    moments = {row.id: row.placed if field == "created" else row.changed for row in rows}
    found = [
        row
        for row in rows
        if after <= moments[row.id] <= before
        and call.now - row.placed <= OLDEST
        and row.status.name in statuses
        and row.fulfilled_by in parties
    ]
    found.sort(key=lambda row: (moments[row.id], row.id))
    return Search([row.id for row in found], _parameters(call), {f"{field}Before": iso(before)}, call.now)


def _field(call: Call) -> str:
    """Which of the two times counts: exactly one "...After" is needed, and no bound of the other kind."""
    given = {name for name in ("created", "lastUpdated") if call.text(f"{name}After") is not None}
    if len(given) != 1:
        raise refuse("Exactly one of createdAfter and lastUpdatedAfter is required.")
    field = given.pop()
    other = "lastUpdated" if field == "created" else "created"
    if call.text(f"{other}Before") is not None:
        raise refuse(f"{other}Before cannot be combined with {field}After.")
    return field


def _again(call: Call, token: str) -> tuple[str, int, Search]:
    fields = fields_of(token, "paginationToken")
    found = call.account.searches.get(str(fields.get("search")))
    number = fields.get("page")
    if found is None or not isinstance(number, int) or call.now - found.made >= TOKEN_LIFETIME:
        raise refuse("paginationToken is unknown or has expired.")
    if found.parameters != _parameters(call):
        raise refuse("paginationToken needs the same parameters as the request it came from.")
    return str(fields["search"]), number, found


def _parameters(call: Call) -> dict[str, str]:
    return {name: value for name, value in call.request.args.items() if name != "paginationToken"}


def _strike(call: Call, order: AmazonOrder) -> None:
    """Let a waiting fault cancel a line of this order."""
    open_lines = [line for line in order.lines if order.may_cancel(line)]
    if open_lines and call.shop.faults.take("cancels_line", via=call.via, sku=open_lines[-1].sku):
        order.cancel(open_lines[-1])
        order.changed = call.now


def _forget_old_searches(account: AmazonAccount, now: datetime) -> None:
    old = [key for key, found in account.searches.items() if now - found.made >= TOKEN_LIFETIME]
    for key in old:
        del account.searches[key]
