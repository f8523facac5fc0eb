"""Which listings a table is about: search, tab and chip as one value, and as SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import sqlalchemy as sa

from wholecell.channels.contract import ListingState
from wholecell.models import Listing, ListingSku, ProductVariation
from wholecell.services import hand_due
from wholecell.services.listing_state import differs, is_doubtful, is_ended, is_error, is_theirs, is_unfollowed

ALL = "all"
# The tabs part the listings: each stands on exactly one beside All.
TABS = {
    ALL: "All",
    "connected": "Connected",
    "not-connected": "Not connected",
    "out-of-stock": "Out of stock",
    "error": "Error",
    "theirs": "By the channel",
    "ended": "Ended",
}
CHIPS = {
    "differs": "Channel differs",
    "zero": "Offers 0",
    "held": "Held",
    "by-hand": "Waiting for manual update",
    "doubt": "Shows another number",
    "unfollowed": "No longer followed",
    "in-catalog": "SKU in the catalog",
    "own-limits": "Own limits",
}
MOST_ENTRIES = 500
MOST_WORDS = 8  # more words than a title has are a pasted list


@dataclass(frozen=True, slots=True)
class ListingFilter:
    """What is asked for; no integration means all of them."""

    integration_id: int | None = None
    text: str = ""
    tab: str = ALL
    chip: str = ""
    group_id: str = ""  # variations that are one listing on the integration's channel

    def on(self, tab: str) -> ListingFilter:
        """The same on another tab."""
        return replace(self, tab=tab)

    def only(self, chip: str) -> ListingFilter:
        """The same with this chip pressed."""
        return replace(self, chip=chip)


def conditions(wanted: ListingFilter) -> list[sa.ColumnElement[bool]]:
    """The filter as conditions on Listing."""
    found = [_on_tab(wanted.tab)] if wanted.tab in TABS and wanted.tab != ALL else []
    if wanted.integration_id is not None:
        found.append(Listing.integration_id == wanted.integration_id)
    if wanted.group_id:
        found += [Listing.group_id != "", Listing.group_id == wanted.group_id]  # the index holds only those with one
    if wanted.chip in CHIPS:
        found.append(_with_chip(wanted.chip))
    if wanted.text.strip():
        found.append(_search(wanted.text))
    return found


def _on_tab(tab: str) -> sa.ColumnElement[bool]:
    fine = sa.and_(~is_ended(), ~is_error(), Listing.is_pushable)
    is_out = Listing.state == ListingState.OUT_OF_STOCK.value
    return {
        "connected": sa.and_(fine, Listing.is_connected, ~is_out),
        "not-connected": sa.and_(fine, ~Listing.is_connected),
        "out-of-stock": sa.and_(fine, Listing.is_connected, is_out),
        "error": is_error(),
        "theirs": is_theirs(),
        "ended": is_ended(),
    }[tab]


def _with_chip(chip: str) -> sa.ColumnElement[bool]:
    own = (Listing.zero_out_threshold, Listing.percentage, Listing.safety_quantity, Listing.maximum_quantity)
    return {
        "differs": differs(),
        "zero": sa.and_(Listing.is_connected, Listing.is_pushable, Listing.last_offered == 0, ~is_ended()),
        "held": Listing.held.is_not(None),
        "by-hand": hand_due.is_waiting(),
        "doubt": is_doubtful(),
        "unfollowed": is_unfollowed(),
        "in-catalog": sa.and_(~Listing.is_connected, Listing.is_pushable, ~is_ended(), is_in_catalog()),
        "own-limits": sa.or_(*(column.is_not(None) for column in own)),
    }[chip]


def is_in_catalog() -> sa.ColumnElement[bool]:
    """Some variation carries the channel's SKU."""
    return sa.exists().where(ProductVariation.sku == Listing.sku)


def _search(text: str) -> sa.ColumnElement[bool]:
    """Exactly these SKUs or ids, one or a pasted list; or all these words in the title and SKU."""
    entries = list(dict.fromkeys(filter(None, (each.strip() for each in re.split(r"[\n\t,;]+", text)))))
    words = list(dict.fromkeys(text.replace(",", " ").replace(";", " ").split()))
    exact = list(dict.fromkeys([*entries, *words]))[:MOST_ENTRIES]
    by_hand = sa.exists().where(ListingSku.listing_id == Listing.id, ListingSku.sku.in_(exact))
    found = [Listing.sku.in_(exact), Listing.external_id.in_(exact), Listing.group_id.in_(exact), by_hand]
    if len(entries) == 1 and len(words) <= MOST_WORDS:
        said = sa.func.lower(Listing.title + " " + Listing.detail + " " + Listing.sku)
        found.append(sa.and_(*(said.contains(word.lower(), autoescape=True) for word in words)))
    return sa.or_(*found)
