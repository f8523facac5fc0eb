"""The shapes of eBay's answers: REST errors and sign-in errors. Trading errors are in `trading_errors`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from ..api_call import RefusalError

FULFILLMENT, INVENTORY = "API_FULFILLMENT", "API_INVENTORY"
#: Status -> number, domain, category and words, where nothing else is said.
_USUAL: dict[int, tuple[int, str, str, str]] = {
    400: (2004, "ACCESS", "REQUEST", "Invalid request"),
    401: (1001, "OAuth", "REQUEST", "Invalid access token"),
    403: (1100, "ACCESS", "REQUEST", "Access denied"),
    404: (2002, "ACCESS", "REQUEST", "Resource not found"),
    409: (2004, "ACCESS", "REQUEST", "Conflict"),
    429: (2001, "ACCESS", "REQUEST", "Too many requests."),
    500: (25001, "API_SYSTEM", "APPLICATION", "A system error has occurred."),
    503: (2003, "ACCESS", "APPLICATION", "Internal error"),
}
#: Longer words for those a person may meet.
_LONG = {
    401: "Invalid access token. Check the value of the Authorization HTTP request header.",
    403: "Insufficient permissions to fulfill the request.",
    429: "The request limit has been reached for the resource.",
}


def answer(body: object, status: int = 200) -> Response:
    """JSON of any kind."""
    return Response(json.dumps(body), status, mimetype="application/json")


def problem(number: int, domain: str, message: str, **parameters: object) -> dict[str, Any]:
    """One entry of `errors`; parameters say which field or value is meant."""
    shape: dict[str, Any] = {"errorId": number, "domain": domain, "category": "REQUEST", "message": message}
    if parameters:
        shape["parameters"] = [{"name": name, "value": str(value)} for name, value in parameters.items()]
    return shape


def refuse(number: int, domain: str, message: str, status: int = 400, **parameters: object) -> RefusalError:
    """To raise: an error numbered as the operation's document numbers it."""
    return RefusalError(answer({"errors": [problem(number, domain, message, **parameters)]}, status))


def usual(status: int) -> Response:
    """The error that needs nothing but its status."""
    number, domain, category, message = _USUAL.get(status, _USUAL[500])
    shape: dict[str, Any] = {"errorId": number, "domain": domain, "category": category, "message": message}
    if status in _LONG:
        shape["longMessage"] = _LONG[status]
    return answer({"errors": [shape]}, status)


def error(status: int, code: str, message: str) -> Response:
    """A fault of the sandbox, in the REST shape with the status's usual words, also where XML was asked."""
    return usual(status)


def sign_in_error(code: str, description: str, status: int = 400) -> RefusalError:
    """To raise: how the token endpoint refuses, unlike all other errors."""
    return RefusalError(answer({"error": code, "error_description": description}, status))


def money(value: object, currency: str) -> Mapping[str, str]:
    """The schema Amount."""
    return {"value": str(value), "currency": currency}
