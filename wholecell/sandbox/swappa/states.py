"""The words for listings and orders, and how an order moves through them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from ..records import Line, Order, RefusedError


class OrderState(IntEnum):
    """The proposed words, in the order of an order's life; shown in lower case."""

    PENDING = 0
    PAID = 1
    SHIPPED = 2
    COMPLETED = 3
    CANCELLED = 4
    REFUNDED = 5


_OPEN = (OrderState.PENDING, OrderState.PAID)


@dataclass(kw_only=True)
class SwappaOrder(Order):
    """An order has one state; its lines have none of their own."""

    person: dict[str, str]
    email: str
    shipments: dict[str, dict[str, Any]] = field(default_factory=dict)  # by tracking number
    word: str = ""  # shown instead of the state's

    @property
    def status(self) -> str:
        """What an answer shows."""
        return self.word or OrderState(self.state).name.casefold()

    def may_cancel(self, line: Line) -> bool:
        """Only while nothing has left."""
        return self.state in _OPEN

    def cancel(self, line: Line) -> None:
        """Cancels the whole order."""
        if self.state not in _OPEN:
            raise RefusedError(f"Order {self.id} is {self.status}.")
        self.state = OrderState.CANCELLED

    def pay(self) -> None:
        """From pending to paid."""
        self._leave_pending(OrderState.PAID)

    def fail_payment(self) -> None:
        """From pending to cancelled."""
        self._leave_pending(OrderState.CANCELLED)

    def move_to(self, **address: str) -> None:
        """Nothing that left can be sent elsewhere."""
        if unknown := [name for name in address if name not in self.person]:
            raise RefusedError(f"An address has no {', '.join(unknown)}.")
        if self.state not in _OPEN:
            raise RefusedError(f"Order {self.id} has left.")
        self.person = self.person | {name: str(value) for name, value in address.items()}

    def happen(self, event: str, now: datetime, **options: Any) -> None:
        """complete, refund, or word."""
        match event:
            case "complete":
                self.state = OrderState.COMPLETED
            case "refund":
                self.state = OrderState.REFUNDED
            case "word":
                self.word = str(options["word"])
            case _:
                super().happen(event, now, **options)

    def as_dict(self) -> dict[str, Any]:
        """With its word, where it goes, and what the seller told of shipments."""
        return super().as_dict() | {"status": self.status, "address": self.person, "shipments": self.shipments}

    def _leave_pending(self, state: OrderState) -> None:
        if self.state != OrderState.PENDING:
            raise RefusedError(f"Order {self.id} does not wait for payment.")
        self.state = state
