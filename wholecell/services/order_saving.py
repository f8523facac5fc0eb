"""Write down orders as a channel tells them: a page is a few statements, whatever its length."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import Channel, RemoteOrder
from wholecell.db import is_sqlite, utcnow
from wholecell.models import Commitment, Integration, Listing, OrderItem, SalesOrder
from wholecell.services import customers, erased_buyers, extra_lines, order_matching, order_status, recompute
from wholecell.services.bulk import chunks, insert_rows, table, update_rows
from wholecell.services.connect import channel_of
from wholecell.services.events import CHANNEL, record_many
from wholecell.services.order_fields import with_usable_times
from wholecell.services.order_matching import named
from wholecell.services.order_plan import Known, Plan, Row, Rules, known_order, new_order
from wholecell.services.recompute import Cause

BY_SHIPPING_NAME = "shipping name"
_ORDER, _ITEM, _COMMITMENT, _LISTING = table(SalesOrder), table(OrderItem), table(Commitment), table(Listing)

# Built once, for they run with every page.
_ORDERS: sa.BindParameter[Any] = sa.bindparam("orders", expanding=True)
# In one order, so that no two transactions wait for each other's rows. Not so strong that whoever computes numbers,
# and names these orders as their cause, waits for us: we come to the listings they hold.
_KNOWN = (
    sa.select(_ORDER)
    .where(_ORDER.c.integration_id == sa.bindparam("integration"), _ORDER.c.external_id.in_(_ORDERS))
    .order_by(_ORDER.c.id)
    .with_for_update(key_share=True)
)
_KNOWN_ITEMS = sa.select(_ITEM).where(_ITEM.c.order_id.in_(_ORDERS))
_COMMITTED = (
    sa.select(_ITEM.c.order_id, _ITEM.c.id, sa.func.count())
    .join_from(_ITEM, _COMMITMENT, _COMMITMENT.c.order_item_id == _ITEM.c.id)
    .where(_ITEM.c.order_id.in_(_ORDERS), _COMMITMENT.c.released_at.is_(None))
    .group_by(_ITEM.c.order_id, _ITEM.c.id)
)
_IS_SOLD_FROM = _LISTING.c.id.in_(sa.bindparam("listings", expanding=True))
_HOLD_LISTINGS = sa.select(_LISTING.c.id).where(_IS_SOLD_FROM).order_by(_LISTING.c.id).with_for_update(key_share=True)
_SEEN = sa.update(_LISTING).where(_IS_SOLD_FROM).values(order_seen_at=sa.bindparam("now"))


@dataclass(slots=True)
class Saved:
    """What became of a page."""

    counts: Counter[str] = field(default_factory=Counter)
    order_ids: list[int] = field(default_factory=list)  # of orders that are new or changed
    to_read_again: list[str] = field(default_factory=list)  # they went back to open, which two readings must say


def save_orders(session: Session, integration_id: int, orders: Sequence[RemoteOrder], read_at: datetime) -> Saved:
    """Store these orders as they were when the request that read them began, in the caller's transaction.

    The same orders once more change nothing. Each order's phones, statuses chosen by hand and edits stay.
    """
    integration = hold_settings(session, integration_id)
    channel = channel_of(integration)
    rules = _rules(session, integration, channel)
    plans, known = _decide(session, integration, orders, rules, read_at)
    _name_customers(session, plans, rules, channel.label, known)
    _write(session, plans, integration, known)
    _list_new_words(session, rules, plans)
    touched = [plan for plan in plans if plan.outcome in ("new", "changed") and plan.order_id is not None]
    return Saved(
        Counter(plan.outcome for plan in plans),
        [plan.order_id for plan in touched if plan.order_id is not None],
        [plan.remote.external_id for plan in plans if plan.outcome == "held back"],
    )


def plan_orders(
    session: Session, integration_id: int, orders: Sequence[RemoteOrder], read_at: datetime
) -> dict[str, Plan]:
    """What storing these orders would do, by the channel's id; nothing is written."""
    integration = session.get_one(Integration, integration_id)
    rules = _rules(session, integration, channel_of(integration))
    plans, _ = _decide(session, integration, orders, rules, read_at)
    return {plan.remote.external_id: plan for plan in plans}


