"""Who may call V1, and how often."""

from __future__ import annotations

import base64
import binascii

from werkzeug.wrappers import Request, Response

from ..api_call import RefusalError
from ..shop import Shop
from .account import ShipStationAccount
from .answers import answer
from .limits import Minute


def admit(shop: Shop, account: ShipStationAccount, request: Request) -> None:
    """Raises RefusalError unless key and secret are good and calls are left in this minute."""
    if _sent(request) not in account.tokens:
        if account.settings["json_401"]:
            raise RefusalError(answer({"Message": "Authorization has been denied for this request."}, 401))
        raise RefusalError(Response("", 401, mimetype="text/html"))
    if not limit_of(account).spend(shop.clock()):
        raise RefusalError(answer({"message": "Too Many Requests"}, account.settings["throttled_status"]))


def limit_of(account: ShipStationAccount) -> Minute:
    """The one limit there is: a minute of one pair of keys."""
    limit = account.limits["requests"]
    if not isinstance(limit, Minute):
        raise TypeError("The account has another kind of limit.")
    return limit


def _sent(request: Request) -> str:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() != "basic":
        return ""
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
