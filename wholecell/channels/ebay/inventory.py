"""Quantities of listings that another tool made through the Inventory API, which Trading may not change.

Which those are, nothing says beforehand: a push refused with 21919474 tells. The offer behind such a listing is then
looked up by its SKU, and remembered.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from wholecell.channels.contract import PushResult, QuantityChange, SharedState
from wholecell.channels.ebay import listings
from wholecell.channels.ebay.answers import Said, said
from wholecell.channels.ebay.limits import INVENTORY
from wholecell.channels.ebay.results import accepted, refused
from wholecell.channels.ebay.trading import Access
from wholecell.channels.ebay.values import block, rows, text
from wholecell.channels.http import Response, parse_json
from wholecell.channels.values import sentence, whole

BASE = "/sell/inventory/v1"
PAGE_SIZE = 100  # getOffers and getInventoryItems: 200 at most
MOST_PAGES = 100
NOT_KNOWN = frozenset({25702, 25710, 25713})
ENDED = frozenset({"ENDED", "EBAY_ENDED"})
SHELVES = 256  # notes that share the offers among them
LONGEST_NOTE = 4000  # characters
NO_OFFER = "It belongs to another tool, and the offer behind it was not found. Change its quantity there."


class OfferNotes:
    """The offers behind listings of the Inventory API, remembered from run to run."""

    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._shelves: dict[str, dict[str, list[str]]] = {}

    def offer_of(self, listing_id: str) -> tuple[str, str] | None:
        """The offer's id and the SKU of a listing; None for one that is not known to be of the Inventory API."""
        found = self._shelf(listing_id).get(listing_id) if self._is_any() else None
        return (found[0], found[1]) if isinstance(found, list) and len(found) == 2 else None

    def put(self, listing_id: str, offer_id: str, sku: str) -> None:
        """Remember one. Of those that find no room the oldest is forgotten, and looked up again when it is needed."""
        shelf = {key: value for key, value in self._shelf(listing_id).items() if key != listing_id}
        shelf[listing_id] = [offer_id, sku]
        self._save(listing_id, shelf)
        self._state.remember("offers", "1")

    def forget(self, listing_id: str) -> None:
        """Its offer is another one now, or none."""
        self._save(listing_id, {key: value for key, value in self._shelf(listing_id).items() if key != listing_id})

    def _is_any(self) -> bool:
        """Most sellers have none: then nothing more is looked up."""
        if "" not in self._shelves:
            self._shelves[""] = {"any": []} if self._state.recall("offers") else {}
        return bool(self._shelves[""])

    def _shelf(self, listing_id: str) -> dict[str, list[str]]:
        name = _name(listing_id)
        if name not in self._shelves:
            found = parse_json(self._state.recall(name))
            self._shelves[name] = found if isinstance(found, dict) else {}
        return self._shelves[name]

    def _save(self, listing_id: str, shelf: dict[str, list[str]]) -> None:
        while len(note := json.dumps(shelf)) > LONGEST_NOTE:
            del shelf[next(iter(shelf))]
        name = _name(listing_id)
        self._shelves[name] = shelf
        self._state.remember(name, note if shelf else "")


