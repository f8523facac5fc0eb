"""ShipStation: its V1 API, and the calls it makes to a seller's program that is one of its custom stores.

A row of a seed is a product of the seller's other stores (one on Shopify, one on WooCommerce), with `orders` there
already; `_sandbox/sell` places more: see `ShipStationAccount.order_from`. Events of an order: cancel, hold, release.
`_sandbox/token` names the pairs key:secret that are good. Limit: `requests`, 40 in a minute.

`_sandbox/do` with {channel: shipstation, action: ...}: set_up, pull, label, mark, void, notice, odd_notice, call,
show, tick: see `actions`. A custom store is set up with the url, user and password that the seller's program shows.
Orders are named by their number, their id, or the store's OrderID.

    curl http://127.0.0.1:8001/_sandbox/do -H "Content-Type: application/json" -d '{"channel": "shipstation",
      "action": "set_up", "url": "...", "user": "...", "password": "...", "every": 60, "labels": true}'

pulls a store each minute from then on, buys the labels of what it finds, and posts their notices.

Settings (`/_sandbox/settings`), the first value being the usual one:

- `json_401` 0: refused keys are answered without JSON. `throttled_status` 429: of the answer to too many calls.
- `pages_zero` 0; 1: lists say 0 pages, as the samples do. `most_rows` 0; a larger page is answered with 500.
- `poison`: numbers of orders, joined by commas, that break each page they would stand on.
- `locked`: refused, or ignored if a change to a shipped or cancelled order is answered well and not made. Which of
  the two ShipStation does is not known.
- `edition` 2019; 2012: ship notices without OrderID and LineItemID. `query_login` 1: name and password stand in the
  address too.
- `retry_seconds` 300 and `retries` 5: when a refused notice is posted again. What ShipStation does is not known.
- `resource_base`: where webhooks say to look; blank: where V1 was last called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from ..api_call import RefusalError
from ..discovery import Marketplace
from ..shop import Shop
from . import access, orders, shipments, stores, webhooks
from .account import ShipStationAccount, new_account
from .actions import ACTIONS
from .answers import answer, error
from .call import Call

Handler = Callable[..., Response]

_ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "/stores"): stores.index,
    ("GET", "/stores/marketplaces"): stores.marketplaces,
    ("GET", "/stores/<int:store_id>"): stores.show,
    ("GET", "/carriers"): stores.carriers,
    ("GET", "/orders"): orders.index,
    ("GET", "/orders/<int:order_id>"): orders.show,
    ("DELETE", "/orders/<int:order_id>"): orders.delete,
    ("POST", "/orders/createorder"): orders.create,
    ("POST", "/orders/createorders"): orders.create_many,
    ("POST", "/orders/markasshipped"): orders.mark_as_shipped,
    ("GET", "/shipments"): shipments.index,
    ("GET", "/fulfillments"): shipments.fulfillments,
    ("GET", "/webhooks"): webhooks.index,
    ("POST", "/webhooks/subscribe"): webhooks.subscribe,
    ("DELETE", "/webhooks/<int:webhook_id>"): webhooks.unsubscribe,
}
_MAP = Map([Rule(path, endpoint=found, methods=[method]) for (method, path), found in _ROUTES.items()])


def handle(shop: Shop, request: Request) -> Response:
    """Answer one call of V1."""
    account = cast(ShipStationAccount, shop.account("shipstation"))
    account.address = request.root_url.rstrip("/")
    try:
        access.admit(shop, account, request)
        response = _answered(Call(shop, request, account))
    except RefusalError as refusal:
        response = refusal.response
    response.headers.extend(access.limit_of(account).headers(shop.clock()))
    return response


def _answered(call: Call) -> Response:
    try:
        handler, arguments = _MAP.bind("", path_info=call.request.path).match(method=call.request.method)
    except HTTPException as problem:
        return answer({"Message": f"No HTTP resource was found for {call.request.path}."}, problem.code or 500)
    response: Response = cast(Handler, handler)(call, **arguments)
    return response


MARKETPLACE = Marketplace("shipstation", new_account, handle, error, actions=ACTIONS)
