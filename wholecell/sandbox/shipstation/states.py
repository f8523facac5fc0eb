"""What ShipStation keeps: stores, orders, shipments, and what it still has to tell others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import Any

from ..records import Line, Listing, Order, RefusedError


class Status(IntEnum):
    """Of an order; its name in lower case is the word of V1."""

    AWAITING_PAYMENT = 1
    AWAITING_SHIPMENT = 2
    PENDING_FULFILLMENT = 3
    SHIPPED = 4
    ON_HOLD = 5
    CANCELLED = 6


#: Only these may be changed from outside: what is shipped or cancelled is locked.
OPEN = (Status.AWAITING_PAYMENT, Status.AWAITING_SHIPMENT, Status.ON_HOLD)


def status_of(word: str) -> Status:
    """The status with this word. Raises KeyError."""
    if word != word.lower():
        raise KeyError(word)
    return Status[word.upper()]


@dataclass(kw_only=True)
class Product(Listing):
    """Something the seller's other stores sell."""

    def settle(self) -> None:
        """Nothing follows from a quantity: ShipStation does not count stock."""

    def deactivate(self) -> None:
        """Nor does it take anything off sale."""

    @property
    def for_sale(self) -> bool:
        """Always, given stock."""
        return True


@dataclass(kw_only=True)
class Store:
    """A sales channel. `url` is that of the seller's program if ShipStation pulls it as a custom store."""

    id: int
    name: str
    marketplace_id: int
    marketplace: str
    created: datetime
    changed: datetime
    active: bool = True
    url: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    statuses: dict[str, str] = field(default_factory=dict)  # the store's own word -> V1's
    pulled: datetime | None = None  # where the next pull begins
    tried: datetime | None = None
    problem: str = ""  # of the last pull
    every: float = 0.0  # seconds between pulls in auto mode; 0: only when told to
    labels: bool = False  # auto mode also buys labels

    def as_dict(self) -> dict[str, Any]:
        """For the control API: without the password."""
        shape = {name: value for name, value in vars(self).items() if name != "password"}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in shape.items()}


@dataclass(kw_only=True)
class ShipOrder(Order):
    """An order of one store. `fields` is what V1 shows of it beside numbers, times and status; `items` likewise."""

    number: str
    key: str
    store_id: int
    created: datetime
    fields: dict[str, Any]
    items: list[dict[str, Any]]
    source_id: str = ""  # the OrderID of a custom store
    shipped: dict[int, int] = field(default_factory=dict)  # orderItemId -> units that left
    is_deleted: bool = False

    @property
    def status(self) -> str:
        """V1's word."""
        return Status(self.state).name.casefold()

    @property
    def is_open(self) -> bool:
        """Whether its store may still change it."""
        return self.state in OPEN

    def left(self) -> dict[int, int]:
        """orderItemId -> units that did not leave yet; discounts never do."""
        counts = {item["orderItemId"]: item["quantity"] for item in self.items if not item["adjustment"]}
        return {item: units - self.shipped.get(item, 0) for item, units in counts.items()}

    def may_cancel(self, line: Line) -> bool:
        """Orders are cancelled as a whole."""
        return False

    def cancel(self, line: Line) -> None:
        """Never."""
        raise RefusedError("ShipStation cancels whole orders: use the event cancel.")

    def pay(self) -> None:
        """From awaiting payment to awaiting shipment."""
        self._leave_awaiting(Status.AWAITING_SHIPMENT)

    def fail_payment(self) -> None:
        """From awaiting payment to cancelled."""
        self._leave_awaiting(Status.CANCELLED)

    def hold(self, line: Line, *, is_held: bool) -> None:
        """Orders are held as a whole."""
        raise RefusedError("ShipStation holds whole orders: use the events hold and release.")

    def move_to(self, **address: str) -> None:
        """Someone corrects the address in ShipStation: street1, city, ..."""
        if unknown := [name for name in address if name not in self.fields["shipTo"]]:
            raise RefusedError(f"An address has no {', '.join(unknown)}.")
        if not self.is_open:
            raise RefusedError(f"Order {self.id} is {self.status}.")
        self.fields["shipTo"] = self.fields["shipTo"] | address

    def happen(self, event: str, now: datetime, **options: Any) -> None:
        """cancel, hold, release: what a person does to it in ShipStation; its store is not told."""
        moves = {"cancel": Status.CANCELLED, "hold": Status.ON_HOLD, "release": Status.AWAITING_SHIPMENT}
        if event not in moves:
            super().happen(event, now, **options)
        if not self.is_open:
            raise RefusedError(f"Order {self.id} is {self.status}.")
        self.state = moves[event]

    def as_dict(self) -> dict[str, Any]:
        """For the control API."""
        shape = {name: value for name, value in vars(self).items() if name != "lines"}
        shape |= {"status": self.status, "left": {str(item): units for item, units in self.left().items()}}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in shape.items()}

    def _leave_awaiting(self, state: Status) -> None:
        if self.state != Status.AWAITING_PAYMENT:
            raise RefusedError(f"Order {self.id} does not wait for payment.")
        self.state = state


@dataclass(kw_only=True)
class Shipment:
    """A label bought in ShipStation, or what somebody only marked as shipped (`is_label` False)."""

    id: int
    order: ShipOrder
    created: datetime
    day: date
    carrier: str
    service: str
    tracking: str
    cost: str
    items: list[tuple[dict[str, Any], int]]  # the order's items, and how many of each
    is_label: bool = True
    is_return: bool = False
    voided: datetime | None = None
    batch: int = 0
    is_notified: bool = False
    complaint: str = ""  # what the store answered last, if it did not take the notice

    def as_dict(self) -> dict[str, Any]:
        """For the control API."""
        shape = {name: value for name, value in vars(self).items() if name not in ("order", "items")}
        shape |= {"order": self.order.id, "order_number": self.order.number}
        shape["items"] = [{"sku": item["sku"], "quantity": units} for item, units in self.items]
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in shape.items()}


@dataclass(kw_only=True)
class Notice:
    """A ship notice on its way to a custom store; `due` None once it was taken, or given up."""

    shipment: Shipment
    due: datetime | None
    attempts: int = 0
    status: int = 0  # of the last answer; 0: none came

    def as_dict(self) -> dict[str, Any]:
        """For the control API."""
        due = self.due.isoformat() if self.due else None
        return {"shipment": self.shipment.id, "due": due, "attempts": self.attempts, "status": self.status}


@dataclass(kw_only=True)
class Webhook:
    """Whom to tell of an event, in one store or in all."""

    id: int
    url: str
    event: str
    store_id: int | None
    name: str
