"""Amazon's Selling Partner API, as its documents describe it, for the calls a stock program makes.

Login with Amazon is at /auth/o2/token, the storage behind presigned addresses at /documents/. The seller is
A1SANDBOXSELLER in ATVPDKIKX0DER; the tokens of `_sandbox/token` are refresh tokens, and what they opened closes
with them. Rows of a seed: `AmazonAccount.listing_from`; options of a sale: `order_from`; events of an order:
`AmazonOrder.happen`.

Settings (`/_sandbox/settings`):
`client_id`, `client_secret`: of the application; a new secret is what a rotation makes.
`login_error`: a word the login answers, such as temporarily_unavailable; blank, none.
`denied`: APIs the application has no role for, joined by commas: sellers, listings, orders, reports, feeds.
`wrong_seller` (403): the status for the seller id of someone else.
`participating`, `suspended`: what marketplaceParticipations says.
`patch_seconds` (0): how long a PATCH takes until shoppers get it.
`report_seconds` (60), `report_outcome` (DONE, CANCELLED, FATAL, NEVER), `report_gzip`.
`report_encoding` (Cp1252; what it lacks becomes a question mark), `report_charset`: whether the download's
Content-Type names it. `report_columns`: oddities, joined by commas: business, nostatus, reversed.
`feed_seconds` (300) for each feed, one after the other, `feed_gzip`. The faults bulk_never, bulk_failed (`number`
messages are applied before a feed is FATAL) and partial_bulk strike createFeed.
`order_lag_seconds` (120): how old a change must be to be found, where a search names no end.
`names`: whether names, streets and phone numbers are shown. `cancelled_quantity` (kept, zero): what
quantityOrdered says of a cancelled line.

Limits (`/_sandbox/limits`): one for each operation, by its operationId.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from uuid import uuid4

from werkzeug.wrappers import Request, Response

from ..api_call import RefusalError
from ..discovery import Marketplace
from ..shop import Shop
from . import access, documents, feeds, listings, orders, reports, sellers, shipping
from .account import new_account
from .answers import error, usual
from .call import Call, segments


class Route(NamedTuple):
    """An operation: where it is, and what answers it; `{}` stands for a part of the path."""

    method: str
    path: str
    handler: Callable[..., Response]

    def arguments(self, method: str, parts: list[str]) -> list[str] | None:
        """The parts of the path that vary; None when the call is for another operation."""
        own = self.path.split("/")
        if method != self.method or len(own) != len(parts):
            return None
        pairs = list(zip(own, parts, strict=True))
        if any(mine not in ("{}", theirs) or not theirs for mine, theirs in pairs):
            return None
        return [theirs for mine, theirs in pairs if mine == "{}"]


_LISTINGS, _REPORTS, _FEEDS = "listings/2021-08-01/items", "reports/2021-06-30", "feeds/2021-06-30"
_ROUTES: dict[str, Route] = {
    "getMarketplaceParticipations": Route("GET", "sellers/v1/marketplaceParticipations", sellers.participations),
    "searchListingsItems": Route("GET", f"{_LISTINGS}/{{}}", listings.search),
    "getListingsItem": Route("GET", f"{_LISTINGS}/{{}}/{{}}", listings.show),
    "patchListingsItem": Route("PATCH", f"{_LISTINGS}/{{}}/{{}}", listings.patch),
    "createReport": Route("POST", f"{_REPORTS}/reports", reports.create),
    "getReports": Route("GET", f"{_REPORTS}/reports", reports.index),
    "getReport": Route("GET", f"{_REPORTS}/reports/{{}}", reports.show),
    "getReportDocument": Route("GET", f"{_REPORTS}/documents/{{}}", reports.document),
    "createFeedDocument": Route("POST", f"{_FEEDS}/documents", feeds.new_document),
    "getFeedDocument": Route("GET", f"{_FEEDS}/documents/{{}}", feeds.document),
    "createFeed": Route("POST", f"{_FEEDS}/feeds", feeds.create),
    "getFeeds": Route("GET", f"{_FEEDS}/feeds", feeds.index),
    "getFeed": Route("GET", f"{_FEEDS}/feeds/{{}}", feeds.show),
    "searchOrders": Route("GET", "orders/2026-01-01/orders", orders.search),
    "getOrder": Route("GET", "orders/2026-01-01/orders/{}", orders.show),
    "confirmShipment": Route("POST", "orders/v0/orders/{}/shipmentConfirmation", shipping.confirm),
}


def handle(shop: Shop, request: Request) -> Response:
    """Answer one call to the login, the storage or the API."""
    parts = segments(request)
    if parts[0] == "documents" and len(parts) == 2:
        return documents.serve(shop, request, parts[1])
    if request.method == "POST" and parts == ["auth", "o2", "token"]:
        response = access.log_in(shop, request)
        response.headers["x-amz-rid"] = uuid4().hex[:20].upper()
    else:
        response = _operate(shop, request, parts)
    response.headers.setdefault("x-amzn-RequestId", str(uuid4()))
    return response


def _operate(shop: Shop, request: Request, parts: list[str]) -> Response:
    for operation, route in _ROUTES.items():
        arguments = route.arguments(request.method, parts)
        if arguments is None:
            continue
        try:
            account = access.admit(shop, request, operation, parts[0])
            response = route.handler(Call(shop, request, account), *arguments)
        except RefusalError as refusal:
            return refusal.response
        if rate := access.rate_of(account.limits[operation]):
            response.headers["x-amzn-RateLimit-Limit"] = rate
        return response
    return usual(404, f"There is no {request.method} {request.path}.")


MARKETPLACE = Marketplace("amazon", new_account, handle, error)
