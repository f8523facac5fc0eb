"""Signing in (eBay's OAuth guide), and who may call what how often."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from uuid import uuid4

from werkzeug.wrappers import Request, Response

from ..api_call import RefusalError
from ..shop import Shop
from .account import SCOPES, Access, Consent, EbayAccount
from .answers import answer, refuse, sign_in_error, usual

FORM = "application/x-www-form-urlencoded"
BASE = SCOPES[0]


def token(shop: Shop, account: EbayAccount, request: Request) -> Response:
    """POST /identity/v1/oauth2/token, for a code (once), a refresh token, or the application itself."""
    if request.mimetype != FORM:
        raise sign_in_error("invalid_request", "the content type must be application/x-www-form-urlencoded")
    if _keys(request) != (account.settings["client_id"], account.settings["client_secret"]):
        raise sign_in_error("invalid_client", "client authentication failed", 401)
    grants = {"authorization_code": _by_code, "refresh_token": _renewed, "client_credentials": _application}
    grant = grants.get(request.form.get("grant_type", ""))
    if grant is None:
        raise sign_in_error("unsupported_grant_type", "grant type in request is not supported by the server")
    return grant(shop, account, request)


def new_code(account: EbayAccount, scopes: frozenset[str]) -> str:
    """A code for what the seller agreed to just now; it has characters that must be encoded in an address."""
    code = f"v^1.1#i^1#f^0#p^3#I^3#r^1#t^{base64.b64encode(uuid4().bytes).decode()}"
    expires = account.clock() + timedelta(seconds=float(account.settings["code_seconds"]))
    account.codes[code] = Consent(str(account.settings["username"]), scopes, expires)
    return code


def find(account: EbayAccount, text: str) -> tuple[Access | None, bool]:
    """The access behind a token, and whether it is only too old; revoking a refresh token ends what it opened."""
    access = account.access.get(text)
    if access is None or (access.refresh and account.consent_of(access.refresh) is None):
        return None, False
    return (None, True) if account.clock() >= access.expires else (access, False)


def admit(account: EbayAccount, request: Request, scopes: tuple[str, ...], api: str, of_seller: bool) -> Access:
    """The access of a REST call with one of these scopes. Raises RefusalError when it may not pass."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    access, _ = find(account, text.strip())
    if scheme != "Bearer" or access is None:
        raise RefusalError(usual(401))
    wanted = {BASE if each == BASE else f"{BASE}/{each}" for each in scopes}
    if not wanted & access.scopes or (of_seller and not access.refresh):
        raise RefusalError(usual(403))
    if not account.limits[api].spend(account.clock()):
        raise RefusalError(usual(429))
    return access


def check_language(request: Request) -> None:
    """The Inventory API refuses a missing or vague Accept-Language, as public clients found."""
    language = request.headers.get("Accept-Language", "")
    if language in ("", "*") or not language.split(",")[0].split("-")[0].isalpha():
        raise refuse(25709, "API_INVENTORY", "Invalid value for header Accept-Language.")


def _keys(request: Request) -> tuple[str, str] | None:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    try:
        client, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (client, secret) if scheme == "Basic" else None


def _by_code(shop: Shop, account: EbayAccount, request: Request) -> Response:
    consent = account.codes.pop(request.form.get("code", ""), None)
    if consent is None or account.clock() >= consent.expires:
        raise sign_in_error(
            "invalid_grant", "the provided authorization grant code is invalid or was issued to another client"
        )
    if request.form.get("redirect_uri") != account.settings["ru_name"]:
        raise sign_in_error("invalid_grant", "the redirect_uri is not the one of the authorization request")
    seconds = int(account.settings["refresh_seconds"])
    refresh = f"v^1.1#i^1#r^1#p^3#f^0#I^3#t^{uuid4().hex}{uuid4().hex}=="
    account.tokens.add(refresh)
    account.consents[refresh] = Consent(consent.username, consent.scopes, account.clock() + timedelta(seconds=seconds))
    more = {"refresh_token": refresh, "refresh_token_expires_in": seconds}
    return _opened(account, refresh, consent.scopes, more)


def _renewed(shop: Shop, account: EbayAccount, request: Request) -> Response:
    refresh = request.form.get("refresh_token", "")
    consent = account.consent_of(refresh)
    if consent is None:
        words = "the provided authorization refresh token is invalid or was issued to another client"
        raise sign_in_error("invalid_grant", words)
    asked = frozenset(request.form.get("scope", "").split())
    if not asked <= consent.scopes:
        raise sign_in_error("invalid_scope", "the requested scope exceeds the scope granted to the client")
    return _opened(account, refresh, asked or consent.scopes, {})


def _application(shop: Shop, account: EbayAccount, request: Request) -> Response:
    if request.form.get("scope") != BASE:
        raise sign_in_error("invalid_scope", "the requested scope is invalid, unknown, malformed")
    return _opened(account, "", frozenset([BASE]), {})


def _opened(account: EbayAccount, refresh: str, scopes: frozenset[str], more: dict[str, object]) -> Response:
    seconds = int(account.settings["token_seconds"])
    made = f"v^1.1#i^1#p^3#I^3#f^0#r^0#t^{uuid4().hex * 60}=="
    account.access[made] = Access(refresh, scopes, account.clock() + timedelta(seconds=seconds))
    kind = "User Access Token" if refresh else "Application Access Token"
    return answer({"access_token": made, "expires_in": seconds, **more, "token_type": kind})
