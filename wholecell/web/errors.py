"""Error pages: what happened in one sentence, and the way out."""

from __future__ import annotations

import structlog
from flask import Flask, Response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from wholecell.db import db
from wholecell.web.api.answers import is_api, plain_problem
from wholecell.web.htmx import wants_partial

log = structlog.get_logger()

# status -> what happened, what to do
PAGES: dict[int, tuple[str, str]] = {
    400: ("That request could not be read", "Go back, load the page again and try once more."),
    403: ("Your role does not allow this", "Ask an admin of your team to give you another role."),
    404: ("There is no such page", "It may have been deleted or moved. Search for it, or begin at the first page."),
    405: ("This page cannot be used like that", "Open it from the page that links to it."),
    413: ("That file is too large", "Files may have up to 10 MB. Split the sheet and upload its parts."),
    421: (
        "WholeCell is not known under this address",
        "Open it at the address in WHOLECELL_PUBLIC_URL, or set that to the one you used.",
    ),
    429: ("That was tried too often", "Wait a few minutes, then try again."),
    500: ("Something went wrong here", "It is in the log. Nothing was half saved: go back and try once more."),
}
STALE = ("This page was open for too long", "Go back, load it again, then make your change. Nothing was saved.")


def init_app(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(CSRFError, lambda _: _answer(400, *STALE))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OverflowError, _unstorable)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(Exception, _unexpected)


def _http_error(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    title, way_out = PAGES.get(error.code, (error.name, "Go back and try once more."))
    answer = _answer(error.code, title, way_out)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _unstorable(error: OverflowError | DataError) -> Response:
    """Numbers and characters that no column holds come from hand-made requests only: forms refuse them."""
    db.session.rollback()
    log.warning("request unreadable", method=request.method, endpoint=request.endpoint, error=type(error).__name__)
    return _answer(400, *PAGES[400])


def _unexpected(error: Exception) -> Response:
    db.session.rollback()
    log.exception("request failed", method=request.method, endpoint=request.endpoint)
    return _answer(500, *PAGES[500])


def _answer(status: int, title: str, way_out: str) -> Response:
    if is_api():
        return plain_problem(status)
    if wants_partial():
        return Response(f"{title}. {way_out}", status, mimetype="text/plain")
    return Response(render_template("errors/error.html", title=title, way_out=way_out, status=status), status)
