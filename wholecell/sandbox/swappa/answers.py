"""Answers in the proposed shapes."""

from __future__ import annotations

import json

from werkzeug.wrappers import Response

from ..api_call import RefusalError


def answer(body: object, status: int = 200) -> Response:
    """JSON of any kind."""
    return Response(json.dumps(body), status, mimetype="application/json")


def error(status: int, code: str, message: str, field: str = "", **more: object) -> Response:
    """The one shape of errors: `field` is the part of the request that is wrong, if any."""
    return answer({"error": code, "message": message, "field": field or None, **more}, status)


def invalid(message: str, field: str) -> RefusalError:
    """400 for a request that makes no sense."""
    return RefusalError(error(400, "invalid", message, field))


def missing(what: str) -> RefusalError:
    """404."""
    return RefusalError(error(404, "not_found", f"There is no such {what}"))
