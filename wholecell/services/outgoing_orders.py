"""Orders as a program that ships them gets them, a page in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels import discover
from wholecell.channels.contract import Meaning, OutgoingOrder, RemoteAddress, Stage
from wholecell.models import (
    Customer,
    Event,
    HandedOrder,
    Integration,
    SalesOrder,
    SalesOrderStatus,
    Shipment,
    ShippingSettings,
)
from wholecell.services import outgoing_lines
from wholecell.services.bulk import AnyRows
from wholecell.services.outgoing_state import is_complete, is_for
from wholecell.services.shipped_status import TITLE as SHIPPED_TITLE
from wholecell.services.shipping_settings import AddressSource, Handing, value_of

_ADDRESS = ("name", "company", "street", "street2", "city", "state", "postal_code", "country", "phone")
_COLUMNS = (
    SalesOrder.id,
    SalesOrder.number,
    SalesOrder.external_id,
    SalesOrder.channel,
    SalesOrder.channel_status,
    SalesOrder.is_channel_status_final,
    SalesOrder.is_to_accept,
    SalesOrder.is_to_be_scanned,
    SalesOrder.placed_at,
    SalesOrder.created_at,
    SalesOrder.ship_by,
    SalesOrder.ship_service,
    SalesOrder.currency,
    SalesOrder.total_cents,
    SalesOrder.shipping_cents,
    SalesOrder.email,
    *(getattr(SalesOrder, f"ship_{name}") for name in _ADDRESS),
    SalesOrderStatus.title.label("status"),
    SalesOrderStatus.counts_as_open,
    SalesOrderStatus.syncs_to_shipstation.label("is_flagged"),
    Integration.kind,
    Customer.id.label("customer_id"),
    Customer.name.label("customer_name"),
    Customer.email.label("customer_email"),
    Customer.phone.label("customer_phone"),
)


def build(session: Session, settings: ShippingSettings, order_ids: Sequence[int]) -> list[OutgoingOrder]:
    """These orders as they are now, in this order; one that is no longer to go, or no longer complete, is left out."""
    handing = value_of(settings)
    wanted = (is_for(settings.integration_id, handing.channels), is_complete())
    rows = {row["id"]: row for row in session.execute(_query(order_ids).where(*wanted)).mappings()}
    changed, left = last_changes(session, rows), _with_shipment(session, rows)
    lines = outgoing_lines.of_orders(session, list(rows), handing)
    return [
        _order(settings.prefix, handing, rows[key], changed.get(key, (0, None))[1], key in left, lines.get(key, []))
        for key in order_ids
        if key in rows
    ]


def reference(prefix: str, order_id: int) -> str:
    """Our key for an order: no other installation has it, as its prefix is drawn by lot."""
    return f"{prefix}-{order_id}"


def order_of(prefix: str, given: str) -> int | None:
    """The order that a reference is for; None for one that is not ours."""
    start, _, number = given.strip().rpartition("-")
    return int(number) if start == prefix and number.isascii() and number.isdigit() and len(number) < 19 else None


def last_changes(session: Session, order_ids: Iterable[int]) -> dict[int, tuple[int, datetime | None]]:
    """The last line of each order's timeline, and when it was written: each change that matters writes one."""
    query = (
        sa.select(Event.subject_id, sa.func.max(Event.id), sa.func.max(Event.at))
        .where(Event.subject == "order", Event.subject_id.in_(list(order_ids)))
        .group_by(Event.subject_id)
    )
    return {key: (event_id, at) for key, event_id, at in session.execute(query)}


def handed_among(session: Session, integration_id: int, order_ids: Sequence[int]) -> list[int]:
    """Those of the orders that went."""
    query = sa.select(HandedOrder.order_id).where(
        HandedOrder.integration_id == integration_id, HandedOrder.order_id.in_(list(order_ids))
    )
    return list(session.scalars(query.where(HandedOrder.handed_at.is_not(None)).order_by(HandedOrder.order_id)))


