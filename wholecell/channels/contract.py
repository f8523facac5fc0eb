"""What a channel folder promises to the sync engine: protocols, records and errors.

A channel folder imports this module and `http`, and nothing else of ours, so it is tested without a
database. All times are aware UTC, all money integer cents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol, runtime_checkable
from urllib.parse import quote

from .errors import (
    ChannelError,
    CredentialsError,
    NotAcceptedError,
    RejectedError,
    TemporaryError,
    WaitingError,
)
from .listing_records import (
    ListingPage,
    ListingState,
    Outcome,
    PushResult,
    QuantityChange,
    RemoteListing,
    RemoteQuantity,
)
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
from .shared_state import AccessToken, DailyBudget, Limiter, RateLimit, SharedState
from .sheet_records import SheetWords
from .shipping_records import (
    CameLine,
    CameShipment,
    OutgoingLine,
    OutgoingOrder,
    RemoteStore,
    SentOrder,
    ShipmentPage,
    Stage,
)
from .sign_in_records import SignIn

__all__ = [
    "AcceptsOrders",
    "AccessToken",
    "CameLine",
    "CameShipment",
    "CancelsLines",
    "Channel",
    "ChannelError",
    "ConfirmsShipments",
    "Connector",
    "CredentialsError",
    "DailyBudget",
    "HasStores",
    "ImportsChangedListings",
    "ImportsListings",
    "ImportsOrders",
    "ImportsShipments",
    "Limiter",
    "ListingPage",
    "ListingState",
    "Meaning",
    "NotAcceptedError",
    "OrderPage",
    "OrderWindow",
    "OrderWord",
    "Outcome",
    "OutgoingLine",
    "OutgoingOrder",
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
    "RemoteStore",
    "RemoteUnit",
    "SendsOrders",
    "SentOrder",
    "SharedState",
    "SheetWords",
    "ShipmentPage",
    "ShipmentResult",
    "SignIn",
    "Stage",
    "TellsOfShipments",
    "TemporaryError",
    "UnreadableOrder",
    "WaitingError",
]


@runtime_checkable
class Connector(Protocol):
    """One login on one channel: HTTP in, records out."""

    def check(self) -> Sequence[str]:
        """Prove that the login works; gives what people should know of the account, a sentence each.

        Raises CredentialsError or TemporaryError.
        """


@runtime_checkable
class ImportsListings(Connector, Protocol):
    """Can read the seller's listings."""

    def listings(self, *, online_only: bool) -> Iterator[ListingPage]:
        """Yield every listing page by page; a listing may be repeated when rows shift while paging."""


@runtime_checkable
class ImportsChangedListings(ImportsListings, Protocol):
    """Can read only what changed: for a channel whose whole list takes minutes."""

    def changed_listings(self, since: datetime) -> Iterator[ListingPage] | None:
        """Yield the listings changed since then (aware UTC), page by page; None when there are too many to read so."""


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


@runtime_checkable
class SendsOrders(Connector, Protocol):
    """Can be given orders to ship."""

    def send_orders(self, orders: Sequence[OutgoingOrder]) -> Iterator[SentOrder]:
        """Send up to 100 orders, new ones and changed ones alike, and yield an answer for each as it is known.

        Sending the same order again changes nothing, so that what is not answered is simply sent once more.
        """


@runtime_checkable
class ImportsShipments(Connector, Protocol):
    """Can tell of the shipments it made."""

    def shipments(self, since: datetime) -> Iterator[ShipmentPage]:
        """Yield those made, marked as shipped or voided since then, page by page; one may be repeated."""


@runtime_checkable
class HasStores(Connector, Protocol):
    """Has an account of several stores: those to import orders of are chosen, and the one that ours go to."""

    def stores(self) -> Sequence[RemoteStore]:
        """Give the active stores."""


@runtime_checkable
class TellsOfShipments(Connector, Protocol):
    """Can be asked to call us when something was shipped, without saying what."""

    def tell_of_shipments(self, address: str) -> None:
        """Have it call this https address from now on, and none that it was given before. Raises RejectedError."""


