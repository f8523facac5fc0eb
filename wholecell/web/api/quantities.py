"""The other system's word that it took quantities over."""

from __future__ import annotations

from flask import Response

from wholecell.services import api_quantities
from wholecell.services.api_quantities import UnknownListingError
from wholecell.services.api_records import QuantitiesEntry
from wholecell.services.api_tokens import Token
from wholecell.services.refusal import Refusal
from wholecell.web.api.answers import ApiError, answer, read_body
from wholecell.web.api.blueprint import bp, needs_token


@bp.post("/quantities/taken")
@needs_token("quantities:write")
def take_quantities(token: Token) -> Response:
    """Note them as last synced."""
    entry = read_body(QuantitiesEntry)
    try:
        return answer(api_quantities.take(entry.quantities, token))
    except UnknownListingError as error:
        raise ApiError(422, "invalid", str(error), field=f"quantities[{error.place}].listing_id") from None
    except Refusal as refusal:
        raise ApiError(409, "not_to_be_taken", str(refusal)) from None
