"""Calls to the seller's program. Nothing here may hold the shop's lock."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO, NamedTuple
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from ..records import RefusedError

_PATIENCE = 20.0
_MOST = 20_000_000


class Got(NamedTuple):
    """An answer; status 0: there was none, and `problem` says why."""

    status: int
    mimetype: str = ""
    data: bytes = b""
    problem: str = ""
    challenge: str = ""  # WWW-Authenticate


class _StayHere(HTTPRedirectHandler):
    """Basic credentials are for one address: a redirect is an answer like any other."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        return None


_OPENER = build_opener(_StayHere())


def basic(user: str, password: str) -> dict[str, str]:
    """The header of HTTP Basic."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def send(method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Got:
    """Whatever comes back. Raises RefusedError for an address that is not of the web."""
    if not url.startswith(("http://", "https://")):
        raise RefusedError("The url must begin with http or https.")
    request = Request(url, body, dict(headers or {}), method=method)  # noqa: S310
    try:
        with _OPENER.open(request, timeout=_PATIENCE) as got:
            return Got(got.status, got.headers.get_content_type(), got.read(_MOST))
    except HTTPError as refused:
        challenge = refused.headers.get("WWW-Authenticate", "")
        return Got(refused.code, refused.headers.get_content_type(), refused.read(_MOST), challenge=challenge)
    except (OSError, HTTPException) as problem:
        return Got(0, problem=f"{type(problem).__name__}: {problem}")
