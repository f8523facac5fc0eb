"""What ShipStation, or a person in it, does of itself when `_sandbox/do` says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, cast

from ..records import RefusedError
from ..shop import Shop
from . import auto, fulfilment, hostile, notices, outgoing, webhooks
from . import pull as pulling
from .account import CUSTOM, ShipStationAccount
from .states import Notice, Shipment, ShipOrder, Store, status_of

Body = dict[str, Any]
#: The words a seller usually pastes into the form, and what they stand for.
STATUSES = {
    "unpaid": "awaiting_payment",
    "paid": "awaiting_shipment",
    "shipped": "shipped",
    "cancelled": "cancelled",
    "on_hold": "on_hold",
}


def set_up(shop: Shop, body: Body) -> Body:
    """{url, user, password}: connect a custom store, or change `store` (its id).

    `name`; `statuses` {the store's word: V1's}, case counts; `every` seconds: pull by itself, `labels`: and buy labels.
    """
    statuses = {str(word): str(status) for word, status in body.get("statuses", STATUSES).items()}
    for status in statuses.values():
        try:
            status_of(status)
        except KeyError:
            raise RefusedError(f"{status} is not a status of ShipStation's.") from None
    if not str(body["url"]).startswith(("http://", "https://")):
        raise RefusedError("The url must begin with http or https.")
    with shop.lock:
        account, now = _account(shop), shop.clock()
        known = account.stores.get(int(body["store"])) if "store" in body else None
        store = known or Store(
            id=account.next_id(), name="", marketplace_id=CUSTOM, marketplace="Custom Store", created=now, changed=now
        )
        store.name, store.changed = str(body.get("name", store.name or "WholeCell")), now
        store.url, store.user, store.password = str(body["url"]), str(body["user"]), str(body["password"])
        store.statuses, store.every, store.labels = statuses, float(body.get("every", 0)), bool(body.get("labels"))
        account.stores[store.id] = store
    if store.every:
        auto.start(shop)
    return store.as_dict()


def pull(shop: Shop, body: Body) -> Body:
    """{store, start, end}: ask the custom store for its orders; without times, for what changed since the last pull."""
    start, end = (datetime.fromisoformat(body[name]) if name in body else None for name in ("start", "end"))
    result = pulling.pull(shop, _store(shop, body).id, start, end)
    webhooks.deliver(shop)
    return result


def label(shop: Shop, body: Body) -> Body:
    """{order: number or id}: buy a label; the store and the webhooks are told.

    `items` [{sku or line, quantity}] for a part; `carrier`, `service`, `tracking`, `cost`, `day`, `is_return`;
    `notice` false: the store is not told.
    """
    with shop.lock:
        account, order = _account(shop), _order(shop, body)
        names = ("items", "carrier", "service", "tracking", "cost", "is_return")
        options = {name: body[name] for name in names if name in body}
        made = fulfilment.label(account, order, day=_day(body), **options)
        notice = fulfilment.notify(account, made) if body.get("notice", True) and not made.is_return else None
    return _told(shop, made, notice)


def mark(shop: Shop, body: Body) -> Body:
    """{order, carrier, tracking}: mark an order as shipped without a label; the tracking number may be left out."""
    with shop.lock:
        account, order = _account(shop), _order(shop, body)
        carrier, tracking = str(body.get("carrier", "other")), str(body.get("tracking", ""))
        made = fulfilment.mark(account, order, carrier=carrier, tracking=tracking, day=_day(body))
        notice = fulfilment.notify(account, made) if body.get("notice", True) else None
    return _told(shop, made, notice)


def void(shop: Shop, body: Body) -> Body:
    """{shipment: id or tracking number}: take a label back. No store is told."""
    with shop.lock:
        found = _shipment(shop, body)
        fulfilment.void(_account(shop), found)
        return found.as_dict()


def notice(shop: Shop, body: Body) -> Body:
    """{shipment: id or tracking number}: post its notice once more, `times` (1); `query_only`, `without_items`."""
    found = _shipment(shop, body)
    options = {name: bool(body[name]) for name in ("query_only", "without_items") if name in body}
    answers = [_answer(notices.post(shop, found, **options)) for _ in range(int(body.get("times", 1)))]
    return {"answers": answers, "status": answers[-1]["status"]}


def odd_notice(shop: Shop, body: Body) -> Body:
    """{store, as: unknown, huge, bomb, external, broken, empty}: see `hostile`. `query` adds parameters."""
    kind = str(body["as"])
    sent = hostile.body(kind, str(body.get("order", "NO-SUCH-ORDER")))
    query = {"action": "shipnotify", "order_number": str(body.get("order", "NO-SUCH-ORDER"))}
    query |= {"carrier": "USPS", "service": "Priority Mail", "tracking_number": "9400111899000000000001"}
    return _answer(pulling.call(shop, _store(shop, body), "POST", query | body.get("query", {}), sent))


def call(shop: Shop, body: Body) -> Body:
    """{store, query: {...}, method, body, user, password}: any call to a custom store, for what is asked amiss."""
    sent = body["body"].encode() if "body" in body else None
    login = {name: body[name] for name in ("user", "password") if name in body}
    store, method = _store(shop, body), str(body.get("method", "GET"))
    return _answer(pulling.call(shop, store, method, dict(body.get("query", {})), sent, **login))


def show(shop: Shop, body: Body) -> Body:
    """{}: the stores, shipments, notices and webhooks there are; orders are in `_sandbox/state`."""
    with shop.lock:
        account = _account(shop)
        return {
            "stores": [row.as_dict() for row in account.stores.values()],
            "shipments": [row.as_dict() for row in account.shipments.values()],
            "notices": [row.as_dict() for row in account.notices],
            "webhooks": [vars(row) for row in account.webhooks.values()],
        }


def tick(shop: Shop, body: Body) -> Body:
    """Do what is due by the sandbox's clock: pulls of auto mode, notices to repeat, webhooks."""
    return auto.tick(shop)


