"""Who may call: the token call with a login, and every other call with an access token."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from uuid import uuid4

from werkzeug.wrappers import Request, Response

from .account import AREAS, Access, WalmartAccount
from .answers import GATEWAY, Problem, RefusalError, answer, invalid
from .call import Call

CORRELATION, SERVICE, TOKEN = "WM_QOS.CORRELATION_ID", "WM_SVC.NAME", "WM_SEC.ACCESS_TOKEN"
FORM = "application/x-www-form-urlencoded"
_LEVELS = ("no_access", "view_only", "full_access")


def check_headers(request: Request) -> None:
    """Raises RefusalError unless the two headers that every operation requires are there."""
    for name in (CORRELATION, SERVICE):
        if not request.headers.get(name, "").strip():
            raise RefusalError(Problem(400, "INVALID_REQUEST_HEADER", GATEWAY, f"{name} is required", name))


def admit(call: Call, area: str) -> None:
    """Raises RefusalError unless the access token is good and its application may do this in this area."""
    if call.account.token_of(call.request.headers.get(TOKEN, ""), call.now) is None:
        raise unauthorized()
    needed = "view_only" if call.request.method == "GET" else "full_access"
    if area and _LEVELS.index(scopes(call.account)[area]) < _LEVELS.index(needed):
        raise RefusalError(Problem(403, "FORBIDDEN", GATEWAY, f"The application lacks {needed} for {area}", area))


def token(call: Call) -> Response:
    """POST /v3/token: an access token for 15 minutes. A client's own keys get no refresh token."""
    request = call.request
    if request.mimetype != FORM:
        raise invalid(GATEWAY, f"Content-Type must be {FORM}", "Content-Type")
    login = _login(request)
    if login not in call.account.tokens:
        raise unauthorized()
    if request.form.get("grant_type") != "client_credentials":
        raise invalid(GATEWAY, "grant_type must be client_credentials", "grant_type")
    made, seconds = f"eyJraWQiOiI{uuid4().hex}{uuid4().hex}", int(call.setting("token_seconds"))
    expires = call.now + timedelta(seconds=seconds)
    call.account.access[made] = Access(login, call.account.tokens, call.now, expires)
    return answer({"access_token": made, "token_type": "Bearer", "expires_in": seconds})


def detail(call: Call) -> Response:
    """GET /v3/token/detail: what the token's application may do; times are text."""
    if not call.request.headers.get("Content-Type"):
        raise invalid(GATEWAY, "Content-Type is required", "Content-Type")
    found = call.account.token_of(call.request.headers[TOKEN], call.now)
    assert found is not None  # it was admitted
    return answer(
        {
            "expire_at": str(int(found.expires.timestamp() * 1_000)),
            "issued_at": str(int(found.issued.timestamp() * 1_000)),
            "is_valid": True,
            "is_channel_match": True,
            "scopes": scopes(call.account),
        }
    )


def scopes(account: WalmartAccount) -> dict[str, str]:
    """Area -> full_access unless the setting `scopes` says otherwise."""
    return dict.fromkeys(AREAS, "full_access") | account.settings["scopes"]


def unauthorized() -> RefusalError:
    """401."""
    return RefusalError(Problem(401, "UNAUTHORIZED", GATEWAY, "Unauthorized", "UNAUTHORIZED"))


def _login(request: Request) -> str:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    try:
        return base64.b64decode(text, validate=True).decode() if scheme == "Basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""
