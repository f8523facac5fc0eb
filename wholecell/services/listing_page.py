"""Everything the page of one listing shows, in a fixed number of queries."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wholecell.channels import discover
from wholecell.channels.contract import Channel
from wholecell.db import db
from wholecell.models import (
    Event,
    Integration,
    InventoryItem,
    Listing,
    ListingSku,
    ListingVariation,
    OrderItem,
    ProductVariation,
    QuantityPush,
    SalesOrder,
    SalesOrderStatus,
    Work,
)
from wholecell.services import events, hand_due, inventory_page, listings, not_counted, order_effects, push
from wholecell.services.availability import Offer, quantities
from wholecell.services.availability_rows import open_wants
from wholecell.services.inventory_page import ItemRow
from wholecell.services.item_filter import is_committed
from wholecell.services.limits import Limits
from wholecell.services.listing_filter import is_in_catalog
from wholecell.services.listing_state import theirs_because
from wholecell.services.not_counted import Left, Names
from wholecell.services.people_names import people_names
from wholecell.services.rule_settings import RuleSettings, load_settings
from wholecell.services.variation_names import names as variation_names

LAST_PUSHES = 10
SHOWN_PHONES = 4
VARIATION = re.compile(r"\bvariation (\d+)")  # as services.listings writes it on the timeline


@dataclass(frozen=True, slots=True)
class Step:
    """One limit between calculated and offered, as the opened number shows it."""

    sign: str
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An open order item that lowers this listing's number."""

    order_id: int
    number: str
    channel: str
    placed_at: datetime
    units: int


@dataclass(frozen=True, slots=True)
class Counted:
    """One variation the listing counts."""

    variation_id: int
    name: str
    sku: str | None
    available: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen by hand; empty both ways means the channel's own SKU, where the integration matches by it."""

    skus: tuple[str, ...]
    variations: Mapping[int, str]  # id -> name

    @property
    def is_by_hand(self) -> bool:
        """Whether anything was chosen."""
        return bool(self.skus or self.variations)


@dataclass(frozen=True, slots=True)
class ListingPage:
    """The facts of one listing."""

    listing: Listing
    integration: Integration
    channel: Channel
    rule: RuleSettings
    offer: Offer
    limits: Limits  # those in effect
    counted: Sequence[Counted]
    left: Left
    names: Names
    orders: Sequence[OpenOrder]
    choice: Choice
    phones: Sequence[ItemRow]  # the newest of those available
    near: Sequence[ProductVariation]
    is_in_catalog: bool  # some variation carries the channel's SKU
    pushes: Sequence[QuantityPush]
    orders_behind: Mapping[int, Sequence[tuple[int, str]]]  # push -> the orders it told the channel of
    timeline: Sequence[Event]
    variation_names: Mapping[int | None, str]  # of those counted, chosen, or named on the timeline
    people: Mapping[int, str]
    works: Mapping[str, Work]
    open_statuses: Sequence[str]
    waits_for_hand: bool  # hand_due.is_waiting

    @property
    def because(self) -> str:
        """Why its number is not ours, where the channel's folder says so."""
        return theirs_because(self.listing)

    @property
    def steps(self) -> list[Step]:
        """The limits that stand between calculated and offered."""
        return limit_steps(self.limits, self.offer.quantity.calculated if self.offer.quantity else 0)


