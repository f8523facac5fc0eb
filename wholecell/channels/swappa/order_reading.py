"""The proposed orders in our words. Nothing here calls anything, and nothing of it is confirmed; see README.md."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from wholecell.channels.contract import OrderPage, RemoteAddress, RemoteLine, RemoteOrder, UnreadableOrder
from wholecell.channels.swappa.mapping import UnreadableError, id_of, page_of, text
from wholecell.channels.values import hundredths, moment, whole

MOST_LINES = 1000
SHIPPED = frozenset({"shipped", "completed"})
FINAL = frozenset({"completed", "cancelled", "refunded"})
BETWEEN = "|"


def order_page(answer: object, number: int, began_at: datetime) -> tuple[OrderPage, str]:
    """Read one page and the cursor of the next, empty at the end. Raises UnreadableError when it is no page."""
    rows, cursor = page_of(answer, "orders")
    orders, unreadable = [], []
    for row in rows:
        try:
            orders.append(order(row))
        except UnreadableError as error:
            external_id = id_of(row) if isinstance(row, dict) else ""
            unreadable.append(UnreadableOrder(external_id, str(error), json.dumps(row, default=str)))
    return OrderPage(orders, number, None, began_at, tuple(unreadable)), cursor


def order(row: object) -> RemoteOrder:
    """Read one order. A status that is not known stays as it is. Raises UnreadableError without an id or a status."""
    if not isinstance(row, dict):
        raise UnreadableError("A row of the answer is no order.")
    external_id, word = id_of(row), text(row.get("status"), 60)
    if not external_id or not word:
        raise UnreadableError(f"An order has no usable id or status (id {text(row.get('id'), 40)}).")
    given = row.get("items")
    items = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    buyer = _dict(row.get("buyer"))
    return RemoteOrder(
        external_id=external_id,
        number=text(row.get("number"), 80) or external_id,
        status=word,
        is_final=word in FINAL,
        placed_at=moment(row.get("created_at")),
        changed_at=moment(row.get("updated_at")),
        ship_by=None,  # two business days from a payment whose time is not told
        currency=text(row.get("currency"), 3),
        total_cents=hundredths(row.get("total")),
        shipping_cents=hundredths(row.get("shipping_price")),
        ship_to=_address(_dict(row.get("ship_to"))),
        lines=[_line(each, word) for each in items[:MOST_LINES]],
        buyer=text(buyer.get("name"), 200),
        email=text(buyer.get("email"), 200),
    )


def listing_of(line_id: str) -> str:
    """The listing that a line was sold from, which shipments are told by: it is part of our id of the line."""
    return line_id.partition(BETWEEN)[2]


def _line(row: dict[str, Any], word: str) -> RemoteLine:
    units = whole(row.get("quantity"))
    ordered = 1 if units is None else units
    listing_id = id_of({"id": row.get("listing_id")})
    return RemoteLine(
        external_id=f"{id_of(row)}{BETWEEN}{listing_id}",
        sku=text(row.get("sku"), 120),
        listing_ids={"id": listing_id} if listing_id else {},
        title=text(row.get("title"), 500),
        ordered=ordered,
        cancelled=ordered if word == "cancelled" else 0,
        refunded_before_shipping=0,
        shipped=ordered if word in SHIPPED else 0,
        price_cents=hundredths(row.get("unit_price")),
        status=word,
    )


def _address(row: dict[str, Any]) -> RemoteAddress:
    def get(name: str) -> str:
        return text(row.get(name), 200)

    return RemoteAddress(
        name=get("name"),
        company=get("company"),
        street=get("line1"),
        street2=get("line2"),
        city=get("city"),
        state=get("state"),
        postal_code=text(row.get("postal_code"), 60),
        country=get("country")[:2],
        phone=text(row.get("phone"), 60),
    )


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
