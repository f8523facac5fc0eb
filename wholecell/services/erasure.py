"""A channel says that a buyer is to be forgotten: noted at once, done soon after by a job, once and for all."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from wholecell.db import db, is_sqlite, repeats_after_deadlock, transaction, utcnow
from wholecell.models import ErasureNotice, Integration, OrderImportError, SalesOrder
from wholecell.services import erased_buyers, order_errors
from wholecell.services.bulk import chunks, insert_new, table
from wholecell.services.erase_orders import ERASED, erase_orders
from wholecell.services.vault import Vault, VaultError

AT_ONCE = 100  # notices in one transaction: most are of people who never bought here
KEPT_FOR = timedelta(days=30)  # a notice that is done, to know it again when the channel repeats it
_NOTICE = table(ErasureNotice)

log = structlog.get_logger(__name__)


def receive(kind: str, notice_id: str, names: Collection[str]) -> bool:
    """Note that the buyer with these names is to be erased; False when this notice came before."""
    row = {"kind": kind, "notice_id": notice_id, "names": sorted(set(names)), "received_at": utcnow(), "orders": 0}
    with transaction() as session:
        return bool(insert_new(session, _NOTICE, [row], _NOTICE.c.id, unique=["kind", "notice_id"]))


def is_waiting() -> bool:
    """Whether a notice is still to be done."""
    return bool(db.session.scalar(sa.select(sa.exists().where(ErasureNotice.done_at.is_(None)))))


def erase_waiting(vault: Vault | None) -> int:
    """Do every notice that waits; gives how many orders were erased."""
    erased = 0
    while (orders := _next(vault)) is not None:
        erased += orders
    if erased:
        _drop_old_pages()
    return erased


@repeats_after_deadlock
def _next(vault: Vault | None) -> int | None:
    """Do the first notices that wait; gives the orders erased, None when none waits."""
    now = utcnow()
    with transaction() as session:
        waiting = sa.select(ErasureNotice).where(ErasureNotice.done_at.is_(None)).order_by(ErasureNotice.id)
        notices = session.scalars(waiting.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
        if not notices:
            return None
        for kind in sorted({notice.kind for notice in notices}):
            _erase(session, kind, [notice for notice in notices if notice.kind == kind], vault, now)
        session.execute(sa.delete(ErasureNotice).where(ErasureNotice.done_at < now - KEPT_FOR))
        orders = sum(notice.orders for notice in notices)
    log.info("buyers erased", notices=len(notices), orders=orders)
    return orders


def _erase(session: Session, kind: str, notices: Sequence[ErasureNotice], vault: Vault | None, now: datetime) -> None:
    integrations = hold_integrations(session, kind)
    names = {form: notice for notice in notices for name in notice.names for form in (name, name.lower())}
    erased_buyers.add(session, kind, names, now)
    found = _orders_of(session, integrations, names)
    erase_orders(session, found, now)
    _erase_errors(session, integrations, names, vault)
    for notice in notices:
        notice.orders = sum(names[buyer] is notice for buyer in found.values())
        notice.names, notice.done_at = [], now


def hold_integrations(session: Session, kind: str) -> Sequence[int]:
    """The integrations of a kind, locked until the transaction ends.

    Whoever saves a page of orders holds its integration: such pages are waited for, and later ones find the digests.
    """
    query = sa.select(Integration.id).where(Integration.kind == kind).order_by(Integration.id)
    return session.scalars(query.with_for_update()).all()


def _orders_of(session: Session, integrations: Sequence[int], names: Collection[str]) -> dict[int, str]:
    """The orders of these buyers that still tell of them, with the name that found each."""
    found: dict[int, str] = {}
    for chunk in chunks(names):
        # The index holds only orders with a buyer: the first condition lets it answer.
        query = sa.select(SalesOrder.id, SalesOrder.buyer).where(SalesOrder.buyer != "", SalesOrder.buyer.in_(chunk))
        found.update(session.execute(query.where(SalesOrder.integration_id.in_(integrations))).all())
    return found


def _erase_errors(session: Session, integrations: Sequence[int], names: Collection[str], vault: Vault | None) -> None:
    """Empty what the channel sent of orders that could not be stored, where it names one of them.

    What no key opens is emptied too: whom it names cannot be told.
    """
    error = OrderImportError
    kept = session.scalars(sa.select(error).where(error.integration_id.in_(integrations), error.payload != "")).all()
    named = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(names)), re.IGNORECASE)
    for each in kept:
        payload = _payload(each, vault)
        if payload is None or named.search(payload):
            each.payload = ""
        if named.search(each.reason):
            each.reason = ERASED


def _payload(error: OrderImportError, vault: Vault | None) -> str | None:
    if vault is not None:
        with suppress(VaultError):
            return order_errors.payload_of(error, vault)
    return None


def _drop_old_pages() -> None:
    """Let SQLite's log of changes go, which still holds what was there before."""
    if not is_sqlite():
        return
    connection = db.engine.raw_connection()
    try:
        # Not possible while somebody reads what is older: then the log is overwritten in its usual time.
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
