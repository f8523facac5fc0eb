"""The report of all listings: tab-separated text whose columns vary by account and time, so they go by their names.

Columns as in "Report Type Values, Inventory Reports" under GET_MERCHANT_LISTINGS_ALL_DATA. Nothing is quoted: a
quotation mark is an inch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from wholecell.channels.amazon.mapping import (
    OURS,
    UnreadableError,
    condition,
    in_stock_state,
    page_of,
    text,
    usable_sku,
)
from wholecell.channels.amazon.settings import Marketplace
from wholecell.channels.contract import ListingPage, ListingState, RemoteListing
from wholecell.channels.values import hundredths, whole

PAGE_ROWS = 500  # stored together
SKU = "seller-sku"


def pages(
    lines: Iterable[str], marketplace: Marketplace, as_of: datetime, *, online_only: bool, total: int | None = None
) -> Iterator[ListingPage]:
    """Read the report page by page; with `online_only` what is not on sale is left out.

    Raises UnreadableError when it has no column of SKUs.
    """
    number, listings, unreadable = 1, [], []
    for position, row in enumerate(_rows(lines), start=1):
        try:
            found = listing(row, marketplace)
            if found.state is ListingState.ACTIVE or not online_only:
                listings.append(found)
        except UnreadableError as error:
            unreadable.append(f"Row {position}: {error}")
        if len(listings) + len(unreadable) >= PAGE_ROWS:
            yield ListingPage(listings, number, total, tuple(unreadable), as_of)
            number, listings, unreadable = number + 1, [], []
    if listings or unreadable or number == 1:
        yield ListingPage(listings, number, total, tuple(unreadable), as_of)


def listing(row: Mapping[str, str], marketplace: Marketplace) -> RemoteListing:
    """Read one row. Raises UnreadableError without a usable SKU; every other column may be missing."""
    sku = usable_sku(row.get(SKU))
    channel = row.get("fulfillment-channel", "").strip()
    is_ours = channel in ("", OURS)
    quantity = whole(row.get("quantity", "")) if is_ours else None
    word, asin = text(row.get("status"), 60), text(row.get("asin1"), 40)
    price = hundredths(row.get("price", ""))
    state, reason = _state(word, quantity, is_ours)
    return RemoteListing(
        external_id=sku,
        sku=sku,
        title=text(row.get("item-name")),
        state=state,
        quantity=quantity,
        price_cents=price,
        currency="" if price is None else marketplace.currency,
        detail=condition(row.get("item-condition", "").strip()),
        channel_state=word,
        state_reason=reason,
        other_ids={"asin": asin} if asin else {},
        pushable=is_ours,
        url=page_of(asin, marketplace),
    )


def _state(word: str, quantity: int | None, is_ours: bool) -> tuple[ListingState, str]:
    """`status` may be missing: then the quantity alone tells."""
    if not word:
        return in_stock_state(quantity, is_active=quantity != 0, reason="")
    shipped = "" if is_ours else " Amazon ships it from its own stock."
    reason = f"Amazon shows it as {word}.{shipped}"
    return in_stock_state(quantity, is_active=word.casefold() == "active", reason=reason)


def _rows(lines: Iterable[str]) -> Iterator[Mapping[str, str]]:
    names: list[str] = []
    for line in lines:
        cells = line.rstrip("\r\n").split("\t")
        if not names:
            names = [cell.strip().casefold() for cell in cells]
            if SKU not in names:
                raise UnreadableError(f"it has no column {SKU}")
        elif any(cells):
            yield _row(names, cells)


def _row(names: list[str], cells: list[str]) -> Mapping[str, str]:
    # A cell too many moves all that follow: such a row says nothing for sure, so its SKU is left out.
    is_moved = len(cells) > len(names) and any(cells[len(names) :])
    return {} if is_moved else dict(zip(names, cells, strict=False))
