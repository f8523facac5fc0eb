"""Walmart's Marketplace API v3 (US), as its documents describe it, for the calls a stock program makes.

Logins are `client id:client secret`; `_sandbox/token` with the logins that are good from now on ends all access
tokens given before. Orders know the events `intend_to_cancel`, `cancel` (by Walmart), `ship` (one that Walmart
fulfils), `deliver`, `refund` and `tell_email` (see `WalmartOrder.happen`); seed rows may say what
`WalmartAccount.listing_from` takes, sales what `order_from` takes.

Settings (`/_sandbox/settings`), the first value being the usual one:

- `token_seconds` 900, and `scopes` {area: full_access, view_only or no_access}; areas left out have full access.
- `errors`: wrapped ({errors: {error: [...]}}), list ({errors: [...]}), message (the same, with message in place of
  description), gateway ({error: [...]}), xml, empty. `refusals`: status, or 200 to hide 400 and 404 in an answer
  with status 200, which the schemas of getAllItems, feeds and orders allow for.
- `replenishment`: milliseconds, epoch (both since 1970), seconds (to wait) or iso: the form of
  x-next-replenishment-time. `retry_after` 1 adds Retry-After to 429.
- `cursor` of the items: moving, or constant (needs a rising offset, dies after `cursor_seconds` 120 of silence).
  `most_items` 50 is the largest page, `ended_items` 1 lists retired and archived items among the others, `no_items`
  is empty or 404, `item_shape` of one item list or record.
- `short_pages` 1: pages of /v3/inventories hold a row less than asked for.
- `end_cursor`: absent or empty, on the last page of every list.
- `holds_back` 1: availToSellQty is inputQty less the units of Created and Acknowledged lines, so what the seller
  sends is meant to include them. 0: the seller's number is what can be bought, and each sale lowers it.
  `shipping_lowers` 0: with `holds_back`, whether shipped units leave inputQty too; without it what was shipped can be
  bought again until the seller sends the next number.
- `feed_seconds` 300, and `outcomes` {sku: DATA_ERROR, SYSTEM_ERROR, TIMEOUT_ERROR or INPROGRESS} of rows in feeds.
- `no_orders`: 404 or empty. `most_orders` 10000 a query may find. `dates`: strict (the documented two forms) or any.
  `order_wrapped` 1 and `one_order_date` milliseconds or iso: how getAnOrder answers.
- `charges` of several units: unit or line. `intent` "true": the text of intentToCancel.
- `auto_cancel_days` 0 (never): Walmart cancels units not shipped so many days after their ship date.

Limits (`/_sandbox/limits`) are in `limits.buckets`; a call whose limit is off has no headers about it. What Walmart
fulfils is among the items and has no inventory here: the documents do not show in getAllItems who fulfils an item.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from ..discovery import Marketplace
from ..shop import Shop
from ..wire import FAULT_HEADER
from . import access, feeds, fulfilment, inventory, items, orders
from .account import WalmartAccount, new_account
from .answers import GATEWAY, Problem, RefusalError, error, shaped
from .call import Call
from .limits import Bucket, moment


class Route(NamedTuple):
    """A call: who answers it, which limit it spends, and the area of permission it needs (blank for none)."""

    handler: Callable[..., Response]
    limit: str
    area: str = ""


_ORDER = "/v3/orders/<purchase_order>"
_ROUTES: dict[tuple[str, str], Route] = {
    ("POST", "/v3/token"): Route(access.token, "token"),
    ("GET", "/v3/token/detail"): Route(access.detail, "token_detail"),
    ("GET", "/v3/items"): Route(items.index, "items", "item"),
    ("GET", "/v3/items/count"): Route(items.count, "item", "item"),
    ("GET", "/v3/items/<path:item_id>"): Route(items.show, "item", "item"),
    ("GET", "/v3/inventory"): Route(inventory.show, "inventory", "inventory"),
    ("PUT", "/v3/inventory"): Route(inventory.update, "update_inventory", "inventory"),
    ("GET", "/v3/inventories"): Route(inventory.index, "inventories", "inventory"),
    ("GET", "/v3/inventories/<path:sku>"): Route(inventory.show_nodes, "inventory", "inventory"),
    ("PUT", "/v3/inventories/<path:sku>"): Route(inventory.update_nodes, "update_inventory", "inventory"),
    ("POST", "/v3/feeds"): Route(feeds.start, "inventory_feeds", "feeds"),
    ("GET", "/v3/feeds"): Route(feeds.index, "feeds", "feeds"),
    ("GET", "/v3/feeds/<feed_id>"): Route(feeds.show, "feeds", "feeds"),
    ("GET", "/v3/orders"): Route(orders.index, "orders", "orders"),
    ("GET", "/v3/orders/released"): Route(orders.released, "released_orders", "orders"),
    ("GET", _ORDER): Route(orders.show, "orders", "orders"),
    ("POST", f"{_ORDER}/acknowledge"): Route(fulfilment.acknowledge, "acknowledge", "orders"),
    ("POST", f"{_ORDER}/shipping"): Route(fulfilment.ship, "ship", "orders"),
    ("POST", f"{_ORDER}/cancel"): Route(fulfilment.cancel, "cancel", "orders"),
}
_MAP = Map(
    [Rule(path, endpoint=route, methods=[method]) for (method, path), route in _ROUTES.items()],
    merge_slashes=False,
)


def handle(shop: Shop, request: Request) -> Response:
    """Answer one call, with the headers that each answer carries."""
    call = Call(shop, request, cast(WalmartAccount, shop.account("walmart")))
    call.account.cancel_overdue(call.now)
    bucket: Bucket | None = None
    try:
        route, arguments = _matched(request)
        bucket = _bucket(call, route)
        response = _answered(call, route, bucket, arguments)
    except RefusalError as refusal:
        response = shaped(refusal.problem, call.setting("errors"))
        if call.setting("refusals") == "200" and response.status_code in (400, 404):
            response.status_code = 200
            response.headers[FAULT_HEADER] = "refusals"
    response.headers[access.CORRELATION] = request.headers.get(access.CORRELATION, "")
    left = bucket.left(call.now) if bucket else None
    if bucket and left is not None:
        renewed = bucket.renewed(call.now)
        response.headers["x-current-token-count"] = str(left)
        response.headers["x-next-replenishment-time"] = moment(renewed, call.now, call.setting("replenishment"))
        if response.status_code == 429 and call.setting("retry_after"):
            response.headers["Retry-After"] = str(max(round((renewed - call.now).total_seconds()), 1))
    return response


def _answered(call: Call, route: Route, bucket: Bucket, arguments: dict[str, str]) -> Response:
    access.check_headers(call.request)
    if route.handler is not access.token:
        access.admit(call, route.area)
    if not bucket.spend(call.now):
        description = "Too many requests in the given time"
        raise RefusalError(Problem(429, "REQUEST_THRESHOLD_VIOLATED", GATEWAY, description, "REQUEST"))
    return route.handler(call, **arguments)


def _matched(request: Request) -> tuple[Route, dict[str, str]]:
    try:
        route, arguments = _MAP.bind("", path_info=request.path).match(method=request.method)
    except HTTPException as problem:
        raise RefusalError(Problem(problem.code or 404, "CONTENT_NOT_FOUND", GATEWAY, problem.name)) from None
    return cast(Route, route), dict(arguments)


def _bucket(call: Call, route: Route) -> Bucket:
    """Items cost more with parameters, and each type of feed has its own limit."""
    name = route.limit
    if name in ("items", "item") and call.request.query_string:
        name += "_with_parameters"
    if route.handler is feeds.start and call.request.args.get("feedType") == "MP_INVENTORY":
        name = "mp_inventory_feeds"
    return cast(Bucket, call.account.limits[name])


MARKETPLACE = Marketplace("walmart", new_account, handle, error)
