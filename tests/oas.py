"""Checks what passes over the wire against a marketplace's own OpenAPI document."""

import json
import os
from collections.abc import Callable, Iterable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

ROOT = Path(__file__).resolve().parent.parent

# A fault's answer is wrong on purpose, and the edge network in front of a marketplace is in no document.
NOT_THE_MARKETPLACE = ("X-Sandbox-Fault", "cf-ray")
# On answers of a login and of a storage that stand beside a marketplace's API, and that its documents leave out.
BESIDE_THE_API = ("x-amz-rid", "x-amz-request-id")


def specs_folder() -> Path:
    """Where the marketplaces' documents are."""
    return Path(os.environ.get("WHOLECELL_SPECS") or ROOT.parent / "shared" / "specs").resolve()


def needs_spec(name: str) -> pytest.MarkDecorator:
    """Skips a test, or with `pytestmark` a module, where the document is absent."""
    path = specs_folder() / name
    return pytest.mark.skipif(not path.exists(), reason=f"{name} is not in the folder WHOLECELL_SPECS names")


class Validator:
    """Answers complaints: what in a call departs from the document. No complaint means it fits."""

    def __init__(self, openapi: OpenAPI) -> None:
        self._openapi = openapi

    def complaints(self, response: requests.Response) -> list[str]:
        """About a finished call of requests, both directions."""
        request = RequestsOpenAPIRequest(response.request)
        return self._all(request, RequestsOpenAPIResponse(response), response.headers)

    def complaints_wsgi(self, request: Request, response: Response) -> list[str]:
        """About a call that passed through a WSGI app, both directions."""
        wanted = WerkzeugOpenAPIRequest(request)
        # WSGI has one spelling for a dash and an underscore in a header's name.
        for name, value in list(wanted.parameters.header.items()):
            wanted.parameters.header.setdefault(name.replace("-", "_"), value)
        return self._all(wanted, WerkzeugOpenAPIResponse(response), response.headers)

    def _all(self, request: Any, response: Any, headers: Any) -> list[str]:
        found: list[str] = []
        if any(name in headers for name in BESIDE_THE_API):
            return found
        # A call refused with 4xx may well be wrong: that is why it was refused.
        if response.status_code < 400:
            found += [f"request: {_words(error)}" for error in self._openapi.iter_request_errors(request)]
        if not any(name in headers for name in NOT_THE_MARKETPLACE):
            errors = self._openapi.iter_response_errors(request, response)
            found += [f"response {response.status_code}: {_words(error)}" for error in errors]
        return [f"{request.method.upper()} {request.path} {complaint}" for complaint in found]


def _words(error: BaseException) -> str:
    cause = error.__cause__
    details = [f"{list(each.path)}: {each.message}" for each in getattr(cause, "schema_errors", ())]
    return "; ".join(details) or f"{error!r} {cause or ''}"


def validator_for(path: str | Path, base_url: str) -> Validator:
    """A validator for one document, its paths beginning at base_url (an address, or a path like /backmarket).

    A folder is all its JSON documents as one; two of them may give the same name to different schemas. Which host
    was called is not looked at, so that all who listen on ports of their own share what was found out of a document.
    """
    return Validator(_openapi(Path(path), urlsplit(base_url).path.rstrip("/") or "/"))


@cache
def _openapi(path: Path, prefix: str) -> OpenAPI:
    # Without the check of the document itself, which is slow and which published documents fail.
    return OpenAPI.from_dict({**_load(path), "servers": [{"url": prefix}]}, config=Config(spec_validator_cls=None))


@cache
def _load(path: Path) -> dict[str, Any]:
    spec = _joined(path) if path.is_dir() else _read(path)
    mend = _SLIPS.get(path.name)
    if mend:
        mend(spec)
    return spec


def _read(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=loader)


def _joined(folder: Path) -> dict[str, Any]:
    """One document of several: the operations of a path may be spread over them."""
    first, *others = [_own_names(_read(path), path.stem) for path in sorted(folder.glob("*.json"))]
    for other in others:
        for path, operations in other["paths"].items():
            first["paths"].setdefault(path, {}).update(operations)
        for kind, parts in other.get("components", {}).items():
            first.setdefault("components", {}).setdefault(kind, {}).update(parts)
    return first


def _own_names(spec: dict[str, Any], stem: str) -> dict[str, Any]:
    """The document with its own name before those of its schemas."""
    place = "#/components/schemas/"
    own: dict[str, Any] = json.loads(json.dumps(spec).replace(place, f"{place}{stem}."))
    components = own.get("components", {})
    if "schemas" in components:
        components["schemas"] = {f"{stem}.{name}": schema for name, schema in components["schemas"].items()}
    return own


def _mend_backmarket(spec: dict[str, Any]) -> None:
    schemas = spec["components"]["schemas"]
    # UpdateOrder requires "id" and defines "order_id".
    schemas["UpdateOrder"]["required"] = ["order_id", "new_state"]
    # Format date-time, beside an example without a zone: 2022-04-29T09:35:24.
    del schemas["Order"]["properties"]["expected_dispatch_date"]["format"]
    # "uuid or integer": openapi-core does not make a number of the text in a path when there is a choice.
    (listing_id,) = [each for each in spec["paths"]["/ws/listings/{listingId}"]["parameters"] if each["in"] == "path"]
    listing_id["schema"]["oneOf"][1] = {"type": "string", "pattern": "^[0-9]+$"}
    # Answers that the prose or public integrations know and the operations do not list: a refused form of date,
    # a refused token, and a body or parameter that makes no sense.
    for path, status in (
        ("/ws/orders", "422"),
        ("/ws/orders", "401"),
        ("/ws/orders/{order_id}", "401"),
        ("/ws/orderlines/{orderline_id}", "401"),
        ("/ws/listings", "400"),
    ):
        for method in {"get", "post", "patch"} & set(spec["paths"][path]):
            spec["paths"][path][method]["responses"].setdefault(status, {"description": "Not listed."})


