"""eBay's page on which a seller lets an application in (the OAuth guide's consent request)."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import quote, urlencode

from werkzeug.wrappers import Request, Response

from .access import new_code
from .account import SCOPES, EbayAccount

#: Where the program that the sandbox is shown with takes browsers back.
RETURN_PATH = "/integrations/signed-in/ebay"
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem;color:#191919;
overflow-wrap:anywhere}}
h1{{font-size:1.4rem}}button{{font:inherit;padding:.6rem 1.4rem;border-radius:2rem;border:1px solid #3665f3;
background:#fff;color:#3665f3;margin-right:.5rem}}button[value=agree]{{background:#3665f3;color:#fff}}</style>
</head><body>{body}</body></html>"""
_WORDS = {
    "": "see public things",
    "sell.inventory": "see listings and change quantities",
    "sell.fulfillment": "see orders and tell of shipments",
    "sell.account": "see the settings of your account",
    "commerce.identity": "see who you are",
}
_ASK = """<h1>The pretend eBay asks: let this application in?</h1>
<p>Signed in as <strong>{user}</strong>. The application <strong>{client}</strong> would like to:</p>
<ul>{scopes}</ul>
<form method="post">{hidden}
<button name="answer" value="agree">Agree</button><button name="answer" value="decline">Decline</button></form>"""


def ask(account: EbayAccount, request: Request) -> Response:
    """GET /oauth2/authorize: the page with both answers; a request that makes no sense gets a page that says why."""
    if trouble := _trouble(account, request.args):
        return _page("Sign-in", f"<h1>This sign-in cannot go on.</h1><p>{escape(trouble)}</p>", 400)
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(request.args.get(name, ""))}">'
        for name in ("client_id", "redirect_uri", "response_type", "scope", "state")
    )
    scopes = "".join(f"<li>{escape(_in_words(each))}</li>" for each in request.args["scope"].split())
    user, client = escape(str(account.settings["username"])), escape(request.args["client_id"])
    return _page("Agree and continue", _ASK.format(user=user, client=client, scopes=scopes, hidden=hidden))


def decide(account: EbayAccount, request: Request) -> Response:
    """POST of that page: back to the address registered for the RuName, with a code or an error."""
    if trouble := _trouble(account, request.form):
        return _page("Sign-in", f"<h1>This sign-in cannot go on.</h1><p>{escape(trouble)}</p>", 400)
    state = request.form.get("state", "")
    if request.form.get("answer") != "agree":
        back = str(account.settings["declined_url"]) or accepted(account)
        return _redirect(back, {"error": "access_denied", "error_description": "The user declined.", "state": state})
    code = new_code(account, frozenset(request.form["scope"].split()))
    return _redirect(accepted(account), {"code": code, "expires_in": account.settings["code_seconds"], "state": state})


def accepted(account: EbayAccount) -> str:
    """Where the browser goes after Agree: what is set for the RuName, else the usual page of the seller's program."""
    return str(account.settings["accepted_url"]) or f"{account.pages.rstrip('/')}{RETURN_PATH}"


def _in_words(scope: str) -> str:
    words = _WORDS.get(scope.removeprefix(SCOPES[0]).strip("/").removesuffix(".readonly"), scope)
    return words.partition(" and ")[0] if scope.endswith(".readonly") else words


def _trouble(account: EbayAccount, asked: Mapping[str, str]) -> str:
    get = asked.get
    if get("client_id") != account.settings["client_id"]:
        return "The client_id is not known."
    if get("redirect_uri") != account.settings["ru_name"]:
        return "The redirect_uri must be the RuName of the application, not an address."
    if get("response_type") != "code":
        return "The response_type must be code."
    scopes = (get("scope") or "").split()
    if not scopes or not set(scopes) <= set(SCOPES):
        return "The scope is missing, or holds one that the application may not ask for."
    return ""


def _page(title: str, body: str, status: int = 200) -> Response:
    return Response(_PAGE.format(title=title, body=body), status, mimetype="text/html")


def _redirect(address: str, parameters: dict[str, object]) -> Response:
    kept = {name: value for name, value in parameters.items() if value != ""}
    glue = "&" if "?" in address else "?"
    return Response("", 302, {"Location": f"{address}{glue}{urlencode(kept, quote_via=quote)}"})
