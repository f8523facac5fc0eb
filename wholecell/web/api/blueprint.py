"""The API's blueprint: who is let in, how often, and that each call is written down.

A token comes in the Authorization header alone: what stands in an address ends up in logs. No browser's session is
read here, so nothing a page of another site sends can act as the person signed in.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import Blueprint, Response, g, request

from wholecell.services import api_calls, api_tokens, throttle
from wholecell.services.api_records import LARGEST_ID
from wholecell.services.api_tokens import Token
from wholecell.web.api.answers import ApiError, problem
from wholecell.web.security import csrf

P = ParamSpec("P")
View = Callable[P, Response]
MOST_BYTES = 1024 * 1024
ID = f"int(max={LARGEST_ID})"  # in routes: what no column holds is not found

bp = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(bp)  # a browser does not add the token's header by itself


def needs_token(scope: str) -> Callable[[Callable[Concatenate[Token, P], Response]], View[P]]:
    """Let only tokens with this scope use the view, which gets the token first."""

    def decorate(view: Callable[Concatenate[Token, P], Response]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
            request.max_content_length = MOST_BYTES
            token = _token()
            g.api_token = token
            g.api_allowance = allowance = throttle.spend_call(token.id)
            if not allowance.is_within:
                raise ApiError(
                    429,
                    "too_many_calls",
                    f"This token may make {allowance.limit} calls a minute. Go on in {allowance.resets_in} seconds.",
                    headers={"Retry-After": str(allowance.resets_in)},
                )
            if scope not in token.scopes:
                raise ApiError(
                    403,
                    "insufficient_scope",
                    f"This token may not do that: it needs the scope {scope}.",
                    headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
                )
            return view(token, *args, **kwargs)

        guarded.token_scope = scope  # type: ignore[attr-defined]
        return guarded

    return decorate


def _token() -> Token:
    """The token shown, if it still lets in. Strangers who guess are slowed down by their address."""
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not shown.strip():
        raise ApiError(
            401,
            "no_token",
            "Send a token of WholeCell in the header: Authorization: Bearer wc_...",
            headers={"WWW-Authenticate": 'Bearer realm="WholeCell"'},
        )
    if (token := api_tokens.find(shown.strip())) is not None:
        return token
    attempt = throttle.Attempt("api", shown, request.remote_addr or "")
    if (again_at := attempt.again_at()) is not None:
        seconds = throttle.seconds_until(again_at)
        raise ApiError(
            429,
            "too_many_calls",
            "Too many unknown tokens came from this address. Check the token, then try again later.",
            headers={"Retry-After": str(seconds)},
        )
    attempt.failed()
    raise ApiError(
        401,
        "unknown_token",
        "This token is unknown, revoked or expired. An admin makes a new one in WholeCell's settings.",
        headers={"WWW-Authenticate": 'Bearer realm="WholeCell", error="invalid_token"'},
    )


@bp.errorhandler(ApiError)
def _refused(error: ApiError) -> Response:
    return problem(error)


@bp.after_request
def _note(response: Response) -> Response:
    """Say what is left of the limit, and write the call down."""
    token: Token | None = g.get("api_token")
    if token is None:
        return response
    if (allowance := g.get("api_allowance")) is not None:
        response.headers["RateLimit-Limit"] = str(allowance.limit)
        response.headers["RateLimit-Remaining"] = str(allowance.remaining)
        response.headers["RateLimit-Reset"] = str(allowance.resets_in)
    api_calls.note(token.id, request.method, request.path, response.status_code, request.remote_addr or "")
    return response
