"""What Amazon keeps about the seller: listings with their two channels, orders, logins, feeds and reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

from ..account import Account
from ..clock import Clock
from ..records import Listing, RefusedError
from .kept import Document, Job
from .limits import new_limits
from .people import ADDRESSES
from .states import UNPAID, AmazonLine, AmazonOrder, FulfillmentStatus

CLIENT_ID, CLIENT_SECRET = "sandbox-amazon-client", "sandbox-amazon-secret"
REFRESH_TOKEN = "sandbox-amazon-refresh"
SELLER_ID = "A1SANDBOXSELLER"
MARKETPLACE_ID = "ATVPDKIKX0DER"
DEFAULT, AMAZON = "DEFAULT", "AMAZON_NA"

#: Condition -> the number in reports.
CONDITIONS = {
    "new_new": 11,
    "refurbished_refurbished": 10,
    "used_like_new": 1,
    "used_very_good": 2,
    "used_good": 3,
    "used_acceptable": 4,
}
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(kw_only=True)
class AmazonListing(Listing):
    """`quantity` is the seller's own stock, channel DEFAULT; `amazon_quantity` is what Amazon keeps, None without FBA.

    `submitted` is the attribute fulfillment_availability as the seller last sent it.
    """

    asin: str
    condition: str
    created: datetime
    changed: datetime
    has_default: bool = True
    amazon_quantity: int | None = None
    submitted: list[dict[str, Any]] = field(default_factory=list)
    is_blocked: bool = False
    is_incomplete: bool = False
    is_parent: bool = False
    parent_sku: str = ""
    _clock: Clock = field(default_factory=Clock, repr=False)

    @property
    def fulfilled_by(self) -> str:
        """Who ships the next sale: Amazon, as long as it has stock."""
        is_amazon = self.amazon_quantity is not None and (self.amazon_quantity > 0 or not self.has_default)
        return "AMAZON" if is_amazon else "MERCHANT"

    @property
    def stock(self) -> int:
        """What the one who ships the next sale has."""
        return self.quantity if self.fulfilled_by == "MERCHANT" else self.amazon_quantity or 0

    @property
    def for_sale(self) -> bool:
        """Neither blocked nor incomplete, and no mere parent of variations."""
        return not (self.is_blocked or self.is_incomplete or self.is_parent)

    @property
    def is_buyable(self) -> bool:
        """What the status BUYABLE says."""
        return self.for_sale and self.stock > 0

    def store(self, quantity: int) -> None:
        """The seller's quantity; one for a listing that Amazon fulfills gives it a second channel."""
        self.has_default = True
        super().store(quantity)

    def drop_default(self) -> None:
        """The seller's own channel is given up."""
        self.has_default, self.quantity, self._old = False, 0, None
        self.touch()

    def sell(self, quantity: int) -> None:
        """From Amazon's stock or from the seller's, never from both."""
        if self.fulfilled_by == "MERCHANT":
            super().sell(quantity)
        else:
            self.amazon_quantity = (self.amazon_quantity or 0) - quantity
            self.settle()

    def settle(self) -> None:
        """The listing's state needs no following: it is worked out when read."""
        self.touch()

    def deactivate(self) -> None:
        """Blocked: more stock does not bring it back."""
        self.is_blocked = True
        self.touch()

    def touch(self) -> None:
        """It was last updated now."""
        self.changed = self._clock()


