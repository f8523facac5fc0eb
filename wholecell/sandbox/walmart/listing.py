"""One item: what Walmart shows of it, and how many of it can be bought."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..records import Listing

PUBLISHED = ("PUBLISHED", "READY_TO_PUBLISH", "IN_PROGRESS", "UNPUBLISHED", "STAGE", "SYSTEM_PROBLEM")
#: Items that have never been published have no inventory yet.
NOT_YET = ("READY_TO_PUBLISH", "IN_PROGRESS", "STAGE")
LIFECYCLES = ("ACTIVE", "ARCHIVED", "RETIRED")


@dataclass(kw_only=True)
class WalmartListing(Listing):
    """`input_quantity` is what the seller sent, `reserved` what customers ordered and nobody shipped.

    What can be bought is the one without the other when the account holds back, else the former alone, from
    which every sale is then taken. `wfs`: Walmart keeps and ships it, and the quantity is in its warehouse.
    """

    upc: str
    condition: str = "Restored"
    product_type: str = "Cell Phones"
    published_status: str = "PUBLISHED"
    lifecycle_status: str = "ACTIVE"
    reasons: list[str] = field(default_factory=list)
    wfs: bool = False
    variant_group: str = ""
    variant: dict[str, str] = field(default_factory=dict)
    input_quantity: int = field(init=False)
    reserved: int = field(init=False, default_factory=int)
    _settings: dict[str, Any] = field(repr=False)

    @property
    def _held(self) -> int:
        return self.reserved if self._settings["holds_back"] and not self.wfs else 0

    @property  # type: ignore[misc]  # mypy wants a field to stay a field; the setter keeps it one
    def quantity(self) -> int:
        """What can be bought now."""
        return max(self.input_quantity - self._held, 0)

    @quantity.setter
    def quantity(self, quantity: int) -> None:
        self.input_quantity = quantity

    @property
    def gtin(self) -> str:
        """The UPC written with 14 digits."""
        return self.upc.zfill(14)

    def sell(self, quantity: int) -> None:
        """Units ordered are reserved; they leave the quantity itself where nothing is held back."""
        if self.wfs or not self._settings["holds_back"]:
            self.input_quantity -= quantity
        if not self.wfs:
            self.reserved += quantity

    def release(self, quantity: int, shipped: bool) -> None:
        """Ordered units are shipped or cancelled."""
        if self.wfs:
            return
        if shipped and self._settings["holds_back"] and self._settings["shipping_lowers"]:
            self.input_quantity = max(self.input_quantity - quantity, 0)
        self.reserved -= quantity

    def settle(self) -> None:
        """An item stays published without stock."""

    def deactivate(self) -> None:
        """Unpublished: more stock does not bring it back."""
        self.published_status = "UNPUBLISHED"
        self.reasons = ["Your item is unpublished because the end date has passed."]

    @property
    def for_sale(self) -> bool:
        """Only what is published and active can be bought."""
        return (self.published_status, self.lifecycle_status) == ("PUBLISHED", "ACTIVE")

    def as_dict(self, now: datetime) -> dict[str, Any]:
        """With what can be bought."""
        return super().as_dict(now) | {"quantity": self.quantity}
