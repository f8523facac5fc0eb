"""Orders of ShipStation's stores in our words. Pure: no call is made here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from wholecell.channels.contract import RemoteAddress, RemoteLine, RemoteOrder, UnreadableOrder
from wholecell.channels.shipstation.pacific import moment, sure_moment
from wholecell.channels.shipstation.values import UnreadableError, cents, key, number, row_of, rows_of, text, whole
from wholecell.channels.shipstation.words import CANCELLED, SHIPPED

MOST_LINES = 1000
LONGEST_ADDRESS, LONGEST_CODE = 200, 60


def order(row: object) -> RemoteOrder:
    """Read one order. A status that is not known stays as it is. Raises UnreadableError without an id or a status."""
    if not isinstance(row, dict):
        raise UnreadableError("A row of the answer is no order.")
    order_id, word = number(row.get("orderId")), text(row.get("orderStatus"), 60)
    if order_id is None or not word:
        raise UnreadableError(f"An order has no usable id or status (number {text(row.get('orderNumber'), 80)}).")
    items = [each for each in rows_of(row.get("items")) if each.get("adjustment") is not True]
    return RemoteOrder(
        external_id=str(order_id),
        number=text(row.get("orderNumber"), 80) or str(order_id),
        status=word,
        is_final=word == CANCELLED,
        placed_at=moment(row.get("orderDate")),
        changed_at=sure_moment(row.get("modifyDate")),
        ship_by=moment(row.get("shipByDate")),
        currency="",  # V1 tells none
        total_cents=_price(row.get("orderTotal")),
        shipping_cents=_price(row.get("shippingAmount")),
        ship_to=_address(row_of(row.get("shipTo"))),
        lines=[_line(each, word) for each in items[:MOST_LINES]],
        is_fulfilled_by_channel=row.get("externallyFulfilled") is True,
        buyer=text(row.get("customerUsername"), 200),
        email=text(row.get("customerEmail"), 200),
        service=text(row.get("requestedShippingService"), 120),
    )


def unreadable(row: object, error: UnreadableError) -> UnreadableOrder:
    """A row that is no order we can keep, for people to look at and for the next try."""
    order_id = number(row_of(row).get("orderId"))
    return UnreadableOrder("" if order_id is None else str(order_id), str(error), json.dumps(row, default=str))


def key_of(row: object) -> str:
    """The key that whoever brought the order there gave it; empty without one."""
    return key(row_of(row).get("orderKey"), 200)


def _line(row: Mapping[str, Any], word: str) -> RemoteLine:
    units = whole(row.get("quantity"))
    ordered = 1 if units is None else units
    return RemoteLine(
        external_id=str(number(row.get("orderItemId")) or key(row.get("lineItemKey"), 100)),
        sku=text(row.get("sku"), 120),
        listing_ids={},
        title=text(row.get("name"), 500),
        ordered=ordered,
        cancelled=ordered if word == CANCELLED else 0,
        refunded_before_shipping=0,
        shipped=ordered if word == SHIPPED else 0,
        price_cents=_price(row.get("unitPrice")),
        status=word,
    )


def _price(amount: object) -> int | None:
    found = cents(amount)
    return found if found is not None and found >= 0 else None


def _address(row: Mapping[str, Any]) -> RemoteAddress:
    def get(name: str) -> str:
        return text(row.get(name), LONGEST_ADDRESS)

    second = " ".join(filter(None, (get("street2"), get("street3"))))
    return RemoteAddress(
        name=get("name"),
        company=get("company"),
        street=get("street1"),
        street2=second[:LONGEST_ADDRESS],
        city=get("city"),
        state=get("state"),
        postal_code=text(row.get("postalCode"), LONGEST_CODE),
        country=get("country")[:2],
        phone=text(row.get("phone"), LONGEST_CODE),
    )