def _told(shop: Shop, made: Shipment, notice: Notice | None) -> Body:
    posted = [each for each in notices.post_due(shop) if each["shipment"] == made.id]
    hooks = webhooks.deliver(shop)
    return made.as_dict() | {"notice": posted[0] if posted else None, "webhooks": hooks}


def _account(shop: Shop) -> ShipStationAccount:
    return cast(ShipStationAccount, shop.account("shipstation"))


def _store(shop: Shop, body: Body) -> Store:
    """The custom store named, or the only one."""
    account = _account(shop)
    if "store" in body:
        return account.store(int(body["store"]))
    found = [store for store in account.stores.values() if store.url]
    if len(found) != 1:
        raise RefusedError(f"There are {len(found)} custom stores: say which, or set one up.")
    return found[0]


def _order(shop: Shop, body: Body) -> ShipOrder:
    named, rows = str(body["order"]), _account(shop).all_orders()
    found = [row for row in rows if named in (str(row.id), row.number, row.source_id)]
    if "store" in body:
        found = [row for row in found if row.store_id == int(body["store"])]
    if len(found) != 1:
        raise RefusedError(f"There are {len(found)} orders {named}.")
    return found[0]


def _shipment(shop: Shop, body: Body) -> Shipment:
    named = str(body["shipment"])
    found = [row for row in _account(shop).shipments.values() if named in (str(row.id), row.tracking)]
    if len(found) != 1:
        raise RefusedError(f"There are {len(found)} shipments {named}.")
    return found[0]


def _day(body: Body) -> date | None:
    return date.fromisoformat(body["day"]) if "day" in body else None


def _answer(got: outgoing.Got) -> Body:
    text = got.data[:2_000].decode("utf-8", "replace")
    return {
        "status": got.status,
        "mimetype": got.mimetype,
        "text": text,
        "problem": got.problem,
        "challenge": got.challenge,
    }


ACTIONS: dict[str, Callable[[Shop, Body], Body]] = {
    "set_up": set_up,
    "pull": pull,
    "label": label,
    "mark": mark,
    "void": void,
    "notice": notice,
    "odd_notice": odd_notice,
    "call": call,
    "show": show,
    "tick": tick,
}
