"""What a marketplace knows about one listing or one order; each marketplace adds its own fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self


class RefusedError(Exception):
    """The shop will not do this; the message says why."""


@dataclass(kw_only=True)
class Listing:
    """One offer. `quantity` is what can really be bought, `shown` what a reading answers."""

    id: str
    number: int
    sku: str
    title: str
    quantity: int
    price: str
    currency: str
    _old: Self | None = field(default=None, repr=False)
    _old_until: datetime | None = field(default=None, repr=False)

    def store(self, quantity: int) -> None:
        """Take the seller's quantity, with all that follows from it; readings show it at once."""
        self.quantity = quantity
        self._old = None
        self.settle()

    def sell(self, quantity: int) -> None:
        """Hand over so many to a customer."""
        self.quantity -= quantity
        self.settle()

    def settle(self) -> None:
        """Let the marketplace's state of the listing follow its quantity."""
        raise NotImplementedError

    def deactivate(self) -> None:
        """Take the listing off sale for a reason that more stock does not cure."""
        raise NotImplementedError

    @property
    def for_sale(self) -> bool:
        """Whether a customer can buy it, given stock."""
        raise NotImplementedError

    @property
    def stock(self) -> int:
        """What customers can buy of it, whoever keeps it."""
        return self.quantity

    def touch(self) -> None:
        """Note that a field was changed from outside."""

    def show_old(self, old: Self, until: datetime) -> None:
        """Let readings answer this earlier copy until the time, or until the next plain write."""
        self._old, self._old_until = old, until

    def shown(self, now: datetime) -> Self:
        """The listing as a reading at this time answers it."""
        if self._old is not None and self._old_until is not None and now < self._old_until:
            return self._old
        return self

    def as_dict(self, now: datetime) -> dict[str, Any]:
        """For the state page: the real values, and the quantity shown."""
        own = {key: value for key, value in vars(self).items() if not key.startswith("_")}
        return own | {"shown_quantity": self.shown(now).quantity}


@dataclass(kw_only=True)
class Line:
    """A quantity of one listing in an order; `state` is the marketplace's own."""

    id: int
    listing: Listing
    sku: str
    title: str
    price: str
    quantity: int
    state: int
    imei: str = ""
    serial_number: str = ""
    return_reason: int | None = None
    return_message: str = ""


@dataclass(kw_only=True)
class Order:
    """One customer's order with this seller. Nothing shows it before `visible_from`."""

    id: int
    state: int
    currency: str
    placed: datetime
    changed: datetime
    visible_from: datetime
    lines: list[Line]

    def may_cancel(self, line: Line) -> bool:
        """Whether the line has not left yet."""
        raise NotImplementedError

    def cancel(self, line: Line) -> None:
        """Cancel one line; the order's state follows. Raises RefusedError when it can no longer be."""
        raise NotImplementedError

    def pay(self) -> None:
        """The customer pays; raises RefusedError when the order is not waiting for that."""
        raise NotImplementedError

    def fail_payment(self) -> None:
        """The payment does not come through; raises RefusedError when the order is not waiting for it."""
        raise NotImplementedError

    def hold(self, line: Line, *, is_held: bool) -> None:
        """Keep a line back for a check, or let it go on. Raises RefusedError when it is past that."""
        raise NotImplementedError

    def move_to(self, **address: str) -> None:
        """The customer corrects where it goes. Raises RefusedError for a field there is not, or when it has left."""
        raise NotImplementedError

    def happen(self, event: str, now: datetime, **options: Any) -> None:
        """Something of this marketplace's own befalls the order. Raises RefusedError when it cannot."""
        raise RefusedError(f"This marketplace has no {event}.")

    def as_dict(self) -> dict[str, Any]:
        """For the state page."""
        return {
            "id": self.id,
            "state": self.state,
            "placed": self.placed.isoformat(),
            "changed": self.changed.isoformat(),
            "visible_from": self.visible_from.isoformat(),
            "lines": [
                {
                    "id": line.id,
                    "sku": line.sku,
                    "quantity": line.quantity,
                    "state": line.state,
                    "imei": line.imei,
                    "serial_number": line.serial_number,
                }
                for line in self.lines
            ],
        }