def _decide(
    session: Session, integration: Integration, orders: Sequence[RemoteOrder], rules: Rules, read_at: datetime
) -> tuple[list[Plan], dict[str, Known]]:
    usable = [with_usable_times(order, read_at) for order in orders]
    newest = {order.external_id: order for order in sorted(usable, key=_age)}
    # Asked while the settings are held: whoever erases a buyer waits for the pages that did not know it yet.
    erased = erased_buyers.among(session, integration.kind, {order.buyer for order in newest.values()} - {""})
    known, now = _load(session, integration.id, newest), utcnow()
    # The channel had not told whose they are when the buyer was erased: it is too late to tell now.
    late = {key for key, order in newest.items() if order.buyer in erased and key in known}
    late = {key for key in late if not known[key].row["erased_at"]}
    for key in late:
        known[key].row = {**known[key].row, "erased_at": now}
    plans = [
        known_order(order, known[key], rules, read_at, now)
        if key in known
        else new_order(order, rules, read_at, now, is_erased=order.buyer in erased)
        for key, order in newest.items()
    ]
    for plan in plans:
        if plan.remote.external_id in late and plan.outcome != "older":
            plan.values["erased_at"] = now
    return plans, known


def hold_settings(session: Session, integration_id: int) -> Integration:
    """Keep the integration from changing until the transaction ends: an edited map meets all orders of a page or none.

    Whoever saves settings locks the integration first and then asks for work, so that a page does so in this order.
    """
    return session.get_one(Integration, integration_id, with_for_update={"read": True})


def _age(order: RemoteOrder) -> float:
    """The same order twice in a page: the later change wins, without times the later row (sorting is stable)."""
    return order.changed_at.timestamp() if order.changed_at else 0.0


def _rules(session: Session, integration: Integration, channel: Channel) -> Rules:
    return Rules(
        integration.id,
        channel.name,
        integration.holds_for_scan,
        integration.accepting,
        integration.order_customer == BY_SHIPPING_NAME,
        order_status.load_map(session, integration.id, channel),
    )


def _load(session: Session, integration_id: int, external_ids: Iterable[str]) -> dict[str, Known]:
    """The orders we have of these, with their items, their committed phones and whether a shipment is on its way."""
    connection = session.connection()
    found: dict[str, Known] = {}
    for chunk in chunks(external_ids):
        asked = {"integration": integration_id, "orders": chunk}
        for row in connection.execute(_KNOWN, asked).mappings():
            found[row["external_id"]] = Known(row)
    by_id = {each.row["id"]: each for each in found.values()}
    for keys in chunks(by_id):
        for item in connection.execute(_KNOWN_ITEMS, {"orders": keys}).mappings():
            order = by_id[item["order_id"]]
            if item["external_line_id"] is None:
                order.extra.append(item)
            else:
                order.items[item["external_line_id"]] = item
        _load_commitments(session, keys, by_id)
        for key in order_status.on_their_way(session, keys):
            by_id[key].is_on_its_way = True
    return found


def _load_commitments(session: Session, order_ids: Collection[int], by_id: dict[int, Known]) -> None:
    for order_id, item_id, phones in session.connection().execute(_COMMITTED, {"orders": list(order_ids)}):
        by_id[order_id].live = {**by_id[order_id].live, item_id: phones}


def _name_customers(
    session: Session, plans: Sequence[Plan], rules: Rules, label: str, known: Mapping[str, Known]
) -> None:
    """Give orders their customer: by the name on the shipment, or the one that stands for the channel."""
    asked = [plan for plan in plans if plan.customer is not None and plan.outcome in ("new", "changed")]
    names = {plan.customer or "" for plan in asked} if rules.by_shipping_name else set()
    found = customers.find_or_create_many(session, names)
    is_channels = [plan for plan in asked if customers.key_of(plan.customer or "") not in found]
    channel_id = customers.find_or_create(session, label, is_channel=True) if is_channels else None
    for plan in asked:
        if plan.order_id is None or rules.by_shipping_name:
            new = found.get(customers.key_of(plan.customer or ""), channel_id)
            before = known.get(plan.remote.external_id)
            if before is not None and (old := before.row["customer_id"]) is not None and old != new:
                # So that the earlier name is found too when the buyer is to be forgotten.
                plan.events.append(("customer", f"customer {old}", f"customer {new}", old, new))
            plan.values["customer_id"] = new


def _write(session: Session, plans: Sequence[Plan], integration: Integration, known: dict[str, Known]) -> None:
    new = [plan for plan in plans if plan.outcome == "new"]
    rows = insert_rows(session, _ORDER, [plan.values for plan in new], _ORDER.c.id, _ORDER.c.external_id)
    ids = {external_id: key for key, external_id in rows}
    for plan in new:
        plan.order_id = ids[plan.remote.external_id]
    update_rows(
        session,
        SalesOrder,
        [{"id": plan.order_id, **plan.values} for plan in plans if plan.outcome != "new" and plan.values],
    )
    _write_items(session, plans, integration.id, known)
    record_many(session, CHANNEL, [row for plan in plans for row in plan.event_rows()])
    _ask_for_numbers(session, plans, _kept_back(plans, known) if integration.adds_own_orders else {})
    _move_up(session, plans, known)