def note_handed(
    session: Session,
    integration_id: int,
    orders: Sequence[OutgoingOrder],
    events: Mapping[int, tuple[int, datetime | None]],
    now: datetime,
) -> None:
    """Keep that these went, in the caller's transaction. `events` are their `last_changes` from before they were built.

    The time stays that of the first going with the same changes.
    """
    query = sa.select(HandedOrder).where(
        HandedOrder.integration_id == integration_id, HandedOrder.order_id.in_([each.order_id for each in orders])
    )
    known = {row.order_id: row for row in session.scalars(query)}
    for order in orders:
        row = known.get(order.order_id)
        if row is None:
            row = HandedOrder(integration_id=integration_id, order_id=order.order_id, event_id=0)
            session.add(row)
        event_id = events.get(order.order_id, (0, None))[0]
        if row.handed_at is None or row.event_id != event_id:
            row.handed_at, row.event_id = now, event_id
        row.stage, row.problem, row.advice = order.stage.value, "", ""


def _query(order_ids: Sequence[int]) -> AnyRows:
    return (
        sa.select(*_COLUMNS)
        .outerjoin(SalesOrderStatus, SalesOrderStatus.id == SalesOrder.status_id)
        .outerjoin(Integration, Integration.id == SalesOrder.integration_id)
        .outerjoin(Customer, Customer.id == SalesOrder.customer_id)
        .where(SalesOrder.id.in_(list(order_ids)))
    )


def _with_shipment(session: Session, order_ids: Iterable[int]) -> set[int]:
    """The orders of which a shipment is on its way."""
    query = sa.select(Shipment.order_id).where(Shipment.order_id.in_(list(order_ids)), Shipment.voided_at.is_(None))
    return set(session.scalars(query))


def _order(
    prefix: str,
    handing: Handing,
    row: Mapping[Any, Any],
    changed_at: datetime | None,
    has_left: bool,
    lines: Sequence[outgoing_lines.Line],
) -> OutgoingOrder:
    stage = stage_of(row, has_left=has_left, wanted=sum(each.wanted for each in lines))
    shown = outgoing_lines.shown(lines, is_cancelled=stage is Stage.CANCELLED)
    goods = sum(each.quantity * each.price_cents for each in shown)
    shipping = row["shipping_cents"] or 0
    ship_to = _ship_to(row)
    bill_to, email = ship_to, row["email"]
    if handing.address_source is AddressSource.CUSTOMER and row["customer_name"]:
        bill_to = RemoteAddress(name=row["customer_name"], phone=row["customer_phone"])
        email = row["customer_email"] or email
    return OutgoingOrder(
        order_id=row["id"],
        reference=reference(prefix, row["id"]),
        number=row["number"] or row["external_id"] or str(row["id"]),
        channel=row["channel"],
        stage=stage,
        placed_at=row["placed_at"],
        changed_at=changed_at or row["created_at"],
        ship_by=row["ship_by"],
        service=row["ship_service"],
        currency=row["currency"],
        total_cents=goods + shipping if row["total_cents"] is None else row["total_cents"],
        shipping_cents=shipping,
        ship_to=ship_to,
        bill_to=bill_to,
        email=email,
        customer=email or (f"customer {row['customer_id']}" if row["customer_id"] else f"order {row['id']}"),
        lines=shown,
    )


def _ship_to(row: Mapping[Any, Any]) -> RemoteAddress:
    parts = {name: row[f"ship_{name}"].strip() for name in _ADDRESS}
    if not parts["name"]:
        parts["name"], parts["company"] = parts["company"], ""
    return RemoteAddress(**{**parts, "country": parts["country"].upper()})


def stage_of(row: Mapping[Any, Any], *, has_left: bool, wanted: int) -> Stage:
    """How far an order is: by our status first, for people change it; then by what the channel means by its word."""
    channel = discover().get(row["kind"] or "")
    words = {each.word: each.means for each in channel.order_words} if channel else {}
    meaning = words.get(row["channel_status"])
    is_open = not row["is_channel_status_final"] if row["counts_as_open"] is None else row["counts_as_open"]
    if not (is_open or row["is_to_be_scanned"]):
        if has_left or meaning is Meaning.SHIPPED or row["status"] == SHIPPED_TITLE:
            return Stage.SHIPPED
        return Stage.CANCELLED
    if meaning in (Meaning.CANCELLED, Meaning.REFUNDED) or not wanted:
        return Stage.CANCELLED
    if row["is_to_be_scanned"] or meaning is Meaning.SHIPPED:
        return Stage.SHIPPED
    if row["is_to_accept"] or not row["is_flagged"]:
        return Stage.ON_HOLD
    return Stage.UNPAID if meaning is Meaning.WAITING else Stage.PAID
