"""Signing in on a page, the tokens that gives, and who may call."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from ..api_call import RefusalError
from .account import Code, SwappaAccount
from .answers import answer, error
from .call import Call

CODE_SECONDS = 60
_ASKED = ("response_type", "client_id", "redirect_uri", "state")


def admit(call: Call) -> None:
    """Raises RefusalError unless the bearer token is good and the limit is not used up."""
    scheme, _, sent = call.request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not _is_good(call, sent):
        raise RefusalError(error(401, "unauthorized", "The token is missing, ended or revoked"))
    if not call.account.limits["requests"].spend(call.now):
        refusal = error(429, "slow_down", "Too many requests")
        if call.account.settings["retry_after"]:
            refusal.headers["Retry-After"] = str(call.account.settings["retry_after"])
        raise RefusalError(refusal)


def ask(call: Call) -> Response:
    """GET /oauth/authorize: the page where the seller says yes or no."""
    asked = _asked(call)
    fields = "".join(f'<input type="hidden" name="{name}" value="{escape(asked[name])}">' for name in _ASKED)
    buttons = "".join(f'<button name="answer" value="{word}">{word}</button> ' for word in ("Authorize", "Deny"))
    page = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Pretend Swappa</title></head><body>
<h1>Pretend Swappa</h1><p>May the program at {escape(urlsplit(asked["redirect_uri"]).netloc)} see your listings and
orders, change quantities and confirm shipments?</p><form method="post">{fields}{buttons}</form></body></html>"""
    return Response(page, mimetype="text/html")


def decide(call: Call) -> Response:
    """POST /oauth/authorize: back to the program, with a code or the seller's no."""
    asked = _asked(call)
    back = {"state": asked["state"]}
    if call.request.form.get("answer") == "Authorize":
        back["code"] = uuid4().hex
        until = call.now + timedelta(seconds=CODE_SECONDS)
        call.account.codes[back["code"]] = Code(asked["client_id"], asked["redirect_uri"], until)
    else:
        back["error"] = "access_denied"
    return redirect(f"{asked['redirect_uri']}?{urlencode(back)}", 303, Response)


def token(call: Call) -> Response:
    """POST /oauth/token: an access token for a code or a refresh token (RFC 6749, sections 4.1.3 and 6)."""
    form, account = call.request.form, call.account
    if any(form.get(name) != account.settings[name] for name in ("client_id", "client_secret")):
        return error(401, "invalid_client", "The client is not known")
    match form.get("grant_type"):
        case "authorization_code":
            code = account.codes.pop(form.get("code", ""), None)
            fits = code and (code.client_id, code.redirect_uri) == (form.get("client_id"), form.get("redirect_uri"))
            if not code or not fits or code.until < call.now:
                return error(400, "invalid_grant", "The code is not known, used or ended")
            return _given(call, _new_refresher(account))
        case "refresh_token":
            refresher = form.get("refresh_token", "")
            if refresher not in account.refreshers & account.tokens:
                return error(400, "invalid_grant", "The refresh token is not known or revoked")
            if account.settings["renews"]:
                refresher = _renewed(account, refresher)
            return _given(call, refresher)
    return error(400, "unsupported_grant_type", "grant_type is authorization_code or refresh_token", "grant_type")


def _asked(call: Call) -> dict[str, str]:
    sent = {name: call.request.values.get(name, "") for name in _ASKED}
    is_back = urlsplit(sent["redirect_uri"]).scheme in {"http", "https"} and "?" not in sent["redirect_uri"]
    if sent["client_id"] != call.account.settings["client_id"] or not is_back:
        # Nobody is sent back to an address that may be anyone's.
        raise RefusalError(error(400, "invalid_request", "client_id or redirect_uri is not right"))
    if sent["response_type"] != "code" or not sent["state"]:
        raise RefusalError(error(400, "invalid_request", "response_type must be code, and a state is needed"))
    return sent


def _new_refresher(account: SwappaAccount) -> str:
    made = f"refresh-{uuid4().hex}"
    account.tokens.add(made)
    account.refreshers.add(made)
    return made


def _renewed(account: SwappaAccount, old: str) -> str:
    """A new one for the old one, which is used up; access tokens live on."""
    new = _new_refresher(account)
    account.tokens.discard(old)
    account.access = {made: (new if from_ == old else from_, end) for made, (from_, end) in account.access.items()}
    return new


def _given(call: Call, refresher: str) -> Response:
    made, seconds = f"access-{uuid4().hex}", int(call.account.settings["token_seconds"])
    call.account.access[made] = refresher, call.now + timedelta(seconds=seconds)
    body = {"access_token": made, "token_type": "bearer", "expires_in": seconds, "refresh_token": refresher}
    return answer(body)


def _is_good(call: Call, sent: str) -> bool:
    account = call.account
    if sent in account.tokens - account.refreshers:
        return True
    refresher, end = account.access.get(sent, ("", call.now))
    return call.now < end and refresher in account.tokens
