"""What needs a person about orders, worst first; each list is cut short and says how long it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from wholecell.db import UtcDateTime, db
from wholecell.models import Integration, OrderImportError, OrderItem, SalesOrder, Shipment
from wholecell.services import commit_checks, commitments, order_items, order_queue, order_state, outgoing_due, oversold
from wholecell.services.bulk import AnyRows
from wholecell.services.commit_checks import Misfit, ToRelease
from wholecell.services.commitments import Live
from wholecell.services.order_filter import open_orders
from wholecell.services.order_items import Suggestion
from wholecell.services.outgoing_due import RefusedOrders
from wholecell.services.oversold import Shortage
from wholecell.services.shipment_rows import State

T = TypeVar("T")
SHOWN = 5  # rows of one list


@dataclass(frozen=True, slots=True)
class Some(Generic[T]):
    """The first few of a list, and how many there are."""

    rows: Sequence[T]
    count: int

    @classmethod
    def of(cls, rows: Sequence[T]) -> Some[T]:
        """The first of a list that is read whole."""
        return cls(rows[:SHOWN], len(rows))


@dataclass(frozen=True, slots=True)
class ToAccept:
    """Orders of one integration that its channel waits for our yes to."""

    integration_id: int
    units: int
    oldest_at: datetime
    first_by: datetime | None  # when the first of them has to ship
    problem: str  # what the channel said to the last yes, where it refused one


@dataclass(frozen=True, slots=True)
class ShipToday:
    """Orders that have to leave today, those that are late, and what they lack."""

    orders: int
    late: int
    lacking: int


@dataclass(frozen=True, slots=True)
class ToScan:
    """An order the channel says was shipped, of which phones were not scanned here."""

    order_id: int
    number: str
    kind: str
    channel: str
    units: int
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """An order the buyer asked to cancel, of which nothing has left."""

    order_id: int
    number: str
    kind: str
    channel: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Erased:
    """An open order of which nothing has left, and whose buyer and address were erased."""

    order_id: int
    number: str
    kind: str
    channel: str
    erased_at: datetime


@dataclass(frozen=True, slots=True)
class Unknown:
    """An item of an open order that nobody knows."""

    order_item_id: int
    order_id: int
    number: str
    kind: str
    channel: str
    sku: str | None
    title: str
    units: int
    placed_at: datetime
    likely: Suggestion | None = None


@dataclass(frozen=True, slots=True)
class RefusedShipment:
    """A shipment the channel did not take, in its words."""

    shipment_id: int
    order_id: int
    number: str
    kind: str
    channel: str
    carrier: str
    tracking_number: str
    problem: str
    advice: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ImportErrors:
    """Orders of one integration that could not be stored."""

    integration_id: int
    units: int
    first_at: datetime
    reason: str  # of one of them


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A channel's word that no status of ours stands for, with the orders that have it."""

    integration_id: int
    word: str
    units: int
    oldest_at: datetime
    is_final: bool  # the channel itself calls it over: none of them counts as open


@dataclass(frozen=True, slots=True)
class Release:
    """An order that was cancelled or refunded after phones were committed to it."""

    order: ToRelease
    phones: Sequence[Live]


@dataclass(frozen=True, slots=True)
class OrderNeeds:
    """Everything on the page about orders that needs a person."""

    oversold: Some[Shortage]
    refused: Some[RefusedShipment]
    to_accept: Sequence[ToAccept]
    ship_today: ShipToday
    to_scan: Some[ToScan]
    cancel_asked: Some[CancelAsked]
    erased: Some[Erased]
    unknown: Some[Unknown]
    import_errors: Sequence[ImportErrors]
    unmapped: Sequence[Unmapped]
    to_release: Some[Release]
    misfits: Some[Misfit]
    not_handed: Sequence[RefusedOrders]

    @property
    def count(self) -> int:
        """How many things that is; orders that merely have to ship are the day's work, not among them."""
        asked = (self.cancel_asked, self.erased)
        lists = (self.oversold, self.refused, self.to_scan, *asked, self.unknown, self.to_release)
        groups = sum(each.units for each in self.import_errors) + len(self.unmapped)
        groups += sum(each.units for each in self.not_handed)
        some = sum(each.count for each in lists) + self.misfits.count
        return some + sum(each.units for each in self.to_accept) + groups


def needs(day_ends: datetime, now: datetime) -> OrderNeeds:
    """Look at everything, in a fixed number of queries."""
    return OrderNeeds(
        Some.of(oversold.shortages()),
        _some(_refused, lambda row: RefusedShipment(*row)),
        _to_accept(),
        _ship_today(day_ends, now),
        _some(_to_scan, lambda row: ToScan(*row)),
        _some(_cancel_asked, lambda row: CancelAsked(*row)),
        _some(_erased, lambda row: Erased(*row)),
        _unknown(),
        _import_errors(),
        _unmapped(),
        _to_release(),
        Some.of(commit_checks.misfits()),
        outgoing_due.refused(),
    )


def _some(query: Callable[[], AnyRows], make: Callable[[Sequence[Any]], T]) -> Some[T]:
    """The first rows of a query, made with `make`, and how many it has."""
    rows = db.session.execute(_first(query)).all()
    return Some([make(row[:-1]) for row in rows], rows[0][-1] if rows else 0)


@cache  # here and below: writing a question down takes longer than asking it
def _first(query: Callable[[], AnyRows]) -> AnyRows:
    return query().add_columns(sa.func.count().over()).limit(SHOWN)


