"""Orders out, and orders in."""

from __future__ import annotations

from flask import Response, url_for
from msgspec import UNSET

from wholecell.services import api_orders, api_orders_in
from wholecell.services.api_orders_in import NoIntegrationError
from wholecell.services.api_records import OrderEntry, OrdersQuery
from wholecell.services.api_tokens import Token
from wholecell.services.refusal import Refusal
from wholecell.web.api.answers import ApiError, answer, found, read_body, read_query
from wholecell.web.api.blueprint import ID, bp, needs_token


@bp.get("/orders")
@needs_token("orders:read")
def orders(token: Token) -> Response:
    """One page of orders."""
    return answer(api_orders.find(read_query(OrdersQuery), token.integration_id))


@bp.get(f"/orders/<{ID}:order_id>")
@needs_token("orders:read")
def order(token: Token, order_id: int) -> Response:
    """One order."""
    return answer(found(api_orders.one(order_id, token.integration_id)))


@bp.post("/orders")
@needs_token("orders:write")
def send_order(token: Token) -> Response:
    """Store an order as it is at the other system now."""
    entry = read_body(OrderEntry)
    integration_id = _integration(token, entry)
    try:
        taken = api_orders_in.take(entry, integration_id)
    except NoIntegrationError as error:
        raise ApiError(422, "invalid", str(error), field="integration_id") from None
    except Refusal as refusal:
        raise ApiError(409, "orders_are_imported", str(refusal)) from None
    if "orders:read" not in token.scopes:
        taken = api_orders.without_people(taken)
    is_new = taken.outcome == "new"
    where = {"Location": url_for("api.order", order_id=taken.order.id)} if is_new else {}
    return answer(taken, 201 if is_new else 200, where)


def _integration(token: Token, entry: OrderEntry) -> int:
    """Whose order it is: the token's integration, or the one it names."""
    if entry.integration_id is UNSET:
        if token.integration_id is None:
            wrong = "This token is not tied to an integration: say which one the order belongs to."
            raise ApiError(422, "invalid", wrong, field="integration_id")
        return token.integration_id
    if token.integration_id not in (None, entry.integration_id):
        raise ApiError(403, "other_integration", "This token is tied to another integration.", field="integration_id")
    return entry.integration_id
