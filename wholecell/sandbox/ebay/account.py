"""What eBay keeps about the seller: listings, orders, the application's keys, and who agreed to what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha1
from typing import Any, cast

from ..account import Account
from ..records import Listing, RefusedError
from .keys import NoticeKey
from .limits import new_limits
from .listing import AUCTION, TYPES, EbayListing, Item
from .people import PEOPLE
from .states import EbayLine, EbayOrder

CLIENT_ID, CERT_ID = "SandboxP-phones-SBX-1a2b3c4d5-6e7f8091", "SBX-a1b2c3d4e5f6-0718-4293"
RU_NAME = "Sandbox_Phones-SandboxP-phones-abcde"
USERNAME, USER_ID = "sandbox_phones", "SbxUs3rId01"
#: The refresh token of a seller who agreed before the sandbox was started.
REFRESH_TOKEN = "v^1.1#i^1#r^1#p^3#f^0#I^3#t^SANDBOXREFRESH=="
_SCOPE = "https://api.ebay.com/oauth/api_scope"
#: Those that the application may ask for.
SCOPES = (
    _SCOPE,
    *(
        f"{_SCOPE}/{name}"
        for name in (
            "sell.inventory",
            "sell.inventory.readonly",
            "sell.fulfillment",
            "sell.fulfillment.readonly",
            "sell.account",
            "sell.account.readonly",
            "commerce.identity.readonly",
        )
    ),
)


@dataclass(frozen=True)
class Consent:
    """What a seller agreed to, under the name of that day."""

    username: str
    scopes: frozenset[str]
    expires: datetime


@dataclass(frozen=True)
class Access:
    """An access token: of the seller whose refresh token it came from, or of the application (blank)."""

    refresh: str
    scopes: frozenset[str]
    expires: datetime


@dataclass
class EbayAccount(Account):
    """The seller on eBay. `tokens` are the refresh tokens that are good; `consents` says what they are good for."""

    items: dict[str, Item] = field(default_factory=dict)
    access: dict[str, Access] = field(default_factory=dict, repr=False)
    codes: dict[str, Consent] = field(default_factory=dict, repr=False)
    consents: dict[str, Consent] = field(default_factory=dict, repr=False)
    key: NoticeKey = field(default_factory=NoticeKey, repr=False)
    _ids: dict[str, list[str]] = field(default_factory=dict, repr=False)
    _last_order: int = field(default=141_375_010_000, repr=False)

    @property
    def login(self) -> str:
        """The keys of the app that are asked for; the rest is a click on eBay's page."""
        keys = self.settings
        return (
            f"App ID {keys['client_id']}, Cert ID {keys['client_secret']}, RuName {keys['ru_name']}, "
            f"then agree as {keys['username']} on its page"
        )

    def listing_from(self, row: Mapping[str, Any], number: int) -> EbayListing:
        """From sku (may be blank), title, price, currency, quantity and, if not the usual: `type`, `sold`, `state`,
        `inventory_api`, `item` (the number), and for a variation `group` (any word its listing has) and `specifics`.
        """
        group = str(row.get("group", ""))
        item = self._item(row, group or str(row["sku"]) or str(number), bool(group))
        if group and not row.get("specifics"):
            raise RefusedError("A variation needs its specifics, such as a color.")
        if item.units and not group:
            raise RefusedError(f"There is a listing with the id {item.id} already.")
        listing = EbayListing(
            id=f"{item.id}:{row['sku'] or number}" if group else item.id,
            number=number,
            sku=str(row["sku"]),
            title=str(row["title"]),
            quantity=int(row["quantity"]),
            price=str(row["price"]),
            currency=str(row["currency"]),
            item=item,
            sold=int(row.get("sold", 0)),
            specifics={str(name): str(value) for name, value in row.get("specifics", {}).items()},
            _settings=self.settings,
            _clock=self.clock,
        )
        if "state" in row:
            listing.state = str(row["state"])
        return listing

    def _item(self, row: Mapping[str, Any], key: str, is_varied: bool) -> Item:
        kind = str(row.get("type", TYPES[0]))
        if kind not in TYPES:
            raise RefusedError(f"{kind} is not a type of listing. Choose one of: {', '.join(TYPES)}.")
        number = str(row.get("item") or 176_000_000_000 + int(sha1(f"ebay:{key}".encode()).hexdigest(), 16) % 10**9)
        started = self.clock() - timedelta(days=int(row.get("days", 2 if kind == AUCTION else 40)))
        made = Item(number, str(row["title"]), kind, started, is_varied, bool(row.get("inventory_api")))
        return self.items.get(number, made)

    def add(self, row: Mapping[str, Any]) -> Listing:
        """Put one up. SKUs may be blank and repeat, but not among variations or within the Inventory API."""
        self._last_number += 1
        listing = self.listing_from(row, self._last_number)
        if listing.id in self.listings:
            raise RefusedError(f"There is a listing with the id {listing.id} already.")
        if listing.item.inventory_api and (not listing.sku or self.in_inventory(listing.sku)):
            raise RefusedError("A listing of the Inventory API needs a SKU of its own.")
        self.items[listing.item.id] = listing.item
        listing.item.units.append(listing)
        self.listings[listing.id] = listing
        self._ids.setdefault(listing.sku.casefold(), []).append(listing.id)
        self._numbers[listing.number] = listing.id
        return listing

    def remove(self, listing: Listing) -> None:
        """Take it away for good; a listing goes with its last variation."""
        del self.listings[listing.id]
        self._ids[listing.sku.casefold()].remove(listing.id)
        del self._numbers[listing.number]
        item = cast(EbayListing, listing).item
        item.units = [unit for unit in item.units if unit is not listing]
        if not item.units:
            del self.items[item.id]

    def rename(self, listing: Listing, sku: str) -> None:
        """Give it another SKU."""
        self._ids[listing.sku.casefold()].remove(listing.id)
        listing.sku = sku
        self._ids.setdefault(sku.casefold(), []).append(listing.id)

    def by_sku(self, sku: str) -> Listing | None:
        """The first with this SKU; case does not count."""
        found = self._ids.get(sku.casefold()) if sku else None
        return self.listings[found[0]] if found else None

    def in_inventory(self, sku: str) -> EbayListing | None:
        """What the Inventory API has under exactly this SKU."""
        rows = (cast(EbayListing, self.listings[each]) for each in self._ids.get(sku.casefold(), ()))
        return next((row for row in rows if row.item.inventory_api and row.sku == sku), None)

    def arranged(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Plain rows of three grades and more under one title become one listing, and the last row is an auction."""
        titles = [row["title"] for row in rows]
        made: list[dict[str, Any]] = []
        for row in rows:
            grade = str(row["sku"]).rpartition("-")[2]
            varied = {"group": row["title"], "specifics": {"Grade": grade}} if titles.count(row["title"]) > 2 else {}
            made.append({**row, **varied})
        if made and "group" not in made[-1]:
            made[-1] |= {"type": AUCTION, "quantity": 1}
        return made

    def order_from(self, lines: Sequence[tuple[Listing, int]], now: datetime, **options: Any) -> EbayOrder:
        """Options: `buyer` (0 to 4), `note`, `hub` (GSP or EIS: abroad, by eBay's hub), `by_ebay` (eBay keeps and ships
        it), `paid` (True), `delivery` (cost, 0.0), `service`, `carrier`, `days` to ship (2).
        """
        self._last_order += 1
        number = self._last_order
        person = PEOPLE[int(options.pop("buyer", number)) % len(PEOPLE)]
        is_paid, days = bool(options.pop("paid", True)), int(options.pop("days", 2))
        return EbayOrder(
            id=number,
            state=0,
            currency=lines[0][0].currency,
            placed=now,
            changed=now,
            visible_from=now,
            payment="PAID" if is_paid else "PENDING",
            paid_at=now if is_paid else None,
            record=number - 141_375_000_000,
            username=f"buyer_{number % 100_000}",
            person={**person, "address": dict(person["address"])},
            ship_by=now + timedelta(days=days),
            clock=self.clock,
            lines=[_line(cast(EbayListing, row), units, number, at) for at, (row, units) in enumerate(lines, 1)],
            **options,
        )

    def consent_of(self, refresh: str) -> Consent | None:
        """What a refresh token is good for; None when it was revoked, ended, or the seller has another name now."""
        if refresh not in self.tokens:
            return None
        now, name = self.clock(), str(self.settings["username"])
        usual = Consent(name, frozenset(SCOPES), now + timedelta(seconds=float(self.settings["refresh_seconds"])))
        found = self.consents.setdefault(refresh, usual)
        return found if found.username == name and now < found.expires else None


def _line(listing: EbayListing, units: int, order: int, position: int) -> EbayLine:
    return EbayLine(
        id=10_000_000_000_000 + (order % 10**9) * 100 + position,
        listing=listing,
        sku=listing.sku,
        title=listing.title,
        price=listing.price,
        quantity=units,
        state=0,
        item_id=listing.item.id,
        variation_id=listing.variation_id if listing.specifics else "",
        aspects=dict(listing.specifics),
    )


def new_account() -> EbayAccount:
    """An empty account with the published limits; the settings are explained in the package's docstring."""
    return EbayAccount(
        kind="ebay",
        tokens={REFRESH_TOKEN},
        limits=new_limits(),
        settings={
            "client_id": CLIENT_ID,
            "client_secret": CERT_ID,
            "ru_name": RU_NAME,
            "accepted_url": "",
            "declined_url": "",
            "username": USERNAME,
            "user_id": USER_ID,
            "token_seconds": 7_200,
            "refresh_seconds": 47_304_000,
            "code_seconds": 299,
            "registered": 1,
            "site": "EBAY_US",
            "out_of_stock_control": 1,
            "most_active": 25_000,
            "variation_sold": 1,
            "partial": 1,
            "echo": "new",
            "missing_sku": "21916735",
            "redundant": "21917092",
            "entry_errors": {},
            "call_errors": {},
            "several_skus": 1,
            "mask_days": 90,
            "email_days": 14,
        },
    )
