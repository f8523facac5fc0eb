"""Walmart's orders in our words. Nothing here calls anything."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from wholecell.channels.contract import OrderPage, RemoteAddress, RemoteLine, RemoteOrder, UnreadableOrder
from wholecell.channels.values import is_storable
from wholecell.channels.walmart.charges import Money, charges_of, money_of
from wholecell.channels.walmart.statuses import CANCELLED, CREATED, FINAL, Units, derived, units_of
from wholecell.channels.walmart.values import UnreadableError, block, moment, rows, text, whole

MOST_LINES = 1000
LONGEST_ID = 60
SELLER = "SellerFulfilled"
# Countries of the addresses Walmart delivers to, which it writes with three letters.
COUNTRIES = {"USA": "US", "PRI": "PR", "GUM": "GU", "VIR": "VI", "ASM": "AS", "MNP": "MP", "CAN": "CA", "MEX": "MX"}
ORDINARY_METHODS = frozenset({"", "STANDARD", "VALUE"})


@dataclass(frozen=True, slots=True)
class Found:
    """One page of orders, where the next one is, and how many there are in all."""

    page: OrderPage
    cursor: str
    ids: frozenset[str]  # of the orders and of what could not be read


def page(answer: object, number: int, began_at: datetime, node_type: str) -> Found:
    """Read a page of orders, asked for by a type of ship node. Raises UnreadableError when it is none."""
    listed = block(answer, "list")
    if not listed or not ("elements" in listed or "meta" in listed):
        raise UnreadableError("it has no list of orders")
    meta = block(listed, "meta")
    cursor = meta.get("nextCursor") or ""
    if cursor and (not isinstance(cursor, str) or not cursor.startswith("?")):
        raise UnreadableError("its way to the next page is no query string")
    found = _page(rows(listed, "elements", "order"), number, whole(meta.get("totalCount")), began_at, node_type)
    ids = {order.external_id for order in found.orders} | {row.payload for row in found.unreadable}
    return Found(found, cursor, frozenset(ids))


def single(answer: object, external_id: str, began_at: datetime) -> OrderPage:
    """Read the answer about the order of this id."""
    found = _page([bare(answer)], 1, None, began_at, "")
    return replace(found, unreadable=[replace(row, external_id=external_id) for row in found.unreadable])


def bare(answer: object) -> object:
    """The order in an answer about one: the examples wrap it, the schema does not."""
    return answer["order"] if isinstance(answer, dict) and isinstance(answer.get("order"), dict) else answer


def _page(found: Sequence[object], number: int, total: int | None, began_at: datetime, node_type: str) -> OrderPage:
    read, unreadable = [], []
    for row in found:
        try:
            read.append(order(row, node_type))
        except UnreadableError as error:
            external_id = text(row.get("purchaseOrderId"), LONGEST_ID) if isinstance(row, dict) else ""
            unreadable.append(UnreadableOrder(external_id, str(error), json.dumps(row, default=str)))
    return OrderPage(read, number, total, began_at, tuple(unreadable))


def order(row: object, node_type: str = "") -> RemoteOrder:
    """Read one order. Raises UnreadableError without an id, or without the state of any line; all else may be missing.

    `node_type` is the type of ship node it was asked for by, which counts where the order itself does not tell.
    """
    if not isinstance(row, dict):
        raise UnreadableError("A row of the answer is no order.")
    external_id = text(row.get("purchaseOrderId"), LONGEST_ID)
    if not external_id:
        raise UnreadableError("An order has no purchase order id.")
    found = rows(row, "orderLines", "orderLine")[:MOST_LINES]
    units = [units_of(line) for line in found]
    word = derived(units)
    if not word:
        raise UnreadableError(f"Order {external_id} tells no state of any line.")
    money = money_of(row, [charges_of(line, each.ordered) for line, each in zip(found, units, strict=True)])
    shipping = block(row, "shippingInfo")
    is_theirs = (text(block(row, "shipNode").get("type"), 40) or node_type or SELLER) != SELLER
    return RemoteOrder(
        external_id=external_id,
        number=text(row.get("customerOrderId"), LONGEST_ID) or external_id,
        status=word,
        is_final=word in FINAL,
        placed_at=moment(row.get("orderDate")),
        # The order has no time of its change: its lines tell when each got its present state.
        changed_at=max(filter(None, (moment(line.get("statusDate")) for line in found)), default=None),
        ship_by=moment(shipping.get("estimatedShipDate")),
        currency=money.currency,
        total_cents=money.total,
        shipping_cents=money.shipping,
        ship_to=_address(shipping),
        lines=[_line(*each) for each in zip(found, units, money.unit_prices, strict=True)],
        is_fulfilled_by_channel=is_theirs,
        is_to_accept=not is_theirs and any(each.count(CREATED) for each in units),
        is_cancel_asked=any(wants_cancel(line, each) for line, each in zip(found, units, strict=True)),
        tracking_number=next((number for line in found for number in tracking_numbers(line)), ""),
        notes=(*_notes(row, shipping), *_unclear(found, units, money)),
    )


def wants_cancel(line: Mapping[str, Any], units: Units) -> bool:
    """Whether the buyer asked to cancel this line, and it neither left nor is cancelled."""
    is_asked = line.get("intentToCancel") is True or text(line.get("intentToCancel")).casefold() not in _NO
    return is_asked and units.ordered > units.count(CANCELLED) + units.shipped


_NO = frozenset({"", "false", "no", "n", "0", "none", "null"})


def tracking_numbers(line: Mapping[str, Any]) -> list[str]:
    """The tracking numbers of a line's shipments."""
    infos = (block(each, "trackingInfo") for each in rows(line, "orderLineStatuses", "orderLineStatus"))
    return [number for info in infos if (number := text(info.get("trackingNumber"), 100))]


