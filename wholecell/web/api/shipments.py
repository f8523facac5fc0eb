"""Shipments out, and the other system's word that it has them."""

from __future__ import annotations

from flask import Response
from msgspec import structs

from wholecell.services import api_shipments
from wholecell.services.api_records import ShipmentsQuery
from wholecell.services.api_tokens import Token
from wholecell.services.refusal import Refusal
from wholecell.web.api.answers import ApiError, answer, found, read_query
from wholecell.web.api.blueprint import ID, bp, needs_token


@bp.get("/shipments")
@needs_token("shipments:read")
def shipments(token: Token) -> Response:
    """One page of shipments."""
    return answer(api_shipments.find(read_query(ShipmentsQuery), token.integration_id))


@bp.get(f"/shipments/<{ID}:shipment_id>")
@needs_token("shipments:read")
def shipment(token: Token, shipment_id: int) -> Response:
    """One shipment."""
    return answer(found(api_shipments.one(shipment_id, token.integration_id)))


@bp.post(f"/shipments/<{ID}:shipment_id>/taken")
@needs_token("shipments:write")
def take_shipment(token: Token, shipment_id: int) -> Response:
    """Note that the other system has it."""
    try:
        taken = found(api_shipments.take(shipment_id, token.integration_id))
    except Refusal as refusal:
        raise ApiError(409, "not_to_be_taken", str(refusal)) from None
    return answer(taken if "shipments:read" in token.scopes else structs.replace(taken, phones=[]))
