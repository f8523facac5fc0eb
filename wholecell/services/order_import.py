"""Import orders: what the channel has that is new or changed, page by page. No order is ever dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from wholecell.channels.contract import (
    Channel,
    ImportsOrders,
    OrderPage,
    OrderWindow,
    RemoteOrder,
    TemporaryError,
    UnreadableOrder,
)
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, SalesOrder
from wholecell.services import customers, erased_buyers, order_errors, order_status, sales_channels
from wholecell.services.availability_sql import open_orders
from wholecell.services.bulk import chunks
from wholecell.services.connect import channel_of
from wholecell.services.order_saving import Saved, hold_settings, save_orders
from wholecell.services.vault import Vault
from wholecell.services.work import Run

REREAD_AFTER = timedelta(hours=1)  # open orders are read by their id when nothing was heard of them for so long
MOST_REREAD = 300  # in one import, the oldest reading first
AT_ONCE = 50  # ids asked for together
MOST_FAILURES = 3  # readings by id that may fail before the run waits

log = structlog.get_logger(__name__)


def import_orders(
    run: Run, connector: ImportsOrders, vault: Vault | None, when_read: Callable[[], None] = lambda: None
) -> None:
    """Read what is new, then again by id what could not be stored, what waits long, and what goes back to open.

    The mark up to which changes were read moves only after the last page; nothing that fails after it moves it back.
    `when_read` is called then: what was sold must not wait for the calls that come after it.
    """
    began = utcnow()
    integration = db.session.get_one(Integration, run.integration_id, populate_existing=True)
    channel = channel_of(integration)
    with transaction() as session:
        prepare(session, integration.id, channel)
    reading, minimum = _Reading(run, vault), integration.order_minimum_at
    is_first = integration.orders_changed_until is None
    for window in list(windows(integration, channel)):  # as things are now, whatever is saved meanwhile
        reading.take(_drawn(run, connector.orders(window)))
    read_from = min(began, reading.began_at or began)
    if is_first:
        reading.take(_by_id(run, connector, _left_by_another(run.integration_id, read_from)))
    _finish(run, read_from, minimum)
    when_read()
    _retry_errors(reading, connector, began)
    unheard_of = _unheard_of(run.integration_id, began)
    reading.take(_by_id(run, connector, unheard_of))
    _note_unknown(run.integration_id, set(unheard_of) - reading.met, began)
    reading.take(_by_id(run, connector, sorted(reading.to_read_again)))


def windows(integration: Integration, channel: Channel) -> Iterator[OrderWindow]:
    """What to read: at first the open orders, later what changed; and once what was placed since the minimum date."""
    since, minimum = integration.orders_changed_until, integration.order_minimum_at
    if since is None:
        yield OrderWindow(is_open_only=True, with_channel_fulfilled=integration.imports_channel_fulfilled)
    else:
        overlapping = since - channel.order_overlap
        yield OrderWindow(changed_since=overlapping, with_channel_fulfilled=integration.imports_channel_fulfilled)
    placed_from = integration.orders_placed_from
    if minimum is not None and (placed_from is None or minimum < placed_from):
        yield OrderWindow(placed_since=minimum, with_channel_fulfilled=integration.imports_channel_fulfilled)


def prepare(session: Session, integration_id: int, channel: Channel) -> None:
    """What orders of an integration refer to is there from now on: its channel's name, its words, its customer."""
    sales_channels.ensure(session, channel.name)
    order_status.ensure_map(session, integration_id, channel)
    customers.find_or_create(session, channel.label, is_channel=True)


def _finish(run: Run, began: datetime, minimum: datetime | None) -> None:
    """All pages were read: the next import goes on from when this one began, and waiting rises may go.

    `minimum` is the minimum date they were read by: one that was saved meanwhile is still to be read.
    """
    with transaction() as session:
        integration = session.get_one(Integration, run.integration_id, with_for_update={"key_share": True})
        run.keep(session)
        integration.orders_changed_until = integration.orders_imported_from = began
        integration.orders_imported_at = utcnow()
        if minimum is not None:
            integration.orders_placed_from = min(minimum, integration.orders_placed_from or minimum)


