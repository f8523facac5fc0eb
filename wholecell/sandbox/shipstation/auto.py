"""Auto mode: what ShipStation does by itself as time passes on the sandbox's clock."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Thread
from typing import Any, cast

from ..records import RefusedError
from ..shop import Shop
from . import fulfilment, notices, pull, webhooks
from .account import ShipStationAccount
from .states import Status, Store

_STEP = 1.0  # seconds of real time between two looks at the clock


def tick(shop: Shop) -> dict[str, Any]:
    """Pull the stores that are due, buy the labels of those that want it, post notices and webhooks."""
    with shop.lock:
        account, now = _account(shop), shop.clock()
        due = [store for store in account.stores.values() if _is_due(store, now)]
        for store in due:
            store.tried = now  # taken: nobody else pulls it meanwhile
    pulled = {str(store.id): pull.pull(shop, store.id) for store in due}
    with shop.lock:
        labels = _buy(_account(shop))
    return {"pulled": pulled, "labels": labels, "notices": notices.post_due(shop), "webhooks": webhooks.deliver(shop)}


def start(shop: Shop) -> None:
    """Tick in a thread until the sandbox is reset or no store is in auto mode any more."""
    with shop.lock:
        account = _account(shop)
        is_new, account.is_ticking = not account.is_ticking, True
    if is_new:
        Thread(target=_run, args=(shop, account), name="shipstation-auto", daemon=True).start()


def _run(shop: Shop, account: ShipStationAccount) -> None:
    while shop.accounts.get("shipstation") is account and any(store.every for store in account.stores.values()):
        with suppress(RefusedError):  # the next look may find things in order
            tick(shop)
        time.sleep(_STEP)
    account.is_ticking = False


def _is_due(store: Store, now: datetime) -> bool:
    if not store.url or not store.every:
        return False
    return store.tried is None or now - store.tried >= timedelta(seconds=store.every)


def _buy(account: ShipStationAccount) -> list[str]:
    bought = []
    for order in account.all_orders():
        store = account.stores[order.store_id]
        if store.labels and order.state == Status.AWAITING_SHIPMENT and any(order.left().values()):
            made = fulfilment.label(account, order)
            fulfilment.notify(account, made)
            bought.append(made.tracking)
    return bought


def _account(shop: Shop) -> ShipStationAccount:
    return cast(ShipStationAccount, shop.account("shipstation"))
