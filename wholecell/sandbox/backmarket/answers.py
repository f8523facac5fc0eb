"""The shapes Back Market gives its errors; code and message texts are not documented."""

from __future__ import annotations

import json
from uuid import uuid4

from werkzeug.wrappers import Response


def answer(body: object, status: int = 200) -> Response:
    """JSON of any kind."""
    return Response(json.dumps(body), status, mimetype="application/json")


def error(status: int, code: str, message: str) -> Response:
    """The document's ErrorResponseV1, used by most calls."""
    return answer({"error": {"code": code, "message": message}, "requestId": uuid4().hex[:8]}, status)


def errors(status: int, code: str, message: str) -> Response:
    """The list of errors that newer calls and the edge network use."""
    return answer({"errors": [{"code": code, "message": message}]}, status)


def bare(message: str) -> Response:
    """A bare JSON string with 400: how both calls that change listings refuse."""
    return answer(message, 400)


def bad_request(message: str) -> Response:
    """400 with an error object, for the calls that only read and for orders."""
    return error(400, "bad_request", message)
