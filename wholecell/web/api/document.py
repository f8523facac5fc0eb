"""The API's own document in OpenAPI 3.1, put together from the records that are checked and answered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from flask import Response

from wholecell.services import api_records as records
from wholecell.services.api_tokens import SCOPES
from wholecell.services.throttle import PER_TOKEN
from wholecell.web.api.blueprint import bp

VERSION = "1.0"
ABOUT = f"""Listings with their calculated quantities, orders in and out, and shipments out.

Send a token in the header `Authorization: Bearer wc_...`. Admins make tokens under Settings, API tokens. A token has
scopes, may be tied to one integration, and may make {PER_TOKEN.amount} calls a minute; `RateLimit-Remaining` says how
many are left.

Money is whole cents, times are ISO 8601 in UTC. Pages go by id: ask again with `cursor` set to `next_cursor` until
that is null. What the document does not name is refused."""
JSON = "application/json"
REFUSALS = {
    "400": "The request cannot be read.",
    "401": "The token is missing, unknown, revoked or expired.",
    "403": "The token may not do that.",
    "404": "There is no such thing, or not for this token.",
    "409": "It cannot be done here; the message says why.",
    "413": "The request is larger than 1 MB.",
    "415": "The body is not said to be JSON.",
    "422": "A value is wrong; `field` names it.",
    "429": "Too many calls: `Retry-After` says how many seconds to wait.",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be called. `path` follows the prefix; `{id}` in it is the number of a `thing`."""

    method: str
    path: str
    scope: str
    summary: str
    answer: type[msgspec.Struct]
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    refusals: tuple[str, ...] = ()
    text: str = ""
    answered_with: tuple[str, ...] = ("200",)

    @property
    def name(self) -> str:
        """Its operationId."""
        return f"{self.method}{self.path.replace('{id}', 'one').title().replace('/', '').replace('_', '')}"

    @property
    def needs(self) -> str:
        """What the scope allows, in words."""
        return SCOPES[self.scope]


OPERATIONS = (
    Operation(
        "get",
        "/listings",
        "listings:read",
        "Listings and what they may sell",
        records.ListingPage,
        query=records.ListingsQuery,
        refusals=("422",),
    ),
    Operation("get", "/listings/{id}", "listings:read", "One listing", records.ListingRecord, refusals=("404",)),
    Operation(
        "post",
        "/quantities/taken",
        "quantities:write",
        "Confirm quantities that you took over",
        records.QuantitiesTaken,
        body=records.QuantitiesEntry,
        refusals=("400", "409", "413", "415", "422"),
        text="They become what was last synced. Once more changes nothing. Only for integrations whose numbers people "
        "or another system carry over: those of the others are sent by themselves.",
    ),
    Operation(
        "get", "/orders", "orders:read", "Orders", records.OrderPage, query=records.OrdersQuery, refusals=("422",)
    ),
    Operation(
        "post",
        "/orders",
        "orders:write",
        "Send an order in",
        records.OrderTaken,
        body=records.OrderEntry,
        refusals=("400", "409", "413", "415", "422"),
        answered_with=("200", "201"),
        text="Stored as an import would: found again by its `external_id`, its lines by theirs. The same once more "
        "changes nothing, so repeat it whenever no answer came. An SKU nobody knows and a status nobody mapped keep "
        "the order, and people are told. Only for integrations whose orders are not imported from the channel.",
    ),
    Operation("get", "/orders/{id}", "orders:read", "One order", records.OrderRecord, refusals=("404",)),
    Operation(
        "get",
        "/shipments",
        "shipments:read",
        "Shipments with their phones",
        records.ShipmentPage,
        query=records.ShipmentsQuery,
        refusals=("422",),
    ),
    Operation("get", "/shipments/{id}", "shipments:read", "One shipment", records.ShipmentRecord, refusals=("404",)),
    Operation(
        "post",
        "/shipments/{id}/taken",
        "shipments:write",
        "Confirm that you have a shipment",
        records.ShipmentRecord,
        refusals=("404", "409"),
        text="Its state becomes *sent*. Once more changes nothing. Not for shipments that are sent to a channel by "
        "themselves.",
    ),
)


@bp.get("/openapi.json")
def document() -> Response:
    """The document, for everybody: it says what can be asked, and holds nothing of this account."""
    return Response(_encoded(), mimetype=JSON)


@lru_cache(maxsize=1)
def _encoded() -> bytes:
    return msgspec.json.encode(as_openapi())


def as_openapi() -> dict[str, Any]:
    """The whole document."""
    shapes = [records.Problem, *(each for one in OPERATIONS for each in (one.answer, one.body, one.query) if each)]
    _, schemas = msgspec.json.schema_components(shapes, ref_template="#/components/schemas/{name}")
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation, schemas)
    for operation in OPERATIONS:
        if operation.query is not None:
            schemas.pop(operation.query.__name__, None)
    return {
        "openapi": "3.1.0",
        "info": {"title": "WholeCell", "version": VERSION, "description": ABOUT},
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _described(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    refusals = sorted({"401", "403", "429", *operation.refusals})
    said: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": " ".join(filter(None, (operation.text, f"Needs the scope `{operation.scope}`."))),
        "parameters": [*_path_parameters(operation), *parameters(operation, schemas)],
        "responses": {
            **{status: _content(operation.answer, operation.summary) for status in operation.answered_with},
            **{status: _content(records.Problem, REFUSALS[status]) for status in refusals},
        },
    }
    if operation.body is not None:
        said["requestBody"] = {"required": True, **_content(operation.body)}
    return said


def _content(shape: type[msgspec.Struct], description: str = "") -> dict[str, Any]:
    content = {"content": {JSON: {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}}}
    return {"description": description, **content} if description else content


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    if "{id}" not in operation.path:
        return []
    schema = {"type": "integer", "minimum": 1, "maximum": records.LARGEST_ID}
    return [{"name": "id", "in": "path", "required": True, "schema": schema}]


def parameters(operation: Operation, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    """The query of an operation, each parameter with its schema."""
    if operation.query is None:
        return []
    found = []
    for name, schema in schemas[operation.query.__name__]["properties"].items():
        own = {key: value for key, value in schema.items() if key != "description"}
        said = {"description": schema["description"]} if "description" in schema else {}
        found.append({"name": name, "in": "query", "required": False, "schema": own, **said})
    return found
