"""Orders: what Amazon says of their fulfillment, their lines and packages, and how they move."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, cast

from ..records import Line, Order, RefusedError
from .people import FIELDS

SHIP_DAYS, DELIVERY_DAYS = 2, 7


class FulfillmentStatus(IntEnum):
    """Orders 2026-01-01, FulfillmentStatus; the numbers are the sandbox's own."""

    PENDING_AVAILABILITY = 0
    PENDING = 1
    UNSHIPPED = 2
    PARTIALLY_SHIPPED = 3
    SHIPPED = 4
    CANCELLED = 5
    UNFULFILLABLE = 6


UNPAID = (FulfillmentStatus.PENDING_AVAILABILITY, FulfillmentStatus.PENDING)


@dataclass(kw_only=True)
class AmazonLine(Line):
    """`requested_reason` None means that the buyer did not ask to cancel; blank `cancelled_by`, not cancelled."""

    requested_reason: str | None = None
    cancelled_by: str = ""
    cancel_reason: str = ""


@dataclass(kw_only=True)
class Package:
    """One parcel the seller told of; `units` are by line id."""

    reference: str
    created: datetime
    carrier: str
    tracking: str
    method: str
    shipped: datetime
    units: dict[int, int]


@dataclass(kw_only=True)
class AmazonOrder(Order):
    """The status follows from cancelled lines and packages."""

    fulfilled_by: str
    address: dict[str, str]
    packages: dict[str, Package] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """The order's id as Amazon writes it, 3-7-7 digits."""
        digits = f"{self.id:017d}"
        return f"{digits[:3]}-{digits[3:10]}-{digits[10:]}"

    @property
    def status(self) -> FulfillmentStatus:
        """The state, by its word."""
        return FulfillmentStatus(self.state)

    @property
    def ship_by(self) -> datetime:
        """The end of the time to ship."""
        return self.placed + timedelta(days=SHIP_DAYS)

    @property
    def is_unpaid(self) -> bool:
        """Amazon shows neither address nor price, and takes no shipment, before payment."""
        return self.status in UNPAID

    def amazon_lines(self) -> list[AmazonLine]:
        """The lines with what Amazon adds to them."""
        return cast(list[AmazonLine], self.lines)

    def fulfilled(self, line: Line) -> int:
        """How many units of it have left."""
        if self.fulfilled_by == "AMAZON":
            is_sent = self.status == FulfillmentStatus.SHIPPED and not cast(AmazonLine, line).cancelled_by
            return line.quantity if is_sent else 0
        return sum(package.units.get(line.id, 0) for package in self.packages.values())

    def unfulfilled(self, line: Line) -> int:
        """How many units of it are still to leave."""
        return 0 if cast(AmazonLine, line).cancelled_by else line.quantity - self.fulfilled(line)

    def may_cancel(self, line: Line) -> bool:
        """Not cancelled, and nothing of it has left."""
        return not cast(AmazonLine, line).cancelled_by and not self.fulfilled(line)

    def cancel(self, line: Line, by: str = "BUYER", reason: str = "") -> None:
        """The buyer, the seller (MERCHANT) or AMAZON cancels a line."""
        if not self.may_cancel(line):
            raise RefusedError(f"Line {line.id} has left or is closed already.")
        row = cast(AmazonLine, line)
        row.cancelled_by, row.cancel_reason = by, reason or "Order was cancelled by the " + by.casefold()
        self.follow()

    def pay(self) -> None:
        """Amazon has the payment; the seller may ship."""
        if not self.is_unpaid:
            raise RefusedError(f"Order {self.number} does not wait for payment.")
        self.state = FulfillmentStatus.UNSHIPPED

    def fail_payment(self) -> None:
        """Amazon cancels an order that was not paid."""
        if not self.is_unpaid:
            raise RefusedError(f"Order {self.number} does not wait for payment.")
        for line in self.lines:
            if self.may_cancel(line):
                self.cancel(line, "AMAZON", "Payment was declined")

    def hold(self, line: Line, *, is_held: bool) -> None:
        """Amazon has no such check."""
        raise RefusedError("Amazon does not keep lines back.")

    def move_to(self, **address: str) -> None:
        """Only an order of which nothing has left goes elsewhere."""
        if unknown := [name for name in address if name not in FIELDS]:
            raise RefusedError(f"An address has no {', '.join(unknown)}.")
        if self.packages or self.status > FulfillmentStatus.UNSHIPPED:
            raise RefusedError(f"Order {self.number} has left or is closed.")
        self.address = self.address | {name: str(value) for name, value in address.items()}

    def happen(self, event: str, now: datetime, **options: Any) -> None:
        """`ask_cancel` (line, reason), `merchant_cancel` (line, reason), `amazon_ships`.

        Without a line it is the last open one.
        """
        if event == "amazon_ships":
            if self.fulfilled_by != "AMAZON" or self.status != FulfillmentStatus.UNSHIPPED:
                raise RefusedError(f"Order {self.number} is not Amazon's to ship.")
            self.state = FulfillmentStatus.SHIPPED
            return
        if event not in ("ask_cancel", "merchant_cancel"):
            super().happen(event, now, **options)
        row, reason = self._open_line(options.get("line")), str(options.get("reason", ""))
        if event == "ask_cancel":
            row.requested_reason = reason or "Ordered by mistake"
        else:
            self.cancel(row, "MERCHANT", reason)

    def _open_line(self, line_id: int | None) -> AmazonLine:
        lines = [line for line in self.amazon_lines() if self.may_cancel(line) and line_id in (None, line.id)]
        if not lines:
            raise RefusedError(f"Order {self.number} has no such open line.")
        return lines[-1]

    def follow(self) -> None:
        """Let the status follow from the lines and packages."""
        kept = [line for line in self.amazon_lines() if not line.cancelled_by]
        if not kept:
            self.state = FulfillmentStatus.CANCELLED
        elif self.packages:
            is_done = not any(self.unfulfilled(line) for line in kept)
            self.state = FulfillmentStatus.SHIPPED if is_done else FulfillmentStatus.PARTIALLY_SHIPPED

    def as_dict(self) -> dict[str, Any]:
        """With the number and words Amazon uses, where it goes, and its packages."""
        shape = super().as_dict()
        for line, shown in zip(self.amazon_lines(), shape["lines"], strict=True):
            left = self.unfulfilled(line)
            shown |= {
                "state": "CANCELLED" if line.cancelled_by else "UNFULFILLED" if left else "FULFILLED",
                "fulfilled": self.fulfilled(line),
                "unfulfilled": left,
                "requested_reason": line.requested_reason,
                "cancelled_by": line.cancelled_by,
            }
        return shape | {
            "number": self.number,
            "state": self.status.name,
            "fulfilled_by": self.fulfilled_by,
            "address": self.address,
            "packages": [vars(package) for package in self.packages.values()],
        }
