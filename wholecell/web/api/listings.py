"""Listings with what they may sell now."""

from __future__ import annotations

from flask import Response

from wholecell.services import api_listings
from wholecell.services.api_records import ListingsQuery
from wholecell.services.api_tokens import Token
from wholecell.web.api.answers import answer, found, read_query
from wholecell.web.api.blueprint import ID, bp, needs_token


@bp.get("/listings")
@needs_token("listings:read")
def listings(token: Token) -> Response:
    """One page of listings."""
    return answer(api_listings.find(read_query(ListingsQuery), token.integration_id))


@bp.get(f"/listings/<{ID}:listing_id>")
@needs_token("listings:read")
def listing(token: Token, listing_id: int) -> Response:
    """One listing."""
    return answer(found(api_listings.one(listing_id, token.integration_id)))
