"""The guard: when one slip would empty or raise many listings at once, those numbers wait for a person.

It looks at causes (services.recompute.Cause): an order, a commitment, a scan or one phone's edit never waits.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import ListingState
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, Listing, OfferChange
from wholecell.services.bulk import chunks, table
from wholecell.services.events import Actor, record

WINDOW = timedelta(minutes=10)
SHARE = 30  # percent of the connected listings that are active or out of stock
LEAST = 5


@dataclass(frozen=True, slots=True)
class Held:
    """What waits on one integration."""

    rises: int
    zeros: int
    causes: tuple[str, ...]
    batches: tuple[int, ...]

    @property
    def total(self) -> int:
        """How many listings wait."""
        return self.rises + self.zeros


def is_guarded_change(old: int | None, new: int | None) -> bool:
    """Whether a change of the offered number is of the two kinds the guard looks at."""
    if new is None:
        return False
    return new > (old or 0) or (new == 0 and (old or 0) > 0)


def is_many(changed: int, connected: int) -> bool:
    """More than 30 % of the connected listings, and at least 5."""
    return changed >= LEAST and changed * 100 > connected * SHARE


def hold_if_many(session: Session, integration_ids: Collection[int], now: datetime) -> list[int]:
    """Hold back unsent guarded numbers of integrations that had too many within the window; returns which.

    Runs in the transaction that computed the numbers, so none of the batch has left before it is counted.
    """
    held = []
    for integration_id in sorted(integration_ids):
        integration = session.get_one(Integration, integration_id)
        if not integration.is_armed:
            continue
        since = max(now - WINDOW, integration.guard_released_at or now - WINDOW)
        changed = _changed_since(integration_id, since)
        if is_many(_count(session, changed), _connected(session, integration_id)):
            _hold(session, changed)
            held.append(integration_id)
    return held


def _changed_since(integration_id: int, since: datetime) -> sa.Select[Any]:
    return (
        sa.select(OfferChange.listing_id)
        .where(OfferChange.integration_id == integration_id, OfferChange.at > since, OfferChange.is_guarded)
        .distinct()
    )


def _count(session: Session, listing_ids: sa.Select[Any]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(listing_ids.subquery())) or 0


def _connected(session: Session, integration_id: int) -> int:
    return (
        session.scalar(
            sa.select(sa.func.count()).where(
                Listing.integration_id == integration_id,
                Listing.is_connected,
                Listing.is_pushable,
                Listing.state.in_([ListingState.ACTIVE.value, ListingState.OUT_OF_STOCK.value]),
            )
        )
        or 0
    )


def _hold(session: Session, listing_ids: sa.Select[Any]) -> None:
    known = sa.func.coalesce(Listing.last_synced, Listing.last_imported, 0)
    waiting = sa.update(Listing).where(Listing.id.in_(listing_ids), Listing.is_connected)
    session.execute(waiting.where(Listing.last_offered > known).values(held="rise"))
    session.execute(waiting.where(Listing.last_offered == 0, known > 0).values(held="zero"))


def drop_settled(session: Session, listing_ids: Collection[int]) -> None:
    """Let go of what no longer waits: a held rise that is none any more, a held 0 that became a number."""
    for chunk in chunks(listing_ids, 5000):  # a statement takes only so many values, and this may be every listing
        session.connection().execute(_LET_GO, {"listings": chunk})


_LISTING = table(Listing)
_KNOWN = sa.func.coalesce(_LISTING.c.last_synced, _LISTING.c.last_imported, 0)
_LET_GO = (
    sa.update(_LISTING)
    .where(
        _LISTING.c.id.in_(sa.bindparam("listings", expanding=True)),
        _LISTING.c.held.is_not(None),
        sa.or_(
            sa.and_(_LISTING.c.held == "rise", _LISTING.c.last_offered <= _KNOWN),
            sa.and_(_LISTING.c.held == "zero", _LISTING.c.last_offered != 0),
            _LISTING.c.is_connected.is_(False),
        ),
    )
    .values(held=None)
)


def held_on(integration_id: int) -> Held | None:
    """What waits on this integration and what caused it, or None."""
    rises, zeros = db.session.execute(
        sa.select(
            sa.func.count(sa.case((Listing.held == "rise", 1))), sa.func.count(sa.case((Listing.held == "zero", 1)))
        ).where(Listing.integration_id == integration_id, Listing.held.is_not(None))
    ).one()
    if not rises + zeros:
        return None
    waiting = sa.select(Listing.id).where(Listing.integration_id == integration_id, Listing.held.is_not(None))
    changes = db.session.execute(
        sa.select(OfferChange.cause, OfferChange.batch_id)
        .where(OfferChange.listing_id.in_(waiting), OfferChange.is_guarded)
        .distinct()
    ).all()
    causes = tuple(sorted({cause for cause, _ in changes}))
    return Held(rises, zeros, causes, tuple(sorted({batch for _, batch in changes if batch is not None})))


def release(integration_id: int, actor: Actor) -> int:
    """Send what waits: a person looked and agreed. Returns how many listings it frees."""
    with transaction() as session:
        freed = session.execute(
            sa.update(Listing)
            .where(Listing.integration_id == integration_id, Listing.held.is_not(None))
            .values(held=None)
        ).rowcount  # type: ignore[attr-defined]
        session.get_one(Integration, integration_id).guard_released_at = utcnow()
        record(session, actor, "integration", integration_id, "guard released", new=freed)
        return int(freed)
