"""What Walmart keeps about the seller: items with their inventory, purchase orders, feeds, access tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha1
from typing import Any, cast

from ..account import Account
from ..records import Listing, RefusedError
from .limits import buckets
from .listing import LIFECYCLES, PUBLISHED, WalmartListing
from .people import ADDRESSES, relay
from .states import OPEN, Portion, Status, WalmartLine, WalmartOrder

LOGIN = "sandbox-walmart-client:sandbox-walmart-secret"
AREAS = (
    "reports",
    "item",
    "shipping",
    "price",
    "lagtime",
    "feeds",
    "returns",
    "orders",
    "rules",
    "inventory",
    "content",
)


@dataclass(frozen=True)
class Access:
    """An access token: good while the logins are the very same set and it has not expired."""

    login: str
    logins: set[str] = field(repr=False)
    issued: datetime
    expires: datetime


@dataclass
class Feed:
    """A file of quantities. `rows` are worked on when its time has passed; `items` are the outcomes."""

    id: str
    type: str
    started: datetime
    changed: datetime
    seconds: float
    received: int
    status: str = "RECEIVED"
    errors: list[dict[str, str]] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class WalmartAccount(Account):
    """The seller on Walmart. `tokens` are the logins, each client id:client secret."""

    access: dict[str, Access] = field(default_factory=dict, repr=False)
    feeds: dict[str, Feed] = field(default_factory=dict, repr=False)
    cursors: dict[str, datetime] = field(default_factory=dict, repr=False)
    _last_order: int = field(default=1_796_277_083_000, repr=False)

    @property
    def login(self) -> str:
        """Everything a login form asks for."""
        pairs = (token.partition(":") for token in sorted(self.tokens))
        return " or ".join(f"client id {client}, client secret {secret}" for client, _, secret in pairs)

    def listing_from(self, row: Mapping[str, Any], number: int) -> WalmartListing:
        """From sku, title, price, currency, quantity, and what else `WalmartListing` has; ids come from the SKU."""
        digits = int(sha1(f"walmart:{row['sku']}".encode()).hexdigest(), 16)
        optional = ("condition", "product_type", "reasons", "wfs", "variant_group", "variant")
        chosen = {name: row[name] for name in optional if name in row}
        published, lifecycle = row.get("published_status", "PUBLISHED"), row.get("lifecycle_status", "ACTIVE")
        for value, known in ((published, PUBLISHED), (lifecycle, LIFECYCLES)):
            if value not in known:
                raise RefusedError(f"{value} is not a status of an item. Choose one of: {', '.join(known)}.")
        return WalmartListing(
            id=str(row.get("wpid") or _base36(digits)[:12]),
            number=number,
            sku=str(row["sku"]),
            title=str(row["title"]),
            quantity=int(row["quantity"]),
            price=str(row["price"]),
            currency=str(row["currency"]),
            upc=str(row.get("upc") or f"{digits % 10**12:012}"),
            published_status=published,
            lifecycle_status=lifecycle,
            _settings=self.settings,
            **chosen,
        )

    def exact(self, sku: str) -> WalmartListing | None:
        """The item with exactly this SKU, case and all."""
        found = self.by_sku(sku)
        return cast(WalmartListing, found) if found and found.sku == sku else None

    def order_from(self, lines: Sequence[tuple[Listing, int]], now: datetime, **options: Any) -> WalmartOrder:
        """Options: `buyer` (0 to 4), `customer_order`, `replaces` (a customer order), `method`, `program`, `email`,
        `shipping_price`, `days` to ship (2). An order of what Walmart fulfils holds nothing else.
        """
        bought = [(cast(WalmartListing, listing), quantity) for listing, quantity in lines]
        if len({listing.wfs for listing, _ in bought}) > 1:
            raise RefusedError("Walmart makes two orders of what it ships and what the seller ships: sell them apart.")
        self._last_order += 7
        number, days = self._last_order, int(options.pop("days", 2))
        first, step = 1 + number % 4, 1 + number % 2
        return WalmartOrder(
            id=number,
            state=Status.CREATED,
            currency=bought[0][0].currency,
            placed=now,
            changed=now,
            visible_from=now,
            customer_order=int(options.pop("customer_order", number + 3_485_679_000_000)),
            address=dict(ADDRESSES[int(options.pop("buyer", number)) % len(ADDRESSES)]),
            email=str(options.pop("email", relay(number))),
            node_type="WFSFulfilled" if bought[0][0].wfs else "SellerFulfilled",
            ship_by=now + timedelta(days=days),
            deliver_by=now + timedelta(days=days + 4),
            lines=[_line(*each, first + step * position) for position, each in enumerate(bought)],
            **options,
        )

    def token_of(self, token: str, now: datetime) -> Access | None:
        """The access behind a token, None when it is unknown, expired, or its login was revoked."""
        access = self.access.get(token)
        good = access is not None and access.logins is self.tokens and access.login in self.tokens
        return access if access and good and now < access.expires else None

    def cancel_overdue(self, now: datetime) -> None:
        """Walmart cancels units not shipped so many days after their ship date (`auto_cancel_days`, 0 for never)."""
        days = self.settings["auto_cancel_days"]
        for order in self.orders.values() if days else ():
            assert isinstance(order, WalmartOrder)
            if order.is_ours and now >= order.ship_by + timedelta(days=days):
                for line in order.lines:
                    assert isinstance(line, WalmartLine)
                    if line.units(*OPEN):
                        order.happen("cancel", now, line=line.id, reason="AUTO_CANCELLED")
                        order.changed = now


def _line(listing: WalmartListing, quantity: int, number: int) -> WalmartLine:
    return WalmartLine(
        id=number,
        listing=listing,
        sku=listing.sku,
        title=listing.title,
        price=str(Decimal(listing.price)),
        quantity=quantity,
        state=Status.CREATED,
        portions=[Portion(Status.CREATED, quantity)],
        release=listing.release,
    )


def _base36(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text += "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit]
    return text


def new_account() -> WalmartAccount:
    """An empty account with the published limits; the settings are explained in the package's docstring."""
    return WalmartAccount(
        kind="walmart",
        tokens={LOGIN},
        limits=buckets(),
        settings={
            "token_seconds": 900,
            "scopes": {},
            "errors": "wrapped",
            "refusals": "status",
            "replenishment": "milliseconds",
            "retry_after": 0,
            "cursor": "moving",
            "cursor_seconds": 120,
            "end_cursor": "absent",
            "most_items": 50,
            "item_shape": "list",
            "no_items": "empty",
            "ended_items": 1,
            "short_pages": 1,
            "holds_back": 1,
            "shipping_lowers": 0,
            "feed_seconds": 300.0,
            "outcomes": {},
            "no_orders": "404",
            "most_orders": 10_000,
            "dates": "strict",
            "order_wrapped": 1,
            "one_order_date": "milliseconds",
            "charges": "unit",
            "intent": "true",
            "auto_cancel_days": 0,
        },
    )
