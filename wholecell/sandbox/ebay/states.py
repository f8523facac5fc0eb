"""An order's life: paid, shipped, cancelled and refunded, each told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from ..records import Line, Order, RefusedError


@dataclass
class Refund:
    """Money given back, for one line or for the whole order (0)."""

    id: int
    line: int
    amount: Decimal
    at: datetime


@dataclass
class Fulfilment:
    """One package: its number, carrier, day, and units by line."""

    id: str
    tracking: str
    carrier: str
    shipped: datetime
    units: dict[int, int]


@dataclass
class CancelRequest:
    """Somebody's wish to cancel the order."""

    id: int
    by: str
    reason: str
    at: datetime
    state: str = "REQUESTED"
    completed: datetime | None = None


@dataclass(kw_only=True)
class EbayLine(Line):
    """`cost` is the whole line's."""

    item_id: str
    variation_id: str = ""
    aspects: dict[str, str] = field(default_factory=dict)

    @property
    def cost(self) -> Decimal:
        """Of all units."""
        return Decimal(self.price) * self.quantity


@dataclass(kw_only=True)
class EbayOrder(Order):
    """One order. It is never cancelled in part: a line that is cancelled is refunded, the last one cancels it all."""

    payment: str
    paid_at: datetime | None
    record: int
    username: str
    person: dict[str, Any]
    ship_by: datetime
    note: str = ""
    hub: str = ""
    by_ebay: bool = False
    delivery: str = "0.0"
    carrier: str = "USPS"
    service: str = "USPSGroundAdvantage"
    cancel_state: str = "NONE_REQUESTED"
    cancelled_at: datetime | None = None
    requests: list[CancelRequest] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    fulfilments: list[Fulfilment] = field(default_factory=list)
    clock: Callable[[], datetime] = field(repr=False)

    @property
    def number(self) -> str:
        """As eBay writes it: 14-13750-10001."""
        text = f"{self.id:012}"
        return f"{text[:2]}-{text[2:7]}-{text[7:]}"

    @property
    def total(self) -> Decimal:
        """What the buyer pays."""
        return sum((cast(EbayLine, line).cost for line in self.lines), Decimal(self.delivery))

    def shipped(self, line: int) -> int:
        """Units of the line that packages hold."""
        return sum(each.units.get(line, 0) for each in self.fulfilments)

    @property
    def fulfilment(self) -> str:
        """FULFILLED as soon as every line has a shipped unit."""
        done = [bool(self.shipped(line.id)) for line in self.lines]
        return "FULFILLED" if all(done) else "IN_PROGRESS" if any(done) else "NOT_STARTED"

    def refunded(self, line: int = 0) -> Decimal:
        """Given back for the line, or altogether."""
        return sum((each.amount for each in self.refunds if line in (0, each.line)), Decimal(0))

    @property
    def payment_status(self) -> str:
        """orderPaymentStatus."""
        if not self.refunds:
            return self.payment
        return "FULLY_REFUNDED" if self.refunded() >= self.total else "PARTIALLY_REFUNDED"

    def may_cancel(self, line: Line) -> bool:
        """Not what was shipped, cancelled or paid back."""
        is_back = bool(self.refunded(line.id))
        return self.cancel_state != "CANCELED" and not self.shipped(line.id) and not is_back

    def cancel(self, line: Line) -> None:
        """Paid back, or with the last open line the whole order cancelled."""
        if not self.may_cancel(line):
            raise RefusedError(f"The line {line.id} was shipped or cancelled already.")
        others = [each for each in self.lines if each is not line and not self.refunded(each.id)]
        if not others:
            self._cancel(self.clock())
        else:
            self._give_back(cast(EbayLine, line).cost, line.id, self.clock())

    def pay(self) -> None:
        """The buyer pays."""
        if self.payment == "PAID":
            raise RefusedError("The order is paid already.")
        self.payment, self.paid_at = "PAID", self.clock()

    def fail_payment(self) -> None:
        """The payment does not come through."""
        if self.payment == "PAID":
            raise RefusedError("The order is paid already.")
        self.payment = "FAILED"

    def move_to(self, **address: str) -> None:
        """name, phone, or a field of the schema Address."""
        if self.fulfilments:
            raise RefusedError("The order has left already.")
        known = ("addressLine1", "addressLine2", "city", "stateOrProvince", "postalCode", "countryCode")
        for name, value in address.items():
            if name in ("name", "phone"):
                self.person[name] = value
            elif name in known:
                self.person["address"][name] = value
            else:
                raise RefusedError(f"An address has no {name}. It has: name, phone, {', '.join(known)}.")

    def happen(self, event: str, now: datetime, **options: Any) -> None:
        """`ask_cancel` (a buyer's request; `reason`), `reject_cancel`, `cancel` (all of it, paid back), `refund`
        (`line` or all, `amount` or the whole).
        """
        happenings = {
            "ask_cancel": self._ask_cancel,
            "reject_cancel": self._reject_cancel,
            "cancel": self._cancel,
            "refund": self._refund,
        }
        if event not in happenings:
            raise RefusedError(f"eBay has no {event}. Choose one of: {', '.join(happenings)}.")
        happenings[event](now, **options)

    def _ask_cancel(self, now: datetime, reason: str = "BUYER_ASKED_CANCEL") -> None:
        if self.cancel_state != "NONE_REQUESTED":
            raise RefusedError("There is a request to cancel already.")
        self.cancel_state = "IN_PROGRESS"
        self.requests.append(CancelRequest(5_040_000_000 + self.id % 10**6, "BUYER", reason, now))

    def _reject_cancel(self, now: datetime) -> None:
        if self.cancel_state != "IN_PROGRESS":
            raise RefusedError("There is no request to cancel.")
        self.cancel_state = "NONE_REQUESTED"
        self.requests[-1].state, self.requests[-1].completed = "REJECTED", now

    def _cancel(self, now: datetime, reason: str = "OUT_OF_STOCK_OR_CANNOT_FULFILL") -> None:
        if self.cancel_state == "CANCELED":
            raise RefusedError("The order is cancelled already.")
        if self.cancel_state == "NONE_REQUESTED":
            self.requests.append(CancelRequest(5_040_000_000 + self.id % 10**6, "SELLER", reason, now))
        self.requests[-1].state, self.requests[-1].completed = "COMPLETED", now
        self.cancel_state, self.cancelled_at = "CANCELED", now
        left = self.total - self.refunded()
        if self.payment == "PAID" and left:
            self._give_back(left, 0, now)

    def _refund(self, now: datetime, line: int = 0, amount: str = "") -> None:
        cost = next((cast(EbayLine, each).cost for each in self.lines if each.id == line), None)
        if line and cost is None:
            raise RefusedError(f"The order has no line {line}.")
        back = Decimal(amount) if amount else (cost if cost is not None else self.total) - self.refunded(line)
        if self.payment != "PAID" or back <= 0 or self.refunded() + back > self.total:
            raise RefusedError("There is not so much to give back.")
        self._give_back(back, line, now)

    def _give_back(self, amount: Decimal, line: int, now: datetime) -> None:
        self.refunds.append(Refund(5_090_000_000 + self.id % 10**5 * 10 + len(self.refunds), line, amount, now))

    def as_dict(self) -> dict[str, Any]:
        """With what eBay says of it."""
        more = {"order": self.number, "payment": self.payment_status, "fulfilment": self.fulfilment}
        return super().as_dict() | more | {"cancel": self.cancel_state}
