"""What files say that people carry between a channel and us; folders and services know it by `contract`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .listing_records import ListingState


@dataclass(frozen=True, slots=True)
class SheetWords:
    """How a channel without an API speaks in files: its words for listings, and what a blank cell means.

    The columns are ours and the same for all channels. `listing_states` is by the channel's word in lower case; a
    word that is not in it is shown and never guessed. Words for orders are `Channel.order_words`.
    """

    listing_states: Mapping[str, ListingState]
    blank_listing: str  # the word for a listing whose status is blank
    blank_order: str  # the same for an order
    currency: str
    country: str  # two letters
