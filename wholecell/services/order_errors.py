"""Orders that could not be stored: kept with the reason, shown, and asked for again by their id."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import RemoteOrder, UnreadableOrder
from wholecell.db import transaction, utcnow
from wholecell.models import OrderImportError
from wholecell.services.bulk import chunks, table
from wholecell.services.order_fields import text
from wholecell.services.vault import Vault

KEPT_FOR = timedelta(days=30)
LONGEST_REASON = 1000
MOST_AT_ONCE = 100  # asked for again in one import, those that waited longest first
NO_ID = "no id "  # stands before what nothing can ask for again
GONE = "The channel does not have this order any more."

_ERROR = table(OrderImportError)
_RESOLVE = sa.delete(_ERROR).where(  # built once, for it runs with every page
    _ERROR.c.integration_id == sa.bindparam("integration"),
    _ERROR.c.external_id.in_(sa.bindparam("orders", expanding=True)),
)


def as_unreadable(order: RemoteOrder, reason: str) -> UnreadableOrder:
    """An order that was read but could not be stored."""
    return UnreadableOrder(order.external_id, reason, json.dumps(asdict(order), default=str, ensure_ascii=False))


def note(session: Session, integration_id: int, refused: Sequence[UnreadableOrder], vault: Vault | None) -> None:
    """Keep what could not be stored, in the caller's transaction. One that a person dismissed comes back."""
    if not refused:
        return
    now = utcnow()
    rows = {_key(each): each for each in refused}
    known = {
        row.external_id: row
        for row in session.scalars(
            sa.select(OrderImportError).where(
                OrderImportError.integration_id == integration_id, OrderImportError.external_id.in_(list(rows))
            )
        )
    }
    for key, each in rows.items():
        row = known.get(key)
        if row is None:
            row = OrderImportError(integration_id=integration_id, external_id=key, first_at=now, tries=0)
            session.add(row)
        row.reason = text(each.reason, LONGEST_REASON)
        row.last_at, row.tries, row.dismissed_at = now, row.tries + 1, None
        row.payload = _sealed(each.payload, vault) if now - row.first_at < KEPT_FOR else ""
    session.flush()


def _key(refused: UnreadableOrder) -> str:
    """Its id; one without is told from others by what it says."""
    digest = hashlib.sha256(refused.payload.encode("utf-8", "replace")).hexdigest()[:16]
    return text(refused.external_id, 120) or f"{NO_ID}{digest}"


def _sealed(payload: str, vault: Vault | None) -> str:
    return vault.close({"order": payload}) if vault is not None else ""


def payload_of(error: OrderImportError, vault: Vault) -> str:
    """What the channel sent; blank when it was emptied. Raises VaultError when no key fits."""
    return vault.open(error.payload).get("order", "")


def resolve(session: Session, integration_id: int, external_ids: Collection[str]) -> int:
    """Forget errors of orders that are stored now, in the caller's transaction; returns how many."""
    resolved = 0
    for chunk in chunks(external_ids):
        resolved += session.connection().execute(_RESOLVE, {"integration": integration_id, "orders": chunk}).rowcount
    return resolved


def to_retry(session: Session, integration_id: int, before: datetime) -> list[str]:
    """Orders to ask for again: those not dismissed that this import has not met yet."""
    query = (
        sa.select(OrderImportError.external_id)
        .where(
            OrderImportError.integration_id == integration_id,
            OrderImportError.dismissed_at.is_(None),
            OrderImportError.last_at < before,
            OrderImportError.external_id.not_like(f"{NO_ID}%"),
        )
        .order_by(OrderImportError.last_at, OrderImportError.id)
        .limit(MOST_AT_ONCE)
    )
    return list(session.scalars(query))


def note_gone(session: Session, integration_id: int, external_ids: Collection[str]) -> None:
    """The channel does not know these any more: say so, and let others be asked for first."""
    session.execute(
        sa.update(OrderImportError)
        .where(OrderImportError.integration_id == integration_id, OrderImportError.external_id.in_(list(external_ids)))
        .values(reason=GONE, last_at=utcnow(), tries=OrderImportError.tries + 1)
    )


def forget_payloads(now: datetime | None = None) -> None:
    """Empty what the channel sent once it was kept long enough."""
    old = OrderImportError.first_at < (now or utcnow()) - KEPT_FOR
    with transaction() as session:
        session.execute(sa.update(OrderImportError).where(old, OrderImportError.payload != "").values(payload=""))
