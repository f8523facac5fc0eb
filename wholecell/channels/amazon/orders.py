"""Amazon's orders in our words, as Orders 2026-01-01 tells them. Nothing here calls anything.

Most blocks of an order are optional in the document, and some need a role that the app may not have.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from wholecell.channels.amazon.mapping import LONGEST_SKU, UnreadableError, block, money, rows, text
from wholecell.channels.contract import (
    Meaning,
    OrderPage,
    OrderWord,
    RemoteAddress,
    RemoteLine,
    RemoteOrder,
    UnreadableOrder,
)
from wholecell.channels.values import is_storable, moment, whole

MOST_LINES = 1000
NOT_TOLD = "NOT_TOLD"  # our word for an order that comes without the block its status is in

# What a status map lists, in the order of an order's life.
WORDS = (
    OrderWord(NOT_TOLD, "Amazon did not say", Meaning.WAITING, "On hold"),
    OrderWord("PENDING_AVAILABILITY", "Pre-order, not released yet", Meaning.WAITING, "On hold"),
    OrderWord("PENDING", "Pending, payment being checked", Meaning.WAITING, "On hold"),
    OrderWord("UNSHIPPED", "Unshipped", Meaning.TO_SHIP, "Awaiting shipment"),
    OrderWord("PARTIALLY_SHIPPED", "Partially shipped", Meaning.TO_SHIP, "Awaiting shipment"),
    OrderWord("SHIPPED", "Shipped", Meaning.SHIPPED, "Shipped"),
    OrderWord("CANCELLED", "Cancelled", Meaning.CANCELLED, "Canceled"),
    OrderWord("UNFULFILLABLE", "Cannot be fulfilled by Amazon", Meaning.CANCELLED, "Canceled"),
)
OPEN = tuple(each.word for each in WORDS if not each.means.is_over and each.word != NOT_TOLD)
FINAL = frozenset(each.word for each in WORDS if each.means.is_over)
CONFIRMED = frozenset({"UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED", "CANCELLED", "UNFULFILLABLE"})
# What people must know of an order's programs before they ship it themselves.
PROGRAMS = {
    "FBM_SHIP_PLUS": "Ship+ order: its label comes from Amazon, which then knows of the shipment by itself.",
    "AMAZON_EASY_SHIP": "Easy Ship order: Amazon fetches it, and knows of the shipment by itself.",
}


def page(given: object, number: int, began_at: datetime) -> OrderPage:
    """Read the orders of one page. Raises UnreadableError when it is no list."""
    if not isinstance(given, list):
        raise UnreadableError("the answer has no list of orders")
    read, unreadable = [], []
    for row in given:
        try:
            read.append(order(row))
        except UnreadableError as error:
            unreadable.append(UnreadableOrder(_id(row), str(error), json.dumps(row, default=str)))
    return OrderPage(read, number, None, began_at, tuple(unreadable))


def single(row: object, external_id: str, began_at: datetime) -> OrderPage:
    """Read the answer about the order of this id."""
    found = page([row], 1, began_at)
    return replace(found, unreadable=[replace(each, external_id=external_id) for each in found.unreadable])


def order(row: object) -> RemoteOrder:
    """Read one order. Raises UnreadableError without an id or lines; all else may be missing."""
    external_id = _id(row)
    if not isinstance(row, dict) or not external_id:
        raise UnreadableError("A row of the answer is no order.")
    if not isinstance(row.get("orderItems"), list):
        raise UnreadableError(f"Order {external_id} comes without its lines.")
    items = rows(row["orderItems"])[:MOST_LINES]
    fulfillment, proceeds = block(row.get("fulfillment")), block(row.get("proceeds"))
    status = text(fulfillment.get("fulfillmentStatus"), 60) or NOT_TOLD
    total, currency = money(proceeds.get("grandTotal"))
    packages = rows(row.get("packages"))
    return RemoteOrder(
        external_id=external_id,
        number=external_id,
        status=status,
        is_final=status in FINAL,
        placed_at=moment(row.get("createdTime")),
        changed_at=moment(row.get("lastUpdatedTime")),
        ship_by=moment(block(fulfillment.get("shipByWindow")).get("latestDateTime")),
        currency=currency or next(filter(None, (_price(item)[1] for item in items)), ""),
        total_cents=total,
        shipping_cents=_shipping(proceeds),
        ship_to=_address(block(row.get("recipient")).get("deliveryAddress")),
        lines=[_line(item, status) for item in items],
        is_fulfilled_by_channel=fulfillment.get("fulfilledBy") == "AMAZON",
        is_cancel_asked=status not in FINAL and any(_is_cancel_asked(item) for item in items),
        tracking_number=next(filter(None, (text(each.get("trackingNumber"), 100) for each in packages)), ""),
        notes=_notes(row, external_id),
    )


def _id(row: object) -> str:
    value = row.get("orderId") if isinstance(row, dict) else None
    return text(value, 60) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _line(item: Mapping[str, Any], status: str) -> RemoteLine:
    product, ordered = block(item.get("product")), _ordered(item)
    sku = product.get("sellerSku")
    cancelled, shipped = _units(item, status, ordered)
    return RemoteLine(
        external_id=text(item.get("orderItemId"), 60),
        # As it is: several blanks in a row are part of a SKU.
        sku=sku if isinstance(sku, str) and len(sku) <= LONGEST_SKU and is_storable(sku) else text(sku, LONGEST_SKU),
        listing_ids={},
        title=text(product.get("title"), 500),
        ordered=ordered,
        cancelled=cancelled,
        refunded_before_shipping=0,
        shipped=shipped,
        price_cents=_price(item)[0],
        status=_line_status(status, ordered, cancelled, shipped),
    )


def _ordered(item: Mapping[str, Any]) -> int:
    """A line is for something: one that does not say for how much holds what its units come to, or one."""
    ordered, given = whole(item.get("quantityOrdered")), block(item.get("fulfillment"))
    told = sum(whole(given.get(name)) or 0 for name in ("quantityFulfilled", "quantityUnfulfilled"))
    return (told or 1) if ordered is None else ordered


def _units(item: Mapping[str, Any], status: str, ordered: int) -> tuple[int, int]:
    """Units cancelled and shipped. A line has no word of its own; what is neither shipped nor open was cancelled.

    Of an order that is not confirmed yet none is to be shipped, so there only a cancellation says so, and so it is with
    a status unknown here.
    """
    given = block(item.get("fulfillment"))
    shipped, left = whole(given.get("quantityFulfilled")), whole(given.get("quantityUnfulfilled"))
    is_cancelled = bool(block(item.get("cancellation")).get("cancellationExecution"))
    if shipped is None:
        shipped = ordered if status == "SHIPPED" and not is_cancelled else 0
    shipped = min(shipped, ordered)
    if status in {"CANCELLED", "UNFULFILLABLE"}:
        return ordered - shipped, shipped
    if is_cancelled or status in CONFIRMED:
        missing = ordered - shipped - (left or 0)
        return (max(missing, 0), shipped) if is_cancelled or left is not None else (0, shipped)
    return 0, shipped


def _line_status(status: str, ordered: int, cancelled: int, shipped: int) -> str:
    if status == "CANCELLED" or (cancelled and cancelled == ordered):
        return "CANCELLED"
    if shipped and shipped + cancelled >= ordered:
        return "SHIPPED"
    return "PARTIALLY_SHIPPED" if shipped else "UNSHIPPED" if status in CONFIRMED else status


def _price(item: Mapping[str, Any]) -> tuple[int | None, str]:
    return money(block(block(item.get("product")).get("price")).get("unitPrice"))


def _shipping(proceeds: Mapping[str, Any]) -> int | None:
    found = (each for each in rows(proceeds.get("breakdowns")) if each.get("type") == "SHIPPING")
    return next((money(each.get("subtotal"))[0] for each in found), None)


def _is_cancel_asked(item: Mapping[str, Any]) -> bool:
    """The buyer's wish; Amazon cancels nothing before the seller does."""
    cancellation = block(item.get("cancellation"))
    return bool(cancellation.get("cancellationRequest")) and not cancellation.get("cancellationExecution")


def _address(value: object) -> RemoteAddress:
    given = block(value)

    def get(name: str, longest: int = 200) -> str:
        return text(given.get(name), longest)

    streets = [get("addressLine1"), get("addressLine2"), get("addressLine3")]
    first, *others = [street for street in streets if street] or [""]
    return RemoteAddress(
        name=get("name"),
        company=get("companyName"),
        street=first,
        street2=", ".join(others)[:200],
        city=get("city") or get("municipality") or get("districtOrCounty"),
        state=get("stateOrRegion"),
        postal_code=get("postalCode"),
        country=get("countryCode")[:2],
        phone=get("phone"),
    )


def _notes(row: Mapping[str, Any], external_id: str) -> Sequence[str]:
    aliases = [text(each.get("aliasId"), 80) for each in rows(row.get("orderAliases"))]
    programs = row["programs"] if isinstance(row.get("programs"), list) else []
    if block(row.get("fulfillment")).get("fulfilledBy") == "AMAZON":
        programs = []
    notes = [PROGRAMS[each] for each in programs if isinstance(each, str) and each in PROGRAMS]
    return (*notes, *(f"Your own number of it is {each}." for each in aliases if each and each != external_id))
