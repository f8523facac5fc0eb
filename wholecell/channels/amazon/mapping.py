"""Amazon's JSON of listings to our records and back. Pure: no call is made here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from wholecell.channels.amazon.settings import Marketplace
from wholecell.channels.contract import ListingState, QuantityChange, RemoteListing, RemoteQuantity
from wholecell.channels.http import plain
from wholecell.channels.values import LARGEST, hundredths, is_storable, whole

LONGEST_SKU = 120  # Amazon's have at most 40 characters
NO_SKUS = frozenset({"", ".", ".."})  # in a path, dots alone would name another place
OURS = "DEFAULT"  # the code of what the seller ships; all others are of Amazon's own warehouses
PATH = "/attributes/fulfillment_availability"
CONDITIONS = {
    "1": "Used, like new",
    "2": "Used, very good",
    "3": "Used, good",
    "4": "Used, acceptable",
    "5": "Collectible, like new",
    "6": "Collectible, very good",
    "7": "Collectible, good",
    "8": "Collectible, acceptable",
    "10": "Refurbished",
    "11": "New",
    "refurbished_refurbished": "Refurbished",
    "new_new": "New",
}


class UnreadableError(ValueError):
    """An answer or a row is not what Amazon documents; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an error body says first; `is_error` tells it from other bodies."""

    code: str = ""
    message: str = ""
    details: str = ""
    is_error: bool = False


def said(json: object) -> Said:
    """Read an error body; what is none says nothing."""
    errors = rows(json.get("errors")) if isinstance(json, dict) else []
    if not errors:
        return Said()
    first = errors[0]
    return Said(text(first.get("code"), 80), text(first.get("message")), text(first.get("details")), is_error=True)


def listing(row: Mapping[str, Any], marketplace_id: str, marketplace: Marketplace) -> RemoteListing | None:
    """Read one listing; None for the parent of variations, which is not for sale. Raises UnreadableError."""
    sku = usable_sku(row.get("sku"))
    summary = _of(row.get("summaries"), marketplace_id)
    if not _has_offer(row, marketplace_id) and _is_parent(row, marketplace_id):
        return None
    amount, currency = _price(row, marketplace_id)
    quantity, is_ours = _availability(row)
    state, reason = _state(row, summary, quantity, is_ours)
    asin = text(summary.get("asin"), 40)
    return RemoteListing(
        external_id=sku,
        sku=sku,
        title=text(summary.get("itemName")),
        state=state,
        quantity=quantity,
        price_cents=amount,
        currency=currency or (marketplace.currency if amount is not None else ""),
        detail=condition(summary.get("conditionType")),
        channel_state=_shown_state(summary),
        state_reason=reason,
        other_ids={"asin": asin} if asin else {},
        pushable=is_ours,
        url=page_of(asin, marketplace),
    )


def reading(row: object, sku: str, marketplace_id: str, began_at: datetime) -> RemoteQuantity:
    """Read the quantity of the listing asked for. Raises UnreadableError when it is another one."""
    if not isinstance(row, dict) or row.get("sku") != sku:
        raise UnreadableError("the answer is about another listing")
    quantity, is_ours = _availability(row)
    state, reason = _state(row, _of(row.get("summaries"), marketplace_id), quantity, is_ours)
    return RemoteQuantity(sku, quantity, began_at, state, reason, pushable=is_ours)


def patch(quantity: int) -> dict[str, object]:
    """What sets the quantity: merged, so that a restock date and a handling time stay ("Merge a listing")."""
    value = [{"fulfillment_channel_code": OURS, "quantity": quantity}]
    # "PRODUCT" stands for every product type where only the offer is changed.
    return {"productType": "PRODUCT", "patches": [{"op": "merge", "path": PATH, "value": value}]}


def message(change: QuantityChange, salt: int = 0) -> dict[str, object]:
    """One message of a feed of quantities."""
    return {
        "messageId": message_id(change.external_id, salt),
        "sku": change.external_id,
        "operationType": "PATCH",
        **patch(change.quantity),
    }


def message_id(sku: str, salt: int = 0) -> int:
    """The number of a SKU in a feed: the answer may name it alone, and by then the feed's order is forgotten.

    `salt` is the feed's: among 25,000 SKUs two have one number in every seventh feed, under another salt they have two.
    """
    salted = f"{salt} {sku}" if salt else sku
    return int.from_bytes(hashlib.sha256(salted.encode("utf-8", "replace")).digest()[:4]) % LARGEST + 1


def salt_of(changes: Sequence[QuantityChange]) -> int:
    """The first salt under which each of these has a number of its own."""
    skus = {change.external_id for change in changes}
    return next(salt for salt in count() if len({message_id(sku, salt) for sku in skus}) == len(skus))


def errors_of(issues: object) -> str:
    """What the issues of severity ERROR say, for people."""
    found = [text(each.get("message")) for each in rows(issues) if each.get("severity") == "ERROR"]
    return plain(" ".join(dict.fromkeys(filter(None, found))), 600)


def page_of(asin: str, marketplace: Marketplace) -> str:
    """The product's page in the shop."""
    return f"https://www.{marketplace.domain}/dp/{asin}" if re.fullmatch(r"[0-9A-Z]{10}", asin) else ""


