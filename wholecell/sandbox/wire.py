"""One request to a marketplace, with the faults that strike the answer itself."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from werkzeug.wrappers import Request, Response

from .discovery import Marketplace
from .faults import WIRE, Fault, Via
from .shop import Shop

#: Says on an answer which fault made it, so that a check against the marketplace's document leaves it out.
FAULT_HEADER = "X-Sandbox-Fault"
TOO_LARGE = 25_000_000


class ConnectionCutError(ConnectionAbortedError):
    """Ends the request without an answer: werkzeug's server drops the connection on a ConnectionError."""


def via_of(request: Request) -> Via:
    """The call as faults and the log name it: the whole path, the marketplace's prefix included."""
    return Via(request.method, request.root_path + request.path)


def serve(shop: Shop, marketplace: Marketplace, request: Request) -> Response:
    """Answer and log one request. Raises ConnectionCutError where a fault says so."""
    via, name = via_of(request), marketplace.call_of(request)
    if name:
        via = Via(via.method, f"{via.path}/{name}")
    query, size = request.query_string.decode("latin-1"), request.content_length or 0
    fault = shop.faults.take(*WIRE, via=via)
    kind = fault.kind if fault else ""
    try:
        response = _instead(fault, marketplace) if fault else None
        if response is None:
            with shop.lock:
                response = marketplace.handle(shop, request)
            response = _spoil(fault, response) if fault else response
    except ConnectionCutError:
        shop.log(via, query, 0, kind, size)
        raise
    shop.log(via, query, response.status_code, kind, size)
    if fault:
        response.headers[FAULT_HEADER] = kind
    return response


def edge_page(status: int) -> Response:
    """What the edge network in front of a marketplace answers: a page, not JSON, with the ray's id."""
    page = f"<!DOCTYPE html><html><head><title>{status}</title></head><body>Sorry, you have been blocked</body></html>"
    return Response(page, status, {"cf-ray": "931354450813d142-CDG", "Server": "cloudflare"}, mimetype="text/html")


def _instead(fault: Fault, marketplace: Marketplace) -> Response | None:
    """The answer of a fault that keeps the call from being applied; None lets it be applied."""
    match fault.kind:
        case "status":
            return marketplace.error(fault.status, "sandbox_fault", "The sandbox was asked to answer this.")
        case "edge_html":
            return edge_page(403)
        case "bare_string":
            return Response(json.dumps("request data is not valid"), 400, mimetype="application/json")
        case "redirect":
            return Response("", 302, {"Location": fault.location})
        case "cut_before":
            raise ConnectionCutError("cut before applying")
    return None


def _spoil(fault: Fault, response: Response) -> Response:
    """The answer to a call that was applied, damaged as the fault says."""
    match fault.kind:
        case "cut_after":
            raise ConnectionCutError("cut after applying")
        case "broken_json":
            body = response.get_data()
            response.set_data(body[: max(len(body) // 2, 1)])
        case "slow":
            time.sleep(fault.seconds)
        case "dripping":
            return Response(
                _drip(response.get_data(), fault.seconds), response.status_code, mimetype="application/json"
            )
        case "too_large":
            return Response(_flood(fault.number or TOO_LARGE), mimetype="application/json")
    return response


def _drip(body: bytes, seconds: float) -> Iterator[bytes]:
    for position in range(len(body)):
        yield body[position : position + 1]
        time.sleep(seconds)


def _flood(size: int) -> Iterator[bytes]:
    yield b'{"results": ['
    for start in range(0, size, 65_536):
        yield b" " * min(65_536, size - start)
    yield b"]}"
