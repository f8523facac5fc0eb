"""Labels, marks and voids: what happens to an order in ShipStation, whoever causes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from ..records import RefusedError
from . import times
from .account import ShipStationAccount
from .states import Notice, Shipment, ShipOrder, Status

Items = list[tuple[dict[str, Any], int]]


def label(
    account: ShipStationAccount,
    order: ShipOrder,
    items: Sequence[dict[str, Any]] | None = None,
    *,
    carrier: str = "stamps_com",
    service: str = "usps_priority_mail",
    tracking: str = "",
    cost: str = "7.85",
    day: date | None = None,
    is_return: bool = False,
) -> Shipment:
    """Buy a label for what is left of the order, or for {sku or line, quantity} of it.

    The order is shipped once nothing is left. Raises RefusedError when it is not awaiting shipment.
    """
    if order.state != Status.AWAITING_SHIPMENT and not is_return:
        raise RefusedError(f"Order {order.number} is {order.status}: a label needs one that awaits shipment.")
    chosen = _all(order) if is_return else _chosen(order, items)
    made = _made(account, order, chosen, day, carrier, service, tracking, cost)
    made.is_return = is_return
    made.tracking = tracking or f"9400111899{made.id:012d}"
    if not is_return:
        _leave(order, made, account)
    account.outbox += shipment_events(made)
    return made


def mark(
    account: ShipStationAccount, order: ShipOrder, *, carrier: str, tracking: str = "", day: date | None = None
) -> Shipment:
    """Mark an order as shipped without a label. Raises RefusedError unless it is open."""
    if not order.is_open:
        raise RefusedError(f"Order {order.number} is {order.status}.")
    made = _made(account, order, _chosen(order, None), day, carrier, "", tracking, "0.00")
    made.is_label = False
    _leave(order, made, account)
    order.state = Status.SHIPPED
    return made


def void(account: ShipStationAccount, shipment: Shipment) -> None:
    """Take a label back; the order awaits shipment again. No custom store is told. Raises RefusedError twice."""
    if shipment.voided:
        raise RefusedError(f"Shipment {shipment.id} is voided already.")
    now, order = account.clock(), shipment.order
    shipment.voided = now
    if not shipment.is_return:
        for item, units in shipment.items:
            order.shipped[item["orderItemId"]] -= units
        if order.state == Status.SHIPPED:
            order.state = Status.AWAITING_SHIPMENT
        order.changed = now


def notify(account: ShipStationAccount, shipment: Shipment) -> Notice | None:
    """Queue the ship notice; None when the order is of no custom store, which ShipStation tells in its own way."""
    if not account.store(shipment.order.store_id).url:
        shipment.is_notified = True
        return None
    notice = Notice(shipment=shipment, due=account.clock())
    account.notices.append(notice)
    return notice


def shipment_events(shipment: Shipment) -> list[tuple[str, int, str]]:
    """The webhooks a label sets off; the address says which batch to fetch."""
    path = f"/shipments?batchId={shipment.batch}&includeShipmentItems="
    store = shipment.order.store_id
    return [("SHIP_NOTIFY", store, path + "False"), ("ITEM_SHIP_NOTIFY", store, path + "True")]


def order_events(order: ShipOrder) -> list[tuple[str, int, str]]:
    """The webhooks a new order sets off."""
    path = f"/orders?importBatch={order.id}"
    return [("ORDER_NOTIFY", order.store_id, path), ("ITEM_ORDER_NOTIFY", order.store_id, path)]


def _made(
    account: ShipStationAccount,
    order: ShipOrder,
    items: Items,
    day: date | None,
    carrier: str,
    service: str,
    tracking: str,
    cost: str,
) -> Shipment:
    now, made = account.clock(), account.next_id()
    shipment = Shipment(
        id=made,
        order=order,
        created=now,
        day=day or times.local(now).date(),
        carrier=carrier,
        service=service,
        tracking=tracking,
        cost=cost,
        items=items,
        batch=made,
    )
    account.shipments[made] = shipment
    return shipment


def _leave(order: ShipOrder, shipment: Shipment, account: ShipStationAccount) -> None:
    for item, units in shipment.items:
        order.shipped[item["orderItemId"]] = order.shipped.get(item["orderItemId"], 0) + units
    if not any(order.left().values()):
        order.state = Status.SHIPPED
    order.changed = account.clock()


def _all(order: ShipOrder) -> Items:
    return [(item, item["quantity"]) for item in order.items if not item["adjustment"]]


def _chosen(order: ShipOrder, wanted: Sequence[dict[str, Any]] | None) -> Items:
    left = Counter(order.left())
    by_id = {item["orderItemId"]: item for item in order.items}
    if wanted is None:
        return [(by_id[item], units) for item, units in left.items() if units > 0]
    chosen: Items = []
    for each in wanted:
        quantity = int(each.get("quantity", 1))
        fitting = [item for item in order.items if _fits(item, each) and left[item["orderItemId"]] >= quantity]
        if quantity < 1 or not fitting:
            raise RefusedError(f"Order {order.number} has not so many left of {each}.")
        left[fitting[0]["orderItemId"]] -= quantity
        chosen.append((fitting[0], quantity))
    return chosen


def _fits(item: dict[str, Any], wanted: dict[str, Any]) -> bool:
    if "line" in wanted:
        return str(item["lineItemKey"]) == str(wanted["line"])
    return bool(item["sku"] == wanted["sku"])
