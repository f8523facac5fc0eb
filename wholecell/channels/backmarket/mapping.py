"""Back Market's JSON to our records and back. Pure: no call is made here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from wholecell.channels.contract import (
    ListingPage,
    ListingState,
    QuantityChange,
    RemoteListing,
    RemoteQuantity,
)
from wholecell.channels.http import plain
from wholecell.channels.values import hundredths, is_storable, whole

ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}", re.ASCII)
LONGEST_SKU = 255

# The official document only lists the numbers; the meanings are from sellers' public code.
REASONS = {
    0: "The price or the comment is missing on Back Market.",
    1: "Back Market has not checked it yet.",
    3: "It is offline on Back Market although it has stock.",
    4: "It is deactivated on Back Market.",
}
GRADES = {9: "Premium", 0: "Excellent", 1: "Very good", 2: "Good", 3: "Fair", 4: "Stallone"}


class UnreadableError(ValueError):
    """An answer or a row is not what Back Market documents; the text says what is wrong."""


class TaskState(Enum):
    """How far a bulk update is. The numbers 3 and 7 are undocumented and count as running."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Said:
    """What an error body says. `is_error` tells the `error` object of Back Market itself from other bodies."""

    code: str = ""
    message: str = ""
    is_error: bool = False


def listing_page(json: object, page: int) -> tuple[ListingPage, bool]:
    """Read one page and whether another follows. Raises UnreadableError when it is no page at all."""
    if not isinstance(json, dict) or not isinstance(json.get("results"), list):
        raise UnreadableError("the answer has no list of listings")
    listings, unreadable = [], []
    for row in json["results"]:
        try:
            listings.append(listing(row))
        except UnreadableError as error:
            unreadable.append(str(error))
    total = whole(json.get("count"))
    return ListingPage(listings, page, total, tuple(unreadable)), json.get("next") is not None


def listing(row: object) -> RemoteListing:
    """Read one listing. Raises UnreadableError when nothing could find it again: no id, or no usable SKU."""
    if not isinstance(row, dict):
        raise UnreadableError("A row of the answer is no listing.")
    external_id, sku = _id(row), str(_or_blank(row.get("sku")))
    if len(sku) > LONGEST_SKU or not is_storable(sku):
        raise UnreadableError(f"Listing {external_id} has an SKU that cannot be stored.")
    state, reason = _state(row)
    return RemoteListing(
        external_id=external_id,
        sku=sku,
        title=plain(row.get("title") or ""),
        state=state,
        quantity=whole(row.get("quantity")),
        price_cents=hundredths(row.get("price")),
        currency=plain(row.get("currency") or "", 3),
        detail=_grade(row),
        channel_state=plain(_or_blank(row.get("publication_state")), 40),
        state_reason=reason,
        other_ids={
            name: plain(row[name], 64)
            for name in ("listing_id", "product_id", "backmarket_id")
            if isinstance(row.get(name), str | int)
        },
    )


def reading(json: object, external_id: str, began_at: datetime) -> RemoteQuantity:
    """Read one listing's quantity. Raises UnreadableError when it is another listing or shows no number."""
    quantity = stored_quantity(json, external_id)
    assert isinstance(json, dict)
    state, reason = _state(json)
    return RemoteQuantity(external_id, quantity, began_at, state, reason)


def stored_quantity(json: object, external_id: str) -> int:
    """Return the quantity in the answer to a single update or reading. Raises UnreadableError without one."""
    if not isinstance(json, dict):
        raise UnreadableError("the answer is no listing")
    if external_id not in (str(json.get("id")), str(json.get("listing_id"))):
        raise UnreadableError("the answer is about another listing")
    quantity = whole(json.get("quantity"))
    if quantity is None:
        raise UnreadableError("the answer shows no quantity")
    return quantity


def catalog(changes: Sequence[QuantityChange]) -> dict[str, str]:
    """Return the body of a bulk update. The document contradicts itself on the format: what is declared counts."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=",", quotechar='"', quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["sku", "quantity"])
    writer.writerows([change.sku, change.quantity] for change in changes)
    return {"catalog": text.getvalue(), "quotechar": '"', "delimiter": ",", "encoding": "utf-8"}


def task_id(json: object) -> str:
    """Return the receipt of a bulk update. Raises UnreadableError without one."""
    number = json.get("bodymessage") if isinstance(json, dict) else None
    if isinstance(number, bool) or not isinstance(number, str | int) or not ID.fullmatch(str(number)):
        raise UnreadableError("the answer names no task")
    return str(number)


def task(json: object) -> tuple[TaskState, str]:
    """Read a bulk update's state and, when it failed, why. Raises UnreadableError when it has no state."""
    status = whole(json.get("action_status")) if isinstance(json, dict) else None
    if not isinstance(json, dict) or status is None:
        raise UnreadableError("the answer shows no task state")
    states = {9: TaskState.DONE, 8: TaskState.FAILED}
    return states.get(status, TaskState.RUNNING), plain(json.get("last_action_error") or "")


def said(json: object) -> Said:
    """Read an error body: `error`, then `errors`, then a bare string. HTML and all else says nothing."""
    if isinstance(json, dict) and json.get("error"):
        error = json["error"]
        return _said(error, is_error=True) if isinstance(error, dict) else Said("", plain(error), is_error=True)
    if isinstance(json, dict) and isinstance(json.get("errors"), list) and json["errors"]:
        first = json["errors"][0]
        return _said(first) if isinstance(first, dict) else Said("", plain(first))
    return Said("", plain(json)) if isinstance(json, str) else Said()


def _id(row: dict[str, Any]) -> str:
    value = row.get("id")
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise UnreadableError(f"A listing has no usable id (SKU {plain(row.get('sku'), 80)}).")
    return value


def _state(row: dict[str, Any]) -> tuple[ListingState, str]:
    number, quantity = whole(row.get("publication_state")), whole(row.get("quantity"))
    if quantity is None:
        shown = plain(row.get("quantity"), 40)
        return ListingState.NEEDS_ATTENTION, f"Back Market shows no usable quantity: {shown}."
    if number == 2:
        return ListingState.ACTIVE, ""
    if number == 3 and quantity == 0:
        return ListingState.OUT_OF_STOCK, ""
    unknown = f"Back Market shows a state that is not known here: {plain(row.get('publication_state'), 40)}."
    return ListingState.NEEDS_ATTENTION, REASONS.get(-1 if number is None else number, unknown)


def _grade(row: dict[str, Any]) -> str:
    grade = row.get("grade")
    if isinstance(grade, str) and grade:
        return plain(grade, 40).replace("_", " ").capitalize()
    return GRADES.get(number, "") if (number := whole(row.get("state"))) is not None else ""


def _or_blank(value: object) -> object:
    return "" if value is None else value


def _said(error: dict[str, Any], *, is_error: bool = False) -> Said:
    return Said(plain(_or_blank(error.get("code")), 80), plain(_or_blank(error.get("message"))), is_error)
