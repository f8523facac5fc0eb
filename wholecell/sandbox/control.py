"""The control API, /_sandbox/...: plain JSON in, plain JSON out, the same things as the methods of Shop.

GET state · POST reset, sell, set, token, limits, settings, faults, clock, order, do. A body must be declared as
JSON, which keeps web pages of other origins from posting here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from .records import RefusedError
from .shop import Shop

Body = dict[str, Any]


def handle(shop: Shop, request: Request) -> Response:
    """Answer one control call: 200, 400 for a body that makes no sense, 404, or 409 when the shop refuses."""
    name = request.path.strip("/")
    if request.method == "GET" and name == "state":
        return _json(shop.state())
    action = _ACTIONS.get(name) if request.method == "POST" else None
    if action is None:
        return _json({"error": f"There is no {request.method} /_sandbox/{name}."}, 404)
    try:
        return _json(action(shop, _body(request)))
    except RefusedError as error:
        return _json({"error": str(error)}, 409)
    except KeyError as error:
        return _json({"error": f"The field {error} is missing."}, 400)
    except (TypeError, ValueError) as error:
        return _json({"error": str(error)}, 400)


def _body(request: Request) -> Body:
    if request.mimetype != "application/json":
        raise ValueError("The body must be JSON, declared as application/json.")
    body = json.loads(request.get_data() or b"{}")
    if not isinstance(body, dict):
        raise ValueError("The body must be a JSON object.")
    return body


def _json(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value, default=str), status, mimetype="application/json")


def _reset(shop: Shop, body: Body) -> Body:
    shop.reset(empty=bool(body.get("empty", False)))
    return {}


def _sell(shop: Shop, body: Body) -> Body:
    """{channel, sku or listing, quantity} or {channel, lines: [{sku or listing, quantity}]}, and options."""
    kind = body.pop("channel")
    lines = body.pop("lines", None)
    if lines is None:
        return shop.sell(kind, **body).as_dict()
    with shop.lock:
        account = shop.account(kind)
        bought = [
            (account.find(sku=line.get("sku"), listing=line.get("listing")).id, int(line.get("quantity", 1)))
            for line in lines
        ]
        return shop.sell_lines(kind, bought, **body).as_dict()


def _set(shop: Shop, body: Body) -> Body:
    """{channel, sku or listing, set: {...}} or {..., remove: true} or {channel, add: {...}}."""
    with shop.lock:
        account = shop.account(body["channel"])
        if "add" in body:
            return account.add(body["add"]).as_dict(shop.clock())
        listing = account.find(sku=body.get("sku"), listing=body.get("listing"))
        if body.get("remove"):
            shop.remove(body["channel"], listing.id)
            return {}
        shop.change(body["channel"], listing.id, **body["set"])
        return listing.as_dict(shop.clock())


def _token(shop: Shop, body: Body) -> Body:
    """{channel, tokens: [...]}: exactly these are good; an empty list revokes all."""
    shop.set_tokens(body["channel"], body["tokens"])
    return {}


def _limits(shop: Shop, body: Body) -> Body:
    """{channel, <limit>: most or null}: null switches the limit off."""
    with shop.lock:
        limits = shop.account(body.pop("channel")).limits
        for name, most in body.items():
            limits[name].most = None if most is None else int(most)
        return {name: limit.most for name, limit in limits.items()}


def _settings(shop: Shop, body: Body) -> Body:
    """{channel, <setting>: value}: the switches of the marketplace's own module."""
    with shop.lock:
        settings = shop.account(body.pop("channel")).settings
        for name, value in body.items():
            settings[name] = type(settings[name])(value)
        return dict(settings)


def _faults(shop: Shop, body: Body) -> Body:
    """{kind, method, path, sku, times, ...} adds one; {clear: true} behaves again."""
    if body.get("clear"):
        shop.faults.clear()
    else:
        shop.faults.add(**body)
    return {"faults": shop.faults.as_dicts()}


def _clock(shop: Shop, body: Body) -> Body:
    """{set: time with a zone} stands still, {advance: seconds} moves on, {run: true} follows real time."""
    if body.get("run"):
        shop.clock.run()
    if "set" in body:
        shop.clock.set(datetime.fromisoformat(body["set"]))
    if "advance" in body:
        shop.clock.advance(float(body["advance"]))
    return {"now": shop.clock().isoformat()}


def _order(shop: Shop, body: Body) -> Body:
    """What a customer does to {channel, order}; answers the order as it is then.

    {pay: true}, {payment_fails: true}, {cancel_line: line id or null for the last open one},
    {hold_line: line id} and {release_line: line id} for a check, {address: {street: ..., city: ...}},
    {event: name, options: {...}} for what a marketplace's module lists beyond that. Dashes in an order's number
    do not count.
    """
    place = body["channel"], int(str(body["order"]).replace("-", ""))
    if body.get("pay") or body.get("payment_fails"):
        shop.pay(*place, fails=bool(body.get("payment_fails")))
    for name, is_held in (("hold_line", True), ("release_line", False)):
        if name in body:
            shop.hold_line(*place, int(body[name]), is_held=is_held)
    if "address" in body:
        shop.change_address(*place, **body["address"])
    if "cancel_line" in body:
        shop.cancel_line(*place, body["cancel_line"])
    if "event" in body:
        shop.happen(*place, body["event"], **body.get("options", {}))
    return shop.order(*place).as_dict()


def _do(shop: Shop, body: Body) -> Body:
    """{channel, action, ...}: something that a marketplace does of itself; its module says what there is."""
    kind, action = body.pop("channel"), body.pop("action")
    shop.account(kind)
    known = shop.marketplaces[kind].actions
    if action not in known:
        raise RefusedError(f"{kind} has no {action}. Choose one of: {', '.join(known) or 'none'}.")
    return known[action](shop, body)


_ACTIONS: dict[str, Callable[[Shop, Body], Body]] = {
    "reset": _reset,
    "sell": _sell,
    "set": _set,
    "token": _token,
    "limits": _limits,
    "settings": _settings,
    "faults": _faults,
    "clock": _clock,
    "order": _order,
    "do": _do,
}