def load(listing_id: int) -> ListingPage | None:
    """Read one listing; None when there is none."""
    found = db.session.execute(
        sa.select(Listing, Integration, is_in_catalog(), hand_due.is_waiting())
        .join(Integration, Integration.id == Listing.integration_id)
        .where(Listing.id == listing_id)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        return None
    listing, integration, sku_is_known, waits_for_hand = found
    known = load_settings()
    rule = known[integration.id]
    offer = quantities(listings=[listing_id])[listing_id]
    phones = not_counted.places(offer.variations) if offer.variations else {}
    lines = events.timeline("listing", listing_id)
    skus, chosen = _choice(listing_id)
    sent = push.last_pushes(listing_id, LAST_PUSHES)
    shown = variation_names(db.session(), {*offer.variations, *chosen, *_named(lines)})
    return ListingPage(
        listing,
        integration,
        discover()[integration.kind],
        rule,
        offer,
        rule.limits.overridden_by(listings.own_limits(listing)),
        _counted(offer.variations, rule, phones, shown),
        not_counted.left_out([place for each in phones.values() for place in each], rule),
        not_counted.names(),
        _orders(offer.variations, rule, known),
        Choice(skus, {key: shown[key] for key in chosen}),
        _phones(offer.variations, rule),
        listings.near_misses(listing.sku) if not offer.variations else [],
        sku_is_known,
        sent,
        order_effects.behind(listing_id, sent),
        lines,
        shown,
        people_names(line.user_id for line in lines),
        {row.kind: row for row in db.session.scalars(sa.select(Work).where(Work.integration_id == integration.id))},
        list(db.session.scalars(_open_statuses())),
        bool(waits_for_hand),
    )


def _open_statuses() -> sa.Select[str]:
    status = SalesOrderStatus
    return sa.select(status.title).where(status.counts_as_open).order_by(status.position, status.id)


def _choice(listing_id: int) -> tuple[tuple[str, ...], Sequence[int]]:
    skus = db.session.scalars(sa.select(ListingSku.sku).where(ListingSku.listing_id == listing_id))
    chosen = db.session.scalars(
        sa.select(ListingVariation.variation_id).where(ListingVariation.listing_id == listing_id)
    ).all()
    return tuple(sorted(skus)), chosen


def _named(lines: Sequence[Event]) -> set[int]:
    """The variations that lines about the connection name by their ids."""
    texts = " ".join(f"{line.old} {line.new}" for line in lines if line.kind == "connection")
    return {int(key) for key in VARIATION.findall(texts)}


def _counted(
    variations: Collection[int],
    rule: RuleSettings,
    phones: Mapping[int, Sequence[not_counted.Place]],
    shown: Mapping[int | None, str],
) -> list[Counted]:
    query = sa.select(ProductVariation.id, ProductVariation.sku).where(ProductVariation.id.in_(variations))
    skus = dict(db.session.execute(query).all())
    found = [Counted(key, shown[key], skus.get(key), _available(phones.get(key, ()), rule)) for key in variations]
    return sorted(found, key=lambda each: each.name)


def _available(phones: Sequence[not_counted.Place], rule: RuleSettings) -> int:
    return sum(
        place.units
        for place in phones
        if not place.is_committed and place.status_id in rule.statuses and place.warehouse_id in rule.warehouses
    )


def _orders(variations: Collection[int], rule: RuleSettings, known: Mapping[int, RuleSettings]) -> list[OpenOrder]:
    """The open orders that the outstanding units come from, oldest first."""
    units = {
        want.order_item_id: want.units
        for want in (open_wants(variations) if variations else ())
        if rule.counts_orders_of(known.get(want.integration_id) if want.integration_id is not None else None)
    }
    query = (
        sa.select(SalesOrder.id, SalesOrder.number, SalesOrder.channel, SalesOrder.placed_at, OrderItem.id)
        .join(OrderItem, OrderItem.order_id == SalesOrder.id)
        .where(OrderItem.id.in_(units))
        .order_by(SalesOrder.placed_at, OrderItem.id)
    )
    return [OpenOrder(*row[:-1], units[row[-1]]) for row in db.session.execute(query)] if units else []


def _phones(variations: Collection[int], rule: RuleSettings) -> list[ItemRow]:
    if not variations:
        return []
    item = InventoryItem
    query = inventory_page.rows_query().where(
        item.variation_id.in_(variations),
        item.status_id.in_(rule.statuses),
        item.warehouse_id.in_(rule.warehouses),
        ~is_committed(),
    )
    return [ItemRow(*row) for row in db.session.execute(query.order_by(item.id.desc()).limit(SHOWN_PHONES))]


def limit_steps(limits: Limits, calculated: int) -> list[Step]:
    """Each limit that is set, in the order it is applied."""
    minus, times = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"
    if calculated <= limits.zero_out_threshold and limits.zero_out_threshold > 0:
        return [Step("\N{LESS-THAN OR EQUAL TO}", str(limits.zero_out_threshold), "zero at or under")]
    steps = []
    if limits.percentage != 100:
        steps.append(Step(times, f"{limits.percentage}\N{NO-BREAK SPACE}%", "rounded down"))
    if limits.safety_quantity:
        steps.append(Step(minus, str(limits.safety_quantity), "safety quantity"))
    if limits.maximum_quantity is not None:
        steps.append(Step("\N{LESS-THAN OR EQUAL TO}", str(limits.maximum_quantity), "at most"))
    return steps


def open_orders_of(skus: Collection[str], variations: Collection[int]) -> int:
    """How many open order items want one of these SKUs or variations: they follow a connection."""
    wanted = set(variations)
    if skus:
        query = sa.select(ProductVariation.id).where(ProductVariation.sku.in_(list(skus)))
        wanted.update(db.session.scalars(query))
    return len(open_wants(wanted)) if wanted else 0


def integration_of(listing_id: int) -> Integration | None:
    """The login a listing belongs to."""
    query = sa.select(Integration).join(Listing, Listing.integration_id == Integration.id)
    return db.session.scalar(query.where(Listing.id == listing_id))
