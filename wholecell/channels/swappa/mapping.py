"""The proposed listings in our words. Pure: no call is made here. Nothing of it is confirmed; see README.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wholecell.channels.contract import ListingPage, ListingState, RemoteListing, RemoteQuantity
from wholecell.channels.http import plain
from wholecell.channels.values import hundredths, is_storable, whole

LONGEST_ID, LONGEST_SKU, LONGEST_CURSOR = 50, 255, 2000
SHOWN = ("carrier", "storage", "color", "condition")  # what tells listings of one title apart, in Swappa's words


class UnreadableError(ValueError):
    """An answer or a row is not as proposed; the text says what is wrong."""


def listing_page(answer: object, number: int, began_at: datetime) -> tuple[ListingPage, str]:
    """Read one page and the cursor of the next, empty at the end. Raises UnreadableError when it is no page."""
    rows, cursor = page_of(answer, "listings")
    listings, unreadable = [], []
    for row in rows:
        try:
            listings.append(listing(row))
        except UnreadableError as error:
            unreadable.append(str(error))
    return ListingPage(listings, number, None, tuple(unreadable), began_at), cursor


def page_of(answer: object, key: str) -> tuple[list[object], str]:
    """Return the rows of a page and the next cursor. Raises UnreadableError, also for a cursor that is no text."""
    if not isinstance(answer, dict) or not isinstance(answer.get(key), list):
        raise UnreadableError(f"it has no list of {key}")
    cursor = answer.get("next_cursor") or ""
    if not isinstance(cursor, str) or len(cursor) > LONGEST_CURSOR or not is_storable(cursor):
        raise UnreadableError("its next_cursor is no text")
    return answer[key], cursor


def listing(row: object) -> RemoteListing:
    """Read one listing. Raises UnreadableError when nothing could find it again: no id, or no usable SKU."""
    if not isinstance(row, dict):
        raise UnreadableError("A row of the answer is no listing.")
    external_id = id_of(row)
    sku = row.get("sku") or ""
    if not external_id:
        raise UnreadableError(f"A listing has no usable id (SKU {plain(sku, 80)}).")
    if not isinstance(sku, str) or len(sku) > LONGEST_SKU or not is_storable(sku):
        raise UnreadableError(f"Listing {external_id} has an SKU that cannot be stored.")
    state, reason = _state(row)
    return RemoteListing(
        external_id=external_id,
        sku=sku,
        title=text(row.get("title"), 300) or text(row.get("product"), 300),
        state=state,
        quantity=whole(row.get("quantity")),
        price_cents=hundredths(row.get("price")),
        currency=text(row.get("currency"), 3),
        detail=", ".join(filter(None, (text(row.get(name), 40) for name in SHOWN))),
        channel_state=text(row.get("status"), 40),
        state_reason=reason,
        url=_link(row.get("url")),
    )


def reading(found: RemoteListing, began_at: datetime) -> RemoteQuantity:
    """The listing as a reading of its quantity."""
    is_over = found.state is ListingState.ENDED
    quantity = None if is_over else found.quantity
    return RemoteQuantity(found.external_id, quantity, began_at, found.state, found.state_reason)


def stored_quantity(answer: object, external_id: str) -> int:
    """Return the quantity that the answer to a change shows. Raises UnreadableError without one."""
    if not isinstance(answer, dict):
        raise UnreadableError("it is no listing")
    if id_of(answer) not in {external_id, ""}:
        raise UnreadableError("it is about another listing")
    if (quantity := whole(answer.get("quantity"))) is None:
        raise UnreadableError("it shows no quantity")
    return quantity


def id_of(row: Mapping[str, Any]) -> str:
    """The id of a row; empty when there is none that could be sent back."""
    value = row.get("id")
    found = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return found if re.fullmatch(rf"[!-~]{{1,{LONGEST_ID}}}", found, re.ASCII) else ""


def text(value: object, longest: int) -> str:
    """A text of Swappa's as one line; empty for anything that is none."""
    return plain(value, longest) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _state(row: Mapping[str, Any]) -> tuple[ListingState, str]:
    word, quantity = text(row.get("status"), 40), whole(row.get("quantity"))
    if word == "removed":
        return ListingState.ENDED, ""
    if quantity is None:
        return ListingState.NEEDS_ATTENTION, "Swappa shows no usable quantity."
    if word in {"active", "sold"} or (word == "inactive" and quantity == 0):
        is_there = word == "active" and quantity > 0
        return (ListingState.ACTIVE if is_there else ListingState.OUT_OF_STOCK), ""
    if word == "inactive":
        return ListingState.NEEDS_ATTENTION, "It is inactive on Swappa although it has stock."
    return ListingState.NEEDS_ATTENTION, f"Swappa shows a state that is not known here: {word or 'none'}."


def _link(value: object) -> str:
    return value if isinstance(value, str) and value.startswith("https://") and len(value) <= 500 else ""
