"""Orders as they are handed to a program that ships them, and the shipments it tells of.

Folders and services know them by `contract`. All times are aware UTC, all money integer cents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .order_records import RemoteAddress


class Stage(StrEnum):
    """How far an order is, in the few words that shipping programs tell apart."""

    UNPAID = "unpaid"  # the marketplace waits for the buyer's money
    PAID = "paid"  # to be shipped
    ON_HOLD = "on_hold"  # wanted, and not to be shipped now
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class OutgoingLine:
    """Some units of an order. `line_id` is the same each time the line is sent; up to 50 characters."""

    line_id: str
    sku: str
    name: str
    quantity: int  # at least 1
    price_cents: int  # of one unit
    location: str = ""  # where the phones lie
    esns: Sequence[str] = ()  # numbers of the phones committed to it


@dataclass(frozen=True, slots=True)
class OutgoingOrder:
    """An order for the shipping program, whole: sent again after each change. Its address is complete.

    `reference` is our key for it, set once, never changed and never that of another order, of another installation
    neither; up to 50 characters. `number` is what people know it by, the marketplace's own where it has one.
    """

    order_id: int
    reference: str
    number: str
    channel: str  # the sales channel's name, letter for letter
    stage: Stage
    placed_at: datetime
    changed_at: datetime
    ship_by: datetime | None
    service: str  # what the buyer asked for
    currency: str
    total_cents: int
    shipping_cents: int
    ship_to: RemoteAddress
    bill_to: RemoteAddress
    email: str
    customer: str  # the e-mail address, else our number of the customer
    lines: Sequence[OutgoingLine]
    external_id: str = ""  # the program's own id of it, once it told one

    @property
    def esns(self) -> list[str]:
        """The numbers of all its phones."""
        return [esn for line in self.lines for esn in line.esns]


@dataclass(frozen=True, slots=True)
class SentOrder:
    """What became of one order that was sent: the program's own id for it, or in its words why it was refused."""

    order_id: int
    external_id: str = ""
    refusal: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class CameLine:
    """Units of one line in a shipment: known by `line_id` as it was sent, else by SKU."""

    line_id: str
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class CameShipment:
    """A shipment that the program tells of: known by the order's reference, else by its number.

    `order_external_id` is the program's own id of the order where it tells one: that of an order we handed over, as
    in `SentOrder`, or of one we imported from there.

    Without lines it holds whatever of the order has not left. `external_id` is the program's own, where it has one.
    """

    reference: str
    number: str
    carrier: str
    service: str
    tracking_number: str  # may be empty: marked as shipped without a label
    shipped_at: datetime | None
    cost_cents: int | None = None
    lines: Sequence[CameLine] = ()
    is_voided: bool = False
    external_id: str = ""
    order_external_id: str = ""


@dataclass(frozen=True, slots=True)
class ShipmentPage:
    """Some shipments and how far the reading is; `total` is None when the program does not say."""

    shipments: Sequence[CameShipment]
    page: int
    total: int | None
    began_at: datetime  # when the request for it began
    unreadable: Sequence[str] = ()  # what is said, for people, of rows that are no shipments we can store
    reading_began_at: datetime | None = None  # if before this run's first: what was made since may be in none of them


@dataclass(frozen=True, slots=True)
class RemoteStore:
    """A store in an account of a shipping program, such as a web shop; its title says what it is."""

    store_id: str
    title: str
