"""Orders and shipments as channel folders give and take them; folders and services know them by `contract`.

All times are aware UTC, all money integer cents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class RemoteAddress:
    """Where an order goes. Every field may be blank; country is two letters."""

    name: str = ""
    company: str = ""
    street: str = ""
    street2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class RemoteLine:
    """One line of an order, in units. `sku` and `listing_ids` are references to the listing it was sold from."""

    external_id: str
    sku: str
    listing_ids: Mapping[str, str]
    title: str
    ordered: int
    cancelled: int
    refunded_before_shipping: int
    shipped: int
    price_cents: int | None  # of one unit
    status: str  # the channel's own word
    imei: str = ""


class Meaning(StrEnum):
    """What a channel's word for an order comes to."""

    WAITING = "waiting"  # not to be shipped yet: unpaid, held, to be accepted
    TO_SHIP = "to ship"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to ship."""
        return self in {Meaning.SHIPPED, Meaning.CANCELLED, Meaning.REFUNDED}


@dataclass(frozen=True, slots=True)
class OrderWord:
    """One of the channel's words for an order's state, for people and for the map of statuses.

    `means` says what it comes to, in the words of `Meaning`; `suggested` is the title of the status of ours that
    fits, one of the start set or "Canceled".
    """

    word: str
    label: str
    means: Meaning
    suggested: str


@dataclass(frozen=True, slots=True)
class OrderWindow:
    """Which orders to read: only the open ones, else those placed or changed since a time (aware UTC)."""

    is_open_only: bool = False
    placed_since: datetime | None = None
    changed_since: datetime | None = None
    with_channel_fulfilled: bool = False  # also those that the channel ships from its own stock


@dataclass(frozen=True, slots=True)
class RemoteOrder:
    """One order as the channel tells it. `status` is its own word; `is_final` when nothing can follow it."""

    external_id: str
    number: str
    status: str
    is_final: bool
    placed_at: datetime | None
    changed_at: datetime | None
    ship_by: datetime | None
    currency: str
    total_cents: int | None
    shipping_cents: int | None
    ship_to: RemoteAddress
    lines: Sequence[RemoteLine]
    is_fulfilled_by_channel: bool = False
    is_to_accept: bool = False  # the channel waits for `accept`
    is_cancel_asked: bool = False  # the buyer asked to cancel, and nobody has yet
    tracking_number: str = ""
    notes: Sequence[str] = ()  # what people must know, such as a carrier the channel provides
    buyer: str = ""  # the name under which the channel knows the buyer
    email: str = ""
    service: str = ""  # the shipping service that was asked for


@dataclass(frozen=True, slots=True)
class UnreadableOrder:
    """A row that is no order we can store; `payload` is what the channel sent, as JSON text."""

    external_id: str
    reason: str
    payload: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Some orders and how far the reading is; `total` is None when the channel does not say."""

    orders: Sequence[RemoteOrder]
    page: int
    total: int | None
    began_at: datetime  # when the request for it began
    unreadable: Sequence[UnreadableOrder] = ()
    reading_began_at: datetime | None = None  # what changed since is in none of its pages; if before this run's first


@dataclass(frozen=True, slots=True)
class RemoteUnit:
    """A phone in a shipment: its order line and its number (IMEI, MEID or serial)."""

    line_id: str
    esn: str


@dataclass(frozen=True, slots=True)
class RemoteShipment:
    """One shipment to tell the channel of. `lines` are the units of each order line in it.

    `may_be_there` is True when an earlier try may have reached the channel: read back before repeating.
    """

    order_id: str  # the channel's external id
    carrier: str
    service: str
    tracking_number: str
    tracking_url: str
    shipped_at: datetime
    lines: Mapping[str, int]
    units: Sequence[RemoteUnit]
    may_be_there: bool = False
    number: int = 0  # ours, the same in each try and another for each shipment


@dataclass(frozen=True, slots=True)
class ShipmentResult:
    """What the channel made of a shipment. Numbers it did not take are in `refused_units`, by ESN, in its words."""

    answer: str = ""
    was_there: bool = False  # an earlier try had reached it
    taken_units: Sequence[str] = ()
    refused_units: Mapping[str, str] = field(default_factory=dict)
