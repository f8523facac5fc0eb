"""The several shapes Walmart gives its errors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

GATEWAY, ORDERS, ITEMS, INVENTORY, FEEDS = (
    "GMP_GATEWAY_API",
    "GMP_ORDER_API",
    "GMP_ITEM_QUERY_API",
    "GMP_INVENTORY_API",
    "GMP_FEED_API",
)
_INFO = {
    "UNAUTHORIZED": "Unauthorized token or incorrect authorization header.",
    "FORBIDDEN": "The application has no permission for this call.",
    "REQUEST_THRESHOLD_VIOLATED": "Too many requests. Try again when tokens are replenished.",
    "CONTENT_NOT_FOUND": "Requested content could not be found.",
    "INVALID_REQUEST": "Request invalid.",
    "INVALID_REQUEST_HEADER": "Request header is missing or invalid.",
    "INVALID_REQUEST_CONTENT": "Request content is invalid.",
    "REQUEST_TOO_LARGE": "The file is too large.",
    "SYSTEM_ERROR": "System error.",
}
_BY_STATUS = {401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "CONTENT_NOT_FOUND", 429: "REQUEST_THRESHOLD_VIOLATED"}
_CATEGORIES = {"CONTENT_NOT_FOUND": "APPLICATION", "REQUEST_THRESHOLD_VIOLATED": "REQUEST", "SYSTEM_ERROR": "SYSTEM"}


@dataclass(frozen=True)
class Problem:
    """What is wrong with a call; `code` without the name of the API it comes from."""

    status: int
    code: str
    api: str
    description: str
    field: str = "data"

    def as_dict(self) -> dict[str, Any]:
        """The document's error object (GatewayError)."""
        return {
            "code": f"{self.code}.{self.api}",
            "field": self.field,
            "description": self.description,
            "info": _INFO.get(self.code, self.description),
            "severity": "INFO" if self.code == "CONTENT_NOT_FOUND" else "ERROR",
            "category": _CATEGORIES.get(self.code, "DATA"),
            "causes": [],
            "errorIdentifiers": {},
        }


class RefusalError(Exception):
    """Ends a call with this problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.description)
        self.problem = problem


def invalid(api: str, description: str, field: str = "data") -> RefusalError:
    """400 for an address, header or parameter that makes no sense."""
    return RefusalError(Problem(400, "INVALID_REQUEST", api, description, field))


def invalid_content(api: str, description: str, field: str = "data") -> RefusalError:
    """400 for a body that makes no sense or asks for what cannot be."""
    return RefusalError(Problem(400, "INVALID_REQUEST_CONTENT", api, description, field))


def missing(api: str, description: str) -> RefusalError:
    """404."""
    return RefusalError(Problem(404, "CONTENT_NOT_FOUND", api, description))


def answer(body: object, status: int = 200) -> Response:
    """JSON of any kind."""
    return Response(json.dumps(body), status, mimetype="application/json")


def shaped(problem: Problem, form: str) -> Response:
    """The problem as `wrapped`, `list`, `message`, `gateway`, `xml` or `empty`."""
    error = problem.as_dict()
    match form:
        case "list":
            return answer({"errors": [error]}, problem.status)
        case "message":
            return answer({"errors": [{"message": error.pop("description"), **error}]}, problem.status)
        case "gateway":
            return answer({"error": [error]}, problem.status)
        case "xml":
            return Response(_xml(error), problem.status, mimetype="application/xml")
        case "empty":
            return Response("", problem.status)
    return answer({"errors": {"error": [error]}}, problem.status)


def error(status: int, code: str, message: str) -> Response:
    """The answer of a fault, with the code that fits its status."""
    fitting = _BY_STATUS.get(status) or ("SYSTEM_ERROR" if status >= 500 else code.upper())
    return shaped(Problem(status, fitting, GATEWAY, message), "wrapped")


def _xml(error: dict[str, Any]) -> str:
    inner = "".join(f"<ns2:{name}>{escape(str(value))}</ns2:{name}>" for name, value in error.items() if value)
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f'{head}<ns2:errors xmlns:ns2="http://walmart.com/"><ns2:error>{inner}</ns2:error></ns2:errors>'
