"""Everything the Fulfil page shows, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import (
    Commitment,
    InventoryItem,
    OrderItem,
    SalesOrder,
    SalesOrderStatus,
    Shipment,
    ShipmentUnit,
    User,
)
from wholecell.services import fulfil_log, order_queue, pick_places, status_words, wanting
from wholecell.services.ages import ago
from wholecell.services.fulfil_log import Scan
from wholecell.services.order_queue import Due, Packed
from wholecell.services.phone_names import PhoneName, phone_names
from wholecell.services.pick_places import Choice
from wholecell.services.wanting import Item

NEXT = 6  # orders of the list


@dataclass(frozen=True, slots=True)
class Held:
    """A phone on the current order."""

    commitment_id: int
    item_id: int
    esn: str
    at: datetime
    user_id: int | None
    who: str
    is_direct: bool
    is_in_parcel: bool


@dataclass(frozen=True, slots=True)
class Need:
    """One item of the current order with its phones, and what there is to choose from; `phone` is None if unknown."""

    item: Item
    phone: PhoneName | None
    held: Sequence[Held]
    choice: Choice

    @property
    def surplus(self) -> int:
        """Phones it has beyond what it wants."""
        return max(self.item.live - self.item.wanted, 0)


@dataclass(frozen=True, slots=True)
class Current:
    """The order that is filled now."""

    head: Due
    status: str
    status_color: str
    channel_status: str
    takes_phones: bool
    needs: Sequence[Need]
    others: Sequence[tuple[str, str]]  # who else scanned phones to it lately, and when
    is_shipped_there: bool = False  # the channel says that it left: there is no label to scan

    @property
    def wanted(self) -> int:
        """Units that have to leave with it."""
        return sum(each.item.wanted for each in self.needs if not each.item.is_extra)

    @property
    def lacking(self) -> int:
        """Units without a phone."""
        return sum(each.item.lacking for each in self.needs)

    @property
    def waits(self) -> bool:
        """Whether it is among the orders that wait for phones."""
        return self.takes_phones and self.lacking > 0

    @property
    def has_phones(self) -> bool:
        """Whether any phone is on it."""
        return any(each.held for each in self.needs)

    @property
    def is_complete(self) -> bool:
        """Every unit has its phone."""
        return self.has_phones and not self.lacking

    @property
    def wants_label(self) -> bool:
        """Whether the label on the box is the next thing to scan."""
        return self.is_complete and bool(self.unpacked) and not self.is_shipped_there

    @property
    def unpacked(self) -> list[int]:
        """The commitments of phones that are in no shipment yet."""
        return [phone.commitment_id for each in self.needs for phone in each.held if not phone.is_in_parcel]

    @property
    def is_matching(self) -> bool:
        """Nothing stands on it that the order did not ask for."""
        return not any(each.surplus or each.item.is_extra for each in self.needs)

    @property
    def next_id(self) -> int | None:
        """The item that the scanner should see next."""
        return next((each.item.id for each in self.needs if each.item.lacking), None)


@dataclass(frozen=True, slots=True)
class Next:
    """An order further down, with the first thing it lacks."""

    head: Due
    phone: PhoneName | None
    text: str  # what the channel calls it
    units: int
    choice: Choice


@dataclass(frozen=True, slots=True)
class FulfilPage:
    """The page."""

    current: Current | None
    next: Sequence[Next]
    waiting: Mapping[str, int]  # channel -> orders that wait
    scans: Sequence[Scan]
    packed: Packed

    @property
    def next_order(self) -> Due | None:
        """The order that comes after this one."""
        return self.next[0].head if self.next else None


def load(
    order_id: int | None,
    user_id: int,
    start: datetime,
    end: datetime,
    *,
    channel: str = "",
    skipped: Collection[int] = (),
) -> FulfilPage:
    """Read the page; `start` and `end` are those of the day where the seller is."""
    head = _head(order_id) if order_id is not None else None
    due = order_queue.due(channel, skipped, NEXT, but=order_id)
    ids = [each.id for each in due] + ([order_id] if head and order_id else [])
    items = [each for each in wanting.items_of(db.session(), ids) if each.is_shown]
    variations = wanting.all_candidates(items)
    free, called = pick_places.free_phones(variations), phone_names(variations)
    scans = fulfil_log.last_scans(user_id)
    shelves = _Shelves(free, called, scans[0].place if scans else "")
    current = _current(head, items, shelves, user_id) if head else None
    upcoming = [row for each in due if (row := _next(each, items, shelves))]
    return FulfilPage(current, upcoming, order_queue.waiting_by_channel(), scans, order_queue.packed(start, end))


@dataclass(frozen=True, slots=True)
class _Shelves:
    """What is there, what it is called, and where the picker is."""

    free: Mapping[int, pick_places.Places]
    called: Mapping[int, PhoneName]
    here: str

    def choice(self, item: Item) -> Choice:
        return pick_places.choose(item.candidates, self.free, self.here)

    def name(self, item: Item) -> PhoneName | None:
        """The candidate there are most phones of stands for all."""
        if not item.candidates:
            return None
        best = max(sorted(item.candidates), key=lambda each: sum(self.free.get(each, {}).values()))
        found = self.called.get(best)
        return found and found.with_others(len(item.candidates) - 1)


def _head(order_id: int) -> sa.Row[*tuple[object, ...]] | None:
    order = SalesOrder
    query = order_queue.rows_query().add_columns(SalesOrderStatus.title, SalesOrderStatus.color, order.channel_status)
    query = query.add_columns(order_queue.takes_phones())
    return db.session.execute(
        query.outerjoin(SalesOrderStatus, SalesOrderStatus.id == order.status_id).where(order.id == order_id)
    ).first()


def _current(head: sa.Row[*tuple[object, ...]], items: Collection[Item], shelves: _Shelves, user_id: int) -> Current:
    *due, status, color, word, takes = head
    row = Due(*due)  # type: ignore[arg-type]
    held = _held(row.id)
    needs = [
        Need(each, shelves.name(each), held.get(each.id, []), shelves.choice(each))
        for each in items
        if each.order_id == row.id and not each.is_set_aside
    ]
    others = {
        each.who: ago(each.at)
        for phones in held.values()
        for each in sorted(phones, key=lambda phone: phone.at)
        if each.user_id not in (None, user_id)
    }
    left = status_words.is_shipped(row.kind, str(word))
    tag = (str(status or ""), str(color or "gray"))
    return Current(row, *tag, str(word), bool(takes), needs, list(others.items()), left)


def _held(order_id: int) -> dict[int, list[Held]]:
    query = (
        sa.select(
            Commitment.order_item_id,
            Commitment.id,
            InventoryItem.id,
            InventoryItem.esn,
            Commitment.committed_at,
            Commitment.committed_by_id,
            sa.func.coalesce(sa.func.nullif(User.name, ""), User.email, ""),
            Commitment.is_direct,
            _is_in_parcel(),
        )
        .join(OrderItem, OrderItem.id == Commitment.order_item_id)
        .join(InventoryItem, InventoryItem.id == Commitment.item_id)
        .outerjoin(User, User.id == Commitment.committed_by_id)
        .where(OrderItem.order_id == order_id, Commitment.released_at.is_(None))
        .order_by(Commitment.id)
    )
    found: dict[int, list[Held]] = {}
    for place, *columns in db.session.execute(query):
        found.setdefault(place, []).append(Held(*columns))
    return found


def _is_in_parcel() -> sa.ColumnElement[bool]:
    parcel = sa.select(ShipmentUnit.commitment_id).join(Shipment, Shipment.id == ShipmentUnit.shipment_id)
    return parcel.where(ShipmentUnit.commitment_id == Commitment.id, Shipment.voided_at.is_(None)).exists()


def _next(head: Due, items: Collection[Item], shelves: _Shelves) -> Next | None:
    lacking = [each for each in items if each.order_id == head.id and each.lacking]
    if not lacking:  # filled while the page was read
        return None
    first = lacking[0]
    units = sum(each.lacking for each in lacking)
    return Next(head, shelves.name(first), first.title or first.sku or "", units, shelves.choice(first))