def _line(row: Mapping[str, Any], units: Units, price: int | None) -> RemoteLine:
    item = block(row, "item")
    serials = row.get("serialNumbers")
    numbers = [text(each, 20) for each in serials] if isinstance(serials, list) else []
    sku = item.get("sku")
    return RemoteLine(
        external_id=text(row.get("lineNumber"), LONGEST_ID),
        # As it is: several blanks in a row are part of a SKU.
        sku=sku if isinstance(sku, str) and len(sku) <= 120 and is_storable(sku) else text(sku, 120),
        listing_ids={},
        title=text(item.get("productName"), 500),
        ordered=units.ordered,
        cancelled=units.count(CANCELLED),
        refunded_before_shipping=0,  # what has not left is cancelled, never refunded
        shipped=units.shipped,
        price_cents=price,
        status=units.word,
        imei=numbers[0] if len(numbers) == 1 and units.ordered == 1 else "",
    )


def _address(shipping: Mapping[str, Any]) -> RemoteAddress:
    row = block(shipping, "postalAddress")

    def get(name: str) -> str:
        return text(row.get(name), 200)

    country = get("country").upper()
    return RemoteAddress(
        name=get("name"),
        street=get("address1"),
        street2=get("address2"),
        city=get("city"),
        state=get("state"),
        postal_code=get("postalCode"),
        country=COUNTRIES.get(country, country if len(country) == 2 else ""),
        phone=text(shipping.get("phone"), 40),
    )


def _notes(row: Mapping[str, Any], shipping: Mapping[str, Any]) -> list[str]:
    notes = []
    method = text(shipping.get("methodCode"), 30)
    if method.upper() not in ORDINARY_METHODS:
        notes.append(f"Walmart promised the buyer {method} shipping.")
    if text(row.get("orderType"), 20).upper() == "REPLACEMENT":
        original = text(row.get("originalCustomerOrderID"), LONGEST_ID)
        notes.append(f"It replaces what was sent for order {original}." if original else "It is a replacement.")
    return notes


def _unclear(lines: Sequence[Mapping[str, Any]], units: Sequence[Units], money: Money) -> list[str]:
    """Lines whose price is not shown, for people who wonder why."""
    found = []
    for line, each, price in zip(lines, units, money.unit_prices, strict=True):
        charged = charges_of(line, each.ordered).product
        if price is None and charged is not None and charged > 0:
            name = text(line.get("lineNumber"), LONGEST_ID) or "?"
            found.append(
                f"Walmart charges {charged / 100:.2f} for line {name} and does not say if that is for each unit."
            )
    return found
