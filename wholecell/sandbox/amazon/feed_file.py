"""What a JSON_LISTINGS_FEED holds (its schema, version 2.0), and the processing report that answers it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from . import patches, shapes
from .account import SELLER_ID
from .call import Call
from .kept import Job

MOST_MESSAGES, MOST_NUMBER = 25_000, 2_147_483_647
#: The code sellers see for a message of another shape than the schema's.
SCHEMA = "4002008"
#: Operation -> the members it needs, and those it must not have.
_MEMBERS = {
    "UPDATE": (("productType", "attributes"), ("patches",)),
    "PARTIAL_UPDATE": (("productType", "attributes"), ("requirements", "patches")),
    "PATCH": (("productType", "patches"), ("requirements", "attributes")),
    "DELETE": ((), ("requirements", "attributes", "productType", "patches")),
}

Message = dict[str, Any]
Issue = dict[str, Any]


def work(call: Call, job: Job, content: bytes, only: int | None = None) -> tuple[bytes, bool]:
    """Apply the messages that are right, the first `only` of them; the report, and whether the file could be read."""
    feed, problem = _read(content)
    if problem:
        issue = {"code": "4002006", "severity": "ERROR", "message": problem}
        return _report(call, job, {}, 0, [issue], []), False
    partial = call.shop.faults.take("partial_bulk", via=call.via)
    refused = (partial.number or 1) if partial else 0
    issues: list[Issue] = []
    skus: list[str] = []
    numbers: set[int] = set()
    for position, message in enumerate(feed["messages"][:only]):
        found = _problems(message, numbers)
        if not found and position < refused:
            found = [("The message was refused.", "8541", "")]
        found = found or list(_apply(call, message))
        issues += [_issue(message, *each) for each in found]
        if not found:
            skus.append(message["sku"])
    return _report(call, job, feed["header"], len(feed["messages"]), issues, skus), True


def _read(content: bytes) -> tuple[dict[str, Any], str]:
    """The feed, or what is wrong with all of it."""
    try:
        feed = json.loads(content)
    except (ValueError, RecursionError):
        return {}, "The feed is not valid JSON."
    header = feed.get("header") if isinstance(feed, dict) else None
    if not isinstance(header, dict):
        return {}, "The feed has no header."
    if header.get("sellerId") != SELLER_ID:
        return {}, "The header's sellerId is not the one of this login."
    if header.get("version") != "2.0":
        return {}, "The header's version must be 2.0."
    if "report" in header and not _is_report(header["report"]):
        return {}, "The header's report needs includedData and apiVersion 2021-08-01."
    messages = feed.get("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= MOST_MESSAGES:
        return {}, f"The feed needs 1 to {MOST_MESSAGES} messages."
    return feed, ""


def _is_report(report: object) -> bool:
    sets = report.get("includedData") if isinstance(report, dict) else None
    is_known = isinstance(sets, list) and bool(sets) and all(name in shapes.SETS for name in sets)
    return is_known and isinstance(report, dict) and report.get("apiVersion") == "2021-08-01"


def _problems(message: object, numbers: set[int]) -> list[tuple[str, str, str]]:
    """Message, code and attribute of what keeps a message from being read."""
    if not isinstance(message, dict):
        return [("A message must be an object.", SCHEMA, "")]
    number, operation = message.get("messageId"), message.get("operationType")
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MOST_NUMBER:
        return [("messageId must be a whole number of at least 1.", SCHEMA, "")]
    if number in numbers:
        return [(f"messageId {number} is used twice.", SCHEMA, "")]
    numbers.add(number)
    if not isinstance(message.get("sku"), str) or not message["sku"]:
        return [("sku is required.", SCHEMA, "")]
    if not isinstance(operation, str) or operation not in _MEMBERS:
        return [(f"operationType {operation} is not one of {', '.join(_MEMBERS)}.", SCHEMA, "")]
    needed, forbidden = _MEMBERS[operation]
    found = [f"{name} is required for {operation}." for name in needed if not message.get(name)]
    found += [f"{name} is not applicable to {operation}." for name in forbidden if name in message]
    if not isinstance(message.get("attributes", {}), dict):
        found.append("attributes must be an object.")
    elif operation == "PATCH" and not found and (problem := patches.shape_problem(message["patches"])):
        found.append(problem)
    return [(words, SCHEMA, "") for words in found]


def _apply(call: Call, message: Message) -> Iterator[tuple[str, str, str]]:
    """Do it; yields the issues that kept it from being done. An unknown SKU is accepted without a word."""
    listing = call.account.exact(message["sku"])
    match message["operationType"]:
        case "DELETE":
            if listing is not None:
                call.account.remove(listing)
            return
        case "UPDATE":
            yield "The sandbox does not make listings: send PATCH or PARTIAL_UPDATE.", "4000003", ""
            return
        case "PARTIAL_UPDATE":
            operations = [
                {"op": "replace", "path": f"/attributes/{name}", "value": value}
                for name, value in message["attributes"].items()
            ]
            if problem := patches.shape_problem(operations):
                yield problem, SCHEMA, ""
                return
        case _:
            operations = message["patches"]
    changes, issues = patches.read(operations)
    for issue in issues:
        yield issue["message"], issue["code"], issue["attributeNames"][0]
    if not issues and listing is not None:
        patches.apply(call.shop, listing, changes, call.via)


def _issue(message: object, words: str, code: str, attribute: str) -> Issue:
    issue: Issue = {"code": code, "severity": "ERROR", "message": words}
    if isinstance(message, dict):
        number, sku = message.get("messageId"), message.get("sku")
        if isinstance(number, int) and not isinstance(number, bool) and number >= 1:
            issue["messageId"] = number
        if isinstance(sku, str) and sku:
            issue["sku"] = sku
    return issue | ({"attributeName": attribute} if attribute else {})


def _report(call: Call, job: Job, header: dict[str, Any], count: int, issues: list[Issue], skus: list[str]) -> bytes:
    summary: dict[str, Any] = {
        "errors": len(issues),
        "warnings": 0,
        "messagesProcessed": count,
        "messagesAccepted": len(skus),
        "messagesInvalid": count - len(skus),
    }
    about = {"sellerId": SELLER_ID, "version": "2.0", "feedId": job.id}
    report: dict[str, Any] = {"header": about, "issues": issues, "summary": summary}
    if "report" in header:
        about["report"] = header["report"]
        rows = [row for sku in skus if (row := call.account.exact(sku))]
        sets = header["report"]["includedData"]
        report["items"] = [shapes.item(call.shop, call.account, row, sets) for row in rows]
        summary["itemSummary"] = {"items": len(rows), "errors": 0, "warnings": 0}
    return json.dumps(report).encode()
