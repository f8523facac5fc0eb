"""The states of listings, orders and lines, and how an order moves through them.

The same number means different things for an order and for a line (3, 8 and 9), hence two enums.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from ..records import Line, Order, RefusedError


class Publication(IntEnum):
    """The document lists the numbers only; the words come from public seller code."""

    INCOMPLETE = 0
    IN_REVIEW = 1
    ONLINE = 2
    OFFLINE = 3
    DEACTIVATED = 4


class OrderState(IntEnum):
    """Table 5 of the document."""

    NEW = 0
    TO_ACCEPT = 1
    TO_SHIP = 3
    NOT_PAID = 8
    PROCESSED = 9
    PENDING = 10


class LineState(IntEnum):
    """Table 6 of the document."""

    NEW = 0
    PAID = 1
    ACCEPTED = 2
    SHIPPED = 3
    CANCELLED = 4
    REFUNDED_BEFORE = 5
    REFUNDED_AFTER = 6
    NOT_PAID = 7
    PENDING = 8
    ON_HOLD = 9


#: What a seller may make of a line.
NEXT: dict[int, frozenset[LineState]] = {
    LineState.PAID: frozenset({LineState.ACCEPTED, LineState.CANCELLED}),
    LineState.ACCEPTED: frozenset({LineState.SHIPPED, LineState.REFUNDED_BEFORE}),
    LineState.SHIPPED: frozenset({LineState.REFUNDED_AFTER}),
}


@dataclass(kw_only=True)
class BackMarketOrder(Order):
    """Only lines are changed, by seller or customer; the order's state follows."""

    market: str
    address: dict[str, str]
    is_backship: bool = False
    tracking_number: str = ""
    tracking_url: str = ""
    shipper: str = ""
    shipped: datetime | None = None

    def move(self, line: Line, state: LineState) -> None:
        """A seller's change of one line. Raises RefusedError when table 6 does not allow it."""
        if state not in NEXT.get(line.state, ()):
            raise RefusedError(f"orderline {line.id} is in state {line.state} and cannot become {int(state)}")
        line.state = state
        self._follow()

    def may_cancel(self, line: Line) -> bool:
        """Not shipped, cancelled, refunded or unpaid yet."""
        return line.state in (
            LineState.NEW,
            LineState.PENDING,
            LineState.ON_HOLD,
            LineState.PAID,
            LineState.ACCEPTED,
        )

    def cancel(self, line: Line) -> None:
        """The customer cancels; an accepted line is refunded before shipping."""
        if not self.may_cancel(line):
            raise RefusedError(f"Line {line.id} has left or is closed already.")
        accepted = line.state == LineState.ACCEPTED
        line.state = LineState.REFUNDED_BEFORE if accepted else LineState.CANCELLED
        self._follow()

    def pay(self) -> None:
        """All lines that wait for payment are paid."""
        if self.state not in (OrderState.NEW, OrderState.PENDING):
            raise RefusedError(f"Order {self.id} does not wait for payment.")
        for line in self.lines:
            if line.state in (LineState.NEW, LineState.PENDING):
                line.state = LineState.PAID
        self._follow()

    def fail_payment(self) -> None:
        """No line is paid; such an order is never listed again."""
        if self.state not in (OrderState.NEW, OrderState.PENDING):
            raise RefusedError(f"Order {self.id} does not wait for payment.")
        for line in self.lines:
            if self.may_cancel(line):
                line.state = LineState.NOT_PAID
        self.state = OrderState.NOT_PAID

    def hold(self, line: Line, *, is_held: bool) -> None:
        """A partner checks a paid line, and lets it go on as paid."""
        before, after = (LineState.PAID, LineState.ON_HOLD) if is_held else (LineState.ON_HOLD, LineState.PAID)
        if line.state != before:
            raise RefusedError(f"Line {line.id} is in state {int(line.state)}.")
        line.state = after
        self._follow()

    def move_to(self, **address: str) -> None:
        """Nothing that left can be sent elsewhere."""
        if unknown := [name for name in address if name not in self.address]:
            raise RefusedError(f"An address has no {', '.join(unknown)}.")
        if self.shipped is not None:
            raise RefusedError(f"Order {self.id} has left.")
        self.address = self.address | {name: str(value) for name, value in address.items()}

    def as_dict(self) -> dict[str, Any]:
        """With where it goes and what the seller told of its parcel."""
        return super().as_dict() | {
            "address": self.address,
            "tracking_number": self.tracking_number,
            "shipper": self.shipper,
            "shipped": self.shipped and self.shipped.isoformat(),
        }

    def _follow(self) -> None:
        states = {line.state for line in self.lines}
        if states & {LineState.NEW, LineState.PENDING, LineState.ON_HOLD}:
            return
        if LineState.PAID in states:
            self.state = OrderState.TO_ACCEPT
        else:
            self.state = OrderState.TO_SHIP if LineState.ACCEPTED in states else OrderState.PROCESSED
