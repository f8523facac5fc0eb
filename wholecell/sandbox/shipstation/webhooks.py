"""Who asked to be told of what, and telling them: only where to look, never what happened."""

from __future__ import annotations

import json
from typing import Any, cast
from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from ..shop import Shop
from . import outgoing
from .account import ShipStationAccount
from .answers import answer, invalid, missing
from .call import Call
from .states import Webhook

EVENTS = ("ORDER_NOTIFY", "ITEM_ORDER_NOTIFY", "SHIP_NOTIFY", "ITEM_SHIP_NOTIFY")


def index(call: Call) -> Response:
    """GET /webhooks."""
    return answer({"webhooks": [_shape(row) for row in call.account.webhooks.values()]})


def subscribe(call: Call) -> Response:
    """POST /webhooks/subscribe."""
    body = call.json()
    body = body if isinstance(body, dict) else {}
    url, event, store = body.get("target_url"), body.get("event"), body.get("store_id")
    wrong = {}
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
        wrong["target_url"] = ["The target_url must be a web address."]
    if event not in EVENTS:
        wrong["event"] = [f"The event must be one of {', '.join(EVENTS)}."]
    if store is not None and not (str(store).isdecimal() and int(store) in call.account.stores):
        wrong["store_id"] = ["The store does not exist."]
    if wrong:
        raise invalid(wrong)
    made = Webhook(
        id=call.account.next_id(),
        url=str(url),
        event=str(event),
        store_id=None if store is None else int(store),
        name=str(body.get("friendly_name") or ""),
    )
    call.account.webhooks[made.id] = made
    return answer({"id": made.id})


def unsubscribe(call: Call, webhook_id: int) -> Response:
    """DELETE /webhooks/{webhookId}: nothing in the answer."""
    if call.account.webhooks.pop(webhook_id, None) is None:
        raise missing("webhook")
    return Response("", 200)


def deliver(shop: Shop) -> list[dict[str, Any]]:
    """Tell what waits, once; nothing is told again. Call without the shop's lock."""
    with shop.lock:
        account = cast(ShipStationAccount, shop.account("shipstation"))
        waiting, account.outbox = account.outbox, []
        base = account.settings["resource_base"] or account.address
        calls = [
            (hook.url, {"resource_url": base + path, "resource_type": event})
            for event, store, path in waiting
            for hook in account.webhooks.values()
            if hook.event == event and hook.store_id in (None, store)
        ]
    return [_post(url, body) for url, body in calls]


def _post(url: str, body: dict[str, str]) -> dict[str, Any]:
    got = outgoing.send("POST", url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    return {"url": url, "sent": body, "status": got.status, "problem": got.problem}


def _shape(row: Webhook) -> dict[str, Any]:
    return {
        "IsLabelAPIHook": False,
        "WebHookID": row.id,
        "SellerID": 26_001,
        "StoreID": row.store_id,
        "HookType": row.event,
        "MessageFormat": "Json",
        "Url": row.url,
        "Name": row.name,
        "BulkCopyBatchID": None,
        "BulkCopyRecordID": None,
        "Active": True,
        "WebhookLogs": [],
        "Seller": None,
        "Store": None,
    }
