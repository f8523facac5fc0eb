"""Feeds that a channel answers later: ask for the outcome, and give up at the deadline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa

from wholecell.channels.contract import Channel, PushesQuantities, QuantityChange
from wholecell.db import UtcDateTime, db, transaction, utcnow
from wholecell.models import Integration, Listing
from wholecell.services.connect import kinds_by
from wholecell.services.due import IS_UNSETTLED, Due, Reason
from wholecell.services.work import Run


def wait_for_answer(now: datetime) -> list[int]:
    """The integrations with a feed that may be asked about now."""
    return list(db.session.scalars(_waiting(), _pauses(now)))


def settle(run: Run, connector: PushesQuantities, channel: Channel) -> None:
    """Ask about each open feed of the integration that was not asked about lately."""
    now = utcnow()
    open_feeds = db.session.scalars(_open_feeds(), {"integration": run.integration_id, **_pauses(now)}).all()
    for receipt in open_feeds:
        _settle_one(run, connector, channel, receipt, now)


# The scheduler asks all the time: writing the questions down takes longer than asking them, so they are kept.


@cache
def _waiting() -> sa.Select[int]:
    return sa.select(Listing.integration_id).where(_to_ask()).distinct()


@cache
def _open_feeds() -> sa.Select[str]:
    its = Listing.integration_id == sa.bindparam("integration")
    return sa.select(Listing.receipt).where(its, _to_ask()).distinct()


def _kinds() -> Mapping[timedelta, Sequence[str]]:
    """Channels by how long each is left in peace about a feed."""
    return kinds_by(lambda channel: channel.receipt_every)


def _pauses(now: datetime) -> dict[str, datetime]:
    return {f"asked_before_{number}": now - pause for number, pause in enumerate(_kinds())}


def _to_ask() -> sa.ColumnElement[bool]:
    """A feed that was not asked about for as long as its channel is left in peace."""
    by_kind = [
        sa.and_(
            Listing.receipt_asked_at <= sa.bindparam(f"asked_before_{number}", type_=UtcDateTime()),
            Listing.integration_id.in_(sa.select(Integration.id).where(Integration.kind.in_(names))),
        )
        for number, names in enumerate(_kinds().values())
    ]
    return sa.and_(IS_UNSETTLED, Listing.receipt != "", sa.or_(*by_kind))


def _settle_one(run: Run, connector: PushesQuantities, channel: Channel, receipt: str, now: datetime) -> None:
    from wholecell.services import push

    waiting = list(
        db.session.execute(
            sa.select(Listing.id, Listing.external_id, Listing.sku, Listing.receipt_number, Listing.last_synced)
            .where(Listing.integration_id == run.integration_id, Listing.receipt == receipt)
            .order_by(Listing.id)
        )
    )
    changes = [QuantityChange(row.external_id, row.sku, row.receipt_number or 0, False) for row in waiting]
    run.keep()
    outcomes = connector.push_outcomes(receipt, changes)
    # A channel may read each listing for its outcome: many calls, each within the lease.
    results = None if outcomes is None else list(run.before_each(outcomes))
    answered = {result.external_id for result in results or ()}
    claimed = [
        Due(row.id, row.external_id, row.sku, row.receipt_number or 0, row.last_synced, Reason.RISE)
        for row in waiting
        if row.external_id in answered
    ]
    overtaken = _close(run, receipt, [due.listing_id for due in claimed], now, channel)
    if results:
        push.answer(run, channel, claimed, results)
    _doubt(overtaken)


def _close(run: Run, receipt: str, answered: list[int], now: datetime, channel: Channel) -> list[int]:
    """Take the receipt off what was answered or is past the deadline; the rest is asked again later.

    Returns the listings that got a single call while the feed was open: which of both came last is unknown.
    """
    ours = (Listing.integration_id == run.integration_id) & (Listing.receipt == receipt)
    is_late = Listing.receipt_at <= now - channel.receipt_deadline
    closed = {"receipt": "", "receipt_asked_at": None}
    with transaction() as session:
        is_closing = sa.or_(Listing.id.in_(answered), is_late)
        overtaken = session.scalars(
            sa.select(Listing.id).where(ours, is_closing, Listing.answered_at > Listing.receipt_at)
        ).all()
        session.execute(sa.update(Listing).where(ours, Listing.id.in_(answered)).values(closed))
        session.execute(sa.update(Listing).where(ours, is_late).values(**closed, is_number_unknown=True))
        session.execute(sa.update(Listing).where(ours).values(receipt_asked_at=now))
        return list(overtaken)


def _doubt(listing_ids: list[int]) -> None:
    with transaction() as session:
        session.execute(sa.update(Listing).where(Listing.id.in_(listing_ids)).values(is_number_unknown=True))
