"""The shapes of Amazon's answers: errors of the API, of Login with Amazon, and of the storage behind addresses."""

from __future__ import annotations

import json
from uuid import uuid4

from werkzeug.wrappers import Response

from ..api_call import RefusalError

UNREADABLE = "Request has missing or invalid parameters and cannot be parsed."
DENIED = "Access to requested resource is denied."
#: Status -> code and message, where nothing else is said.
_USUAL: dict[int, tuple[str, str]] = {
    400: ("InvalidInput", UNREADABLE),
    401: ("Unauthorized", DENIED),
    403: ("Unauthorized", DENIED),
    404: ("NotFound", "There is nothing at this address."),
    413: ("PayloadTooLarge", "The request is too large."),
    415: ("UnsupportedMediaType", "The body has another format than is taken here."),
    429: ("QuotaExceeded", "You exceeded your quota for the requested resource."),
    500: ("InternalFailure", "We encountered an internal error. Please try again."),
    503: ("ServiceUnavailable", "Service is temporarily unavailable. Please try again."),
}


def answer(body: object, status: int = 200) -> Response:
    """JSON of any kind."""
    return Response(json.dumps(body), status, mimetype="application/json")


def error(status: int, code: str, message: str, details: str = "") -> Response:
    """The documents' ErrorList, the same for every API. A fault of the sandbox answers with the usual words."""
    if code == "sandbox_fault":
        code, message = _USUAL.get(status, _USUAL[500])
    response = answer({"errors": [{"code": code, "message": message, "details": details}]}, status)
    response.headers["x-amzn-RequestId"] = str(uuid4())
    return response


def usual(status: int, details: str = "") -> Response:
    """The error that needs nothing but its status, and details."""
    return error(status, *_USUAL[status], details)


def bad_request(details: str) -> Response:
    """400 InvalidInput, with what is wrong as details."""
    return usual(400, details)


def refuse(details: str) -> RefusalError:
    """To raise: 400 InvalidInput."""
    return RefusalError(bad_request(details))


def login_error(status: int, code: str, description: str) -> Response:
    """How Login with Amazon refuses (RFC 6749, section 5.2)."""
    return answer({"error": code, "error_description": description, "request_id": str(uuid4())}, status)


def storage_error(status: int, code: str, message: str) -> Response:
    """How the storage behind a presigned address refuses: XML."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(text, status, {"x-amz-request-id": uuid4().hex[:16].upper()}, mimetype="application/xml")
