"""Send due quantities: the only place from which a number leaves for a channel.

The number about to be sent is committed as *sending* before the call, and cleared by the answer. Left behind
by a run that died, it means the channel's number is unknown, and unknown is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import (
    Channel,
    ListingState,
    Outcome,
    PushesQuantities,
    PushResult,
    QuantityChange,
    RejectedError,
    TemporaryError,
    WaitingError,
)
from wholecell.db import db, transaction, utcnow
from wholecell.models import Listing, QuantityPush
from wholecell.services import readings, receipts, work
from wholecell.services.bulk import table
from wholecell.services.due import IS_UNSETTLED, Due, Reason, due_listings
from wholecell.services.work import Run

# After this many calls the decision is made anew, so that a fresh drop to 0 overtakes the raises.
CALLS_BEFORE_LOOKING = 20


_LISTING = table(Listing)
_MARK = (
    sa.update(_LISTING)
    .where(_LISTING.c.id == sa.bindparam("listing"), _LISTING.c.last_offered >= sa.bindparam("number"))
    .where(_LISTING.c.sending.is_(None))
    .values(sending=sa.bindparam("number"))
)


def push_quantities(run: Run, connector: PushesQuantities, channel: Channel) -> None:
    """Send all that is due, then return. Raises what ends the run: see services.sync."""
    recover(run)
    receipts.settle(run, connector, channel)
    total = 0
    while due := due_listings(run.integration_id, utcnow()):
        total = max(total, run.counts.get("sent", 0) + len(due))
        if not _send_some(run, connector, channel, due, total):
            return


def recover(run: Run) -> None:
    """What a dead run left as *sending* may or may not have reached the channel: unknown."""
    left = db.session.execute(_left_sending(), {"integration": run.integration_id}).all()
    if not left:  # and while this run has the lease, nobody else begins to send
        return
    with transaction() as session:
        for row in left:
            due = Due(row.id, row.external_id, row.sku, row.sending or 0, row.last_synced, Reason.UNKNOWN)
            _record(session, run, due, "unknown", "The program stopped before the answer.")
        session.execute(
            sa.update(Listing)
            .where(Listing.id.in_([row.id for row in left]))
            .values(sending=None, is_number_unknown=True)
        )


@cache
def _left_sending() -> sa.Select[int, str, str, int | None, int | None]:
    return sa.select(Listing.id, Listing.external_id, Listing.sku, Listing.sending, Listing.last_synced).where(
        IS_UNSETTLED, Listing.integration_id == sa.bindparam("integration"), Listing.sending.is_not(None)
    )


def _send_some(run: Run, connector: PushesQuantities, channel: Channel, due: Sequence[Due], total: int) -> bool:
    """Make a few calls; returns whether any number left, so that a listing nobody may send cannot spin the loop."""
    by_id = {each.external_id: each for each in due}
    changes = [QuantityChange(d.external_id, d.sku, d.number, d.is_fall) for d in due]
    sent = False
    for group in islice(connector.plan(changes), CALLS_BEFORE_LOOKING):
        claimed = _mark_sending(run, [by_id[change.external_id] for change in group], total)
        if claimed:
            sent = True
            ids = {each.external_id for each in claimed}
            try:
                _call(run, connector, channel, claimed, [change for change in group if change.external_id in ids])
            except WaitingError as error:
                if any(each.is_urgent for each in claimed):
                    raise
                # A fall that comes up meanwhile must not wait with them.
                work.put_off_rises(run, error.message, error.retry_after or 0.0)
                return True
    return sent


def _mark_sending(run: Run, group: Sequence[Due], total: int) -> list[Due]:
    """Commit what is about to be sent; what fell, was held or disarmed meanwhile is left for the next look."""
    with transaction() as session:
        run.keep(session)
        run.progress(session, run.counts.get("sent", 0), total)
        still = due_listings(run.integration_id, utcnow(), only=[due.listing_id for due in group])
        numbers = {due.listing_id: due.number for due in still}
        claimed = []
        for due in group:
            if numbers.get(due.listing_id, -1) < due.number:
                continue
            if session.connection().execute(_MARK, {"listing": due.listing_id, "number": due.number}).rowcount:
                claimed.append(due)
        return claimed


def _call(
    run: Run, connector: PushesQuantities, channel: Channel, claimed: Sequence[Due], changes: Sequence[QuantityChange]
) -> None:
    """One call and its answer. An error that ends the run is raised after what is known was written down."""
    try:
        results = list(connector.push_quantities(changes))
    except RejectedError as error:
        results = [
            PushResult(c.external_id, Outcome.REJECTED, answer=error.message, advice=error.advice, gone=error.gone)
            for c in changes
        ]
    except TemporaryError as error:
        _not_answered(run, claimed, "unknown" if error.maybe_applied else "not sent", error.message)
        raise
    except Exception as error:
        _not_answered(run, claimed, "unknown", getattr(error, "message", "The answer could not be read."))
        raise
    answer(run, channel, claimed, results)


def _not_answered(run: Run, claimed: Sequence[Due], outcome: str, words: str) -> None:
    with transaction() as session:
        if not run.renew(session):
            _too_late(session, run, claimed)
            return
        for due in claimed:
            _record(session, run, due, outcome, words)
        values: dict[str, Any] = {"sending": None}
        if outcome == "unknown":
            values["is_number_unknown"] = True
        session.execute(sa.update(Listing).where(Listing.id.in_([d.listing_id for d in claimed])).values(values))


def answer(run: Run, channel: Channel, claimed: Sequence[Due], results: Iterable[PushResult]) -> None:
    """Write down what the channel said to each number; one it did not mention is unknown."""
    now = utcnow()
    said = {result.external_id: result for result in results}
    with transaction() as session:
        if not run.renew(session):
            _too_late(session, run, claimed)
            return
        rows = {
            row.id: row
            for row in session.scalars(
                sa.select(Listing)
                .where(Listing.id.in_([d.listing_id for d in claimed]))
                .order_by(Listing.id)
                .with_for_update()
            )
        }
        for due in claimed:
            result, listing = said.get(due.external_id), rows[due.listing_id]
            listing.sending = None
            run.count("sent")
            if result is None:
                listing.is_number_unknown = True
                _record(session, run, due, "unknown", "The answer did not mention this listing.")
                continue
            take_in(listing, due.number, due.reason, result, channel, now)
            run.count(result.outcome.value)
            _record(session, run, due, result.outcome.value, result.answer, result.stored)


def _too_late(session: Session, run: Run, claimed: Sequence[Due]) -> None:
    """Another runner took over during the call, and may have sent a number of its own: which came last is unknown."""
    for due in claimed:
        _record(session, run, due, "unknown", "The answer came after another run had taken over.")
    ids = [due.listing_id for due in claimed]
    session.execute(sa.update(Listing).where(Listing.id.in_(ids)).values(is_number_unknown=True))


def take_in(listing: Listing, number: int, reason: Reason, result: PushResult, channel: Channel, now: datetime) -> None:
    """Change the listing's facts by one answer."""
    if result.outcome is Outcome.ACCEPTED:
        accepted(listing, number, reason, result.stored, channel, now)
    elif result.outcome is Outcome.PENDING:
        listing.receipt, listing.receipt_number, listing.receipt_at = result.receipt, number, now
        listing.receipt_asked_at = now
    elif result.outcome is Outcome.UNKNOWN:
        listing.is_number_unknown = True
    else:
        listing.rejected_at, listing.rejected_number = now, number
        listing.rejected_words, listing.rejected_advice = result.answer, result.advice
        if result.gone:
            listing.state, listing.state_reason = ListingState.ENDED.value, result.answer