def _never(login: Mapping[str, str]) -> date | None:
    return None


def _own_limits(login: Mapping[str, str]) -> str:
    return ""


def _account(login: Mapping[str, str]) -> str:
    return ""


def _platform(login: Mapping[str, str]) -> str:
    return login.get("platform", "").replace("-", " ").title()


def _never_by_hand(login: Mapping[str, str]) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Channel:
    """What a folder under `channels/` exports as CHANNEL; `connect` is None without an API, or when not built."""

    kind: str
    label: str
    name: str  # the sales channel's name, matched letter for letter elsewhere
    mark: str  # two letters
    summary: str
    hosts: Mapping[str, str] = field(default_factory=dict)  # platform -> https base URL
    addresses: tuple[str, ...] = ()  # further ones, known from WHOLECELL_<KIND>_<NAME>_URL alone; see `addresses`
    form: type[Any] | None = None  # WTForms login form; fields named in `secrets` are stored encrypted
    secrets: tuple[str, ...] = ()
    app_form: type[Any] | None = None  # what is entered once for all its logins: the keys of the seller's own app
    app_secrets: tuple[str, ...] = ()
    sign_in: SignIn | None = None  # the login is completed on the channel's pages
    connect: Callable[[Mapping[str, str], str, SharedState], Connector] | None = None
    is_by_hand: Callable[[Mapping[str, str]], bool] = _never_by_hand  # never called: people carry files, or it calls us
    sheet_words: SheetWords | None = None  # what those files say, of a channel that may be used by hand
    account_of: Callable[[Mapping[str, str]], str] = _account  # whose it is, where each account is one integration
    place: Callable[[Mapping[str, str]], str] = _platform  # where the login sells, for people; empty: nowhere special
    login_ends: Callable[[Mapping[str, str]], date | None] = _never  # when the login stops working, told from its form
    settle: timedelta = timedelta(0)  # how long a pushed number may take to show
    receipt_deadline: timedelta = timedelta(hours=1)
    receipt_every: timedelta = timedelta(minutes=5)  # how often a feed is asked about
    rate_limits: tuple[RateLimit, ...] = ()
    limits_of: Callable[[Mapping[str, str]], str] = _own_limits  # logins of which this is the same share their limits
    budgets: tuple[DailyBudget, ...] = ()
    order_words: tuple[OrderWord, ...] = ()  # its words for an order's state, in the order of their lives
    orders_every: timedelta = timedelta(minutes=5)  # how often new orders are looked for, at most
    orders_lag: timedelta = timedelta(0)  # how old an order must be to be told of: what waits for orders waits longer
    order_overlap: timedelta = timedelta(minutes=10)  # changes are read again from so long before the last reading
    carriers: tuple[str, ...] = ()  # names it takes for a shipment, spelled as it wants them; empty: any
    is_one_parcel: bool = False  # an order leaves as one shipment
    takes_esn: bool = False  # numbers of phones go along with a shipment
    needs_all_phones: bool = False  # a new integration refuses a shipment while the order lacks phones
    ships_orders: bool = False  # no marketplace: orders are handed to it to be shipped
    sends_shipments: bool = True  # a new integration tells it of shipments without being told to
    names_customers: bool = True  # its orders carry the buyer's name; False: a new integration uses the channel's
    fulfilled_by_channel: str = ""  # its word for orders it ships from its own stock, such as FBA; empty: it ships none
    keeps_back_own_orders: str = ""  # it may itself subtract its open orders: why and when to tick that, for people
    order_url: str | Callable[[Mapping[str, str]], str] = ""  # page of one order there, with {id}; may differ by login
    order: int = 0  # place among the cards

    @property
    def is_built(self) -> bool:
        """Whether a seller can connect it."""
        return self.connect is not None or self.sheet_words is not None or self.ships_orders

    def order_page(self, login: Mapping[str, str], order_id: str) -> str:
        """The https address of one order's page at the channel; empty when it is not known."""
        pattern = self.order_url if isinstance(self.order_url, str) else self.order_url(login)
        return pattern.replace("{id}", quote(order_id, safe="")) if pattern.startswith("https://") and order_id else ""
