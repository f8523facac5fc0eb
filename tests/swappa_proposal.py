"""The API that is proposed to Swappa, as an OpenAPI document: client and sandbox are each held against it.

Nothing official exists. Written from README.md of the channel's folder, and from neither side's code.
"""

from contextlib import contextmanager

from openapi_core import Config, OpenAPI

from tests.oas import Validating, Validator
from wholecell.sandbox import Sandbox

TEXT, COUNT, MOMENT = {"type": "string"}, {"type": "integer", "minimum": 0}, {"type": "string", "format": "date-time"}
ID = {"type": "string", "minLength": 1}
MONEY = {"type": "string", "pattern": r"^\d+\.\d\d$"}
CURSOR = {"type": ["string", "null"], "minLength": 1}


def things(fields, optional=()):
    """An object of exactly these fields."""
    required = [name for name in fields if name not in optional]
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


def many(shape, **more):
    return {"type": "array", "items": shape, **more}


def words(*names):
    return dict.fromkeys(names, TEXT)


LISTING = things(
    {
        "id": ID,
        **words("sku", "title", "url", "product", "carrier", "storage", "color", "condition"),
        "status": {"enum": ["active", "inactive", "sold", "removed"]},
        "quantity": COUNT,
        "price": MONEY,
        "currency": {"type": "string", "minLength": 3, "maxLength": 3},
        "updated_at": MOMENT,
    }
)
ITEM = things({"id": ID, "listing_id": ID, **words("sku", "title"), "quantity": COUNT, "unit_price": MONEY})
PLACE = things(words("name", "company", "line1", "line2", "city", "state", "postal_code", "country", "phone"))
ORDER = things(
    {
        "id": ID,
        "number": TEXT,
        # An unknown word may come, so the known ones are not listed here.
        "status": TEXT,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "buyer": things(words("name", "email")),
        "ship_to": PLACE,
        "items": many(ITEM, minItems=1),
        "shipping_price": MONEY,
        "fees": MONEY,
        "total": MONEY,
        "currency": TEXT,
    }
)
SHIPMENT = things(
    {
        "carrier": ID,
        "tracking_number": ID,
        "shipped_at": MOMENT,
        "items": many(
            things({"listing_id": ID, "imeis": many({"type": "string", "pattern": "^[0-9]{15}$"})}), minItems=1
        ),
    }
)
QUANTITY = things({"quantity": COUNT})
PROBLEM = things(
    {"error": TEXT, "message": TEXT, "field": {"type": ["string", "null"]}, "quantity": COUNT}, ["quantity"]
)
TOKEN = things(
    {"access_token": ID, "refresh_token": ID, "token_type": {"enum": ["bearer"]}, "expires_in": COUNT},
    ["refresh_token"],
)
GRANT = things(
    words("grant_type", "client_id", "client_secret", "code", "redirect_uri", "refresh_token"),
    ["code", "redirect_uri", "refresh_token"],
)


def body(shape, kind="application/json"):
    return {"content": {kind: {"schema": shape}}}


def call(shapes, *, query=None, sent=None, path=None, kind="application/json"):
    """One operation: status -> shape of the answer, and what may be asked."""
    problems = {str(status): body(PROBLEM) | {"description": ""} for status in (400, 401, 403, 404, 409, 429, 500, 503)}
    answers = {str(status): body(shape) | {"description": ""} for status, shape in shapes.items()}
    given = [{"in": "query", "name": name, "schema": schema} for name, schema in (query or {}).items()]
    given += [{"in": "path", "name": path, "required": True, "schema": ID}] if path else []
    return {
        "parameters": given,
        "responses": problems | answers,
        **({"requestBody": body(sent, kind) | {"required": True}} if sent else {}),
    }


def asks(most):
    limit = {"type": "integer", "minimum": 1, "maximum": most}
    return {"cursor": ID, "limit": limit}


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Proposed to Swappa", "version": "0"},
    "paths": {
        "/listings": {"get": call({200: things({"listings": many(LISTING), "next_cursor": CURSOR})}, query=asks(100))},
        "/listings/{id}": {"patch": call({200: LISTING}, path="id", sent=QUANTITY)},
        "/orders": {
            "get": call(
                {200: things({"orders": many(ORDER), "next_cursor": CURSOR})},
                query={**asks(50), "updated_since": MOMENT},
            )
        },
        "/orders/{id}/shipments": {"post": call({200: SHIPMENT, 201: SHIPMENT}, path="id", sent=SHIPMENT)},
        "/oauth/token": {"post": call({200: TOKEN}, sent=GRANT, kind="application/x-www-form-urlencoded")},
    },
}


def validator(base_url):
    """Holds calls below this address, or path such as /swappa, against the proposal."""
    document = {**DOCUMENT, "servers": [{"url": base_url}]}
    return Validator(OpenAPI.from_dict(document, config=Config(spec_validator_cls=None)))


class Checked(Validating):
    """The sandbox with each call to its Swappa held against the proposal; the page for people is no part of it."""

    def __init__(self, app):
        super().__init__(app, validator("/swappa"), "/swappa")

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/swappa/oauth/authorize":
            return self._app(environ, start_response)
        return super().__call__(environ, start_response)


@contextmanager
def checked_sandbox():
    """A sandbox, and the checker whose `complaints` say where a call or an answer departed from the proposal."""
    checkers = []

    def wrap(app):
        checkers.append(Checked(app))
        return checkers[0]

    with Sandbox(wrap=wrap) as sandbox:
        yield sandbox, checkers[0]
