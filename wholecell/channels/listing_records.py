"""Listings and quantities as channel folders give and take them; folders and services know them by `contract`.

All times are aware UTC, all money integer cents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ListingState(StrEnum):
    """What the channel does with a listing, in our four words; the first two are pushed."""

    ACTIVE = "active"
    OUT_OF_STOCK = "out of stock"
    NEEDS_ATTENTION = "needs attention"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a channel answered one quantity."""

    ACCEPTED = "accepted"
    PENDING = "pending"
    REJECTED = "rejected"
    UNKNOWN = "unknown"  # of a feed that met a fault of the channel: what became of it is not known


@dataclass(frozen=True, slots=True)
class RemoteListing:
    """One sellable offer as the channel shows it now."""

    external_id: str
    sku: str
    title: str
    state: ListingState
    quantity: int | None
    price_cents: int | None = None
    currency: str = ""
    detail: str = ""  # what tells apart offers of one title, such as the channel's grade
    channel_state: str = ""  # the channel's own word
    state_reason: str = ""  # why it needs attention, or is on sale and not pushable, for people
    other_ids: Mapping[str, str] = field(default_factory=dict)
    pushable: bool = True  # False: the quantity is not ours to send (channel-fulfilled, auction)
    url: str = ""
    sellable: int | None = None  # what shoppers can still buy, where the channel tells it beside `quantity`
    group_id: str = ""  # of variations that are one listing on the channel: its id, and its title
    group_title: str = ""


@dataclass(frozen=True, slots=True)
class ListingPage:
    """Some listings and how far the reading is; `total` is None when the channel does not say.

    `unreadable` says for people which rows of the page could not be understood.
    """

    listings: Sequence[RemoteListing]
    page: int
    total: int | None
    unreadable: Sequence[str] = ()
    as_of: datetime | None = None  # aware UTC; when its quantities were true at the earliest, if before the call


@dataclass(frozen=True, slots=True)
class RemoteQuantity:
    """A reading: what the channel showed for one listing, and when the reading began (aware UTC).

    `quantity` None with state ENDED: the channel no longer knows the listing.
    """

    external_id: str
    quantity: int | None
    began_at: datetime
    state: ListingState = ListingState.ACTIVE
    state_reason: str = ""
    sellable: int | None = None
    pushable: bool | None = None  # whether the quantity is ours to send; None: the reading does not tell


@dataclass(frozen=True, slots=True)
class QuantityChange:
    """An absolute number to send. `is_fall` says speed matters: never through a slow feed."""

    external_id: str
    sku: str
    quantity: int
    is_fall: bool


@dataclass(frozen=True, slots=True)
class PushResult:
    """The channel's answer to one change.

    `stored` is the number the channel says it now has (None: it did not say); `receipt` names a feed
    that is answered later; `answer` is the channel's words, kept for people.
    """

    external_id: str
    outcome: Outcome
    stored: int | None = None
    receipt: str = ""
    answer: str = ""
    advice: str = ""
    gone: bool = False
    quantity: int | None = None  # the number this is the answer to, where the channel repeats it