class SendsThroughInventory:
    """The part of the connector that sends quantities through the Inventory API."""

    _access: Access

    @property
    def _inventory_batch(self) -> int:
        """Quantities in one call: eBay's text says one SKU, its schema and what others saw allow 25."""
        return min(max(whole(self._access.settings.get("inventory_batch")) or 1, 1), 25)

    def _push_by_inventory(self, changes: Sequence[QuantityChange]) -> Iterator[PushResult]:
        notes = OfferNotes(self._access.state)
        offers = {change.external_id: notes.offer_of(change.external_id) or ("", "") for change in changes}
        body = {"requests": [_entry(*offers[change.external_id], change.quantity) for change in changes]}
        response = self._access.call("POST", f"{BASE}/bulk_update_price_quantity", INVENTORY, body=body)
        elements = rows(block(response.json).get("responses"))
        told = said(response.json)
        if not elements and (told.is_theirs or (response.is_ok and not told.is_error)):
            self._access.refuse(response, is_write=True)
        for change in changes:
            offer_id, sku = offers[change.external_id]
            element = next((each for each in elements if _is_about(each, offer_id, sku)), None)
            if element is not None:
                yield self._result(change, element, response)
            elif told.is_error:  # of the call as a whole
                yield self._refused(change, told, self._access.words(response, told))

    def _result(self, change: QuantityChange, element: Mapping[str, Any], response: Response) -> PushResult:
        status, told = element.get("statusCode"), said(element)
        if isinstance(status, int) and 200 <= status < 300 and not told.is_error:
            return accepted(change, change.quantity, "eBay's Inventory API took it.")
        if told.is_theirs:
            self._access.refuse(response, is_write=True)
        return self._refused(change, told, self._access.hide(told.words) or f"Status {text(status)}")

    def _refused(self, change: QuantityChange, told: Said, words: str) -> PushResult:
        OfferNotes(self._access.state).forget(change.external_id)  # looked up anew: it may be another offer now
        return refused(change, {str(number) for number in told.numbers}, sentence(words))

    def _find_offer(self, change: QuantityChange) -> PushResult | None:
        """Look up the offer behind a listing and remember it; a PushResult when there is none to send to."""
        item_id = listings.target(change.external_id).item_id
        sku = listings.target(change.external_id).sku or change.sku
        skus = [sku] if sku else self._all_skus()
        for each in skus:
            for offer in self._offers(each):
                listing = block(offer, "listing")
                if text(listing.get("listingId")) != item_id:
                    continue
                if text(listing.get("listingStatus")) in ENDED:
                    return refused(change, (), "The listing has ended on eBay.", gone=True)
                OfferNotes(self._access.state).put(change.external_id, text(offer.get("offerId")), each)
                return None
        return refused(change, {""}, NO_OFFER)

    def _offers(self, sku: str) -> Iterator[Mapping[str, Any]]:
        yield from self._paged("offer", "offers", sku=sku)

    def _all_skus(self) -> Iterator[str]:
        """Every SKU that the Inventory API knows: for a listing that Trading shows without one."""
        for item in self._paged("inventory_item", "inventoryItems"):
            if sku := text(item.get("sku")):
                yield sku

    def _paged(self, name: str, key: str, **params: str) -> Iterator[Mapping[str, Any]]:
        """Yield rows page by page. Here `offset` counts pages, so the next one is taken from `next`, not counted."""
        query: dict[str, str | int] = {**params, "limit": PAGE_SIZE}
        asked: set[str] = set()
        for _ in range(MOST_PAGES):
            response = self._access.call("GET", f"{BASE}/{name}", INVENTORY, params=query)
            if response.status == 404 or said(response.json).numbers & NOT_KNOWN:
                return
            if not response.is_ok:
                self._access.refuse(response)
            yield from rows(block(response.json).get(key))
            offset = _offset(block(response.json).get("next"))
            if not offset or offset in asked:
                return
            asked.add(offset)
            query["offset"] = offset


def _entry(offer_id: str, sku: str, quantity: int) -> dict[str, object]:
    """Both numbers, for buyers see the smaller one."""
    return {
        "sku": sku,
        "shipToLocationAvailability": {"quantity": quantity},
        "offers": [{"offerId": offer_id, "availableQuantity": quantity}],
    }


def _is_about(element: Mapping[str, Any], offer_id: str, sku: str) -> bool:
    named = element.get("offerId")
    return named == offer_id if named else element.get("sku") == sku


def _offset(link: object) -> str:
    """The offset of a link to the next page; its host is not followed."""
    try:
        return parse_qs(urlsplit(link).query).get("offset", [""])[0] if isinstance(link, str) else ""
    except ValueError:
        return ""


def _name(listing_id: str) -> str:
    return f"offers {sha256(listing_id.encode('utf-8', 'replace')).digest()[0] % SHELVES:02x}"
