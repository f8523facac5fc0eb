"""The orders of a file, stored as an import stores those that a channel tells of, and taken back as far as can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import Channel, Meaning, RemoteOrder
from wholecell.db import utcnow
from wholecell.models import OrderItem, SalesOrder, Shipment
from wholecell.services import commitments, order_saving, wanting
from wholecell.services.bulk import chunks
from wholecell.services.events import Actor, event_row, record_many
from wholecell.services.upload_channel_order_known import seen_at
from wholecell.services.upload_channel_order_rows import read_orders
from wholecell.services.upload_channel_sheets import hold_integration
from wholecell.services.upload_kinds import Applied, Row, Stored

SEEN = "seen"  # in a planned row: `KnownOrder.seen`, None of a new order
_STALE = "The order was changed by another file or system after this sheet was read. Upload the sheet again."
_KNOWN_BEFORE = "The order was known before: what the file changed stays. Upload a file with the former values."
_PHONES = "Phones are committed to this order: release them first, or ship it."
_SHIPMENT = "The order has a shipment: void it first."
_CHANGED = "The order changed after the upload. It was left alone."


def _orders(channel: Channel, rows: Sequence[Stored]) -> list[RemoteOrder]:
    """Read the rows once more: what was shown is what is written, the status as it was taken then."""
    texts = [Row(row.number, {**row.plan["cells"], "status": row.plan["status"]}) for row in rows]
    drafts = read_orders(texts, channel, {}, utcnow())
    return [draft.order for draft in drafts if draft.order is not None]


def apply(session: Session, actor: Actor, integration_id: int, channel: Channel, rows: Sequence[Stored]) -> Applied:
    """Store the orders; of one that was told anew since the sheet was read nothing is changed by it."""
    hold_integration(session, integration_id)
    done, read_at = Applied(), utcnow()
    orders = _orders(channel, rows)
    known = _hold(session, integration_id, [order.external_id for order in orders])
    stale = _stale(session, known, rows)
    orders = [order for order in orders if order.external_id not in stale]
    held: set[str] = set()
    for chunk in chunks(orders):
        saved = order_saving.save_orders(session, integration_id, chunk, read_at)
        held |= set(saved.to_read_again)
    ids = _ids(session, integration_id, [order.external_id for order in orders])
    made = []
    for row in rows:
        key = row.plan["cells"]["order_id"]
        if key in stale:
            done.conflicts[row.number] = _STALE
        elif key in held:
            done.conflicts[row.number] = "The order became shipped or cancelled after this sheet was read."
        elif row.outcome == "new" and key in ids:
            done.created[row.number] = ids[key]
            made.append(ids[key])
    record_many(session, actor, [event_row("order", key, "came by file", None, None) for key in sorted(set(made))])
    return done


def _stale(session: Session, known: Mapping[str, int], rows: Sequence[Stored]) -> set[str]:
    """The orders that are not as they were when the sheet was tried; the caller holds them."""
    seen: dict[str, str] = {}
    for chunk in chunks(sorted(known.values())):
        query = sa.select(SalesOrder.external_id, SalesOrder.read_at).where(SalesOrder.id.in_(chunk))
        seen.update((key or "", seen_at(at)) for key, at in session.execute(query))
    keys = {row.plan["cells"]["order_id"]: row.plan[SEEN] for row in rows if SEEN in row.plan}
    return {key for key, before in keys.items() if seen.get(key) != before}


def _ids(session: Session, integration_id: int, external_ids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in chunks(external_ids):
        query = sa.select(SalesOrder.external_id, SalesOrder.id).where(
            SalesOrder.integration_id == integration_id, SalesOrder.external_id.in_(chunk)
        )
        found.update((key or "", order_id) for key, order_id in session.execute(query))
    return found


def _hold(session: Session, integration_id: int, external_ids: Sequence[str]) -> dict[str, int]:
    """Lock the orders we have of these, all in one order, before pages of them are stored."""
    ids = _ids(session, integration_id, external_ids)
    wanting.hold_orders(session, ids.values())
    return ids


def undo(
    session: Session, actor: Actor, integration_id: int, channel: Channel, rows: Sequence[Stored]
) -> dict[int, str]:
    """Cancel what the file brought, in the channel's word for it; gives the rows left alone with the reason."""
    word = next((each.word for each in channel.order_words if each.means is Meaning.CANCELLED), None)
    kept = {row.number: _KNOWN_BEFORE for row in rows if row.outcome != "new"}
    hold_integration(session, integration_id)
    new = [row for row in rows if row.outcome == "new"]
    orders = {order.external_id: order for order in _orders(channel, new)}
    ids = _hold(session, integration_id, list(orders))
    why = _why_not(session, ids, orders)
    going = [key for key in orders if key in ids and key not in why and word is not None]
    for row in new:
        if row.plan["cells"]["order_id"] not in going:
            kept[row.number] = why.get(row.plan["cells"]["order_id"], _CHANGED)
    cancelled = [_cancelled(orders[key], word or "") for key in going]
    for chunk in chunks(cancelled):
        order_saving.save_orders(session, integration_id, chunk, utcnow())
    record_many(session, actor, [event_row("order", ids[key], "upload taken back", None, None) for key in going])
    return kept


def _cancelled(order: RemoteOrder, word: str) -> RemoteOrder:
    lines = [replace(line, cancelled=line.ordered, shipped=0) for line in order.lines]
    return replace(order, status=word, is_final=True, lines=lines)


def _why_not(session: Session, ids: Mapping[str, int], orders: Mapping[str, RemoteOrder]) -> dict[str, str]:
    """Why an order stays as it is, by its id at the channel."""
    why: dict[str, str] = {}
    keys = {order_id: key for key, order_id in ids.items()}
    for chunk in chunks(sorted(keys)):
        changed = sa.select(SalesOrder.id, SalesOrder.channel_status).where(SalesOrder.id.in_(chunk))
        why |= {keys[i]: _CHANGED for i, word in session.execute(changed) if word != orders[keys[i]].status}
        told: dict[int, dict[str, int]] = {key: {} for key in chunk}
        item = OrderItem
        columns = (item.order_id, item.external_line_id, item.ordered, item.channel_said)
        query = sa.select(*columns).where(item.order_id.in_(chunk), item.external_line_id.is_not(None))
        for key, line, ordered, said in session.execute(query):
            told[key][line] = said.get("ordered", ordered)
        ours = {key: {line.external_id: line.ordered for line in orders[keys[key]].lines} for key in chunk}
        # Told of other units since: to cancel those too would offer phones that are sold.
        why |= {keys[key]: _CHANGED for key in chunk if told[key] != ours[key]}
        shipped = sa.select(Shipment.order_id).where(Shipment.order_id.in_(chunk), Shipment.voided_at.is_(None))
        why |= {keys[key]: _SHIPMENT for key in session.scalars(shipped)}
        why |= {keys[live.order_id]: _PHONES for live in commitments.of_orders(session, chunk)}
    return why