@dataclass
class AmazonAccount(Account):
    """The seller on Amazon. `tokens` are the refresh tokens that are good; access tokens die with theirs."""

    access: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # token -> its refresh token, end
    documents: dict[str, Document] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    searches: dict[str, Any] = field(default_factory=dict)
    feeds_free_at: datetime | None = None
    last_order: int = field(default=11_400_012_340_000_000, repr=False)
    last_job: int = field(default=50_100_020_600, repr=False)
    _last_line: int = field(default=70_250_613_180_000, repr=False)

    @property
    def login(self) -> str:
        """Everything a login form asks for."""
        application = f"client id {self.settings['client_id']}, client secret {self.settings['client_secret']}"
        return f"{application}, refresh token {', '.join(sorted(self.tokens))}, seller id {SELLER_ID}"

    def listing_from(self, row: Mapping[str, Any], number: int) -> AmazonListing:
        """From sku, title, price, currency, quantity, and fulfillment (DEFAULT; AMAZON for Amazon's stock).

        Also asin, condition (used_good), created (ISO 8601; now), is_parent, parent_sku, is_blocked, is_incomplete.
        The id is the SKU.
        """
        sku, quantity = str(row["sku"]), int(row["quantity"])
        condition = row.get("condition", "used_good")
        fulfillment = row.get("fulfillment", DEFAULT)
        if condition not in CONDITIONS or fulfillment not in (DEFAULT, "AMAZON"):
            raise RefusedError(f"{condition} or {fulfillment} is no condition or fulfillment the sandbox knows.")
        is_amazon = fulfillment == "AMAZON"
        now = datetime.fromisoformat(row["created"]) if "created" in row else self.clock()
        optional = ("is_parent", "parent_sku", "is_blocked", "is_incomplete")
        return AmazonListing(
            id=sku,
            number=number,
            sku=sku,
            title=str(row["title"]),
            quantity=0 if is_amazon else quantity,
            price=str(row["price"]),
            currency=str(row["currency"]),
            asin=str(row.get("asin") or _asin(sku)),
            condition=condition,
            created=now,
            changed=now,
            has_default=not is_amazon,
            amazon_quantity=quantity if is_amazon else None,
            submitted=[{"fulfillment_channel_code": AMAZON} if is_amazon else first_entry(quantity)],
            _clock=self.clock,
            **{name: row[name] for name in optional if name in row},
        )

    def order_from(self, lines: Sequence[tuple[Listing, int]], now: datetime, **options: Any) -> AmazonOrder:
        """Option `state`: UNSHIPPED, or PENDING or PENDING_AVAILABILITY, which wait for payment."""
        state = options.pop("state", FulfillmentStatus.UNSHIPPED)
        status = FulfillmentStatus[state] if isinstance(state, str) else FulfillmentStatus(state)
        if status not in (*UNPAID, FulfillmentStatus.UNSHIPPED):
            raise RefusedError("A sale starts as UNSHIPPED, PENDING or PENDING_AVAILABILITY.")
        fulfilled_by = {cast(AmazonListing, listing).fulfilled_by for listing, _ in lines}
        if len(fulfilled_by) > 1:
            raise RefusedError("An order is fulfilled by Amazon or by the seller, never by both.")
        self.last_order += 7_919
        return AmazonOrder(
            id=self.last_order,
            state=status,
            currency=lines[0][0].currency,
            placed=now,
            changed=now,
            visible_from=now,
            fulfilled_by=fulfilled_by.pop(),
            address=ADDRESSES[self.last_order % len(ADDRESSES)],
            lines=[self._line(listing, quantity) for listing, quantity in lines],
            **options,
        )

    def exact(self, sku: str) -> AmazonListing | None:
        """The listing with this SKU to the letter."""
        found = self.by_sku(sku)
        return cast(AmazonListing, found) if found and found.sku == sku else None

    def next_job(self) -> str:
        """A number for a feed or a report."""
        self.last_job += 1
        return str(self.last_job)

    def _line(self, listing: Listing, quantity: int) -> AmazonLine:
        self._last_line += 1
        return AmazonLine(
            id=self._last_line,
            listing=listing,
            sku=listing.sku,
            title=listing.title,
            price=listing.price,
            quantity=quantity,
            state=0,
        )


def first_entry(quantity: int) -> dict[str, Any]:
    """What the seller sent when the listing was made."""
    return {"fulfillment_channel_code": DEFAULT, "quantity": quantity}


def _asin(sku: str) -> str:
    """Made from the SKU, so that the same seed gives the same ids."""
    number, text = uuid5(NAMESPACE_URL, f"amazon:{sku}").int, ""
    for _ in range(8):
        number, digit = divmod(number, 36)
        text += _LETTERS[digit]
    return f"B0{text}"


def new_account() -> AmazonAccount:
    """An empty account with the documented limits."""
    return AmazonAccount(
        kind="amazon",
        tokens={REFRESH_TOKEN},
        limits=new_limits(),
        settings={
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "login_error": "",
            "denied": "",
            "wrong_seller": 403,
            "participating": True,
            "suspended": False,
            "patch_seconds": 0.0,
            "report_seconds": 60.0,
            "report_outcome": "DONE",
            "report_columns": "",
            "report_encoding": "Cp1252",
            "report_charset": True,
            "report_gzip": True,
            "feed_seconds": 300.0,
            "feed_gzip": True,
            "order_lag_seconds": 120.0,
            "names": True,
            "cancelled_quantity": "kept",
        },
    )
