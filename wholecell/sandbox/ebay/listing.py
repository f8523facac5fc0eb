"""What eBay knows of a listing, and of one thing in it that can be bought."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from ..records import Listing, RefusedError

ACTIVE, COMPLETED, ENDED = "Active", "Completed", "Ended"
STATES = (ACTIVE, COMPLETED, ENDED)
AUCTION = "Chinese"
TYPES = ("FixedPriceItem", "StoresFixedPrice", AUCTION)
#: Good 'til cancelled renews itself after so many days; an auction here takes seven.
RENEWAL, AUCTION_TIME = timedelta(days=30), timedelta(days=7)


@dataclass
class Item:
    """A listing as eBay numbers it. `units` are its variations, or the one thing that a listing without them sells.

    `inventory_api`: it was made through the Inventory API, which alone may change it.
    """

    id: str
    title: str
    type: str
    started: datetime
    is_varied: bool
    inventory_api: bool
    state: str = ACTIVE
    ended: datetime | None = None
    units: list[EbayListing] = field(default_factory=list)
    revised: int = 0
    revised_on: date | None = None

    def end(self, state: str, now: datetime) -> None:
        """Take it off eBay: Ended by hand or by eBay, Completed by selling out."""
        self.state, self.ended = state, now

    def ends(self, now: datetime) -> datetime:
        """When it ended, or will end or renew next."""
        if self.ended:
            return self.ended
        if self.type == AUCTION:
            return self.started + AUCTION_TIME
        return self.started + RENEWAL * (max(now - self.started, timedelta()) // RENEWAL + 1)

    def revise(self, day: date, most: int) -> bool:
        """Count one revision; whether it was allowed."""
        if self.revised_on != day:
            self.revised_on, self.revised = day, 0
        if self.revised >= most:
            return False
        self.revised += 1
        return True


@dataclass(kw_only=True)
class EbayListing(Listing):
    """One thing that can be bought. `quantity` is what is available; eBay's own Quantity adds what was `sold`.

    Under the Inventory API buyers see the smaller of `ship_to` (of the inventory item) and `offered` (of its offer).
    """

    item: Item
    sold: int = 0
    specifics: dict[str, str] = field(default_factory=dict)
    ship_to: int = field(init=False, default=0)
    offered: int = field(init=False, default=0)
    _settings: dict[str, Any] = field(repr=False)
    _clock: Any = field(repr=False)

    def __post_init__(self) -> None:
        self.ship_to = self.offered = self.quantity

    @property
    def offer_id(self) -> str:
        """Of its offer in the Inventory API."""
        return str(8_205_400_000 + self.number)

    @property
    def variation_id(self) -> str:
        """eBay's number of the variation, as orders name it."""
        return str(476_000_000_000 + self.number)

    @property
    def state(self) -> str:
        """The listing's."""
        return self.item.state

    @state.setter
    def state(self, state: str) -> None:
        if state not in STATES:
            raise RefusedError(f"{state} is not a state of a listing. Choose one of: {', '.join(STATES)}.")
        self.item.state = state
        self.item.ended = None if state == ACTIVE else self._clock()

    def store(self, quantity: int) -> None:
        """Both numbers of the Inventory API follow."""
        self.ship_to = self.offered = quantity
        super().store(quantity)

    def sell(self, quantity: int) -> None:
        """What was sold is counted too."""
        self.sold += quantity
        self.ship_to, self.offered = max(self.ship_to - quantity, 0), max(self.offered - quantity, 0)
        super().sell(quantity)

    def settle(self) -> None:
        """A listing that is sold out ends, unless the seller's out-of-stock control keeps it."""
        controlled = self._settings["out_of_stock_control"] or self.item.inventory_api
        kept = controlled and self.item.type != AUCTION
        if self.state == ACTIVE and not kept and not any(unit.quantity for unit in self.item.units):
            self.item.end(COMPLETED, self._clock())

    def deactivate(self) -> None:
        """eBay ends it."""
        self.item.end(ENDED, self._clock())

    @property
    def for_sale(self) -> bool:
        """Only what is active can be bought."""
        return self.state == ACTIVE

    def as_dict(self, now: datetime) -> dict[str, Any]:
        """Without the other variations."""
        own = super().as_dict(now)
        del own["item"]
        return own | {"item_id": self.item.id, "type": self.item.type, "state": self.state}
