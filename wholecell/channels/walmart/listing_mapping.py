"""Walmart's items and inventories in our words. Nothing here calls anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wholecell.channels.contract import ListingPage, ListingState, RemoteListing
from wholecell.channels.values import is_storable
from wholecell.channels.walmart.values import UnreadableError, block, cents, rows, text, whole

LONGEST_SKU = 120  # Walmart's own limit is 50
OVER = frozenset({"ARCHIVED", "RETIRED"})
REASONS = {
    "READY_TO_PUBLISH": "Walmart has not published it yet: it is ready to be.",
    "IN_PROGRESS": "Walmart is still working on it.",
    "STAGE": "It is staged at Walmart: it is published when your account is live.",
    "SYSTEM_PROBLEM": "Walmart has a problem with it. See Seller Center.",
    "UNPUBLISHED": "It is unpublished on Walmart. See Seller Center.",
}


@dataclass(frozen=True, slots=True)
class Stock:
    """What the list of inventories says of one SKU. `quantity` is what was sent, `sellable` what is left of it.

    Both are None where several ship nodes have a number: only the default node's is ours, and which that is the
    list does not say.
    """

    quantity: int | None
    sellable: int | None
    nodes: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, and what it says of the rest."""

    rows: list[dict[str, Any]]
    cursor: str
    total: int | None


def item_page(answer: object) -> Page:
    """Read a page of items. Raises UnreadableError when it is none."""
    if not isinstance(answer, dict) or not isinstance(answer.get("ItemResponse"), list):
        if isinstance(answer, dict) and whole(answer.get("totalItems")) == 0:
            return Page([], "", 0)
        raise UnreadableError("it has no list of items")
    return Page(rows(answer, "ItemResponse"), _cursor(answer.get("nextCursor")), whole(answer.get("totalItems")))


def stock_page(answer: object, as_of: datetime) -> tuple[dict[str, Stock], str]:
    """Read a page of inventories by SKU, and the cursor of the next. Raises UnreadableError when it is none."""
    if not isinstance(answer, dict) or not ("elements" in answer or "meta" in answer):
        raise UnreadableError("it has no list of inventories")
    found = {}
    for row in rows(answer, "elements", "inventories"):
        sku = row.get("sku")
        if isinstance(sku, str) and sku:
            found[sku] = stock(row, as_of)
    return found, _cursor(block(answer, "meta").get("nextCursor"))


def stock(row: Mapping[str, Any], as_of: datetime) -> Stock:
    """Read the inventory of one SKU over its ship nodes."""
    nodes = [each for each in rows(row, "nodes") if whole(block(each, "inputQty").get("amount")) is not None]
    if len(nodes) != 1:
        return Stock(None, None, len(nodes), as_of)
    amount, left = (whole(block(nodes[0], name).get("amount")) for name in ("inputQty", "availToSellQty"))
    return Stock(amount, left, 1, as_of)


def amount_of(answer: object, sku: str) -> int:
    """Read the quantity in the answer to a single reading or update. Raises UnreadableError without one."""
    if not isinstance(answer, dict):
        raise UnreadableError("it shows no quantity")
    if answer.get("sku") is not None and not _is(answer["sku"], sku):
        raise UnreadableError("it is about another SKU")
    amount = whole(block(answer, "quantity").get("amount"))
    if amount is None:
        raise UnreadableError("it shows no quantity")
    return amount


def single_item(answer: object, sku: str) -> dict[str, Any]:
    """Read the answer about one item: a list of one, or bare. Raises UnreadableError when it is about none."""
    for name in ("ItemResponse", "responseRecord"):
        for row in rows(answer, name) if isinstance(answer, dict) and name in answer else []:
            if _is(row.get("sku"), sku):
                return row
    raise UnreadableError("it holds no such item")


def listing_page(page: Page, number: int, stocks: Mapping[str, Stock], unreadable: tuple[str, ...] = ()) -> ListingPage:
    """Join items with their quantities; a row without a usable SKU is told of."""
    listings, problems = [], list(unreadable)
    for row in page.rows:
        try:
            sku = row.get("sku")
            listings.append(listing(row, stocks.get(sku) if isinstance(sku, str) else None))
        except UnreadableError as error:
            problems.append(str(error))
    times = [stocks[each.sku].as_of for each in listings if each.sku in stocks]
    return ListingPage(listings, number, page.total, tuple(problems), min(times, default=None))


def listing(row: Mapping[str, Any], stock: Stock | None) -> RemoteListing:
    """Read one item with its quantity. Raises UnreadableError without a usable SKU, the key of everything."""
    sku = row.get("sku")
    if not isinstance(sku, str) or not sku.strip() or len(sku) > LONGEST_SKU or not is_storable(sku):
        raise UnreadableError(f"An item has no usable SKU ({text(sku, 80)}).")
    state, reason = state_of(row, stock.quantity if stock else None)
    price = block(row, "price")
    return RemoteListing(
        external_id=sku,
        sku=sku,
        title=text(row.get("productName"), 500),
        state=state,
        quantity=stock.quantity if stock else None,
        price_cents=_price(price.get("amount")),
        currency=text(price.get("currency"), 3),
        detail=_detail(row),
        channel_state=", ".join(filter(None, (text(row.get(name), 28) for name in _STATE_NAMES))),
        state_reason=reason,
        other_ids={name: found for name in ("wpid", "gtin", "upc") if (found := text(row.get(name), 60))},
        sellable=stock.sellable if stock else None,
    )


_STATE_NAMES = ("publishedStatus", "lifecycleStatus")


def state_of(row: Mapping[str, Any], quantity: int | None) -> tuple[ListingState, str]:
    """What Walmart does with an item, and why it needs attention."""
    published, lifecycle = (text(row.get(name), 40).upper() for name in _STATE_NAMES)
    if lifecycle in OVER:
        return ListingState.ENDED, ""
    if published == "PUBLISHED" and lifecycle in {"ACTIVE", ""}:
        return (ListingState.OUT_OF_STOCK if quantity == 0 else ListingState.ACTIVE), ""
    given = block(row, "unpublishedReasons").get("reason")
    told = [text(each) for each in given] if isinstance(given, list) else [text(given)]
    shown = ", ".join(filter(None, (published, lifecycle))) or "none"
    reason = " ".join(filter(None, told)) or REASONS.get(published, f"Walmart shows a state unknown here: {shown}.")
    return ListingState.NEEDS_ATTENTION, reason


def _price(value: object) -> int | None:
    price = cents(value)
    return price if price is not None and price >= 0 else None


def _detail(row: Mapping[str, Any]) -> str:
    """What tells apart offers of one title: the condition, and what varies within the group of variants."""
    attributes = [text(each.get("value"), 40) for each in rows(row, "variantGroupInfo", "groupingAttributes")]
    return ", ".join(filter(None, (text(row.get("condition"), 40), *attributes)))


def _is(value: object, sku: str) -> bool:
    return isinstance(value, str | int) and str(value).strip() == sku.strip()


def _cursor(value: object) -> str:
    return value if isinstance(value, str) else ""
