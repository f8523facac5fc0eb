"""Send orders to the program that ships them, up to 100 in a call, and keep what it says of each.

Nothing is marked before a call: what was not answered is still due, and sending it once more changes nothing there.
The last line of its timeline is read together with the order, so that a change made during the call is due again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import OutgoingOrder, SendsOrders, SentOrder, Stage
from wholecell.db import transaction, utcnow
from wholecell.models import HandedOrder, Shipment, ShipmentNotice, ShippingSettings
from wholecell.services import outgoing_due, outgoing_orders, wanting
from wholecell.services.work import Run

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Batch:
    """Orders about to be sent, with the last line of each one's timeline; `ids` were looked at, sent or not."""

    ids: Sequence[int]
    orders: Sequence[OutgoingOrder]
    lines: Mapping[int, int]


def send_orders(run: Run, connector: SendsOrders) -> None:
    """Send all that is due. Raises what ends the run, after what was answered was kept."""
    with transaction() as session:
        settings = session.get(ShippingSettings, run.integration_id)
        settled = outgoing_due.last_settled_line(session, utcnow())
    if settings is None or not settings.sends_orders:
        return
    looked_at: set[int] = set()
    while (batch := _next(run, looked_at)).ids:
        looked_at |= set(batch.ids)
        if batch.orders:
            _send(run, connector, batch)
    with transaction() as session:
        own = ShippingSettings.integration_id == run.integration_id
        session.execute(sa.update(ShippingSettings).where(own).values(sent_until=settled))


def _next(run: Run, looked_at: set[int]) -> Batch:
    """The next orders as they are now; what need not be sent is noted at once."""
    with transaction() as session:
        run.keep(session)
        settings = session.get_one(ShippingSettings, run.integration_id)
        ids = outgoing_due.due_orders(session, settings, AT_ONCE, looked_at)
        wanting.hold_orders(session, ids)  # nobody is changing one: what its timeline says is what is read
        rows = _rows(session, run.integration_id, ids)
        told = _shipped_there(session, run.integration_id, ids)
        orders = outgoing_orders.build(session, settings, ids)
        lines = {key: line for key, (line, _) in outgoing_orders.last_changes(session, ids).items()}
        to_send = []
        for order in orders:
            row = rows.get(order.order_id)
            is_same = row is not None and row.digest == _digest(order)
            if not is_same and _is_to_send(order, row, is_shipped_there=order.order_id in told):
                to_send.append(replace(order, external_id=row.external_id if row else ""))
            else:
                _note(session, run.integration_id, row, order, lines.get(order.order_id, 0))
        return Batch(ids, to_send, lines)


def _is_to_send(order: OutgoingOrder, row: HandedOrder | None, *, is_shipped_there: bool) -> bool:
    """Not what the program itself told us of, and nothing that is over before it ever went."""
    if order.stage in (Stage.SHIPPED, Stage.CANCELLED) and (row is None or row.handed_at is None):
        return False
    return not is_shipped_there or order.stage is Stage.CANCELLED


def _send(run: Run, connector: SendsOrders, batch: Batch) -> None:
    answers: list[SentOrder] = []
    try:
        answers.extend(run.before_each(connector.send_orders(batch.orders)))
    finally:
        _keep(run, batch, answers)


def _keep(run: Run, batch: Batch, answers: Iterable[SentOrder]) -> None:
    """Write the answers down. Where another runner took over, it sends these again."""
    orders = {order.order_id: order for order in batch.orders}
    with transaction() as session:
        if not run.renew(session):
            return
        rows = _rows(session, run.integration_id, list(orders))
        for answer in answers:
            order, row = orders[answer.order_id], rows.get(answer.order_id)
            _note(session, run.integration_id, row, order, batch.lines.get(answer.order_id, 0), answer)
            run.count("refused" if answer.refusal else "sent")
        run.progress(session, sum(run.counts.values()), None)


def _note(
    session: Session,
    integration_id: int,
    row: HandedOrder | None,
    order: OutgoingOrder,
    line: int,
    answer: SentOrder | None = None,
) -> None:
    """Keep what became of an order up to this line of its timeline; without an answer it was not sent."""
    if row is None:
        row = HandedOrder(integration_id=integration_id, order_id=order.order_id, external_id="")
        session.add(row)
    row.event_id, row.problem, row.advice = line, "", ""
    if answer is None:
        return
    row.external_id = answer.external_id or row.external_id
    if answer.refusal:
        row.problem, row.advice, row.digest = answer.refusal, answer.advice, ""
    else:
        row.handed_at, row.stage, row.digest = utcnow(), order.stage.value, _digest(order)


def _digest(order: OutgoingOrder) -> str:
    """Of all that goes along: what people set in the program is lost with each going, so it goes for a reason."""
    return sha256(repr(replace(order, changed_at=order.placed_at, external_id="")).encode()).hexdigest()


def _rows(session: Session, integration_id: int, ids: Sequence[int]) -> dict[int, HandedOrder]:
    own = (HandedOrder.integration_id == integration_id, HandedOrder.order_id.in_(list(ids)))
    return {row.order_id: row for row in session.scalars(sa.select(HandedOrder).where(*own))}


def _shipped_there(session: Session, integration_id: int, ids: Sequence[int]) -> set[int]:
    """Those of which the program told a shipment that still counts: it knows, and takes no change of them any more."""
    query = (
        sa.select(ShipmentNotice.order_id)
        .join(Shipment, Shipment.id == ShipmentNotice.shipment_id)
        .where(ShipmentNotice.integration_id == integration_id, ShipmentNotice.order_id.in_(list(ids)))
        .where(Shipment.voided_at.is_(None))
    )
    return {key for key in session.scalars(query) if key is not None}
