"""About the seller and the application: privileges, the user, and what is left of the day's calls."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from .answers import answer
from .call import Call, written
from .limits import DayLimit, next_day

#: API -> its context and name in the Analytics API.
_NAMES = {
    "trading": ("TradingAPI", "TradingAPI"),
    "fulfillment": ("sell", "Fulfillment"),
    "account": ("sell", "Account"),
    "inventory": ("sell", "Inventory"),
    "identity": ("commerce", "Identity"),
    "notification": ("commerce", "Notification"),
    "analytics": ("developer", "Analytics"),
}


def privilege(call: Call) -> Response:
    """GET /sell/account/v1/privilege."""
    limit = {"amount": {"value": "25000.00", "currency": "USD"}, "quantity": 2500}
    return answer({"sellerRegistrationCompleted": bool(call.setting("registered")), "sellingLimit": limit})


def user(call: Call) -> Response:
    """GET /commerce/identity/v1/user/: what the plain identity scope shows."""
    return answer(
        {
            "userId": call.setting("user_id"),
            "username": call.setting("username"),
            "accountType": "BUSINESS",
            "registrationMarketplaceId": call.setting("site"),
        }
    )


def rate_limits(call: Call) -> Response:
    """GET /developer/analytics/v1_beta/rate_limit/ and user_rate_limit/: 204 when the filters leave nothing."""
    context, name = call.text("api_context"), call.text("api_name")
    rows = [
        _rate(call, api, *_NAMES[api])
        for api, limit in call.account.limits.items()
        if isinstance(limit, DayLimit)
        and (context or _NAMES[api][0]).lower() == _NAMES[api][0].lower()
        and (name or _NAMES[api][1]).lower() == _NAMES[api][1].lower()
    ]
    return answer({"rateLimits": rows}) if rows else Response("", 204)


def _rate(call: Call, api: str, context: str, name: str) -> dict[str, Any]:
    limit = call.account.limits[api]
    assert isinstance(limit, DayLimit)
    used = limit.used_at(call.now)
    rate: dict[str, Any] = {"count": used, "reset": written(next_day(call.now)), "timeWindow": 86_400}
    if limit.most is not None:
        rate |= {"limit": limit.most, "remaining": max(limit.most - used, 0)}
    return {"apiContext": context, "apiName": name, "apiVersion": "v1", "resources": [{"name": name, "rates": [rate]}]}
