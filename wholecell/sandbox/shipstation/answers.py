"""The shapes of V1's answers and errors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from werkzeug.wrappers import Response

from ..api_call import RefusalError

Complaints = Mapping[str, Sequence[str]]


def answer(body: object, status: int = 200) -> Response:
    """JSON of any kind."""
    return Response(json.dumps(body), status, mimetype="application/json")


def invalid(complaints: Complaints) -> RefusalError:
    """400: which fields or parameters are wrong, and how."""
    return RefusalError(answer({"Message": "The request is invalid.", "ModelState": complaints}, 400))


def missing(what: str) -> RefusalError:
    """404."""
    return RefusalError(answer({"Message": f"The requested {what} was not found."}, 404))


def broken() -> RefusalError:
    """500, as one record that it cannot show makes of a whole page."""
    words = "Object reference not set to an instance of an object."
    return RefusalError(answer({"Message": "An error has occurred.", "ExceptionMessage": words}, 500))


def error(status: int, code: str, message: str) -> Response:
    """A fault of the sandbox in the status's own shape."""
    if status == 401:
        return Response("", 401, mimetype="text/html")
    if status == 429:
        return answer({"message": "Too Many Requests"}, 429)
    if status >= 500:
        return answer({"Message": "An error has occurred.", "ExceptionMessage": message}, status)
    return answer({"Message": message}, status)