def condition(value: object) -> str:
    """The condition's name for people, of a report's number or an answer's word."""
    word = text(value, 60)
    return CONDITIONS.get(word) or word.replace("_", ", ", 1).replace("_", " ").capitalize()


def usable_sku(value: object) -> str:
    """The SKU letter for letter. Raises UnreadableError for what cannot be stored."""
    is_usable = isinstance(value, str) and value.strip() not in NO_SKUS and len(value) <= LONGEST_SKU
    if not isinstance(value, str) or not is_usable or not is_storable(value):
        raise UnreadableError(f"A listing has no usable SKU ({plain(value, 80)}).")
    return value


def rows(value: object) -> list[dict[str, Any]]:
    """The objects of a list; what is no list has none."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def block(value: object) -> Mapping[str, Any]:
    """An optional block of an answer: an empty one where it is missing."""
    return value if isinstance(value, dict) else {}


def text(value: object, longest: int = 300) -> str:
    """A text of an answer; what is missing is empty."""
    return "" if value is None else plain(value, longest)


def money(value: object) -> tuple[int | None, str]:
    """An amount with its currency."""
    given = block(value)
    return hundredths(given.get("amount")), text(given.get("currencyCode"), 3)


def stamp(at: datetime) -> str:
    """A time as Amazon reads it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_stock_state(quantity: int | None, *, is_active: bool, reason: str) -> tuple[ListingState, str]:
    """The state of a listing that is on sale or not: hidden at 0 it is only out of stock."""
    if is_active:
        return ListingState.ACTIVE, ""
    if quantity == 0:
        return ListingState.OUT_OF_STOCK, ""
    return ListingState.NEEDS_ATTENTION, reason


def _of(value: object, marketplace_id: str) -> Mapping[str, Any]:
    return next((each for each in rows(value) if each.get("marketplaceId") == marketplace_id), {})


def _relations(row: Mapping[str, Any], marketplace_id: str) -> Iterator[Mapping[str, Any]]:
    yield from rows(_of(row.get("relationships"), marketplace_id).get("relationships"))


def _is_parent(row: Mapping[str, Any], marketplace_id: str) -> bool:
    return any(each.get("type") == "VARIATION" and each.get("childSkus") for each in _relations(row, marketplace_id))


def _has_offer(row: Mapping[str, Any], marketplace_id: str) -> bool:
    return bool(_of(row.get("offers"), marketplace_id)) or bool(rows(row.get("fulfillmentAvailability")))


def _price(row: Mapping[str, Any], marketplace_id: str) -> tuple[int | None, str]:
    """What everybody pays: not the price for businesses."""
    for offer in rows(row.get("offers")):
        if offer.get("marketplaceId") == marketplace_id and offer.get("offerType") == "B2C":
            return money(offer.get("price"))
    return None, ""


def _availability(row: Mapping[str, Any]) -> tuple[int | None, bool]:
    """The quantity we set, and whether the listing is ours to set: of Amazon's own stock it is not."""
    found = rows(row.get("fulfillmentAvailability"))
    if any(each.get("fulfillmentChannelCode") not in (OURS, None) for each in found):
        return None, False
    ours = [whole(each.get("quantity")) for each in found if each.get("fulfillmentChannelCode") == OURS]
    return (ours[0] if ours else None), True


def _state(
    row: Mapping[str, Any], summary: Mapping[str, Any], quantity: int | None, is_ours: bool
) -> tuple[ListingState, str]:
    words = summary.get("status")
    is_active = isinstance(words, list) and "BUYABLE" in words
    shipped = "" if is_ours else " Amazon ships it from its own stock."
    if not summary:
        reason = "Amazon does not show it in this marketplace."
    else:
        reason = errors_of(row.get("issues")) or "Amazon does not let it be bought."
    return in_stock_state(quantity, is_active=is_active, reason=reason + shipped)


def _shown_state(summary: Mapping[str, Any]) -> str:
    words: Sequence[object] = summary["status"] if isinstance(summary.get("status"), list) else ()
    return plain(", ".join(str(word).capitalize() for word in words), 60) or "Not buyable"