def _mend_walmart(spec: dict[str, Any]) -> None:
    # Basic authorization is asked for on all calls at the top, the operations list it for the token call alone.
    spec.pop("security", None)
    paths = spec["paths"]
    for operations in paths.values():
        for operation in operations.values():
            # Only the answers to calls that went well are listed.
            for status in ("400", "401", "403", "404", "413", "429"):
                operation["responses"].setdefault(status, {"description": "Not listed."})
    # The schema shows the order bare and its date as text; the example wraps it and has milliseconds.
    one = paths["/v3/orders/{purchaseOrderId}"]["get"]["responses"]["200"]["content"]["application/json"]
    one["schema"]["properties"]["orderDate"] = {
        "oneOf": [{"type": "integer"}, {"type": "string", "format": "date-time"}]
    }
    wrapped = {"type": "object", "required": ["order"], "properties": {"order": one["schema"]}}
    one["schema"] = {"anyOf": [one["schema"], wrapped]}
    # The schema speaks of responseRecord and requires nothing; the example has the list of getAllItems.
    items = paths["/v3/items"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    item = paths["/v3/items/{id}"]["get"]["responses"]["200"]["content"]["application/json"]
    item["schema"] = {"anyOf": [item["schema"] | {"required": ["responseRecord"]}, items]}
    # A text in the schema, an object in every example.
    counts = paths["/v3/items/count"]["get"]["responses"]["200"]["content"]["application/json"]
    counts["schema"] = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "integer"}}
    # An object in the schema, a list of such objects in every example; a text beside a boolean likewise.
    variant = items["properties"]["ItemResponse"]["items"]["properties"]["variantGroupInfo"]["properties"]
    variant["groupingAttributes"] = {"type": "array", "items": variant["groupingAttributes"]}
    variant["isPrimary"] = {"oneOf": [variant["isPrimary"], {"type": "string", "enum": ["true", "false"]}]}


def _mend_ebay(spec: dict[str, Any]) -> None:
    for operations in spec["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)  # signing in with OAuth is nothing that openapi-core can check
            # Refusals of a token, of its scopes, of the day's limit and of a body stand for all operations elsewhere.
            for status in ("400", "401", "403", "404", "415", "429"):
                operation["responses"].setdefault(status, {"description": "Not listed."})
            # An object in the schema; the prose and every client know an empty body.
            if "201" in operation["responses"]:
                operation["responses"]["201"].pop("content", None)


def _mend_shipstation(spec: dict[str, Any]) -> None:
    # Texts here, numbers in the sample of the same order and where an order is answered after it was created.
    for name in ("Item", "Item4"):
        for amount in ("taxAmount", "shippingAmount"):
            spec["components"]["schemas"][name]["properties"][amount]["type"] = "number"
    # "nullable" beside an "allOf" does not reach into it.
    for schema in spec["components"]["schemas"].values():
        for field in schema.get("properties", {}).values():
            for part in field.get("allOf", ()) if field.get("nullable") else ():
                spec["components"]["schemas"][part["$ref"].rpartition("/")[2]]["nullable"] = True
    for operations in spec["paths"].values():
        for operation in operations.values():
            operation["responses"]["401"].pop("content", None)  # often not JSON at all


_SLIPS: dict[str, Callable[[dict[str, Any]], None]] = {
    "back-market-openapi.yml": _mend_backmarket,
    "walmart": _mend_walmart,
    "sell_inventory_v1.json": _mend_ebay,
    "sell_fulfillment_v1.json": _mend_ebay,
    "sell_account_v1.json": _mend_ebay,
    "commerce_identity_v1.json": _mend_ebay,
    "developer_analytics_v1_beta.json": _mend_ebay,
    "openapi-v1.corrected.json": _mend_shipstation,
}


class Validating:
    """WSGI middleware: passes everything on and writes complaints about calls below the prefix in a list."""

    def __init__(self, app: Callable[..., Iterable[bytes]], validator: Validator, prefix: str) -> None:
        self._app, self._validator, self._prefix = app, validator, prefix
        self.complaints: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(self._prefix + "/"):
            return self._app(environ, start_response)
        # As it was sent: a slash within a part of the path is encoded.
        request = Request(
            environ | {"PATH_INFO": str(environ.get("RAW_URI") or environ["PATH_INFO"]).partition("?")[0]}
        )
        request.get_data(cache=True)
        body, status, headers = run_wsgi_app(self._app, _again(environ, request.get_data()))
        if headers.get("X-Sandbox-Fault"):  # it may be endless or slow: pass it on as it comes
            return Response(body, status, headers)(environ, start_response)
        response = Response(b"".join(body), status, headers)
        self.complaints += self._validator.complaints_wsgi(request, response)
        return response(environ, start_response)


def _again(environ: dict[str, Any], body: bytes) -> dict[str, Any]:
    return environ | {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def validating(app: Callable[..., Iterable[bytes]], spec: str | Path, prefix: str) -> Validating:
    """The app with every call below the prefix checked against the document; see `.complaints`."""
    return Validating(app, validator_for(spec, prefix), prefix)