def accepted(
    listing: Listing, number: int, reason: Reason, stored: int | None, channel: Channel, now: datetime
) -> None:
    """The channel took the number. A different one it says it stored counts as a reading of this moment."""
    listing.last_synced, listing.answered_at, listing.settled_at = number, now, now + channel.settle
    listing.is_number_unknown = False
    listing.rejected_at, listing.rejected_number = None, None
    listing.rejected_words = listing.rejected_advice = ""
    listing.tries += reason is Reason.LESS_SHOWN
    listing.less_shown, listing.less_shown_at, listing.is_less_confirmed = None, None, False
    if stored is not None:
        listing.last_imported, listing.last_imported_at = stored, now
        if listing.state in {ListingState.ACTIVE.value, ListingState.OUT_OF_STOCK.value}:
            # Only the quantity parts the two.
            listing.state = (ListingState.ACTIVE if stored else ListingState.OUT_OF_STOCK).value
        if stored != number:
            readings.compare(listing, stored, now, (False, None))


def _record(session: Session, run: Run, due: Due, outcome: str, words: str, stored: int | None = None) -> None:
    session.add(
        QuantityPush(
            listing_id=due.listing_id,
            integration_id=run.integration_id,
            run_id=run.run_id,
            at=utcnow(),
            old=due.known,
            new=due.number,
            reason=due.reason.value,
            outcome=outcome,
            stored=stored,
            answer=words[:2000],
        )
    )


def try_again(listing_id: int) -> None:
    """Forget a refusal: a person pressed *try again*."""
    with transaction() as session:
        session.execute(
            sa.update(Listing).where(Listing.id == listing_id).values(rejected_at=None, rejected_number=None, tries=0)
        )


def last_pushes(listing_id: int, limit: int = 10) -> list[QuantityPush]:
    """The newest numbers sent for a listing, newest first."""
    query = sa.select(QuantityPush).where(QuantityPush.listing_id == listing_id)
    return list(db.session.scalars(query.order_by(QuantityPush.id.desc()).limit(limit)))
