"""Back Market's orders in our words. Nothing here calls anything.

Order states and line states use the same numbers for different things (3, 8, 9), hence two enums.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import IntEnum
from typing import Any

from wholecell.channels.backmarket.mapping import UnreadableError
from wholecell.channels.contract import (
    Meaning,
    OrderPage,
    OrderWord,
    RemoteAddress,
    RemoteLine,
    RemoteOrder,
    UnreadableOrder,
)
from wholecell.channels.http import plain
from wholecell.channels.values import hundredths, moment, whole

MOST_LINES = 1000


class OrderState(IntEnum):
    """States of an order; 0 and 8 are never listed."""

    NEW = 0
    TO_ACCEPT = 1
    TO_SHIP = 3
    PAYMENT_FAILED = 8
    PROCESSED = 9
    PAYMENT_PENDING = 10


class LineState(IntEnum):
    """States of a line."""

    NEW = 0
    PAID = 1
    ACCEPTED = 2
    SHIPPED = 3
    CANCELLED = 4
    REFUNDED_BEFORE_SHIPPING = 5
    REFUNDED_AFTER_SHIPPING = 6
    NOT_PAID = 7
    PAYMENT_PENDING = 8
    PARTNER_CHECK = 9


# What a status map lists, in the order of an order's life.
WORDS = (
    OrderWord("0", "New, payment being checked", Meaning.WAITING, "On hold"),
    OrderWord("10", "Customer may still pay", Meaning.WAITING, "On hold"),
    OrderWord("1", "Paid, to accept", Meaning.WAITING, "To accept"),
    OrderWord("3", "Accepted, to ship", Meaning.TO_SHIP, "Awaiting shipment"),
    OrderWord("9", "Processed, lines unclear", Meaning.SHIPPED, "Shipped"),
    OrderWord("shipped", "Shipped", Meaning.SHIPPED, "Shipped"),
    OrderWord("8", "Payment failed", Meaning.CANCELLED, "Canceled"),
    OrderWord("cancelled", "Cancelled", Meaning.CANCELLED, "Canceled"),
    OrderWord("refunded", "Refunded", Meaning.REFUNDED, "Canceled"),
)
STATUSES = {each.word: each.label for each in WORDS}
FINAL = frozenset({"8", "shipped", "cancelled", "refunded"})
NOT_WANTED = frozenset({LineState.CANCELLED, LineState.NOT_PAID})
REFUNDED = frozenset({LineState.REFUNDED_BEFORE_SHIPPING, LineState.REFUNDED_AFTER_SHIPPING})


def page(answer: object, number: int, began_at: datetime) -> tuple[OrderPage, bool]:
    """Read one page of orders and whether another follows. Raises UnreadableError when it is no page at all."""
    if not isinstance(answer, dict) or not isinstance(answer.get("results"), list):
        raise UnreadableError("the answer has no list of orders")
    return _page(answer["results"], number, whole(answer.get("count")), began_at), answer.get("next") is not None


def single(answer: object, external_id: str, began_at: datetime) -> OrderPage:
    """Read the answer about the order of this id."""
    page = _page([answer], 1, None, began_at)
    return replace(page, unreadable=[replace(row, external_id=external_id) for row in page.unreadable])


def _page(rows: Sequence[object], number: int, total: int | None, began_at: datetime) -> OrderPage:
    read, unreadable = [], []
    for row in rows:
        try:
            read.append(order(row))
        except UnreadableError as error:
            unreadable.append(UnreadableOrder(_id(row), str(error), json.dumps(row, default=str)))
    return OrderPage(read, number, total, began_at, tuple(unreadable))


def _id(row: object) -> str:
    number = whole(row.get("order_id")) if isinstance(row, dict) else None
    return "" if number is None else str(number)


def order(row: object) -> RemoteOrder:
    """Read one order. Raises UnreadableError without an id or a state; all else may be missing."""
    if not isinstance(row, dict):
        raise UnreadableError("A row of the answer is no order.")
    number = whole(row.get("order_id"))
    state = whole(row.get("state"))
    if number is None or state is None:
        raise UnreadableError(f"An order has no usable id or state (id {plain(row.get('order_id'), 40)}).")
    given = row.get("orderlines")
    rows = [each for each in given if isinstance(each, dict)][:MOST_LINES] if isinstance(given, list) else []
    is_line_price = _is_line_price(row, rows)
    lines = [_line(each, is_line_price) for each in rows]
    word = status(state, [whole(each.get("state")) for each in rows])
    return RemoteOrder(
        external_id=str(number),
        number=str(number),
        status=word,
        is_final=word in FINAL,
        placed_at=moment(row.get("date_creation")),
        changed_at=moment(row.get("date_modification")),
        ship_by=moment(row.get("expected_dispatch_date")),
        currency=_text(row.get("currency"), 3),
        total_cents=hundredths(row.get("price")),
        shipping_cents=hundredths(row.get("shipping_price")),
        ship_to=_address(row.get("shipping_address")),
        lines=lines,
        is_to_accept=state == OrderState.TO_ACCEPT,
        tracking_number=_text(row.get("tracking_number"), 100),
        notes=("Back Market provides the carrier.",) if row.get("is_backship") is True else (),
    )


def status(state: int, lines: Sequence[int | None]) -> str:
    """The order's word: its number, or for a processed one what its lines say became of it.

    An order also reaches 9 when every line was cancelled or refunded.
    """
    if state != OrderState.PROCESSED or not lines:
        return str(state)
    found = set(lines)
    if found <= NOT_WANTED:
        return "cancelled"
    if found <= REFUNDED | NOT_WANTED:
        return "refunded"
    return "shipped" if LineState.SHIPPED in found else str(state)


def _line(row: dict[str, Any], is_line_price: bool) -> RemoteLine:
    state = whole(row.get("state"))
    units = whole(row.get("quantity"))
    ordered = 1 if units is None else units
    price = hundredths(row.get("price"))
    if is_line_price and price is not None and ordered:
        price = round(price / ordered)
    return RemoteLine(
        external_id=_text(row.get("id"), 60),
        sku=_text(row.get("listing"), 120),
        listing_ids={"listing_id": _text(row.get("listing_id"), 60)} if row.get("listing_id") else {},
        title=_text(row.get("product"), 500),
        ordered=ordered,
        cancelled=ordered if state in NOT_WANTED else 0,
        refunded_before_shipping=ordered if state == LineState.REFUNDED_BEFORE_SHIPPING else 0,
        shipped=ordered if state in {LineState.SHIPPED, LineState.REFUNDED_AFTER_SHIPPING} else 0,
        price_cents=price,
        status="" if state is None else str(state),
        imei=_text(row.get("imei"), 20),
    )


def _is_line_price(row: dict[str, Any], rows: Sequence[dict[str, Any]]) -> bool:
    """Whether `price` of a line is the whole line's: the document says both, so the order's total decides."""
    total = hundredths(row.get("price"))
    prices = [(hundredths(each.get("price")), whole(each.get("quantity")) or 1) for each in rows]
    if total is None or any(price is None for price, _ in prices):
        return False
    by_unit = sum((price or 0) * units for price, units in prices)
    by_line = sum(price or 0 for price, _ in prices)
    return by_unit != total and by_line == total


def _address(value: object) -> RemoteAddress:
    """Read an address; older answers spell some fields with underscores."""
    row: dict[str, Any] = value if isinstance(value, dict) else {}

    def get(*names: str) -> str:
        return next((text for name in names if (text := _text(row.get(name), 200))), "")

    return RemoteAddress(
        name=" ".join(filter(None, (get("firstName", "first_name"), get("lastName", "last_name")))),
        company=get("company"),
        street=get("street"),
        street2=get("street2"),
        city=get("city"),
        state=get("state", "state_or_province"),
        postal_code=get("postalCode", "postal_code"),
        country=get("country")[:2],
        phone=get("phoneNumber", "phone"),
    )


def _text(value: object, longest: int) -> str:
    return "" if value is None else plain(value, longest)
