"""Changes of a listing's stock, by PATCH or by a message of a feed: what is wrong with them, and what they do."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from ..faults import Via
from ..shop import Shop
from .account import AMAZON, DEFAULT, AmazonListing

OPS = ("add", "replace", "merge", "delete")
ATTRIBUTE = "fulfillment_availability"
CODE, QUANTITY = "fulfillment_channel_code", "quantity"
_KEYS = {CODE, QUANTITY, "marketplace_id", "lead_time_to_ship_max_days", "restock_date", "is_inventory_available"}

Issue = dict[str, Any]


class Change(NamedTuple):
    """One operation that was found good."""

    op: str
    entries: list[dict[str, Any]]


def shape_problem(patches: object) -> str:
    """Why these are no patches at all (the documents' PatchOperation); blank when they are."""
    if not isinstance(patches, list) or not patches:
        return "patches must be a list of at least one operation."
    for patch in patches:
        if not isinstance(patch, dict) or patch.get("op") not in OPS or not isinstance(patch.get("path"), str):
            return f"Each patch needs a path and an op of {', '.join(OPS)}."
        value = patch.get("value", [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            return "The value of a patch must be a list of objects."
    return ""


def read(patches: list[dict[str, Any]]) -> tuple[list[Change], list[Issue]]:
    """The changes, and the issues that keep all of them from being made. The codes are not documented."""
    changes, issues = [], []
    for patch in patches:
        name = str(patch["path"]).removeprefix("/attributes/")
        if name != ATTRIBUTE or name == patch["path"]:
            issues.append(_issue("90000900", f"'{name}' is not an attribute that can be changed here.", name))
            continue
        entries = patch.get("value", [])
        if not entries and patch["op"] != "delete":
            issues.append(_issue("90220", f"'{ATTRIBUTE}' is required but not supplied."))
        for entry in entries:
            issues += _entry_issues(entry)
        changes.append(Change(patch["op"], entries))
    return changes, issues


def apply(shop: Shop, listing: AmazonListing, changes: list[Change], via: Via, wait: float = 0.0) -> None:
    """Note what was submitted at once; shoppers get it when the wait is over, through the waiting faults."""
    for change in changes:
        before = {entry[CODE]: entry for entry in listing.submitted}
        listing.submitted = list(_after(before, change).values())
    listing.touch()
    if wait:
        shop.later(wait, lambda: _take_effect(shop, listing, changes, via))
    else:
        _take_effect(shop, listing, changes, via)


def _after(before: dict[str, dict[str, Any]], change: Change) -> dict[str, dict[str, Any]]:
    """An entry is known by its channel: replacing drops what is left out of it, merging keeps that.

    An entry for another channel stands beside those there are, whatever the operation: only deleting takes one away.
    """
    sent = {entry[CODE]: dict(entry) for entry in change.entries}
    match change.op:
        case "delete":
            return {code: entry for code, entry in before.items() if change.entries and code not in sent}
        case "merge":
            return before | {code: before.get(code, {}) | entry for code, entry in sent.items()}
    return before | sent


def _take_effect(shop: Shop, listing: AmazonListing, changes: list[Change], via: Via) -> None:
    if shop.accounts["amazon"].listings.get(listing.id) is not listing:
        return  # it was taken away meanwhile
    channels = {entry[CODE] for entry in listing.submitted}
    if AMAZON not in channels:
        listing.amazon_quantity = None
    elif listing.amazon_quantity is None:
        listing.amazon_quantity = 0
    if DEFAULT not in channels:
        listing.drop_default()
        return
    for quantity in _written(changes):
        shop.push("amazon", listing.id, quantity, via)


def _written(changes: list[Change]) -> list[int]:
    """The quantities written for the seller's own channel: nothing where merging leaves the old one alone."""
    sent = [(change.op, entry) for change in changes for entry in change.entries if entry[CODE] == DEFAULT]
    return [
        int(entry.get(QUANTITY, 0)) for op, entry in sent if op != "delete" and (QUANTITY in entry or op != "merge")
    ]


def _entry_issues(entry: dict[str, Any]) -> list[Issue]:
    issues = []
    if entry.get(CODE) is None:
        issues.append(_issue("90220", f"'{CODE}' is required but not supplied."))
    elif entry[CODE] not in (DEFAULT, AMAZON):
        issues.append(_issue("90244", f"'{entry[CODE]}' is not a valid value of '{CODE}'."))
    for name in entry:
        if name not in _KEYS:
            issues.append(_issue("90000900", f"'{name}' is not a part of '{ATTRIBUTE}'."))
    quantity = entry.get(QUANTITY, 0)
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 0:
        issues.append(_issue("90244", f"'{quantity}' is not a valid value of '{QUANTITY}'."))
    lead = entry.get("lead_time_to_ship_max_days", 1)
    if isinstance(lead, bool) or not isinstance(lead, int) or not 0 <= lead <= 30:
        issues.append(_issue("90244", f"'{lead}' is not a valid value of 'lead_time_to_ship_max_days'."))
    if "restock_date" in entry and not _is_date(entry["restock_date"]):
        issues.append(_issue("90244", f"'{entry['restock_date']}' is not a valid value of 'restock_date'."))
    return issues


def _is_date(value: object) -> bool:
    try:
        return bool(isinstance(value, str) and datetime.fromisoformat(value))
    except ValueError:
        return False


def _issue(code: str, message: str, name: str = ATTRIBUTE) -> Issue:
    category = "MISSING_ATTRIBUTE" if code == "90220" else "INVALID_ATTRIBUTE"
    issue: Issue = {"code": code, "message": message, "severity": "ERROR"}
    return issue | {"attributeNames": [name], "categories": [category]}
