"""Logging in with Amazon, and who may call what how often."""

from __future__ import annotations

from datetime import timedelta
from typing import cast
from uuid import uuid4

from werkzeug.wrappers import Request, Response

from ..api_call import RefusalError
from ..limits import RateLimit
from ..shop import Shop
from .account import SELLER_ID, AmazonAccount
from .answers import answer, login_error, usual
from .limits import TokenBucket

LIFETIME = 3600
LOGIN_ERRORS = {
    "invalid_client": (401, "Client authentication failed"),
    "unauthorized_client": (400, "Not authorized for requested operation"),
    "invalid_grant": (400, "The request has an invalid grant parameter : refresh_token"),
    "server_error": (500, "The server encountered an unexpected condition"),
    "temporarily_unavailable": (503, "The service is temporarily unavailable"),
}


def log_in(shop: Shop, request: Request) -> Response:
    """POST /auth/o2/token: an access token for the refresh token (RFC 6749, section 6)."""
    account = _account(shop)
    if request.mimetype != "application/x-www-form-urlencoded":
        return login_error(400, "invalid_request", "The request must be form-encoded")
    form, forced = request.form, account.settings["login_error"]
    if forced:
        status, words = LOGIN_ERRORS.get(forced, (400, "The sandbox was asked to answer this"))
        return login_error(status, forced, words)
    missing = [name for name in ("grant_type", "client_id", "client_secret") if not form.get(name)]
    if missing:
        return login_error(400, "invalid_request", f"The request is missing a required parameter : {missing[0]}")
    if any(form[name] != account.settings[name] for name in ("client_id", "client_secret")):
        return _refused("invalid_client")
    if form["grant_type"] != "refresh_token":
        return login_error(400, "unsupported_grant_type", "The authorization grant type is not supported")
    if not form.get("refresh_token"):
        return login_error(400, "invalid_request", "The request is missing a required parameter : refresh_token")
    if form["refresh_token"] not in account.tokens:
        return _refused("invalid_grant")
    token = f"Atza|{uuid4().hex}{uuid4().hex}"
    account.access[token] = form["refresh_token"], shop.clock() + timedelta(seconds=LIFETIME)
    body = {"access_token": token, "refresh_token": form["refresh_token"], "token_type": "bearer"}
    return answer(body | {"expires_in": LIFETIME})


def admit(shop: Shop, request: Request, operation: str, api: str) -> AmazonAccount:
    """The account the call is for. Raises RefusalError when it may not pass."""
    account = _account(shop)
    if problem := _token_problem(shop, account, request.headers.get("x-amz-access-token", "")):
        raise RefusalError(usual(403, problem))
    if api in account.settings["denied"].split(","):
        raise RefusalError(usual(403))
    if not account.limits[operation].spend(shop.clock()):
        raise RefusalError(usual(429))
    return account


def check_seller(account: AmazonAccount, seller: str) -> None:
    """Refuse a seller id that is not the one of the login."""
    if seller != SELLER_ID:
        details = f"Seller {seller} is not the one of the access token."
        raise RefusalError(usual(account.settings["wrong_seller"], details))


def rate_of(limit: RateLimit) -> str | None:
    """What x-amzn-RateLimit-Limit says: calls a second."""
    return f"{1 / limit.seconds:.4g}" if isinstance(limit, TokenBucket) and limit.most is not None else None


def _account(shop: Shop) -> AmazonAccount:
    return cast(AmazonAccount, shop.account("amazon"))


def _token_problem(shop: Shop, account: AmazonAccount, token: str) -> str:
    if not token:
        return "Access token is missing in the request header."
    refresh, end = account.access.get(token, ("", None))
    if end is None or refresh not in account.tokens:
        return "The access token you provided is revoked, malformed or invalid."
    return "The access token you provided has expired." if shop.clock() >= end else ""


def _refused(code: str) -> Response:
    status, words = LOGIN_ERRORS[code]
    return login_error(status, code, words)
