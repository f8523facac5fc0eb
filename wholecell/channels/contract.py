"""What a channel folder promises to the sync engine: protocols, records and errors.

A channel folder imports this module and `http`, and nothing else of ours, so it is tested without a
database. All times are aware UTC, all money integer cents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from .order_records import (
    Meaning,
    OrderPage,
    OrderWindow,
    OrderWord,
    RemoteAddress,
    RemoteLine,
    RemoteOrder,
    RemoteShipment,
    RemoteUnit,
    ShipmentResult,
    UnreadableOrder,
)

__all__ = [
    "AcceptsOrders",
    "CancelsLines",
    "Channel",
    "ChannelError",
    "ConfirmsShipments",
    "Connector",
    "CredentialsError",
    "ImportsListings",
    "ImportsOrders",
    "Limiter",
    "ListingPage",
    "ListingState",
    "Meaning",
    "NotAcceptedError",
    "OrderPage",
    "OrderWindow",
    "OrderWord",
    "Outcome",
    "PushResult",
    "PushesQuantities",
    "QuantityChange",
    "RateLimit",
    "ReadsQuantities",
    "RejectedError",
    "RemoteAddress",
    "RemoteLine",
    "RemoteListing",
    "RemoteOrder",
    "RemoteQuantity",
    "RemoteShipment",
    "RemoteUnit",
    "ShipmentResult",
    "TemporaryError",
    "UnreadableOrder",
]


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


class ChannelError(Exception):
    """A channel did not do what was asked. The text is shown to people and never holds a secret."""

    def __init__(self, message: str, *, advice: str = "", reference: str = "") -> None:
        """`message` says what happened, `advice` what to do, `reference` the channel's own id of the call."""
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.reference = reference


class TemporaryError(ChannelError):
    """Try again later, by itself.

    `retry_after` is in seconds, None when the channel gave none. `maybe_applied` is True when the
    request may have taken effect (time-out, cut connection, 5xx): the channel's number is then unknown.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        maybe_applied: bool = False,
        advice: str = "",
        reference: str = "",
    ) -> None:
        super().__init__(message, advice=advice, reference=reference)
        self.retry_after = retry_after
        self.maybe_applied = maybe_applied


class CredentialsError(ChannelError):
    """The login is refused: this integration stops until a person gives new credentials."""


class RejectedError(ChannelError):
    """This one request is refused, in the channel's own words; others go on. `gone` means it is no more there."""

    def __init__(self, message: str, *, gone: bool = False, advice: str = "", reference: str = "") -> None:
        super().__init__(message, advice=advice, reference=reference)
        self.gone = gone


class NotAcceptedError(RejectedError):
    """The order has to be accepted on the channel first; then the same request works."""


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
    state_reason: str = ""  # why it needs attention, for people
    other_ids: Mapping[str, str] = field(default_factory=dict)
    pushable: bool = True  # False: the quantity is not ours to send (channel-fulfilled, auction)
    url: str = ""


@dataclass(frozen=True, slots=True)
class ListingPage:
    """Some listings and how far the reading is; `total` is None when the channel does not say.

    `unreadable` says for people which rows of the page could not be understood.
    """

    listings: Sequence[RemoteListing]
    page: int
    total: int | None
    unreadable: Sequence[str] = ()


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


@runtime_checkable
class Connector(Protocol):
    """One login on one channel: HTTP in, records out."""

    def check(self) -> None:
        """Prove that the login works. Raises CredentialsError or TemporaryError."""


@runtime_checkable
class ImportsListings(Connector, Protocol):
    """Can read the seller's listings."""

    def listings(self, *, online_only: bool) -> Iterator[ListingPage]:
        """Yield every listing page by page; a listing may be repeated when rows shift while paging."""


@runtime_checkable
class ReadsQuantities(Connector, Protocol):
    """Can read single listings again: the node and field that `push_quantities` writes."""

    def quantities(self, ids: Sequence[str]) -> Iterator[RemoteQuantity]:
        """Yield one reading for each id, as each arrives."""


