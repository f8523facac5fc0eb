"""Tell a channel about orders: that we accept them, which lines cannot be had, which shipments left.

A shipment is committed as *sending* before the call. Left behind by a run that died, or by a call that got no
answer, it means that the channel may know of it, and then the connector reads the order back before it repeats.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
import structlog

from wholecell.channels.contract import (
    AcceptsOrders,
    CancelsLines,
    ConfirmsShipments,
    Connector,
    RejectedError,
    RemoteOrder,
    TemporaryError,
)
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, OrderItem, SalesOrder, Shipment
from wholecell.services import sending_parcels
from wholecell.services.events import CHANNEL, record
from wholecell.services.order_saving import save_orders
from wholecell.services.sending_due import is_accept_due, is_cancel_due, is_shipment_due
from wholecell.services.work import Run

T = TypeVar("T")
log = structlog.get_logger(__name__)


def send(run: Run, connector: Connector) -> None:
    """Tell all that is wanted, accepts first, because shipments wait for them. Raises what ends the run."""
    telling = _Telling(run)
    if isinstance(connector, AcceptsOrders):
        telling.each(_orders_to_accept(run.integration_id), lambda row: _accept(run, connector, *row))
    if isinstance(connector, CancelsLines):
        telling.each(_lines_to_cancel(run.integration_id), lambda row: _cancel(run, connector, *row))
    if isinstance(connector, ConfirmsShipments):
        telling.each(_parcels_to_send(run.integration_id), lambda key: sending_parcels.send_one(run, connector, key))
    if telling.unanswered is not None:
        raise telling.unanswered


class _Telling:
    """What the channel cannot answer does not hold up the rest; two in a row do, of their kind.

    Every other run begins at the other end, so that two that can never be answered hold up nothing for ever.
    A channel that names a time to wait means all of us.
    """

    def __init__(self, run: Run) -> None:
        self.unanswered: TemporaryError | None = None  # the last one
        self._is_backwards = run.run_id % 2 == 0

    def each(self, todo: Sequence[T], tell: Callable[[T], None]) -> None:
        """Tell each of these."""
        is_answering = True
        for one in reversed(todo) if self._is_backwards else todo:
            try:
                tell(one)
            except TemporaryError as error:
                self.unanswered = error
                if error.retry_after is not None:
                    raise
                if not is_answering:
                    return
                is_answering = False
            else:
                is_answering = True


def _orders_to_accept(integration_id: int) -> list[tuple[int, str]]:
    query = sa.select(SalesOrder.id, SalesOrder.external_id).where(
        SalesOrder.integration_id == integration_id, SalesOrder.external_id.is_not(None), is_accept_due()
    )
    return [(row[0], row[1] or "") for row in db.session.execute(query.order_by(SalesOrder.id))]


def _lines_to_cancel(integration_id: int) -> list[tuple[int, str, str]]:
    query = (
        sa.select(OrderItem.id, SalesOrder.external_id, OrderItem.external_line_id)
        .join(SalesOrder, SalesOrder.id == OrderItem.order_id)
        .where(SalesOrder.integration_id == integration_id, OrderItem.external_line_id.is_not(None), is_cancel_due())
    )
    return [(row[0], row[1] or "", row[2] or "") for row in db.session.execute(query.order_by(OrderItem.id))]


def _parcels_to_send(integration_id: int) -> list[int]:
    """Those that may be there already come last: what the channel could not answer holds up nothing new."""
    query = (
        sa.select(Shipment.id)
        .join(SalesOrder, SalesOrder.id == Shipment.order_id)
        .join(Integration, Integration.id == SalesOrder.integration_id)
        .where(Integration.id == integration_id, Integration.sends_shipments, is_shipment_due())
    )
    return list(db.session.scalars(query.order_by(Shipment.state == "sending", Shipment.id)))


def _accept(run: Run, connector: AcceptsOrders, order_id: int, external_id: str) -> None:
    """Nothing has to be marked before: a connector reads the order first, and accepts only what still waits."""
    run.keep()
    began = utcnow()
    try:
        remote = connector.accept(external_id)
    except RejectedError as error:
        with transaction() as session:
            order = session.get_one(SalesOrder, order_id, with_for_update=True)
            order.accept_wanted_at, order.accept_problem = None, _words(error)
            record(session, CHANNEL, "order", order_id, "accept refused", new=error.message)
        run.count("refused")
        return
    with transaction() as session:
        order = session.get_one(SalesOrder, order_id, with_for_update=True)
        order.is_to_accept = remote is not None and remote.is_to_accept
        order.accept_wanted_at, order.accept_problem = None, ""
        record(session, CHANNEL, "order", order_id, "accepted")
    run.count("accepted")
    _take_in(run, remote, began)


def _cancel(run: Run, connector: CancelsLines, item_id: int, external_id: str, line_id: str) -> None:
    run.keep()
    began = utcnow()
    try:
        remote = connector.cancel_line(external_id, line_id)
    except RejectedError as error:
        with transaction() as session:
            item = session.get_one(OrderItem, item_id, with_for_update=True)
            item.cancel_problem = _words(error)
            record(session, CHANNEL, "order", item.order_id, "cancel refused", item.sku or item.title, error.message)
        run.count("refused")
        return
    with transaction() as session:
        item = session.get_one(OrderItem, item_id, with_for_update=True)
        item.cancel_wanted_at, item.cancel_problem = None, ""
        record(session, CHANNEL, "order", item.order_id, "line cancelled", item.sku or item.title, new_id=item.id)
    run.count("cancelled")
    _take_in(run, remote, began)


def _words(error: RejectedError) -> str:
    return f"{error.message.rstrip('. ')}. {error.advice}".strip()


def _take_in(run: Run, remote: RemoteOrder | None, began: datetime) -> None:
    """Keep the order as the channel answered. One that cannot be stored is told by the next import."""
    if remote is None:
        return
    try:
        with transaction() as session:
            save_orders(session, run.integration_id, [remote], began)
    except sa.exc.OperationalError:
        raise
    except (sa.exc.SQLAlchemyError, ValueError, TypeError, ArithmeticError) as error:
        # The text of a database's error repeats values, names and addresses among them.
        log.warning("order not stored", integration=run.integration_id, error=type(error).__name__)
