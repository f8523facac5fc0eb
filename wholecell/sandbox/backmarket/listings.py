"""Reading listings, and changing one of them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, cast
from uuid import UUID

from werkzeug.wrappers import Response

from ..api_call import RefusalError
from . import shapes
from .account import MARKETS, BackMarketListing
from .answers import answer, bad_request, bare, error
from .call import Call

LONGEST_COMMENT, SHORTEST_WARRANTY = 500, 12
Refuse = Callable[[str], Response]


def index(call: Call) -> Response:
    """GET /ws/listings: the newest first, so that a new listing shifts the pages being read."""
    state = call.integer("publication_state")
    low, high = call.integer("min_quantity"), call.integer("max_quantity")
    rows = [cast(BackMarketListing, row.shown(call.now)) for row in reversed(call.account.listings.values())]
    found = [
        row
        for row in rows
        if (state is None or row.publication_state == state)
        and (low is None or row.quantity >= low)
        and (high is None or row.quantity <= high)
    ]
    return call.page(found, lambda row: shapes.listing(row, call.market))


def show(call: Call, listing_id: str) -> Response:
    """GET /ws/listings/{id}, by UUID or by the old integer id."""
    return _shown(call, _by_id(call, listing_id, bad_request))


def detail(call: Call) -> Response:
    """GET /ws/listings/detail by sku, id or listing_id."""
    arguments = call.request.args
    if "sku" in arguments:
        found = call.account.by_sku(arguments["sku"])
        return _shown(call, cast(BackMarketListing, found) if found else _missing())
    wanted = arguments.get("id") or arguments.get("listing_id")
    if not wanted:
        return bad_request("one of sku, id and listing_id is needed")
    return _shown(call, _by_id(call, wanted, bad_request))


def update(call: Call, listing_id: str) -> Response:
    """POST /ws/listings/{id}: all the fields sent or none of them; the answer is the listing as stored."""
    listing = _by_id(call, listing_id, bare)
    body = call.body(bare)
    if not call.account.limits["updates"].spend(call.now):
        return error(429, "too_many_requests", "Rate limit exceeded")
    changes = _checked(body, call)
    quantity = changes.pop("quantity", None)
    price = changes.pop("price", None)
    for name, value in changes.items():
        setattr(listing, name, value)
    if price is not None:
        listing.reprice(price, call.market, call.account.settings["platform"])
    stored = {} if quantity is None else {"quantity": call.shop.push("backmarket", listing.id, quantity, call.via)}
    return answer(shapes.listing(listing, call.market) | stored | {"statuscode": 200})


def _shown(call: Call, listing: BackMarketListing) -> Response:
    return answer(shapes.listing(listing.shown(call.now), call.market) | {"statuscode": 200})


def _by_id(call: Call, text: str, refuse: Refuse) -> BackMarketListing:
    if text.isdecimal():
        found = call.account.by_number(int(text))
    else:
        try:
            found = call.account.listings.get(str(UUID(text)))
        except ValueError:
            raise RefusalError(refuse("listing id is neither a UUID nor a number")) from None
    return cast(BackMarketListing, found) if found else _missing()


def _missing() -> BackMarketListing:
    raise RefusalError(error(404, "not_found", "Listing not found"))


def _checked(body: dict[str, Any], call: Call) -> dict[str, Any]:
    """The known fields, as stored; shipping options and unknown fields are passed over."""
    checks: dict[str, Callable[[Any], object]] = {
        "quantity": whole_number,
        "price": money,
        "min_price": lambda value: None if value is None else money(value),
        "comment": _comment,
        "warranty_delay": _warranty,
    }
    changes = {name: check(body[name]) for name, check in checks.items() if name in body}
    if "price" in body and body.get("currency") != MARKETS[call.account.settings["platform"]][call.market]:
        raise RefusalError(bare("currency does not match the market of the listing"))
    return changes


def whole_number(value: object) -> int:
    """A quantity, as a number or as digits in a string. Raises RefusalError for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    raise RefusalError(bare("quantity must be a whole number of at least 0"))


def money(value: object) -> str:
    """A price above 0, with two digits. Raises RefusalError for anything else."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal(0)
    if isinstance(value, bool) or not amount.is_finite() or amount <= 0:
        raise RefusalError(bare("price must be above 0"))
    return str(amount.quantize(Decimal("0.01")))


def _comment(value: object) -> str | None:
    if value is None or (isinstance(value, str) and len(value) <= LONGEST_COMMENT):
        return value
    raise RefusalError(bare(f"comment must be text of at most {LONGEST_COMMENT} characters"))


def _warranty(value: object) -> int:
    months = whole_number(value)
    if months < SHORTEST_WARRANTY:
        raise RefusalError(bare(f"warranty_delay must be at least {SHORTEST_WARRANTY} months"))
    return months
