"""Quantities, one SKU at a time or all of them: Inventory Management."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from . import shapes
from .answers import INVENTORY, Problem, answer, invalid, invalid_content, missing
from .call import Call, cursor, place
from .listing import NOT_YET, WalmartListing

SHIP_NODE = "10001234567"
MOST = 10**9


def show(call: Call) -> Response:
    """GET /v3/inventory: what the seller sent last."""
    found = _asked(call)
    return answer(shapes.inventory(found.sku, found.shown(call.now).input_quantity))


def update(call: Call) -> Response:
    """PUT /v3/inventory: the answer repeats what was taken."""
    found = _asked(call)
    body = call.json(INVENTORY)
    if body.get("sku") != found.sku:
        raise invalid_content(INVENTORY, "sku in the body must be the one of the address", "sku")
    try:
        amount = quantity(body.get("quantity"))
    except ValueError as problem:
        raise invalid_content(INVENTORY, str(problem), "quantity") from None
    return answer(shapes.inventory(found.sku, call.shop.push("walmart", found.id, amount, call.via)))


def index(call: Call) -> Response:
    """GET /v3/inventories: the cursor changes on each page, and only a missing one ends the run."""
    limit = call.number("limit", 10, 1, 50, INVENTORY)
    asked = call.text("nextCursor")
    short = 1 if call.setting("short_pages") and limit > 1 else 0
    at = place(asked, INVENTORY) if asked else {"page": 1, "size": limit - short}
    rows = [
        row.shown(call.now)
        for row in call.account.listings.values()
        if isinstance(row, WalmartListing) and kept_by_seller(row)
    ]
    page = call.page(rows, at["page"], at["size"])
    after = cursor(**at | {"page": page.next}) if page.next else None
    meta = {"totalCount": page.count} | shapes.next_cursor(after, call.setting("end_cursor"))
    listed = [{"sku": row.sku, "nodes": [shapes.node(row, SHIP_NODE)]} for row in page.rows]
    return answer({"meta": meta, "elements": {"inventories": listed}})


def show_nodes(call: Call, sku: str) -> Response:
    """GET /v3/inventories/{sku}: the numbers of each ship node; there is one."""
    found = _kept(call, sku)
    return answer({"sku": sku, "nodes": [shapes.node(found.shown(call.now), SHIP_NODE)]})


def update_nodes(call: Call, sku: str) -> Response:
    """PUT /v3/inventories/{sku}: an unknown ship node is reported beside the others."""
    found = _kept(call, sku)
    try:
        rows = call.json(INVENTORY)["inventories"]["nodes"]
        sent = [(str(row["shipNode"]), quantity(row["inputQty"])) for row in rows]
    except (KeyError, TypeError):
        raise invalid_content(INVENTORY, "inventories.nodes must hold shipNode and inputQty", "inventories") from None
    except ValueError as problem:
        raise invalid_content(INVENTORY, str(problem), "inputQty") from None
    nodes: list[dict[str, Any]] = []
    for name, amount in sent:
        if name == SHIP_NODE:
            call.shop.push("walmart", found.id, amount, call.via)
            nodes.append({"shipNode": name, "status": "Success"})
        else:
            unknown = Problem(404, "CONTENT_NOT_FOUND", INVENTORY, f"There is no ship node {name}", "shipNode")
            nodes.append({"shipNode": name, "status": "Failure", "errors": [unknown.as_dict()]})
    return answer({"sku": sku, "nodes": nodes})


def quantity(value: Any) -> int:
    """From {unit: EACH, amount}. Raises ValueError in words."""
    if not isinstance(value, dict) or value.get("unit") != "EACH":
        raise ValueError("quantity must have the unit EACH and an amount")
    amount = value.get("amount")
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise ValueError("amount must be a number")
    if not 0 <= amount < MOST or amount != int(amount):
        raise ValueError("amount must be a whole number of at least 0")
    return int(amount)


def kept_by_seller(row: WalmartListing) -> bool:
    """Whether it has inventory here: not what Walmart keeps, and nothing that was never published."""
    return not row.wfs and row.published_status not in NOT_YET


def _asked(call: Call) -> WalmartListing:
    sku = call.literal("sku")
    if not sku:
        raise invalid(INVENTORY, "sku is required", "sku")
    node = call.text("shipNode")
    if node is not None and node != SHIP_NODE:
        raise missing(INVENTORY, f"There is no ship node {node}")
    return _kept(call, sku)


def _kept(call: Call, sku: str) -> WalmartListing:
    found = call.account.exact(sku)
    if found is None or not kept_by_seller(found):
        raise missing(INVENTORY, f"There is no inventory for the SKU {sku}")
    return found
