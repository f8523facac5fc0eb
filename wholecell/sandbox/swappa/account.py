"""What the pretend Swappa keeps about the seller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ..account import Account
from ..limits import RateLimit
from ..records import Line, Listing, RefusedError
from .people import PEOPLE
from .states import OrderState, SwappaOrder

TOKEN = "sandbox-swappa-token"
_WORDS = ("active", "inactive", "sold", "removed")


@dataclass(kw_only=True)
class SwappaListing(Listing):
    """`is_off_for_stock`: it went off sale for want of stock, and comes back with some."""

    product: str
    carrier: str
    storage: str
    color: str
    condition: str
    status: str
    updated: datetime | None = None
    is_off_for_stock: bool = False

    def settle(self) -> None:
        """Nothing left takes an active listing off sale; more brings it back."""
        if self.quantity <= 0 and self.status == "active":
            self.status, self.is_off_for_stock = "inactive", True
        elif self.quantity > 0 and self.is_off_for_stock:
            self.status, self.is_off_for_stock = "active", False

    def sell(self, quantity: int) -> None:
        """The last one sold shows as such."""
        super().sell(quantity)
        if self.is_off_for_stock:
            self.status = "sold"

    def deactivate(self) -> None:
        """Off sale, whatever stock there is."""
        self.status, self.is_off_for_stock = "inactive", False

    @property
    def for_sale(self) -> bool:
        """Only what is active can be bought."""
        return self.status == "active"


@dataclass
class Code:
    """What a sign-in was answered with: good once, for this client and this way back."""

    client_id: str
    redirect_uri: str
    until: datetime


@dataclass
class SwappaAccount(Account):
    """The seller. `tokens` holds fixed bearer tokens and refresh tokens; revoking those ends what came of them."""

    codes: dict[str, Code] = field(default_factory=dict)
    refreshers: set[str] = field(default_factory=set)  # which of `tokens` only renew
    access: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # token -> refresh token, end
    last_order: int = field(default=730_000, repr=False)
    _last_line: int = field(default=910_000, repr=False)

    @property
    def login(self) -> str:
        """What a person types in to connect."""
        app = f"the client id {self.settings['client_id']} and the secret {self.settings['client_secret']}"
        return f"the token {TOKEN}, or by signing in with {app}"

    def listing_from(self, row: Mapping[str, Any], number: int) -> SwappaListing:
        """From sku, title, price, currency, quantity; carrier, storage, color, condition, status (active).

        The listing code is made from the SKU, so the same seed gives the same.
        """
        status = str(row.get("status", "active"))
        if status not in _WORDS:
            raise RefusedError(f"{status} is not a status. Choose one of: {', '.join(_WORDS)}.")
        made = SwappaListing(
            id="L" + uuid5(NAMESPACE_URL, f"swappa:{row['sku']}").hex[:9].upper(),
            number=number,
            sku=str(row["sku"]),
            title=str(row["title"]),
            quantity=int(row["quantity"]),
            price=str(row["price"]),
            currency=str(row.get("currency", "USD")),
            product=str(row.get("product", row["title"])),
            carrier=str(row.get("carrier", "Unlocked")),
            storage=str(row.get("storage", "")),
            color=str(row.get("color", "")),
            condition=str(row.get("condition", "Good")),
            status=status,
            updated=self.clock(),
        )
        made.settle()
        return made

    def order_from(self, lines: Sequence[tuple[Listing, int]], now: datetime, **options: Any) -> SwappaOrder:
        """Options: `state`, paid unless pending is said."""
        state = str(options.pop("state", "paid"))
        if state not in {"paid", "pending"}:
            raise RefusedError("A sale starts as paid or pending.")
        self.last_order += 1
        person, email = PEOPLE[self.last_order % len(PEOPLE)]
        return SwappaOrder(
            id=self.last_order,
            state=OrderState[state.upper()],
            currency=lines[0][0].currency,
            placed=now,
            changed=now,
            visible_from=now,
            lines=[self._line(listing, quantity) for listing, quantity in lines],
            person=person,
            email=email,
            **options,
        )

    def waiting(self, listing: Listing) -> int:
        """Units of a listing in orders that are not paid yet."""
        orders = (order for order in self.orders.values() if order.state == OrderState.PENDING)
        return sum(line.quantity for order in orders for line in order.lines if line.listing is listing)

    def _line(self, listing: Listing, quantity: int) -> Line:
        self._last_line += 1
        return Line(
            id=self._last_line,
            listing=listing,
            sku=listing.sku,
            title=listing.title,
            price=listing.price,
            quantity=quantity,
            state=0,
        )


def new_account() -> SwappaAccount:
    """An empty account."""
    return SwappaAccount(
        kind="swappa",
        tokens={TOKEN},
        limits={"requests": RateLimit(60, 60)},
        settings={
            "client_id": "sandbox-swappa-client",
            "client_secret": "sandbox-swappa-secret",
            "token_seconds": 3600,
            "renews": 0,
            "imeis": 0,
            "retry_after": 60,
        },
    )