def _move_up(session: Session, plans: Sequence[Plan], known: dict[str, Known]) -> None:
    """Phones on extra lines go to items that want them now."""
    some = [
        plan.order_id
        for plan in plans
        if plan.order_id is not None and (plan.item_changes or plan.new_items)
        if plan.remote.external_id in known and known[plan.remote.external_id].has_extra_phones
    ]
    if some:
        extra_lines.move_extras(session, some, CHANNEL)


def _write_items(session: Session, plans: Sequence[Plan], integration_id: int, known: dict[str, Known]) -> None:
    """Insert and change items, each tied to the listing it was sold from."""
    items: dict[int, Row] = {
        item["id"]: item
        for plan in plans
        if plan.item_changes
        for item in known[plan.remote.external_id].items.values()
    }
    asked: dict[Any, tuple[str | None, Any]] = {}
    for plan in plans:
        for number, new in enumerate(plan.new_items):
            asked[plan.remote.external_id, number] = (new["sku"], new["listing_ids"])
        for change in plan.item_changes:
            if change.keys() & {"sku", "listing_ids"}:
                after = {**items[change["id"]], **change}
                asked[change["id"]] = (after["sku"], after["listing_ids"])
    sold_from = order_matching.find_listings(session, integration_id, asked) if asked else {}
    for plan in plans:
        for number, new in enumerate(plan.new_items):
            new["order_id"], new["listing_id"] = plan.order_id, sold_from.get((plan.remote.external_id, number))
            plan.touched.add(named(new))
        for change in plan.item_changes:
            if change["id"] in asked:
                change["listing_id"] = sold_from.get(change["id"])
                plan.touched.add(named({**items[change["id"]], **change}))
        if plan.is_seen:
            plan.sold_from |= {new["listing_id"] for new in plan.new_items} - {None}
    insert_rows(session, _ITEM, [new for plan in plans for new in plan.new_items])
    update_rows(session, OrderItem, [change for plan in plans for change in plan.item_changes])


def _kept_back(plans: Sequence[Plan], known: Mapping[str, Known]) -> dict[int, set[int]]:
    """The listings, by order, of which the channel may keep back other units for its own orders than before.

    What our status says does not matter there: an order may be over here and not yet at the channel.
    """
    listings: dict[int, set[int]] = {}
    for plan in plans:
        is_moved = plan.values.keys() & {"channel_status", "is_fulfilled_by_channel"}
        if plan.order_id is not None and (is_moved or plan.new_items or plan.item_changes):
            before = known.get(plan.remote.external_id)
            plan.touched |= {named(item) for item in before.items.values()} if before else set()
            plan.counts = True
            listings[plan.order_id] = {want.listing_id for want in plan.touched if want.listing_id is not None}
    return listings


def _ask_for_numbers(session: Session, plans: Sequence[Plan], kept_back: Mapping[int, set[int]]) -> None:
    """Have the numbers computed that these orders touch, and note on listings that they were sold from."""
    variations = order_matching.candidates(session, {want for plan in plans if plan.counts for want in plan.touched})
    touched: dict[int, set[int]] = defaultdict(set)
    for plan in plans:
        for want in plan.touched if plan.counts else ():
            assert plan.order_id is not None
            touched[plan.order_id] |= variations[want]
    recompute.request_orders(session, Cause.ORDER, CHANNEL, touched, kept_back)
    listings = sorted({key for plan in plans for key in plan.sold_from})
    for chunk in chunks(listings):
        if not is_sqlite():  # there, one writer at a time
            session.connection().execute(_HOLD_LISTINGS, {"listings": chunk})
        session.connection().execute(_SEEN, {"listings": chunk, "now": utcnow()})


def _list_new_words(session: Session, rules: Rules, plans: Sequence[Plan]) -> None:
    """A word never seen before is listed in the map, for a person to choose a status."""
    words = {plan.values.get("channel_status", "") for plan in plans} - {"", *rules.map.by_word}
    if words:
        order_status.add_words(session, rules.integration_id, dict.fromkeys(sorted(words)))


__all__ = ["BY_SHIPPING_NAME", "Saved", "hold_settings", "plan_orders", "save_orders"]