@runtime_checkable
class PushesQuantities(Connector, Protocol):
    """Can be told how many units a listing may sell."""

    def plan(self, changes: Sequence[QuantityChange]) -> Iterable[Sequence[QuantityChange]]:
        """Group changes as they leave, in the order given: one group is one call."""

    def push_quantities(self, changes: Sequence[QuantityChange]) -> Iterator[PushResult]:
        """Send one group of `plan` and yield an answer for each; HTTP 200 alone proves nothing."""

    def push_outcomes(self, receipt: str, changes: Sequence[QuantityChange]) -> Iterator[PushResult] | None:
        """Answer the pending group `changes`: None while the channel still works on it."""


@runtime_checkable
class ImportsOrders(Connector, Protocol):
    """Can read the seller's orders."""

    def orders(self, window: OrderWindow) -> Iterator[OrderPage]:
        """Yield orders page by page; one may be repeated when rows shift while paging."""

    def orders_by_id(self, ids: Sequence[str]) -> Iterator[OrderPage]:
        """Yield these orders as they are now; one that is gone is left out."""


@runtime_checkable
class AcceptsOrders(Connector, Protocol):
    """Waits for a yes to each order before it may be shipped."""

    def accept(self, order_id: str) -> RemoteOrder | None:
        """Accept every line that waits; gives the order as it is then, where the channel answers with it.

        Reads the order first: what was accepted already is not sent again. Raises RejectedError.
        """


@runtime_checkable
class CancelsLines(Connector, Protocol):
    """Can be told that the seller cannot deliver a line."""

    def cancel_line(self, order_id: str, line_id: str) -> RemoteOrder | None:
        """Cancel or refund one line that has not left; gives the order as it is then. Raises RejectedError."""


@runtime_checkable
class ConfirmsShipments(Connector, Protocol):
    """Can be told of shipments."""

    def confirm_shipment(self, shipment: RemoteShipment) -> ShipmentResult:
        """Tell of one shipment. Raises NotAcceptedError while the order waits for `accept`, RejectedError otherwise."""


class Limiter(Protocol):
    """Keeps a call inside the channel's limits, shared by all processes."""

    def take(self, limit: RateLimit, units: int = 1) -> None:
        """Wait up to two seconds for a turn. Raises TemporaryError(retry_after) when the wait is longer."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `count` units in any `seconds`, of which `burst` may come at once."""

    name: str
    count: int
    seconds: float
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Channel:
    """What a folder under `channels/` exports as CHANNEL; `connect` is None for one not built yet."""

    kind: str
    label: str
    name: str  # the sales channel's name, matched letter for letter elsewhere
    mark: str  # two letters
    summary: str
    hosts: Mapping[str, str] = field(default_factory=dict)  # platform -> https base URL
    form: type[Any] | None = None  # WTForms login form; fields named in `secrets` are stored encrypted
    secrets: tuple[str, ...] = ()
    connect: Callable[[Mapping[str, str], str, Limiter], Connector] | None = None
    settle: timedelta = timedelta(0)  # how long a pushed number may take to show
    receipt_deadline: timedelta = timedelta(hours=1)
    rate_limits: tuple[RateLimit, ...] = ()
    order_words: tuple[OrderWord, ...] = ()  # its words for an order's state, in the order of their lives
    orders_every: timedelta = timedelta(minutes=5)  # how often new orders are looked for, at most
    order_overlap: timedelta = timedelta(minutes=10)  # changes are read again from so long before the last reading
    carriers: tuple[str, ...] = ()  # names it takes for a shipment, spelled as it wants them; empty: any
    is_one_parcel: bool = False  # an order leaves as one shipment
    takes_esn: bool = False  # numbers of phones go along with a shipment
    ships_orders: bool = False  # no marketplace: orders are handed to it to be shipped
    order_url: str = ""  # page of one order at the channel, with {id}
    order: int = 0  # place among the cards

    @property
    def is_built(self) -> bool:
        """Whether a seller can connect it."""
        return self.connect is not None
