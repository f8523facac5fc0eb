"""Which orders a list is about: search, tab, chip and filters as one value, and as SQL."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Customer, OrderItem, SalesOrder, SalesOrderStatus
from wholecell.services import order_state
from wholecell.services.bulk import AnyRows
from wholecell.services.order_search import is_pasted_list, search, words_in

OPEN, ALL, UNMAPPED = "open", "all", "unmapped"
# Work states: each is about open orders only, except what a cancellation or a channel's *shipped* leaves to do.
CHIPS = {
    "today": "Ship today",
    "uncommitted": "Uncommitted",
    "unknown": "Unknown SKU",
    "accept": "To accept",
    "scan": "To be scanned",
    "cancel": "Cancel asked",
    "erased": "Address erased",
    "over": "Overcommitted",
    "release": "Release phones",
}
CHIPS_OF_OURS = (
    "today",
    "uncommitted",
    "unknown",
    "cancel",
    "erased",
)  # orders that the channel ships are not among them
CHIPS_OF_OPEN = frozenset(CHIPS) - {"accept", "scan", "release"}
# What is to be released is mostly on cancelled orders; what is to be accepted may be packed and Shipped here already.
CHIPS_BEYOND_OPEN = ("accept", "release")
NEWEST, SHIP_BY = "newest", "ship-by"


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What is asked for; the tab is open, all, unmapped, or the id of a status. Times are aware UTC."""

    text: str = ""
    tab: str = OPEN
    chip: str = ""
    integration_id: int | None = None
    channel: str = ""
    customer: str = ""
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    ship_before: datetime | None = None
    today_ends: datetime | None = None  # when the account's day is over, for *ship today*
    sort: str = NEWEST
    ids: tuple[int, ...] = ()  # exactly these, ticked by hand
    customer_id: int | None = None
    open_statuses: tuple[int, ...] | None = None  # those that count as open, once read: see `ready`

    def on(self, tab: str) -> OrderFilter:
        """The same filter on another tab."""
        return replace(self, tab=tab)

    def only(self, chip: str) -> OrderFilter:
        """The same filter with this chip pressed."""
        return replace(self, chip=chip)

    @property
    def is_list(self) -> bool:
        """Whether a list of several numbers was pasted."""
        return is_pasted_list(self.text)


def ready(wanted: OrderFilter) -> OrderFilter:
    """The filter with the statuses that count as open, in one query.

    Given their ids, the database knows how few orders have them; given a subquery, PostgreSQL reads all orders.
    """
    query = sa.select(SalesOrderStatus.id).where(SalesOrderStatus.counts_as_open)
    return replace(wanted, open_statuses=tuple(db.session.scalars(query)))


def open_orders(statuses: Collection[int] | None = None) -> sa.CompoundSelect[Any]:
    """Ids of open orders: what `order_state.is_open` says, as one index lookup for each reason."""
    query: AnyRows = sa.select(SalesOrder.id)
    by_flag = sa.select(SalesOrderStatus.id).where(SalesOrderStatus.counts_as_open)
    return sa.union_all(
        query.where(SalesOrder.status_id.in_(by_flag if statuses is None else statuses)),
        query.where(SalesOrder.status_id.is_(None), SalesOrder.is_channel_status_final.is_(False)),
        query.where(SalesOrder.is_to_be_scanned),
    )


def conditions(wanted: OrderFilter) -> list[sa.ColumnElement[bool]]:
    """The filter as conditions on SalesOrder. Raises Refusal for a pasted list that is too long."""
    order = SalesOrder
    found = _of_people(wanted)
    if wanted.ids:
        found.append(order.id.in_(wanted.ids))
    if wanted.text.strip():
        found.append(order.id.in_(search(wanted.text)))
    if wanted.integration_id is not None:
        found.append(order.integration_id == wanted.integration_id)
    if wanted.channel:
        found.append(order.channel == wanted.channel)
    for column, at_least, below in (
        (order.placed_at, wanted.placed_from, wanted.placed_before),
        (order.ship_by, None, wanted.ship_before),
    ):
        found += [column >= at_least] if at_least else []
        found += [column < below] if below else []
    tab = ALL if wanted.tab == OPEN and wanted.chip in CHIPS_BEYOND_OPEN else wanted.tab
    on_tab, with_chip = _on_tab(tab), _with_chip(wanted)
    if tab == OPEN or wanted.chip in CHIPS_OF_OPEN:
        on_tab = [*([] if tab == OPEN else on_tab), order.id.in_(open_orders(wanted.open_statuses))]
    return [*found, *on_tab, *with_chip]


def _of_people(wanted: OrderFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.customer_id is not None:
        found.append(SalesOrder.customer_id == wanted.customer_id)
    if wanted.customer.strip():
        named = sa.select(Customer.id).where(*words_in(Customer.name_key, wanted.customer))
        on_label = sa.and_(*words_in(sa.func.lower(SalesOrder.ship_name), wanted.customer))
        found.append(sa.or_(SalesOrder.customer_id.in_(named), on_label))
    return found


def _on_tab(tab: str) -> list[sa.ColumnElement[bool]]:
    if tab == UNMAPPED:
        return [order_state.is_unmapped()]
    return [] if tab in (OPEN, ALL) else [SalesOrder.status_id == int(tab)]


def _with_chip(wanted: OrderFilter) -> list[sa.ColumnElement[bool]]:
    if wanted.chip not in CHIPS:
        return []
    if wanted.chip == "scan":
        return [sa.and_(SalesOrder.is_to_be_scanned)]
    if wanted.chip == "release":
        # From the items: few were cancelled, and asking every order for its items takes longer.
        return [SalesOrder.id.in_(sa.select(OrderItem.order_id).where(order_state.item_wants_release()))]
    if wanted.chip == "today":
        return [_ships_before(wanted.today_ends), order_state.is_ours()]
    state = {
        "uncommitted": order_state.has_uncommitted,
        "unknown": order_state.has_unknown_sku,
        "accept": order_state.is_to_accept,
        "over": order_state.is_overcommitted,
        "cancel": order_state.is_cancel_asked,
        "erased": order_state.is_address_erased,
    }[wanted.chip]
    return [state(), *([order_state.is_ours()] if wanted.chip in CHIPS_OF_OURS else [])]


def _ships_before(end: datetime | None) -> sa.ColumnElement[bool]:
    return SalesOrder.ship_by.is_not(None) if end is None else SalesOrder.ship_by < end


def tab_of(text: str, statuses: Collection[int]) -> str:
    """The tab these letters of a URL name; Open when they name none."""
    is_status = text.isascii() and text.isdigit() and int(text) in statuses
    return text if text in (OPEN, ALL, UNMAPPED) or is_status else OPEN
