"""What other systems send us and get from us: the shapes that are checked, answered and documented, in one place.

Money is whole cents, times are ISO 8601 in UTC. Lengths are those of our columns.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from wholecell.channels.contract import ListingState
from wholecell.services.shipment_rows import State

LARGEST_ID = 2**63 - 1
LARGEST = 2**31 - 1
MOST_LINES = 500
MOST = 200  # rows of a page
NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps no such character
CURRENCY = "^[A-Z]{3}$"
COUNTRY = "^([A-Z]{2})?$"


class Record(msgspec.Struct, kw_only=True):
    """An answer."""


class Entry(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is sent to us: a field we do not know is an error, for somebody expects it to do something."""


Text60 = Annotated[str, Meta(max_length=60, pattern=NO_NUL)]
Text80 = Annotated[str, Meta(max_length=80, pattern=NO_NUL)]
Text100 = Annotated[str, Meta(max_length=100, pattern=NO_NUL)]
Text120 = Annotated[str, Meta(max_length=120, pattern=NO_NUL)]
Text200 = Annotated[str, Meta(max_length=200, pattern=NO_NUL)]
Text255 = Annotated[str, Meta(max_length=255, pattern=NO_NUL)]
Text500 = Annotated[str, Meta(max_length=500, pattern=NO_NUL)]
Id = Annotated[int, Meta(ge=1, le=LARGEST_ID)]
Cents = Annotated[int, Meta(ge=0, le=LARGEST, description="In cents.")]
Units = Annotated[int, Meta(ge=0, le=LARGEST)]
Moment = Annotated[datetime, Meta(tz=True)]
Time = Annotated[datetime, Meta(tz=True, description="ISO 8601 with a zone, within the years 1990 to 2200.")]
Cursor = Annotated[int, Meta(ge=0, le=LARGEST_ID, description="`next_cursor` of the page before.")]
Limit = Annotated[int, Meta(ge=1, le=MOST, description=f"How many at most, up to {MOST}; 100 when left out.")]


class Problem(Record):
    """Why a call was not carried out."""

    error: Annotated[str, Meta(description="A word for programs, such as `not_found`.")]
    message: Annotated[str, Meta(description="A sentence for people.")]
    field: Annotated[str, Meta(description="What is wrong in the request, such as `lines[0].sku`.")] | UnsetType = UNSET


OfIntegration = Annotated[Id, Meta(description="Only those of this integration.")]


class ListingsQuery(Entry):
    """Which listings."""

    cursor: Cursor = 0
    limit: Limit = 100
    integration_id: OfIntegration | UnsetType = UNSET
    sku: Annotated[Text255, Meta(description="The channel's SKU, letter for letter.")] | UnsetType = UNSET
    changed_since: (
        Annotated[Time, Meta(description="Only those whose offered number changed since, as last stored.")] | UnsetType
    ) = UNSET


class ListingRecord(Record):
    """One listing with what it may sell now."""

    id: int
    integration_id: int
    integration: str
    external_id: Annotated[str, Meta(description="The channel's own id of it.")]
    sku: str
    title: str
    state: Annotated[
        ListingState,
        Meta(description="What the channel shows of it."),
    ]
    connected: Annotated[bool, Meta(description="Whether it counts phones. If not, its quantities are null.")]
    available: Annotated[int | None, Meta(description="Phones it may sell that are not committed.")]
    outstanding: Annotated[int | None, Meta(description="Units of open orders without a phone.")]
    calculated: Annotated[
        int | None, Meta(description="available - outstanding. Below 0 more is promised than there is.")
    ]
    offered: Annotated[
        int | None, Meta(description="The quantity to sell: calculated, with its limits, never below 0.")
    ]
    last_synced: Annotated[int | None, Meta(description="The number the channel accepted last.")]
    last_synced_at: Moment | None
    price_cents: int | None
    currency: str


class ListingPage(Record):
    """Listings by id; `next_cursor` is null on the last page."""

    listings: list[ListingRecord]
    next_cursor: int | None


class TakenEntry(Entry):
    """One listing and the quantity that stands at the channel now."""

    listing_id: Id
    quantity: Annotated[Units, Meta(description="What shoppers can buy there now.")]


class QuantitiesEntry(Entry):
    """Quantities that were taken over: all of them are noted, or none."""

    quantities: Annotated[list[TakenEntry], Meta(min_length=1, max_length=MOST)]


class QuantitiesTaken(Record):
    """How many of the quantities were news."""

    taken: int
    unchanged: int


class Address(Entry):
    """Where an order goes. `country` is two letters."""

    name: Text200 = ""
    company: Text200 = ""
    street: Text200 = ""
    street2: Text200 = ""
    city: Text200 = ""
    state: Text200 = ""
    postal_code: Text60 = ""
    country: Annotated[str, Meta(pattern=COUNTRY, description="Two capital letters.")] = ""
    phone: Text60 = ""


class LineEntry(Entry):
    """One line of an order. `external_id` is the same whenever the order is sent again."""

    external_id: Annotated[Text100, Meta(min_length=1, description="The other system's id of the line.")]
    ordered: Annotated[int, Meta(ge=1, le=LARGEST, description="Units.")]
    sku: Annotated[Text120, Meta(description="As in the catalog, or on the listing it was sold from.")] = ""
    title: Annotated[Text500, Meta(description="What it is called there.")] = ""
    cancelled: Annotated[Units, Meta(description="Units of it that are not wanted any more.")] = 0
    price_cents: Annotated[Cents, Meta(description="Of one unit.")] | None = None


