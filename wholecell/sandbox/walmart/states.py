"""Orders, whose lines hold units in several states at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from ..records import Line, Order, RefusedError
from .people import FIELDS


class Status(IntEnum):
    """The documented words for units of a line. The numbers are the sandbox's own; an order has no status."""

    CREATED = 0
    ACKNOWLEDGED = 1
    SHIPPED = 2
    DELIVERED = 3
    CANCELLED = 4
    REFUND = 5

    @property
    def word(self) -> str:
        """As the marketplace writes it."""
        return self.name.capitalize()


OPEN = (Status.CREATED, Status.ACKNOWLEDGED)
SENT = (Status.SHIPPED, Status.DELIVERED)


@dataclass
class Portion:
    """Units of a line that share a status: with what and when they were shipped, or why they were cancelled."""

    status: Status
    quantity: int
    reason: str = ""
    tracking: dict[str, Any] | None = None
    at: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """For the state page."""
        shape = {"status": self.status.word, "quantity": self.quantity, "reason": self.reason}
        return shape | {"tracking": self.tracking, "at": self.at and self.at.isoformat()}


@dataclass(kw_only=True)
class WalmartLine(Line):
    """`id` is the lineNumber: unique within the order, neither from 1 on nor without gaps."""

    portions: list[Portion]
    release: Callable[[int, bool], None] = field(repr=False)
    wants_cancel: bool = False
    seller_order: str = ""

    def units(self, *statuses: Status) -> int:
        """How many units are in these states."""
        return sum(portion.quantity for portion in self.portions if portion.status in statuses)

    def move(self, quantity: int, sources: Iterable[Status], portion: Portion) -> None:
        """Take so many units from these states into a portion like this one. Raises RefusedError for too many."""
        froms = tuple(sources)
        if not 0 < quantity <= self.units(*froms):
            words = " or ".join(status.word for status in froms)
            raise RefusedError(f"Line {self.id} has {self.units(*froms)} units that are {words}, not {quantity}.")
        left = quantity
        for old in [old for old in self.portions if old.status in froms]:
            taken = min(old.quantity, left)
            old.quantity -= taken
            left -= taken
            if old.status in OPEN and portion.status not in OPEN:
                self.release(taken, portion.status == Status.SHIPPED)
        self._put(portion, quantity)
        self.state = min(old.status for old in self.portions)

    def _put(self, portion: Portion, quantity: int) -> None:
        same = [
            old
            for old in self.portions
            if (old.status, old.reason, old.tracking) == (portion.status, portion.reason, portion.tracking)
        ]
        if same:
            same[0].quantity += quantity
        else:
            portion.quantity = quantity
            self.portions.append(portion)
        self.portions = [old for old in self.portions if old.quantity]


@dataclass(kw_only=True)
class WalmartOrder(Order):
    """A purchase order. `state` is the least advanced of its lines, for the state page alone."""

    customer_order: int
    address: dict[str, str]
    email: str
    node_type: str
    method: str = "Standard"
    program: str = ""
    replaces: str = ""
    shipping_price: str = "0.00"
    ship_by: datetime
    deliver_by: datetime

    @property
    def is_ours(self) -> bool:
        """Whether the seller ships it."""
        return self.node_type == "SellerFulfilled"

    def line(self, number: int | str) -> WalmartLine | None:
        """By lineNumber."""
        return next((line for line in self._lines() if str(line.id) == str(number)), None)

    def may_cancel(self, line: Line) -> bool:
        """While units have not left."""
        assert isinstance(line, WalmartLine)
        return line.units(*OPEN) > 0

    def cancel(self, line: Line) -> None:
        """The customer cancels all units that have not left."""
        assert isinstance(line, WalmartLine)
        self._cancel(line, line.units(*OPEN), "CUSTOMER_CANCELLED")

    def pay(self) -> None:
        """Walmart shows paid orders only."""
        raise RefusedError("A Walmart order is paid when it appears.")

    def fail_payment(self) -> None:
        """Walmart shows paid orders only."""
        raise RefusedError("A Walmart order is paid when it appears.")

    def hold(self, line: Line, *, is_held: bool) -> None:
        """Not known here."""
        raise RefusedError("Walmart holds no lines back.")

    def move_to(self, **address: str) -> None:
        """Nothing that left can be sent elsewhere."""
        if unknown := [name for name in address if name not in FIELDS]:
            raise RefusedError(f"An address has no {', '.join(unknown)}.")
        if any(line.units(*SENT) for line in self._lines()):
            raise RefusedError(f"Order {self.id} has left.")
        self.address = self.address | {name: str(value) for name, value in address.items()}

    def happen(self, event: str, now: datetime, **options: Any) -> None:
        """intend_to_cancel, cancel (by Walmart), ship (a WFS order), deliver, refund, tell_email (takes `email`).

        Each of the others takes `line` (its number; all that fit when left out); cancel and refund take `units`,
        cancel a `reason`, intend_to_cancel `wanted` (false takes the wish back).
        """
        if event == "tell_email":  # known some time after the order, and nocxemail@walmartone.com until then
            self.email = str(options["email"])
            return
        events: dict[str, Callable[..., None]] = {
            "intend_to_cancel": self._intend,
            "cancel": self._cancel,
            "ship": self._ship,
            "deliver": self._deliver,
            "refund": self._refund,
        }
        if event not in events:
            raise RefusedError(f"A Walmart order has no event {event}. Choose one of: {', '.join(events)}, tell_email.")
        number = options.pop("line", None)
        needed = {"ship": OPEN, "deliver": (Status.SHIPPED,), "refund": SENT}.get(event, OPEN)
        lines = [line for line in self._lines() if number is None or line.id == int(number)]
        fitting = [line for line in lines if line.units(*needed)]
        if not fitting:
            raise RefusedError(f"Order {self.id} has no line for {event}.")
        for line in fitting:
            events[event](line, **options)
        self.follow()

    def follow(self) -> None:
        """Let the state page's number follow the lines."""
        self.state = min(line.state for line in self.lines)

    def as_dict(self) -> dict[str, Any]:
        """With where it goes and where its units are."""
        shape = super().as_dict()
        for row, line in zip(shape["lines"], self._lines(), strict=True):
            row["units"] = [portion.as_dict() for portion in line.portions]
            row["wants_cancel"] = line.wants_cancel
        mine = ("customer_order", "node_type", "address", "email", "replaces")
        return shape | {name: getattr(self, name) for name in mine}

    def _lines(self) -> list[WalmartLine]:
        return [line for line in self.lines if isinstance(line, WalmartLine)]

    def _intend(self, line: WalmartLine, wanted: bool = True) -> None:
        line.wants_cancel = wanted

    def _cancel(self, line: WalmartLine, units: int | None = None, reason: str = "WALMART_CANCELLED") -> None:
        line.move(units or line.units(*OPEN), OPEN, Portion(Status.CANCELLED, 0, reason))
        self.follow()

    def _ship(self, line: WalmartLine) -> None:
        if self.is_ours:
            raise RefusedError("Only what Walmart fulfils ships by itself.")
        line.move(line.units(*OPEN), OPEN, Portion(Status.SHIPPED, 0))

    def _deliver(self, line: WalmartLine) -> None:
        for old in [old for old in line.portions if old.status == Status.SHIPPED]:
            old.status = Status.DELIVERED
        line.state = min(old.status for old in line.portions)

    def _refund(self, line: WalmartLine, units: int | None = None) -> None:
        line.move(units or line.units(*SENT), SENT, Portion(Status.REFUND, 0))
