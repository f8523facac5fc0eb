"""Whole page or partial, from one view."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse


def wants_partial() -> bool:
    """Whether htmx asks for a fragment, and not for a page through boost or the back button."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def render(page: str, partial: str, status: int = 200, **context: Any) -> Response:
    """Render the page, or for htmx the partial that the page includes."""
    response = make_response(render_template(partial if wants_partial() else page, **context), status)
    response.vary.add("HX-Request")
    return response


def go(url: str) -> BaseResponse:
    """After a change: on to this page, as a 303, or for htmx as a client-side redirect."""
    if wants_partial():
        return Response(status=204, headers={"HX-Redirect": url})
    return redirect(url, 303)
