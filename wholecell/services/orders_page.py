"""What the orders page shows: one page of orders, its tabs and chips with their counts, and the whole filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Customer, Integration, SalesOrder, SalesOrderStatus, Shipment
from wholecell.services import keyset, order_lines, order_paging, order_search
from wholecell.services.bulk import AnyRows, chunks, table
from wholecell.services.codes import MOST, split
from wholecell.services.keyset import Cursor, Page
from wholecell.services.order_filter import ALL, CHIPS, OPEN, UNMAPPED, OrderFilter, conditions, ready
from wholecell.services.order_lines import ItemLine

MOST_SEARCHED = 2_000
NOBODY = 0  # the id of no order


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """The columns of one order, in the order of `rows_query`."""

    id: int
    number: str
    channel: str
    integration_id: int | None
    kind: str | None
    integration: str | None
    customer_id: int | None
    customer: str | None
    ship_name: str
    placed_at: datetime
    ship_by: datetime | None
    status_id: int | None
    status: str | None
    status_color: str | None
    channel_status: str
    is_to_accept: bool
    is_accept_wanted: bool
    accept_problem: str
    is_to_be_scanned: bool
    is_fulfilled_by_channel: bool
    is_cancel_asked: bool
    currency: str
    total_cents: int | None
    shipping_cents: int | None


@dataclass(frozen=True, slots=True)
class Parcels:
    """How many shipments of an order stand where."""

    all: int = 0
    sent: int = 0
    refused: int = 0
    here_only: int = 0


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order as lists show it."""

    facts: OrderFacts
    items: Sequence[ItemLine]
    parcels: Parcels

    @property
    def buyer(self) -> str:
        """Who gets it, by the name on the shipment where the customer stands for a whole channel."""
        return self.facts.customer or self.facts.ship_name

    @property
    def wanted(self) -> int:
        """Units that have to come from our stock."""
        return sum(item.wanted for item in self.items)

    @property
    def live(self) -> int:
        """Phones committed to it."""
        return sum(item.live for item in self.items)

    @property
    def lacking(self) -> int:
        """Units without a phone; one item's surplus does not help another."""
        return sum(item.lacking for item in self.items)

    @property
    def is_over(self) -> bool:
        """Whether an item has more phones than it wants."""
        return any(item.live > item.wanted for item in self.items if not item.is_extra)

    @property
    def wants_release(self) -> bool:
        """Whether a cancellation made some of its phones free."""
        return any(item.wants_release for item in self.items)


_STATUS = table(SalesOrderStatus).c
_STATUSES = sa.select(_STATUS.id, _STATUS.title, _STATUS.color).order_by(_STATUS.position, _STATUS.id)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of orders; `missing` are pasted numbers that nothing bears."""

    page: Page[OrderRow]
    missing: list[str]
    asked: int


@cache  # here and below: writing a question down takes longer than asking it
def _rows() -> AnyRows:
    """Those of `ids` with everything a row shows, in the order of OrderFacts' fields."""
    order, status = SalesOrder, SalesOrderStatus
    return (
        sa.select(
            order.id,
            order.number,
            order.channel,
            order.integration_id,
            Integration.kind,
            Integration.name,
            order.customer_id,
            Customer.name,
            order.ship_name,
            order.placed_at,
            order.ship_by,
            order.status_id,
            status.title,
            status.color,
            order.channel_status,
            order.is_to_accept,
            order.accept_wanted_at.is_not(None),
            order.accept_problem,
            order.is_to_be_scanned,
            order.is_fulfilled_by_channel,
            order.is_cancel_asked,
            order.currency,
            order.total_cents,
            order.shipping_cents,
        )
        .outerjoin(Integration, Integration.id == order.integration_id)
        .outerjoin(Customer, Customer.id == order.customer_id)
        .outerjoin(status, status.id == order.status_id)
        .where(order.id.in_(sa.bindparam("ids", expanding=True)))
    )


