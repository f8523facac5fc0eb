"""eBay's REST and Trading APIs, its sign-in pages and its notices, for the calls a stock program makes.

All its hosts are one here: REST as documented, the token at /identity/v1/oauth2/token, the page on which a seller
agrees at /oauth2/authorize, Trading at /ws/api.dll. `_sandbox/token` names the refresh tokens that are good; what they
opened ends with them. Rows of a seed: `EbayAccount.listing_from`; options of a sale: `order_from`; events of an order:
`EbayOrder.happen`. `_sandbox/do` with {channel: ebay, action: delete_account or challenge, ...} makes eBay call the
seller's program: see `notices`. The log and the faults know a Trading call as /ebay/ws/api.dll/<its name>.

Settings (`/_sandbox/settings`), the first value being the usual one:

- `client_id`, `client_secret`, `ru_name`: the application's keys. `accepted_url`, `declined_url`: where the browser
  goes after the page; blank: the usual page of the seller's program.
- `username`, `user_id`: another user name ends all refresh tokens given under the old one. `registered` 1, `site`.
- `token_seconds` 7200, `refresh_seconds` 47304000, `code_seconds` 299.
- `out_of_stock_control` 1: a listing without stock stays. 0: it ends, a quantity of 0 for it is refused, and a
  variation that never sold is deleted.
- `most_active` 25000 listings are shown by GetMyeBaySelling. `variation_sold` 1: whether variations there carry
  QuantitySold.
- `partial` 1: one bad entry of ReviseInventoryStatus leaves the others in force; 0: nothing is done. `echo`: new, or
  total if the Quantity it answers counts what was sold too, as eBay's own reference has it. `missing_sku` 21916735 or
  21916583, `redundant` 21917092 or 21917091: error numbers.
- `entry_errors` {item or SKU: number} and `call_errors` {Trading call: number}: errors to answer.
- `several_skus` 1: whether bulkUpdatePriceQuantity takes more than one SKU.
- `mask_days` 90 and `email_days` 14: how long orders show people.

Limits (`/_sandbox/limits`): the days and bursts in `limits`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast
from uuid import uuid4

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from ..api_call import RefusalError
from ..discovery import Marketplace
from ..shop import Shop
from . import (
    access,
    consent,
    inventory,
    notices,
    orders,
    seller,
    shipping,
    trading,
    trading_lists,
    trading_revise,
    trading_small,
)
from .account import EbayAccount, new_account
from .answers import error, usual
from .call import Call


class Route(NamedTuple):
    """A REST call: who answers it, the API whose limits it spends, and the scopes of which one is needed."""

    handler: Callable[..., Response]
    api: str
    scopes: tuple[str, ...]
    of_seller: bool = True


_READS_ORDERS, _WRITES_ORDERS = ("sell.fulfillment", "sell.fulfillment.readonly"), ("sell.fulfillment",)
_READS_STOCK, _WRITES_STOCK = ("sell.inventory", "sell.inventory.readonly"), ("sell.inventory",)
_ORDERS, _STOCK = "/sell/fulfillment/v1/order", "/sell/inventory/v1"
_SHIPMENTS, _LIMITS = f"{_ORDERS}/<number>/shipping_fulfillment", "/developer/analytics/v1_beta"
_ACCOUNT, _USER = ("sell.account", "sell.account.readonly"), ("commerce.identity.readonly",)
_ANYBODY = (access.BASE,)
_ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/sell/account/v1/privilege"): Route(seller.privilege, "account", _ACCOUNT),
    ("GET", "/commerce/identity/v1/user/"): Route(seller.user, "identity", _USER),
    ("GET", f"{_LIMITS}/rate_limit/"): Route(seller.rate_limits, "analytics", _ANYBODY, of_seller=False),
    ("GET", f"{_LIMITS}/user_rate_limit/"): Route(seller.rate_limits, "analytics", _ANYBODY),
    ("GET", _ORDERS): Route(orders.index, "fulfillment", _READS_ORDERS),
    ("GET", f"{_ORDERS}/<number>"): Route(orders.show, "fulfillment", _READS_ORDERS),
    ("GET", _SHIPMENTS): Route(shipping.index, "fulfillment", _READS_ORDERS),
    ("POST", _SHIPMENTS): Route(shipping.create, "fulfillment", _WRITES_ORDERS),
    ("GET", f"{_SHIPMENTS}/<fulfilment>"): Route(shipping.show, "fulfillment", _READS_ORDERS),
    ("GET", f"{_STOCK}/inventory_item"): Route(inventory.index, "inventory", _READS_STOCK),
    ("GET", f"{_STOCK}/inventory_item/<path:sku>"): Route(inventory.show, "inventory", _READS_STOCK),
    ("GET", f"{_STOCK}/offer"): Route(inventory.offers, "inventory", _READS_STOCK),
    ("GET", f"{_STOCK}/offer/<offer_id>"): Route(inventory.offer, "inventory", _READS_STOCK),
    ("POST", f"{_STOCK}/bulk_get_inventory_item"): Route(inventory.bulk_get, "inventory", _READS_STOCK),
    ("POST", f"{_STOCK}/bulk_update_price_quantity"): Route(inventory.bulk_update, "inventory", _WRITES_STOCK),
    ("GET", "/commerce/notification/v1/public_key/<kid>"): Route(
        notices.public_key, "notification", _ANYBODY, of_seller=False
    ),
}
_MAP = Map([Rule(path, endpoint=route, methods=[method]) for (method, path), route in _ROUTES.items()])
_TRADING: dict[str, trading.Handler] = {
    "GetMyeBaySelling": trading_lists.my_selling,
    "GetSellerList": trading_lists.seller_list,
    "GetItem": trading_lists.one,
    "ReviseInventoryStatus": trading_revise.inventory_status,
    "ReviseFixedPriceItem": trading_revise.fixed_price_item,
    "GetUserPreferences": trading_small.preferences,
    "GeteBayDetails": trading_small.details,
}


def handle(shop: Shop, request: Request) -> Response:
    """Answer one call to a page, the token endpoint, Trading or REST; eBay's own number of the call goes with it."""
    response = _answered(shop, request)
    response.headers.setdefault("rlogid", f"t6pitnmsiqvubb-{uuid4().hex[:20]}-0x1a2b")
    return response


def _answered(shop: Shop, request: Request) -> Response:
    account = cast(EbayAccount, shop.account("ebay"))
    try:
        match request.method, request.path:
            case "GET", "/oauth2/authorize":
                return consent.ask(account, request)
            case "POST", "/oauth2/authorize":
                return consent.decide(account, request)
            case "POST", "/identity/v1/oauth2/token":
                return access.token(shop, account, request)
            case "POST", "/ws/api.dll":
                return trading.serve(shop, account, request, _TRADING)
        return _rest(shop, account, request)
    except RefusalError as refusal:
        return refusal.response


def _rest(shop: Shop, account: EbayAccount, request: Request) -> Response:
    try:
        found, arguments = _MAP.bind("", path_info=request.path).match(method=request.method)
    except HTTPException as problem:
        return usual(405 if problem.code == 405 else 404)
    route = cast(Route, found)
    admitted = access.admit(account, request, route.scopes, route.api, route.of_seller)
    if route.api == "inventory":
        access.check_language(request)
    return route.handler(Call(shop, request, account, admitted), **arguments)


MARKETPLACE = Marketplace("ebay", new_account, handle, error, call_of=trading.name_of, actions=notices.ACTIONS)
