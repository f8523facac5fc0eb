"""Everything the page of one order shows, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from wholecell.channels import discover
from wholecell.channels.contract import AcceptsOrders, CancelsLines, Channel, ConfirmsShipments
from wholecell.db import db
from wholecell.models import (
    Commitment,
    Customer,
    Grade,
    Integration,
    InventoryItem,
    OrderItem,
    OrderNote,
    Product,
    ProductVariation,
    SalesOrder,
    User,
)
from wholecell.services import (
    activity,
    match_items,
    order_effects,
    order_items,
    orders_page,
    shipments,
    wanting,
)
from wholecell.services.activity import Line
from wholecell.services.bulk import AnyRows
from wholecell.services.connect import can
from wholecell.services.match_items import ItemChange
from wholecell.services.order_effects import Effect
from wholecell.services.order_items import Suggestion
from wholecell.services.order_lines import ItemLine
from wholecell.services.orders_page import OrderRow
from wholecell.services.shipments import FreePhone, ShipmentRow
from wholecell.services.status_words import CANCELED
from wholecell.services.variation_names import shown_grade
from wholecell.services.wanting import Item

EARLIER = 100  # more orders of one customer are not counted
_ORDER: sa.BindParameter[int] = sa.bindparam("order")


@dataclass(frozen=True, slots=True)
class CommittedPhone:
    """A phone of this order; `fits` is False where it is another variation than its item wants."""

    commitment_id: int
    order_item_id: int
    item_id: int
    esn: str
    hex_id: str
    name: str
    grade: str
    cost_cents: int | None
    committed_at: datetime
    by: str
    is_direct: bool
    fits: bool


@dataclass(frozen=True, slots=True)
class Note:
    """A remark."""

    at: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """The facts of one order."""

    order: SalesOrder
    row: OrderRow
    sends_shipments: bool  # as the settings of its integration say
    is_by_file: bool  # people carry the files of its integration
    customer: Customer | None
    channel: Channel | None
    login: Mapping[str, str]  # of its integration, without secrets
    phones: Mapping[int, Sequence[CommittedPhone]]  # by order item
    parcels: Sequence[ShipmentRow]
    free: Sequence[FreePhone]
    notes: Sequence[Note]
    timeline: Sequence[Line]
    effects: Sequence[Effect]
    earlier: int
    suggestions: Mapping[int, Suggestion]
    changes: Sequence[ItemChange]

    @property
    def is_by_hand(self) -> bool:
        """Whether a person typed it in, so that its lines are ours to change."""
        return self.order.integration_id is None

    @property
    def can_accept(self) -> bool:
        """Whether its channel waits for a yes and can be told from here."""
        return self.order.is_to_accept and self._can(AcceptsOrders)

    @property
    def can_cancel_lines(self) -> bool:
        """Whether its channel can be told that a line cannot be had."""
        return self._can(CancelsLines)

    @property
    def can_tell_shipments(self) -> bool:
        """Whether its channel can be told of shipments."""
        return self.is_by_file or self._can(ConfirmsShipments)

    @property
    def tells_shipments(self) -> bool:
        """Whether shipments added here are sent to its channel."""
        return self.can_tell_shipments and self.sends_shipments

    @property
    def is_cancelled(self) -> bool:
        """Whether nothing is left to ship: each unit ordered was cancelled or refunded, or it is Canceled here."""
        ordered = [item for item in self.row.items if not item.is_extra]
        is_gone = bool(ordered) and all(item.ordered <= item.cancelled + item.refunded for item in ordered)
        return is_gone or (self.row.facts.status or "").lower() == CANCELED.lower()

    @property
    def is_ours(self) -> bool:
        """Whether phones are committed to it and shipments added: it is not cancelled, and we ship it."""
        return not self.order.is_fulfilled_by_channel and not self.is_cancelled

    @property
    def is_cancel_asked(self) -> bool:
        """Whether the buyer's wish to cancel waits for an answer: nothing has left yet."""
        has_left = any(parcel.voided_at is None for parcel in self.parcels)
        return self.order.is_cancel_asked and self.is_ours and not has_left

    @property
    def has_lost_address(self) -> bool:
        """Whether it has to be shipped or cancelled without its address, which was erased."""
        has_left = any(parcel.voided_at is None for parcel in self.parcels)
        return self.order.erased_at is not None and self.is_ours and not has_left

    @property
    def cancellable(self) -> Sequence[ItemLine]:
        """The lines that its channel can be told to cancel."""
        lines = [item for item in self.row.items if item.external_line_id and not item.is_extra]
        free = [item for item in lines if item.wanted and not item.shipped and not item.is_cancel_wanted]
        return free if self.can_cancel_lines else []

    def _can(self, protocol: type) -> bool:
        return self.channel is not None and not self.is_by_file and can(self.channel, protocol)

    @property
    def boxes(self) -> Mapping[int, int]:
        """Commitment -> the number of the shipment that holds it."""
        live = [parcel for parcel in self.parcels if parcel.voided_at is None]
        return {unit.commitment_id: place for place, parcel in enumerate(live, 1) for unit in parcel.units}

    @property
    def items_cents(self) -> int | None:
        """The price of everything that is not cancelled; None when no item has one."""
        prices = [item.total_cents for item in self.row.items if item.total_cents is not None and not item.is_set_aside]
        return sum(prices) if prices else None

    @property
    def paid_cents(self) -> int | None:
        """What was paid for its phones; None when that is written on none of them."""
        costs = [phone.cost_cents for some in self.phones.values() for phone in some if phone.cost_cents is not None]
        return sum(costs) if costs else None

    @property
    def unknown(self) -> Sequence[ItemLine]:
        """The items nobody knows, which lower no number though they should."""
        return [item for item in self.row.items if item.is_unknown and not self.order.is_fulfilled_by_channel]


