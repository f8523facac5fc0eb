"""Reading listings, and setting the quantity of one."""

from __future__ import annotations

from typing import cast

from werkzeug.wrappers import Response

from . import shapes
from .account import SwappaListing
from .answers import answer, error, invalid, missing
from .call import Call

MOST = 100


def index(call: Call) -> Response:
    """GET /listings: the newest first."""
    rows = [cast(SwappaListing, row.shown(call.now)) for row in reversed(call.account.listings.values())]
    return call.page("listings", rows, MOST, shapes.listing)


def update(call: Call, listing_id: str) -> Response:
    """PATCH /listings/{id}: an absolute quantity; 409 with the number kept when orders not paid yet need more."""
    listing = cast(SwappaListing | None, call.account.listings.get(listing_id))
    if listing is None or listing.status == "removed":
        raise missing("listing")
    quantity = call.body().get("quantity")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 0:
        raise invalid("quantity must be a whole number of at least 0", "quantity")
    if quantity < call.account.waiting(listing):
        said = "Orders that wait for their payment need more than that"
        return error(409, "open_sales", said, "quantity", quantity=listing.quantity)
    stored = call.shop.push("swappa", listing.id, quantity, call.via)
    listing.updated = call.now
    return answer(shapes.listing(listing) | {"quantity": stored})