class OrderEntry(Entry):
    """An order as the other system has it now; sent again, it changes what is stored."""

    external_id: Annotated[Text120, Meta(min_length=1, description="The other system's id of it.")]
    status: Annotated[
        Text60, Meta(min_length=1, description="The other system's word; people here say which status it means.")
    ]
    lines: Annotated[list[LineEntry], Meta(min_length=1, max_length=MOST_LINES, description="What was bought.")]
    integration_id: Annotated[Id, Meta(description="Needed when the token is not tied to one.")] | UnsetType = UNSET
    number: Annotated[Text80, Meta(description="As people know it; external_id when left out.")] = ""
    is_final: Annotated[bool, Meta(description="Nothing can follow: until its word is mapped, it is not counted.")] = (
        False
    )
    placed_at: Annotated[Time, Meta(description="When it was placed; now when left out.")] | None = None
    changed_at: Annotated[Time, Meta(description="When it changed there: older news changes nothing.")] | None = None
    ship_by: Annotated[Time, Meta(description="When it must leave at the latest.")] | None = None
    currency: Annotated[str, Meta(pattern=CURRENCY, description="Three capital letters; USD when left out.")] = "USD"
    total_cents: Cents | None = None
    shipping_cents: Cents | None = None
    ship_to: Address = msgspec.field(default_factory=Address)
    buyer: Annotated[Text200, Meta(description="The name under which the other system knows the buyer.")] = ""
    email: Annotated[Text200, Meta(description="The buyer's.")] = ""
    service: Annotated[Text120, Meta(description="The shipping service that was asked for.")] = ""


class OrdersQuery(Entry):
    """Which orders."""

    cursor: Cursor = 0
    limit: Limit = 100
    integration_id: OfIntegration | UnsetType = UNSET
    status: Annotated[Text60, Meta(description="The title of our status.")] | UnsetType = UNSET
    placed_since: Annotated[Time, Meta(description="Only those placed since.")] | UnsetType = UNSET
    changed_since: Annotated[Time, Meta(description="Only those whose history has a newer line.")] | UnsetType = UNSET


class LineRecord(Record):
    """A line of an order; `external_id` is null for one that the channel's order does not have."""

    id: int
    external_id: str | None
    sku: str | None
    title: str
    ordered: int
    cancelled: int
    refunded_before_shipping: int
    returned: int
    committed: Annotated[int, Meta(description="Phones assigned to it.")]
    price_cents: int | None


class OrderRecord(Record):
    """An order as it is here."""

    id: int
    number: str
    integration_id: int | None
    external_id: str | None
    channel: str
    status: Annotated[str | None, Meta(description="The title of our status; null until its word is mapped.")]
    channel_status: Annotated[str, Meta(description="The channel's own word.")]
    placed_at: Moment
    ship_by: Moment | None
    currency: str
    total_cents: int | None
    shipping_cents: int | None
    ship_to: Annotated[
        dict[str, str],
        Meta(
            description="The fields of an Address; like `buyer` and `email` blank once they were erased, and without "
            "`orders:read`."
        ),
    ]
    buyer: str
    email: str
    service: str
    lines: list[LineRecord]


class OrderPage(Record):
    """Orders by id; `next_cursor` is null on the last page."""

    orders: list[OrderRecord]
    next_cursor: int | None


Outcome = Literal["new", "changed", "same", "older", "held back"]


class OrderTaken(Record):
    """What became of an order that was sent in."""

    outcome: Annotated[
        Outcome,
        Meta(
            description="*older*: what we have changed later there. *held back*: an order that was over goes back to "
            "open only when it is sent once more."
        ),
    ]
    order: OrderRecord


class ShipmentsQuery(Entry):
    """Which shipments."""

    cursor: Cursor = 0
    limit: Limit = 100
    integration_id: OfIntegration | UnsetType = UNSET
    order_id: Annotated[Id, Meta(description="Only those of this order.")] | UnsetType = UNSET
    shipped_since: Annotated[Time, Meta(description="Only those that left since.")] | UnsetType = UNSET
    taken: Annotated[bool, Meta(description="true: those taken over; false: the others.")] | UnsetType = UNSET


class PhoneRecord(Record):
    """A phone in a shipment, by its IMEI, MEID or serial number."""

    esn: str
    sku: str | None
    line_id: int
    line_external_id: str | None


class ShipmentRecord(Record):
    """A shipment of one order."""

    id: int
    order_id: int
    order_number: str
    order_external_id: str | None
    integration_id: int | None
    carrier: str
    service: str
    tracking_number: str
    tracking_url: str
    shipped_at: Moment
    state: Annotated[
        State,
        Meta(description="What the channel knows of it: *sent* is taken over, *here only* is not told by us."),
    ]
    taken_at: Moment | None
    voided_at: Moment | None
    phones: Annotated[list[PhoneRecord], Meta(description="None without `shipments:read`.")]


class ShipmentPage(Record):
    """Shipments by id; `next_cursor` is null on the last page."""

    shipments: list[ShipmentRecord]
    next_cursor: int | None