def load(order_id: int) -> OrderPage | None:
    """Read one order; None when there is none."""
    found = db.session.execute(_facts(), {"order": order_id}).first()
    if found is None:
        return None
    order, customer, sends_shipments, is_by_file, login = found
    (row,) = orders_page.rows([order_id])
    unknown = [item.id for item in row.items if item.is_unknown]
    return OrderPage(
        order,
        row,
        bool(sends_shipments),
        bool(is_by_file),
        customer,
        discover().get(row.facts.kind or ""),
        login or {},
        _phones(order_id),
        shipments.of_order(order_id),
        shipments.free_phones(order_id),
        _notes(order_id),
        activity.timeline("order", order_id),
        order_effects.of_order(order_id),
        _earlier(order),
        order_items.suggestions(unknown) if unknown else {},
        match_items.match_changes(order_id) if row.live else (),
    )


def _phones(order_id: int) -> dict[int, list[CommittedPhone]]:
    wanted = {item.id: item for item in wanting.items_of(db.session(), [order_id])}
    found: dict[int, list[CommittedPhone]] = {}
    for row in db.session.execute(_phones_of(), {"order": order_id}):
        found.setdefault(row.order_item_id, []).append(_phone(row, wanted.get(row.order_item_id)))
    return found


def _phone(row: Any, item: Item | None) -> CommittedPhone:
    fits = item is None or item.is_extra or not item.candidates or row.variation_id in item.candidates
    return CommittedPhone(
        row.commitment_id,
        row.order_item_id,
        row.item_id,
        row.esn,
        row.hex_id,
        f"{row.model} {row.capacity} {row.color}",
        shown_grade(row.name, row.condition_codes),
        row.cost_cents,
        row.committed_at,
        row.who,
        row.is_direct,
        fits,
    )


def _notes(order_id: int) -> list[Note]:
    return [Note(*row) for row in db.session.execute(_notes_of(), {"order": order_id})]


def _earlier(order: SalesOrder) -> int:
    """How many other orders the customer has."""
    if order.customer_id is None:
        return 0
    return db.session.scalar(_others(), {"order": order.id, "customer": order.customer_id}) or 0


# Each is written once: that takes longer than asking it.


@cache
def _facts() -> AnyRows:
    return (
        sa.select(SalesOrder, Customer, Integration.sends_shipments, Integration.is_by_hand, Integration.login)
        .outerjoin(Customer, Customer.id == SalesOrder.customer_id)
        .outerjoin(Integration, Integration.id == SalesOrder.integration_id)
        .where(SalesOrder.id == _ORDER)
        .execution_options(populate_existing=True)
    )


@cache
def _phones_of() -> AnyRows:
    by = aliased(User)
    return (
        sa.select(
            Commitment.id.label("commitment_id"),
            Commitment.order_item_id,
            InventoryItem.id.label("item_id"),
            InventoryItem.esn,
            InventoryItem.hex_id,
            InventoryItem.variation_id,
            Product.model,
            Product.capacity,
            Product.color,
            Grade.name,
            ProductVariation.condition_codes,
            InventoryItem.cost_cents,
            Commitment.committed_at,
            sa.func.coalesce(sa.func.nullif(by.name, ""), by.email, "").label("who"),
            Commitment.is_direct,
        )
        .join(OrderItem, OrderItem.id == Commitment.order_item_id)
        .join(InventoryItem, InventoryItem.id == Commitment.item_id)
        .join(ProductVariation, ProductVariation.id == InventoryItem.variation_id)
        .join(Product, Product.id == ProductVariation.product_id)
        .join(Grade, Grade.id == ProductVariation.grade_id)
        .outerjoin(by, by.id == Commitment.committed_by_id)
        .where(OrderItem.order_id == _ORDER, Commitment.released_at.is_(None))
        .order_by(Commitment.id)
    )


@cache
def _notes_of() -> AnyRows:
    return (
        sa.select(OrderNote.at, sa.func.coalesce(sa.func.nullif(User.name, ""), User.email, ""), OrderNote.text)
        .outerjoin(User, User.id == OrderNote.user_id)
        .where(OrderNote.order_id == _ORDER)
        .order_by(OrderNote.id.desc())
    )


@cache
def _others() -> sa.Select[int]:
    others = sa.select(SalesOrder.id).where(SalesOrder.customer_id == sa.bindparam("customer"), SalesOrder.id != _ORDER)
    return sa.select(sa.func.count()).select_from(others.limit(EARLIER + 1).subquery())
