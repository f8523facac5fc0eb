"""eBay's listings in our words, as Trading tells them. Nothing here calls anything."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element

from wholecell.channels.contract import ListingState, RemoteListing, RemoteQuantity
from wholecell.channels.ebay.trading_xml import every, exact, first, inner
from wholecell.channels.ebay.values import UnreadableError
from wholecell.channels.values import hundredths, is_storable, whole

FIXED_PRICE = frozenset({"", "FixedPriceItem", "StoresFixedPrice"})
OF_SKU, OF_SPECIFICS = ":", "~"  # between the number of a listing and what names its variation
LONGEST_SKU = 100  # eBay's have at most 50 characters, or 80 of variations
NO_SKU = "eBay takes quantities only of variations with a SKU. Give this one a custom label on eBay, then import again."
AUCTION, NOT_OURS = "Auction", "It is not a fixed-price listing, so its quantity stays as it is on eBay."
AN_AUCTION = "It is an auction, so its quantity stays as it is on eBay."


@dataclass(frozen=True, slots=True)
class Target:
    """What a quantity is set on: a listing, or one of its variations."""

    item_id: str
    sku: str = ""  # of a variation


def external_id(item_id: str, sku: str, specifics: Sequence[tuple[str, str]], *, is_variation: bool) -> str:
    """Our id of a listing: its number; of a variation also its SKU, or without one a digest of its specifics.

    A SKU may be on several listings, and specifics are told in any order.
    """
    if not is_variation:
        return item_id
    if sku:
        return f"{item_id}{OF_SKU}{sku}"
    spelled = repr(sorted((name.casefold(), value.casefold()) for name, value in specifics))
    return f"{item_id}{OF_SPECIFICS}{hashlib.sha256(spelled.encode('utf-8', 'replace')).hexdigest()[:16]}"


def target(listing_id: str) -> Target:
    """What stands behind our id."""
    item_id, _, sku = listing_id.partition(OF_SKU)
    return Target(item_id.partition(OF_SPECIFICS)[0], sku)


def listings(item: Element) -> Iterator[RemoteListing]:
    """Read one listing: itself, or each of its variations. Raises UnreadableError."""
    item_id = inner(item, "ItemID", longest=40)
    if not re.fullmatch(r"\d{1,20}", item_id, re.ASCII):
        raise UnreadableError(f"A listing has no usable number ({item_id or 'none'}).")
    variations = every(item, "Variations", "Variation")
    if not variations:
        yield _single(item, item_id)
        return
    seen: set[str] = set()
    for variation in variations:
        found = _variation(item, item_id, variation)
        if found.external_id in seen:
            raise UnreadableError(f"Listing {item_id} has two variations named {found.sku or found.title}.")
        seen.add(found.external_id)
        yield found


def readings(item: Element, began_at: datetime) -> dict[str, RemoteQuantity]:
    """The quantities of a listing and its variations, by our id. Raises UnreadableError."""
    status = inner(item, "SellingStatus", "ListingStatus")
    is_over = status not in {"", "Active"}
    return {
        each.external_id: RemoteQuantity(
            each.external_id,
            None if is_over else each.quantity,
            began_at,
            ListingState.ENDED if is_over else each.state,
            f"eBay shows it as {status}." if is_over else each.state_reason,
            pushable=each.pushable,
        )
        for each in listings(item)
    }


def is_sure(item: Element) -> bool:
    """Whether the variations' quantities agree with what the listing says is left of all together.

    Nothing official says that lists always carry QuantitySold of variations; without it too many seem to be left.
    """
    together, variations = whole(inner(item, "QuantityAvailable")), every(item, "Variations", "Variation")
    return together is None or not variations or sum(_left(each) or 0 for each in variations) == together


def _single(item: Element, item_id: str) -> RemoteListing:
    quantity = whole(inner(item, "QuantityAvailable"))
    if quantity is None:
        quantity = _left(item)
    price = first(item, "SellingStatus", "CurrentPrice")
    if price is None:
        price = first(item, "StartPrice")
    return _listing(item, item_id, item_id, _sku(item), inner(item, "Title"), quantity, price)


def _variation(item: Element, item_id: str, variation: Element) -> RemoteListing:
    sku, specifics = _sku(variation), list(_specifics(variation))
    title = inner(item, "Title")
    told = ", ".join(value for _, value in specifics if value)
    return _listing(
        item,
        external_id(item_id, sku, specifics, is_variation=True),
        item_id,
        sku,
        f"{title} [{told}]" if told else title,
        _left(variation),
        first(variation, "StartPrice"),
        title,
    )


def _listing(
    item: Element,
    listing_id: str,
    item_id: str,
    sku: str,
    title: str,
    quantity: int | None,
    price: Element | None,
    group_title: str = "",
) -> RemoteListing:
    kind = inner(item, "ListingType")
    is_variation, is_ours = listing_id != item_id, kind in FIXED_PRICE
    state, reason = _state(quantity), ""
    if is_variation and is_ours and not sku:
        state, reason = ListingState.NEEDS_ATTENTION, NO_SKU
    if not is_ours:
        reason = AN_AUCTION if kind == "Chinese" else NOT_OURS
    cents = hundredths(inner(price)) if price is not None else None
    return RemoteListing(
        external_id=listing_id,
        sku=sku,
        title=title,
        state=state,
        quantity=quantity,
        price_cents=cents,
        currency="" if price is None or cents is None else price.get("currencyID", "")[:3],
        detail=AUCTION if kind == "Chinese" else "",
        channel_state=inner(item, "SellingStatus", "ListingStatus", longest=60) or "Active",
        state_reason=reason,
        other_ids={"item": item_id} if is_variation else {},
        pushable=is_ours,
        url=_link(item, item_id),
        group_id=item_id if is_variation else "",
        group_title=group_title,
    )


def _state(quantity: int | None) -> ListingState:
    """What is listed is on sale; sold out it stays, hidden, where the seller has out-of-stock control."""
    return ListingState.OUT_OF_STOCK if quantity == 0 else ListingState.ACTIVE


def _left(element: Element) -> int | None:
    """What can still be bought: Quantity counts what was sold, too, and no QuantitySold means none."""
    offered, sold = whole(inner(element, "Quantity")), whole(inner(element, "SellingStatus", "QuantitySold"))
    return None if offered is None else max(offered - (sold or 0), 0)


def _sku(element: Element) -> str:
    """The SKU letter for letter; it may be missing."""
    sku = exact(element, "SKU")
    if len(sku) > LONGEST_SKU or not is_storable(sku):
        raise UnreadableError(f"Listing {inner(element, 'ItemID')} has a SKU that cannot be stored.")
    return sku


def _specifics(variation: Element) -> Iterator[tuple[str, str]]:
    for pair in every(variation, "VariationSpecifics", "NameValueList"):
        yield inner(pair, "Name", longest=80), ", ".join(inner(value, longest=80) for value in every(pair, "Value"))


def _link(item: Element, item_id: str) -> str:
    link = inner(item, "ListingDetails", "ViewItemURL", longest=500)
    return (
        link if re.match(r"https://([a-z0-9-]+\.)*ebay\.[a-z.]{2,6}/", link) else f"https://www.ebay.com/itm/{item_id}"
    )