def _of_order(*before: Any) -> AnyRows:
    """These columns, then the order with its channel, of queries that join SalesOrder."""
    order = SalesOrder
    return sa.select(*before, order.id, order.number, sa.func.coalesce(Integration.kind, ""), order.channel)


def _with_integration(query: AnyRows) -> AnyRows:
    return query.outerjoin(Integration, Integration.id == SalesOrder.integration_id)


def _refused() -> AnyRows:
    parcel = Shipment
    columns = (parcel.carrier, parcel.tracking_number, parcel.problem, parcel.advice, parcel.created_at)
    query = _of_order(parcel.id).add_columns(*columns).join(parcel, parcel.order_id == SalesOrder.id)
    refused = query.where(parcel.state == State.REFUSED.value, parcel.voided_at.is_(None))
    return _with_integration(refused).order_by(parcel.created_at, parcel.id)


def _to_accept() -> list[ToAccept]:
    order = SalesOrder
    query: AnyRows = (
        sa.select(
            order.integration_id,
            sa.func.count(),
            sa.func.min(order.placed_at),
            sa.func.min(order.ship_by),
            sa.func.max(order.accept_problem),
        )
        .where(order.is_to_accept, order.accept_wanted_at.is_(None), order.integration_id.is_not(None))
        .group_by(order.integration_id)
        .order_by(sa.func.min(order.placed_at))
    )
    return [ToAccept(*row) for row in db.session.execute(query)]


def _units_lacking() -> sa.ColumnElement[int]:
    """Units the order of the enclosing query lacks."""
    lacking = order_state.wanted() - order_state.live_count()
    of_item = sa.case((lacking > 0, lacking), else_=0)
    query = sa.select(sa.func.coalesce(sa.func.sum(of_item), 0)).where(OrderItem.order_id == SalesOrder.id)
    return query.correlate(SalesOrder).scalar_subquery()


def _ship_today(day_ends: datetime, now: datetime) -> ShipToday:
    row = db.session.execute(_to_ship(), {"now": now, "day_ends": day_ends}).one()
    return ShipToday(*map(int, row))


@cache
def _to_ship() -> AnyRows:
    now, day_ends = (sa.bindparam(name, type_=UtcDateTime()) for name in ("now", "day_ends"))
    late = sa.func.count(sa.case((SalesOrder.ship_by < now, 1)))
    query: AnyRows = sa.select(sa.func.count(), late, sa.func.coalesce(sa.func.sum(_units_lacking()), 0))
    return query.where(order_queue.takes_phones(), SalesOrder.ship_by < day_ends)


def _to_scan() -> AnyRows:
    query = _of_order().add_columns(_units_lacking(), SalesOrder.placed_at).where(SalesOrder.is_to_be_scanned)
    return _with_integration(query).order_by(SalesOrder.placed_at, SalesOrder.id)


def _cancel_asked() -> AnyRows:
    query = _of_order().add_columns(SalesOrder.placed_at).where(order_state.is_cancel_asked(), order_state.is_ours())
    query = query.where(SalesOrder.id.in_(open_orders()))
    return _with_integration(query).order_by(SalesOrder.placed_at, SalesOrder.id)


def _erased() -> AnyRows:
    query = _of_order().add_columns(SalesOrder.erased_at).where(order_state.is_address_erased(), order_state.is_ours())
    query = query.where(SalesOrder.id.in_(open_orders()))
    return _with_integration(query).order_by(SalesOrder.erased_at, SalesOrder.id)


def _unknown() -> Some[Unknown]:
    """Items of open orders that want phones; the likely match is looked for among those shown."""
    found = _some(_unknown_items, lambda row: Unknown(*row))
    likely: Mapping[int, Suggestion] = order_items.suggestions([each.order_item_id for each in found.rows])
    return Some([replace(each, likely=likely.get(each.order_item_id)) for each in found.rows], found.count)


def _unknown_items() -> AnyRows:
    item = OrderItem
    columns = (item.sku, item.title, order_state.wanted(), SalesOrder.placed_at)
    query = _of_order(item.id).add_columns(*columns).join(item, item.order_id == SalesOrder.id)
    query = query.where(SalesOrder.id.in_(open_orders()), order_state.is_ours())
    query = query.where(order_state.is_unknown_sku(), order_state.wanted() > 0)
    return _with_integration(query).order_by(SalesOrder.placed_at, item.id)


def _import_errors() -> list[ImportErrors]:
    error = OrderImportError
    query = (
        sa.select(error.integration_id, sa.func.count(), sa.func.min(error.first_at), sa.func.max(error.reason))
        .where(error.dismissed_at.is_(None))
        .group_by(error.integration_id)
        .order_by(sa.func.min(error.first_at))
    )
    return [ImportErrors(*row) for row in db.session.execute(query)]


def _unmapped() -> list[Unmapped]:
    order = SalesOrder
    query: AnyRows = (
        sa.select(order.integration_id, order.channel_status, sa.func.count(), sa.func.min(order.placed_at))
        .add_columns(sa.func.min(sa.cast(order.is_channel_status_final, sa.Integer)) == 1)
        .where(order.status_id.is_(None), order.integration_id.is_not(None))
        .group_by(order.integration_id, order.channel_status)
        .order_by(sa.func.count().desc(), order.integration_id, order.channel_status)
    )
    return [Unmapped(*row) for row in db.session.execute(query)]


def _to_release() -> Some[Release]:
    found = Some.of(commit_checks.to_release())
    phones = commitments.of_orders(db.session(), [each.order_id for each in found.rows])
    rows = [Release(each, [phone for phone in phones if phone.order_id == each.order_id]) for each in found.rows]
    return Some(rows, found.count)