class _Reading:
    """Takes in pages and keeps count of them for the run."""

    def __init__(self, run: Run, vault: Vault | None) -> None:
        self._run = run
        self._vault = vault
        self._done = 0
        self._before = 0  # what was done when the present list began
        self.to_read_again: set[str] = set()
        self.met: set[str] = set()
        self.began_at: datetime | None = None  # when an earlier run, which had to wait, began with it

    def take(self, pages: Iterable[OrderPage]) -> None:
        """Store each page as it arrives, in a transaction of its own."""
        for page in pages:
            if page.page == 1:
                self._before = self._done
            if page.reading_began_at is not None:
                self.began_at = min(page.reading_began_at, self.began_at or page.reading_began_at)
            self._done += len(page.orders) + len(page.unreadable)
            total = None if page.total is None else max(self._before + page.total, self._done)
            self._save(page, total)
            self.met |= {order.external_id for order in page.orders} | {row.external_id for row in page.unreadable}

    def _save(self, page: OrderPage, total: int | None) -> None:
        run = self._run
        try:
            with transaction() as session:
                hold_settings(session, run.integration_id)
                run.keep(session)
                saved = save_orders(session, run.integration_id, page.orders, page.began_at)
                self._close(session, page, saved, (), total)
        except sa.exc.OperationalError:
            raise  # the database was busy or away: the orders are not the cause
        except (sa.exc.SQLAlchemyError, ValueError, TypeError, ArithmeticError) as error:
            log.warning("page of orders failed", integration=run.integration_id, error=type(error).__name__)
            self._save_one_by_one(page, total)

    def _save_one_by_one(self, page: OrderPage, total: int | None) -> None:
        """Some order of the page cannot be stored: find out which, and store the others."""
        run, together, refused = self._run, Saved(), []
        with transaction() as session:
            integration = hold_settings(session, run.integration_id)
            run.keep(session)
            buyers = {order.buyer for order in page.orders} - {""}
            erased = erased_buyers.among(session, integration.kind, buyers)
            for order in page.orders:
                try:
                    with session.begin_nested():
                        saved = save_orders(session, run.integration_id, [order], page.began_at)
                except sa.exc.OperationalError:
                    raise
                except (sa.exc.SQLAlchemyError, ValueError, TypeError, ArithmeticError) as error:
                    row = _refused(order, error)
                    refused.append(replace(row, payload="") if order.buyer in erased else row)
                    continue
                together.counts += saved.counts
                together.to_read_again += saved.to_read_again
            self._close(session, page, together, refused, total)

    def _close(
        self,
        session: sa.orm.Session,
        page: OrderPage,
        saved: Saved,
        refused: Sequence[UnreadableOrder],
        total: int | None,
    ) -> None:
        run, failed = self._run, [*page.unreadable, *refused]
        order_errors.note(session, run.integration_id, failed, self._vault)
        stored = {order.external_id for order in page.orders} - {each.external_id for each in failed}
        order_errors.resolve(session, run.integration_id, stored)
        counts = {**saved.counts, "not stored": len(failed)}
        for name, count in counts.items():
            run.count(name, count)
        self.to_read_again |= set(saved.to_read_again)
        run.progress(session, self._done, total)


def _refused(order: RemoteOrder, error: Exception) -> UnreadableOrder:
    # The text of a database's error repeats values, names and addresses among them: only its kind is told.
    kind = type(error.orig).__name__ if isinstance(error, sa.exc.DBAPIError) else type(error).__name__
    return order_errors.as_unreadable(
        order, f"The order holds a value that cannot be stored ({kind}). It is tried again with each import."
    )


def _drawn(run: Run, pages: Iterable[OrderPage]) -> Iterator[OrderPage]:
    """Draw pages, each of which may be a call: the lease is renewed before the first, and by storing each."""
    run.keep()
    yield from pages


def _by_id(run: Run, connector: ImportsOrders, ids: Sequence[str]) -> Iterator[OrderPage]:
    """Read single orders again. One that the channel cannot answer does not keep the others from being read."""
    failures = 0
    for chunk in chunks(ids, AT_ONCE):
        try:
            yield from _drawn(run, connector.orders_by_id(chunk))
            continue
        except TemporaryError as error:
            if error.retry_after is not None:
                raise
        for external_id in chunk:
            try:
                yield from _drawn(run, connector.orders_by_id([external_id]))
            except TemporaryError as error:
                failures += 1
                if error.retry_after is not None or failures >= MOST_FAILURES:
                    raise
                run.count("not read again")


def _retry_errors(reading: _Reading, connector: ImportsOrders, began: datetime) -> None:
    run = reading._run
    ids = order_errors.to_retry(db.session(), run.integration_id, began)
    reading.take(_by_id(run, connector, ids))
    if gone := set(ids) - reading.met:
        with transaction() as session:
            order_errors.note_gone(session, run.integration_id, gone)


def _unheard_of(integration_id: int, began: datetime) -> list[str]:
    """Open orders to read again: those read long ago, and those whose changes the channel gives no time of."""
    is_old = SalesOrder.read_at < began - REREAD_AFTER
    is_silent = sa.and_(SalesOrder.channel_changed_at.is_(None), SalesOrder.read_at < began)
    return _open_orders(integration_id, sa.or_(is_old, is_silent), MOST_REREAD)


def _note_unknown(integration_id: int, ids: set[str], began: datetime) -> None:
    """The channel does not know these any more: they are asked for again when the others had their turn."""
    for chunk in chunks(sorted(ids)):
        with transaction() as session:
            own = (SalesOrder.integration_id == integration_id) & SalesOrder.external_id.in_(chunk)
            session.execute(sa.update(SalesOrder).where(own).values(read_at=began))


def _left_by_another(integration_id: int, began: datetime) -> list[str]:
    """Open orders that an earlier first import stored before it was cut off, and that this one did not meet.

    They are not open at the channel any more, and what changed before this one began is read by none after it.
    """
    return _open_orders(integration_id, SalesOrder.read_at < began, None)


def _open_orders(integration_id: int, which: sa.ColumnElement[bool], limit: int | None) -> list[str]:
    query = (
        sa.select(SalesOrder.external_id)
        .where(SalesOrder.integration_id == integration_id, SalesOrder.id.in_(open_orders()), which)
        .where(SalesOrder.external_id.is_not(None))
        .order_by(SalesOrder.read_at, SalesOrder.id)
        .limit(limit)
    )
    return [key for key in db.session.scalars(query) if key is not None]
