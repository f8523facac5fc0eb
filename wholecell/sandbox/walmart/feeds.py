"""Files of many quantities: taken at once, worked on later, reported item by item."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

from werkzeug.wrappers import Response

from ..faults import Via
from ..shop import Shop
from .account import Feed, WalmartAccount
from .answers import FEEDS, Problem, RefusalError, answer, invalid, missing
from .call import Call
from .inventory import SHIP_NODE, kept_by_seller, quantity
from .shapes import milliseconds

#: Feed type -> the version of its header, the keys of header and rows (their case counts), and its largest file.
TYPES: dict[str, tuple[str, str, str, int]] = {
    "inventory": ("1.4", "InventoryHeader", "Inventory", 10_000_000),
    "MP_INVENTORY": ("1.5", "inventoryHeader", "inventory", 1_000_000),
}
OUTCOMES = ("SUCCESS", "DATA_ERROR", "SYSTEM_ERROR", "TIMEOUT_ERROR", "INPROGRESS")
MOST = 50


def start(call: Call) -> Response:
    """POST /v3/feeds?feedType=: 200 even for a file that cannot be read; only the status tells."""
    kind = call.choice("feedType", tuple(TYPES), FEEDS)
    if kind is None:
        raise invalid(FEEDS, "feedType is required", "feedType")
    if call.request.mimetype != "multipart/form-data" or "file" not in call.request.files:
        raise invalid(FEEDS, "The feed must be sent as multipart/form-data with a part named file", "file")
    data = call.request.files["file"].read()
    if len(data) > TYPES[kind][3]:
        raise RefusalError(Problem(413, "REQUEST_TOO_LARGE", FEEDS, f"The file has {len(data)} bytes", "file"))
    rows, problem = _read(data, kind)
    name, seconds = f"{uuid4().hex.upper()}@AU8BAQA", float(call.setting("feed_seconds"))
    feed = Feed(name, kind, call.now, call.now, seconds, len(rows))
    call.account.feeds[name] = feed
    if not call.shop.faults.take("bulk_never", via=call.via):
        job = _Job(call.shop, call.account, call.via)
        call.shop.later(seconds, lambda: _work(job, feed, rows, problem))
    return answer({"feedId": name, "additionalAttributes": None, "errors": None})


def index(call: Call) -> Response:
    """GET /v3/feeds: the newest first."""
    size, offset = call.number("limit", MOST, 1, MOST, FEEDS), call.number("offset", 0, 0, 10**9, FEEDS)
    wanted = call.text("feedId")
    found = [feed for feed in reversed(call.account.feeds.values()) if wanted in (None, feed.id)]
    rows = [_summary(feed, call) for feed in found[offset : offset + size]]
    return answer({"totalResults": len(found), "offset": offset, "limit": size, "results": {"feed": rows}})


def show(call: Call, feed_id: str) -> Response:
    """GET /v3/feeds/{feedId}: the counts, and with includeDetails the items, 50 at a time."""
    if "@" in str(call.request.environ.get("REQUEST_URI", "")).partition("?")[0]:
        raise invalid(FEEDS, "Special characters of a feedId must be escaped: @ as %40", "feedId")
    feed = call.account.feeds.get(feed_id)
    if feed is None:
        raise missing(FEEDS, f"There is no feed {feed_id}")
    is_detailed = call.choice("includeDetails", ("true", "false"), FEEDS, "false") == "true"
    size, offset = call.number("limit", MOST, 1, MOST, FEEDS), call.number("offset", 0, 0, 10**9, FEEDS)
    shape = {
        "feedId": feed.id,
        "feedStatus": _status(feed, call),
        **_counts(feed),
        "offset": offset,
        "limit": size,
        "ingestionErrors": {"ingestionError": feed.errors},
        "itemDetails": {"itemIngestionStatus": feed.items[offset : offset + size] if is_detailed else []},
    }
    return answer(shape)


def _summary(feed: Feed, call: Call) -> dict[str, Any]:
    return {
        "feedId": feed.id,
        "feedSource": "SUPPLIER",
        "feedType": feed.type,
        "partnerId": "10001067309",
        **_counts(feed),
        "feedStatus": _status(feed, call),
        "feedDate": milliseconds(feed.started),
        "modifiedDtm": milliseconds(feed.changed),
    }


def _status(feed: Feed, call: Call) -> str:
    is_begun = (call.now - feed.started).total_seconds() * 2 >= feed.seconds
    return "INPROGRESS" if feed.status == "RECEIVED" and is_begun else feed.status


def _counts(feed: Feed) -> dict[str, int]:
    succeeded = sum(item["ingestionStatus"] == "SUCCESS" for item in feed.items)
    failed = sum(item["ingestionStatus"].endswith("_ERROR") for item in feed.items)
    waiting = 0 if feed.status == "ERROR" else feed.received - succeeded - failed
    return {
        "itemsReceived": feed.received,
        "itemsSucceeded": succeeded,
        "itemsFailed": failed,
        "itemsProcessing": waiting,
    }


def _read(data: bytes, kind: str) -> tuple[list[dict[str, Any]], str]:
    """The rows of a file, or what is wrong with all of it."""
    version, header, name, _ = TYPES[kind]
    try:
        body = json.loads(data)
        if body[header]["version"] != version:
            return [], f"The version of {header} must be {version}"
        rows = body[name]
    except (ValueError, KeyError, TypeError):
        return [], f"The file is not JSON with {header} and {name}"
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return [], f"{name} must be a list of objects"
    return rows, ""


class _Job(NamedTuple):
    """What is left of the call when its file is worked on."""

    shop: Shop
    account: WalmartAccount
    via: Via


def _work(job: _Job, feed: Feed, rows: list[dict[str, Any]], problem: str) -> None:
    feed.changed = job.shop.clock()
    if job.shop.faults.take("bulk_failed", via=job.via):
        problem = "The feed could not be processed"
    if problem:
        feed.status = "ERROR"
        feed.errors = [{"type": "DATA_ERROR", "code": "ERR_EXT_DATA_0503009", "description": problem}]
        return
    partial = job.shop.faults.take("partial_bulk", via=job.via)
    refused = (partial.number or 1) if partial else 0
    for position, row in enumerate(rows):
        outcome = ("DATA_ERROR", "refused") if position < refused else _apply(job, feed.type, row)
        feed.items.append(_item(job.account, position, row, *outcome))
    is_done = all(item["ingestionStatus"] != "INPROGRESS" for item in feed.items)
    feed.status = "PROCESSED" if is_done else "INPROGRESS"


def _apply(job: _Job, kind: str, row: dict[str, Any]) -> tuple[str, str]:
    """The outcome for one row and why; the setting `outcomes` decides before the row itself does."""
    sku = str(row.get("sku"))
    forced = job.account.settings["outcomes"].get(sku, "SUCCESS")
    if forced != "SUCCESS":
        return forced, "The sandbox was asked for this outcome"
    found = job.account.exact(sku)
    if found is None or not kept_by_seller(found):
        return "DATA_ERROR", f"There is no inventory for the SKU {sku}"
    try:
        amount = _AMOUNTS[kind](row)
    except ValueError as problem:
        return "DATA_ERROR", str(problem)
    job.shop.push("walmart", found.id, amount, job.via)
    return "SUCCESS", ""


def _plain(row: dict[str, Any]) -> int:
    return quantity(row.get("quantity"))


def _of_nodes(row: dict[str, Any]) -> int:
    nodes = row.get("shipNodes")
    named = [node.get("shipNode") for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []
    if not nodes or named != [SHIP_NODE]:
        raise ValueError(f"shipNodes must hold the ship node {SHIP_NODE} and no other")
    return quantity(nodes[0].get("quantity"))


_AMOUNTS: dict[str, Callable[[dict[str, Any]], int]] = {"inventory": _plain, "MP_INVENTORY": _of_nodes}


def _item(account: WalmartAccount, position: int, row: dict[str, Any], outcome: str, why: str) -> dict[str, Any]:
    found = account.exact(str(row.get("sku")))
    shape: dict[str, Any] = {
        "martId": 0,
        "sku": str(row.get("sku", "")),
        "index": position,
        "ingestionStatus": outcome,
        "ingestionErrors": {"ingestionError": []},
    }
    if found:
        shape["wpid"] = found.id
    if outcome.endswith("_ERROR"):
        error = {"type": outcome, "code": "ERR_EXT_DATA_0101119", "description": why}
        shape["ingestionErrors"] = {"ingestionError": [error]}
    return shape
