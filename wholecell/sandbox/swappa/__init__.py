"""A Swappa that speaks the API we propose to it. Swappa publishes none: nothing here is what it really does.

Settings (`/_sandbox/settings`): `client_id` and `client_secret` of the seller's app, `token_seconds` (how long an
access token lives), `renews` (1: each use of a refresh token gives a new one and ends it), `imeis` (1: a shipment
without IMEIs is refused), `retry_after` (what a 429 says; 0: nothing). Limit: `requests` (60 a minute).

Sales take `state` (paid, or pending). Events of orders: complete, refund, and word, with a `word` that is shown
as the status from then on.
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
from . import access, listings, orders
from .account import SwappaAccount, new_account
from .answers import error
from .call import Call

Handler = Callable[..., Response]

_OPEN: dict[tuple[str, str], Handler] = {
    ("GET", "/oauth/authorize"): access.ask,
    ("POST", "/oauth/authorize"): access.decide,
    ("POST", "/oauth/token"): access.token,
}
_ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "/listings"): listings.index,
    ("PATCH", "/listings/<listing_id>"): listings.update,
    ("GET", "/orders"): orders.index,
    ("POST", "/orders/<int:order_id>/shipments"): orders.ship,
}
_MAP = Map([Rule(path, endpoint=found, methods=[method]) for (method, path), found in {**_OPEN, **_ROUTES}.items()])


def handle(shop: Shop, request: Request) -> Response:
    """Answer one call."""
    try:
        call = Call(shop, request, cast(SwappaAccount, shop.account("swappa")))
        handler, arguments = _MAP.bind("", path_info=request.path).match(method=request.method)
        if handler not in _OPEN.values():
            access.admit(call)
        response: Response = handler(call, **arguments)
        return response
    except RefusalError as refusal:
        return refusal.response
    except HTTPException as problem:
        return error(problem.code or 500, problem.name.casefold().replace(" ", "_"), problem.name)


ADDRESSES = {"authorize": "/oauth/authorize", "token": "/oauth/token"}
MARKETPLACE = Marketplace("swappa", new_account, handle, error, addresses=ADDRESSES)
