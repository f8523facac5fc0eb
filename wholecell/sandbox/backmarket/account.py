"""What Back Market keeps about the seller: listings with their publication state, orders, running tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ..account import Account
from ..limits import RateLimit
from ..records import Line, Listing, RefusedError
from .people import ADDRESSES
from .states import BackMarketOrder, LineState, OrderState, Publication

TOKEN = "sandbox-backmarket-token"

_EUR = ("fr-fr", "fr-be", "es-es", "de-de", "de-at", "it-it", "nl-nl", "pt-pt", "en-ie", "el-gr", "sk-sk")
#: Platform -> market -> currency. The first market of a platform is where orders come from unless said.
MARKETS: dict[str, dict[str, str]] = {
    "na": {"en-us": "USD"},
    "eu": dict.fromkeys(_EUR, "EUR") | {"en-gb": "GBP", "sv-se": "SEK"},
    "ap": {"ja-jp": "JPY", "en-au": "AUD"},
}
GRADES = {"PREMIUM": 9, "EXCELLENT": 0, "VERY_GOOD": 1, "GOOD": 2, "FAIR": 3, "STALLONE": 4}


@dataclass(kw_only=True)
class BackMarketListing(Listing):
    """`price` is the price wherever `prices` (market -> price in that market's currency) has none."""

    product_id: str
    backmarket_id: int
    brand: str
    grade: str
    publication_state: int
    offline_for_quantity: bool = False
    warranty_delay: int = 12
    comment: str | None = ""
    min_price: str | None = None
    max_price: str = "9999.00"
    prices: dict[str, str] = field(default_factory=dict)

    def reprice(self, price: str, market: str, platform: str) -> None:
        """Take the seller's price for one market; a platform of one market has one price."""
        if len(MARKETS[platform]) == 1:
            self.price = price
        else:
            self.prices = self.prices | {market: price}

    def settle(self) -> None:
        """Quantity 0 takes an online listing offline; more brings back one that was offline for that."""
        if self.quantity <= 0 and self.publication_state == Publication.ONLINE:
            self.publication_state, self.offline_for_quantity = int(Publication.OFFLINE), True
        elif self.quantity > 0 and self.offline_for_quantity:
            self.publication_state, self.offline_for_quantity = int(Publication.ONLINE), False

    def deactivate(self) -> None:
        """Deactivated: more stock does not bring it back."""
        self.publication_state, self.offline_for_quantity = int(Publication.DEACTIVATED), False

    @property
    def for_sale(self) -> bool:
        """Only what is online can be bought."""
        return self.publication_state == Publication.ONLINE


@dataclass
class Task:
    """A file of changes: `status` is the document's action_status, `result` our own report per SKU."""

    id: int
    started: datetime
    seconds: float
    status: int = 0
    error: str | None = None
    result: dict[str, Any] = field(default_factory=dict)


@dataclass
class BackMarketAccount(Account):
    """The seller on Back Market."""

    tasks: dict[int, Task] = field(default_factory=dict)
    last_order: int = field(default=61_200_000, repr=False)  # the number given last
    _last_line: int = field(default=9_100_000, repr=False)

    def listing_from(self, row: Mapping[str, Any], number: int) -> BackMarketListing:
        """From sku, title, grade, price, currency, quantity, publication_state (2), comment, min/max_price.

        Ids are made from the SKU, so the same seed gives the same ids.
        """
        if row["grade"] not in GRADES:
            raise RefusedError(f"{row['grade']} is not a grade. Choose one of: {', '.join(GRADES)}.")
        optional = ("comment", "min_price", "max_price", "warranty_delay", "prices")
        title = str(row["title"])
        listing = BackMarketListing(
            id=str(uuid5(NAMESPACE_URL, f"backmarket:{row['sku']}")),
            number=number,
            sku=str(row["sku"]),
            title=title,
            quantity=int(row["quantity"]),
            price=str(row["price"]),
            currency=str(row["currency"]),
            product_id=str(uuid5(NAMESPACE_URL, f"backmarket product:{title}")),
            backmarket_id=number - 4_330_000,
            brand=str(row.get("brand") or title.split()[0].casefold()),
            grade=row["grade"],
            publication_state=int(row.get("publication_state", Publication.ONLINE)),
            **{name: row[name] for name in optional if name in row},
        )
        listing.offline_for_quantity = listing.quantity == 0 and listing.publication_state == Publication.OFFLINE
        listing.settle()
        return listing

    def order_from(self, lines: Sequence[tuple[Listing, int]], now: datetime, **options: Any) -> BackMarketOrder:
        """Options: `state` (1; 0 and 10 wait for payment), `market` (whose customer buys), `backship`."""
        state = OrderState(options.pop("state", OrderState.TO_ACCEPT))
        market = options.pop("market", next(iter(MARKETS[self.settings["platform"]])))
        self.last_order += 1
        return BackMarketOrder(
            id=self.last_order,
            state=state,
            currency=lines[0][0].currency,
            placed=now,
            changed=now,
            visible_from=now,
            market=market,
            address=ADDRESSES[self.last_order % len(ADDRESSES)],
            lines=[self._line(listing, quantity, _first_state(state)) for listing, quantity in lines],
            is_backship=bool(options.pop("backship", False)),
            **options,
        )

    def _line(self, listing: Listing, quantity: int, state: LineState) -> Line:
        self._last_line += 1
        return Line(
            id=self._last_line,
            listing=listing,
            sku=listing.sku,
            title=listing.title,
            price=listing.price,
            quantity=quantity,
            state=state,
        )


def _first_state(order: OrderState) -> LineState:
    waiting = {
        OrderState.NEW: LineState.NEW,
        OrderState.PENDING: LineState.PENDING,
        OrderState.TO_ACCEPT: LineState.PAID,
    }
    if order not in waiting:
        raise RefusedError("A sale starts in state 0 (new), 10 (payment pending) or 1 (paid).")
    return waiting[order]


def new_account() -> BackMarketAccount:
    """An empty account with the documented limits, on the North American platform."""
    return BackMarketAccount(
        kind="backmarket",
        tokens={TOKEN},
        limits={"requests": RateLimit(200, 10, block=10), "updates": RateLimit(2_000, 3_600)},
        settings={"platform": "na", "merchant": 1, "task_seconds": 300.0, "dates": "any"},
    )
