"""Back Market's seller API, as its document 0.1.1 describes it, for the calls a stock program makes.

Settings (`/_sandbox/settings`): `platform` (eu, na, ap), `merchant` (0 answers 403 as for a user without
a merchant account), `task_seconds` (how long a file of changes takes), `dates` (any, rfc3339, plain: which form
of date /ws/orders takes). Limits: `requests` (200 in 10 s) and `updates` (2,000 lines an hour).
"""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from ..api_call import RefusalError
from ..discovery import Marketplace
from ..shop import Shop
from . import bulk, listings, orders
from .access import admit
from .account import new_account
from .answers import error
from .call import Call

Handler = Callable[..., Response]

_ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "/ws/listings"): listings.index,
    ("POST", "/ws/listings"): bulk.start,
    ("GET", "/ws/listings/detail"): listings.detail,
    ("GET", "/ws/listings/<listing_id>"): listings.show,
    ("POST", "/ws/listings/<listing_id>"): listings.update,
    ("GET", "/ws/tasks/<int:task_id>"): bulk.show,
    ("GET", "/ws/orders"): orders.index,
    ("GET", "/ws/orders/<int:order_id>"): orders.show,
    ("POST", "/ws/orders/<int:order_id>"): orders.update,
    ("PATCH", "/ws/orderlines/<int:line_id>"): orders.identify,
}
_MAP = Map([Rule(path, endpoint=handler, methods=[method]) for (method, path), handler in _ROUTES.items()])


def handle(shop: Shop, request: Request) -> Response:
    """Answer one call. The document writes some paths with a slash at the end, so one there is no matter."""
    try:
        call = Call(shop, request, admit(shop, request))
        urls = _MAP.bind("", path_info=request.path.rstrip("/"))
        handler, arguments = urls.match(method=request.method)
        response: Response = handler(call, **arguments)
        return response
    except RefusalError as refusal:
        return refusal.response
    except HTTPException as problem:
        return error(problem.code or 500, problem.name.casefold().replace(" ", "_"), problem.name)


MARKETPLACE = Marketplace("backmarket", new_account, handle, error)
