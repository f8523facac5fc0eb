"""Read the channel's numbers again, and only record them: what differs becomes due by itself."""

from __future__ import annotations

import sqlalchemy as sa

from wholecell.channels.contract import ListingState, ReadsQuantities
from wholecell.db import db, transaction
from wholecell.models import Listing
from wholecell.services.importing import take_reading
from wholecell.services.work import Run

MOST_AT_ONCE = 2000  # the rest is read by the next run, oldest reading first


def repair(run: Run, connector: ReadsQuantities) -> None:
    """Read connected listings by id, those pushed or sold since their last reading first.

    Those that are not ours to send come last: a seller may take back what the channel shipped.
    """
    ids = _oldest_readings(run.integration_id)
    found = iter(connector.quantities(ids))
    for done in range(len(ids) + 1):
        run.keep()
        reading = next(found, None)
        if reading is None:
            return
        with transaction() as session:
            take_reading(session, run, reading)
            run.progress(session, done + 1, len(ids))


def _oldest_readings(integration_id: int) -> list[str]:
    read = Listing.last_imported_at
    is_stale = sa.or_(Listing.answered_at >= read, Listing.order_seen_at >= read, read.is_(None))
    query = (
        sa.select(Listing.external_id)
        .where(
            Listing.integration_id == integration_id,
            sa.or_(Listing.is_connected, Listing.unfollowed_at.is_not(None)),
            Listing.state != ListingState.ENDED.value,
        )
        .order_by(sa.case((~Listing.is_pushable, 2), (is_stale, 0), else_=1), read, Listing.id)
        .limit(MOST_AT_ONCE)
    )
    return list(db.session.scalars(query))
