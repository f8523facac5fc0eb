"""Reading items: Item Management, getAllItems and getAnItem."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

from werkzeug.wrappers import Response

from . import shapes
from .answers import ITEMS, answer, invalid, missing
from .call import Call, cursor, place
from .listing import LIFECYCLES, PUBLISHED, WalmartListing

USUAL, FARTHEST = 20, 10_000
CONDITIONS = (
    "New",
    "New without box",
    "New without tags",
    "Restored Premium",
    "Restored",
    "Remanufactured",
    "Open Box",
    "Pre-Owned: Like New",
    "Pre-Owned: Good",
    "Pre-Owned: Fair",
    "New with defects",
)
_ID_TYPES = {"SKU": "sku", "ITEM_ID": "id", "UPC": "upc", "GTIN": "gtin", "EAN": "gtin", "ISBN": "gtin"}


def index(call: Call) -> Response:
    """GET /v3/items. Quantities are not among it."""
    rows = _found(call)
    size = call.number("limit", 0, 1, call.setting("most_items"), ITEMS)
    start = call.number("offset", 0, 0, FARTHEST - 1, ITEMS)
    asked = call.text("nextCursor")
    if asked is None:
        size = size or USUAL
        return _answer(call, rows[start : start + size], len(rows), None)
    if call.setting("cursor") == "constant":
        return _constant(call, rows, asked, start, size)
    at = {"page": 1, "size": size or USUAL} if asked == "*" else place(asked, ITEMS)
    page = call.page(rows, at["page"], at["size"])
    after = cursor(**at | {"page": page.next}) if page.next else None
    return _answer(call, page.rows, page.count, after)


def show(call: Call, item_id: str) -> Response:
    """GET /v3/items/{id}, by SKU unless productIdType says otherwise."""
    kind = call.choice("productIdType", tuple(_ID_TYPES), ITEMS, "SKU") or "SKU"
    for row in _rows(call):
        if getattr(row, _ID_TYPES[kind]) == item_id:
            if call.setting("item_shape") == "record":
                return answer({"responseRecord": shapes.item(row)})
            return answer({"ItemResponse": [shapes.item(row)], "totalItems": 1})
    raise missing(ITEMS, f"There is no item {item_id}")


def count(call: Call) -> Response:
    """GET /v3/items/count: an object with the status, in spite of the schema (the examples have one)."""
    status = call.choice("status", ("PUBLISHED", "UNPUBLISHED", "SYSTEM_PROBLEM", "IN_PROGRESS", "ALL"), ITEMS, "ALL")
    if status == "ALL":
        return answer({"All": len(_rows(call))})
    return answer({str(status): sum(row.published_status == status for row in _rows(call))})


def _constant(call: Call, rows: list[WalmartListing], asked: str, start: int, size: int) -> Response:
    """The cursor stays the same, a rising offset moves on, and two silent minutes end it."""
    cursors, life = call.account.cursors, timedelta(seconds=call.setting("cursor_seconds"))
    if asked == "*":
        asked = cursor(page=1, size=size or USUAL, run=uuid4().hex)
    elif asked not in cursors or call.now - cursors[asked] > life:
        raise invalid(ITEMS, "nextCursor is unknown or has expired", "nextCursor")
    cursors[asked] = call.now
    size = size or place(asked, ITEMS)["size"]
    page = call.page(rows, start // size + 1, size)
    shown = page.rows if start % size == 0 else rows[start : start + size]
    return _answer(call, shown, page.count, asked)


def _answer(call: Call, rows: Any, total: int, after: str | None) -> Response:
    if not total and call.setting("no_items") == "404":
        raise missing(ITEMS, "There are no items for the given parameters")
    shown = {"ItemResponse": [shapes.item(row) for row in rows], "totalItems": total}
    return answer(shown | shapes.next_cursor(after, call.setting("end_cursor")))


def _found(call: Call) -> list[WalmartListing]:
    life = call.choice("lifecycleStatus", LIFECYCLES, ITEMS)
    published = call.choice("publishedStatus", PUBLISHED, ITEMS)
    condition = call.choice("condition", CONDITIONS, ITEMS)
    sku, group = call.literal("sku"), call.text("variantGroupId")
    return [
        row
        for row in _rows(call)
        if (row.lifecycle_status == life or (life is None and _comes_along(call, row)))
        and (published is None or row.published_status == published)
        and (condition is None or row.condition == condition)
        and (sku is None or row.sku == sku)
        and (group is None or row.variant_group == group)
    ]


def _comes_along(call: Call, row: WalmartListing) -> bool:
    return row.lifecycle_status == "ACTIVE" or bool(call.setting("ended_items"))


def _rows(call: Call) -> list[WalmartListing]:
    return [cast(WalmartListing, row.shown(call.now)) for row in call.account.listings.values()]
