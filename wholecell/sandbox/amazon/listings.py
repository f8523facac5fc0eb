"""Listings Items 2021-08-01: reading, searching, and changing the stock of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from werkzeug.wrappers import Response

from ..paging import page_of
from . import patches, shapes
from .access import check_seller
from .account import MARKETPLACE_ID, AmazonListing
from .answers import answer, error, refuse
from .call import Call, fields_of, token_of

MOST_PAGED = 1_000
_TYPES = ("ASIN", "EAN", "FNSKU", "GTIN", "ISBN", "JAN", "MINSAN", "SKU", "UPC")
_KEYS: dict[str, Callable[[AmazonListing], Any]] = {
    "sku": lambda row: row.sku,
    "createdDate": lambda row: row.created,
    "lastUpdatedDate": lambda row: row.changed,
}


def search(call: Call, seller: str) -> Response:
    """searchListingsItems: the last updated first, at most 1000 however many are found."""
    check_seller(call.account, seller)
    call.marketplaces()
    sets = call.many("includedData", known=shapes.SETS) or ["summaries"]
    size, token = call.whole("pageSize", 10, 20), call.text("pageToken")
    found = _found(call)
    key = _KEYS[call.word("sortBy", _KEYS, "lastUpdatedDate")]
    found.sort(key=lambda row: row.number, reverse=True)
    found.sort(key=key, reverse=call.word("sortOrder", ("ASC", "DESC"), "DESC") == "DESC")
    number = _page_number(token, size) if token is not None else 1
    page = page_of(call.shop, call.account, call.via, found, number, size)
    pages = {"nextToken": page.next if number * size < MOST_PAGED else None, "previousToken": page.previous}
    shape = {
        "numberOfResults": len(found),
        "items": [shapes.item(call.shop, call.account, row, sets) for row in page.rows],
    }
    tokens = {name: token_of({"page": page_number}) for name, page_number in pages.items() if page_number}
    return answer(shape | ({"pagination": tokens} if tokens else {}))


def show(call: Call, seller: str, sku: str) -> Response:
    """getListingsItem."""
    check_seller(call.account, seller)
    call.marketplaces()
    sets = call.many("includedData", known=shapes.SETS) or ["summaries"]
    listing = call.account.exact(sku)
    if listing is None:
        return error(404, "NOT_FOUND", f"SKU '{sku}' not found in marketplace {MARKETPLACE_ID}")
    return answer(shapes.item(call.shop, call.account, listing, sets))


def patch(call: Call, seller: str, sku: str) -> Response:
    """patchListingsItem: 200 whether it is taken (ACCEPTED) or wrong (INVALID).

    An unknown SKU is taken as well: it could become a listing (the operation lists no 404), but it never shows.
    """
    check_seller(call.account, seller)
    call.marketplaces()
    sets = call.many("includedData", known=("identifiers", "issues")) or ["issues"]
    is_preview = call.text("mode") is not None and call.word("mode", ("VALIDATION_PREVIEW",), "") != ""
    body = call.body()
    if not isinstance(body.get("productType"), str) or not body["productType"]:
        raise refuse("productType is required.")
    if problem := patches.shape_problem(body.get("patches")):
        raise refuse(problem)
    changes, issues = patches.read(body["patches"])
    listing = call.account.exact(sku)
    if not issues and not is_preview and listing is not None:
        patches.apply(call.shop, listing, changes, call.via, call.account.settings["patch_seconds"])
    good = "VALID" if is_preview else "ACCEPTED"
    shape: dict[str, Any] = {"sku": sku, "status": "INVALID" if issues else good, "submissionId": uuid4().hex}
    if "issues" in sets or issues:
        shape["issues"] = issues
    if "identifiers" in sets and listing is not None:
        shape["identifiers"] = [{"marketplaceId": MARKETPLACE_ID, "asin": listing.asin}]
    return answer(shape)


def _page_number(token: str, size: int) -> int:
    number = fields_of(token, "pageToken").get("page")
    if not isinstance(number, int) or number < 1 or (number - 1) * size >= MOST_PAGED:
        raise refuse("pageToken is not a token of ours.")
    return number


def _found(call: Call) -> list[AmazonListing]:
    rows = [cast(AmazonListing, row) for row in call.account.listings.values()]
    tests = [_by_identifier(call), _by_parent(call), _by_status(call), _by_severity(call), *_by_time(call)]
    return [row for row in rows if all(test(row) for test in tests)]


Test = Callable[[AmazonListing], bool]


def _by_identifier(call: Call) -> Test:
    values, kind = call.many("identifiers", most=20), call.word("identifiersType", _TYPES, "")
    if (values is None) != (kind == ""):
        raise refuse("identifiers and identifiersType go together.")
    if values is None:
        return lambda row: True
    if call.text("variationParentSku") is not None or call.text("packageHierarchySku") is not None:
        raise refuse("identifiers cannot be combined with variationParentSku or packageHierarchySku.")
    if kind == "ASIN":
        return lambda row: row.asin in values
    return lambda row: kind == "SKU" and row.sku in values  # the sandbox's phones have no other number


def _by_parent(call: Call) -> Test:
    parent, package = call.text("variationParentSku"), call.text("packageHierarchySku")
    if parent is not None and package is not None:
        raise refuse("variationParentSku cannot be combined with packageHierarchySku.")
    if package is not None:
        return lambda row: False  # nothing here is packed in something else
    return lambda row: parent is None or row.parent_sku == parent


def _by_status(call: Call) -> Test:
    words = ("BUYABLE", "DISCOVERABLE")
    wanted, unwanted = call.many("withStatus", known=words), call.many("withoutStatus", known=words)

    def test(row: AmazonListing) -> bool:
        shown = row.shown(call.now)
        has = {"BUYABLE": shown.is_buyable, "DISCOVERABLE": shown.for_sale}
        return all(has[word] for word in wanted or ()) and not any(has[word] for word in unwanted or ())

    return test


def _by_severity(call: Call) -> Test:
    wanted = call.many("withIssueSeverity", known=("WARNING", "ERROR"))
    return lambda row: wanted is None or ("ERROR" in wanted and (row.is_blocked or row.is_incomplete))


def _by_time(call: Call) -> list[Test]:
    def between(key: Callable[[AmazonListing], datetime], name: str) -> Test:
        after, before = call.moment(f"{name}After"), call.moment(f"{name}Before")
        return lambda row: (after is None or key(row) >= after) and (before is None or key(row) <= before)

    return [between(_KEYS["createdDate"], "created"), between(_KEYS["lastUpdatedDate"], "lastUpdated")]
