"""Who may call: the edge network's checks first, then the token, then the market."""

from __future__ import annotations

import re
from typing import cast

from werkzeug.wrappers import Request, Response

from ..api_call import RefusalError
from ..shop import Shop
from ..wire import edge_page
from .account import MARKETS, BackMarketAccount
from .answers import answer, bad_request, bare, error

# BM-{CompanyName}-{IntegrationName};{e-mail}, in printable ASCII; the document asks for it on every call.
_USER_AGENT = re.compile(r"BM-[!-,.-:<-~]+-[!-:<-~]+; ?[^\s@;]+@[^\s@;]+\.[^\s@;]+", re.ASCII)


def admit(shop: Shop, request: Request) -> BackMarketAccount:
    """The account the call is for. Raises RefusalError when it may not pass."""
    account = cast(BackMarketAccount, shop.account("backmarket"))
    refusal = _edge(shop, request, account) or _token(request, account) or _market(request, account)
    if refusal is not None:
        raise RefusalError(refusal)
    return account


def _edge(shop: Shop, request: Request, account: BackMarketAccount) -> Response | None:
    if not _USER_AGENT.fullmatch(request.headers.get("User-Agent", "")):
        challenge = {
            "code": "bot-need-challenge",
            "message": "Forbidden",
            "challengePath": "/testchallengepage",
        }
        response = answer({"errors": [challenge]}, 403)
        response.headers["cf-ray"] = "8c1d2e3f4a5b6c7d-CDG"
        return response
    if not account.limits["requests"].spend(shop.clock()):
        return edge_page(429)
    return None


def _token(request: Request, account: BackMarketAccount) -> Response | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Basic" or token not in account.tokens:
        return error(401, "unauthorized", "Invalid token")
    if not account.settings["merchant"]:
        return error(403, "forbidden", "Authenticated user is not a merchant")
    return None


def _market(request: Request, account: BackMarketAccount) -> Response | None:
    market = request.headers.get("Accept-Language", "")
    if market in MARKETS[account.settings["platform"]]:
        return None
    refuse = bare if request.method == "POST" and request.path.startswith("/ws/listings") else bad_request
    return refuse(f"Accept-Language {market!r} is not a market of this platform")