def find(wanted: OrderFilter, cursor: Cursor) -> Found:
    """One page; a pasted list comes whole, in its order. Raises Refusal for too long a list."""
    size = MOST if wanted.is_list else None
    page = order_paging.ids(conditions(ready(wanted)), wanted.sort, cursor, size)
    found = rows(page.rows)
    if not wanted.is_list:
        return Found(Page(found, page.previous, page.next), [], 0)
    asked = split(wanted.text)
    place = {part: index for index, part in enumerate(asked)}
    found.sort(key=lambda row: place.get(row.facts.number, MOST))
    return Found(Page(found, page.previous, page.next), order_search.missing(wanted.text), len(asked))


def rows(ids: Sequence[int]) -> list[OrderRow]:
    """These orders in this order, in a fixed number of queries."""
    if not ids:
        return []
    facts = {row[0]: OrderFacts(*row) for chunk in chunks(ids) for row in db.session.execute(_rows(), {"ids": chunk})}
    items, parcels = order_lines.of_orders(ids), _parcels(ids)
    return [OrderRow(facts[key], items[key], parcels.get(key, Parcels())) for key in ids if key in facts]


def _parcels(ids: Sequence[int]) -> dict[int, Parcels]:
    found = (row for chunk in chunks(ids) for row in db.session.execute(_parcels_of(), {"ids": chunk}))
    return {row[0]: Parcels(*row[1:]) for row in found}


@cache
def _parcels_of() -> AnyRows:
    def of_state(*states: str) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((Shipment.state.in_(states), 1)))

    return (
        sa.select(Shipment.order_id, sa.func.count(), of_state("sent"), of_state("refused"), of_state("here only"))
        .where(Shipment.voided_at.is_(None), Shipment.order_id.in_(sa.bindparam("ids", expanding=True)))
        .group_by(Shipment.order_id)
    )


def statuses() -> list[tuple[int, str, str]]:
    """The statuses in their order: id, title, color."""
    return [(key, title, color) for key, title, color in db.session.connection().execute(_STATUSES)]


def sources() -> tuple[list[tuple[int, str, str]], list[str]]:
    """What the filters offer: integrations (id, name, kind), and the names of channels of hand-made orders."""
    known = sa.select(Integration.id, Integration.name, Integration.kind).order_by(Integration.name, Integration.id)
    by_hand = sa.select(SalesOrder.channel).where(SalesOrder.integration_id.is_(None), SalesOrder.channel != "")
    names = db.session.scalars(by_hand.distinct().order_by(SalesOrder.channel))
    return [(key, name, kind) for key, name, kind in db.session.execute(known)], list(names)


def tab_counts(wanted: OrderFilter, status_ids: Sequence[int]) -> dict[str, int]:
    """How many orders each tab, and each chip on the current tab, has, counting to 10,000.

    Nothing for a search that finds too many: they would be searched for once more for every tab.
    """
    searched = _searched(ready(wanted))
    if searched is None:
        return {}
    tabs = {f"tab {tab}": searched.on(tab) for tab in (OPEN, *map(str, status_ids), UNMAPPED, ALL)}
    chips = {f"chip {chip}": searched.only(chip) for chip in CHIPS}
    return keyset.counts(
        {key: sa.select(SalesOrder.id).where(*conditions(each)) for key, each in {**tabs, **chips}.items()}
    )


def _searched(wanted: OrderFilter) -> OrderFilter | None:
    """The same filter with the orders a search finds in place of its words; None when there are too many."""
    if not wanted.text.strip() and not wanted.customer.strip():
        return wanted
    where = conditions(replace(wanted, tab=ALL, chip=""))
    found = db.session.scalars(sa.select(SalesOrder.id).where(*where).limit(MOST_SEARCHED + 1)).all()
    if len(found) > MOST_SEARCHED:
        return None
    return replace(wanted, text="", customer="", ids=tuple(found) or (NOBODY,))


def selected_ids(wanted: OrderFilter) -> list[int]:
    """The ids of every order of the filter, oldest first."""
    query = sa.select(SalesOrder.id).where(*conditions(ready(wanted)))
    return list(db.session.scalars(query.order_by(SalesOrder.placed_at, SalesOrder.id)))
