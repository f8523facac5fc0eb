"""The listings of a file, written down as an import writes those that a channel tells of, and taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import ListingState, RemoteListing
from wholecell.db import utcnow
from wholecell.models import Event, Integration, Listing, Upload, UploadRow
from wholecell.services import importing, recompute
from wholecell.services.bulk import chunks
from wholecell.services.events import Actor, event_row, record_many
from wholecell.services.recompute import Cause
from wholecell.services.upload_channel_sheets import hold_integration
from wholecell.services.upload_kinds import Applied, Stored

COMPLETE = "complete"  # the switch that says that a file holds all listings
_ENDED = "channel state"
_NOT_IN_FILE = "Not in the complete file uploaded last."
_STALE = "The listing changed after this sheet was read. Upload the sheet again."
_TAKEN_BACK = "The upload that brought it was taken back."


def missing(session: Session, integration_id: int, upload_id: int | None) -> Sequence[tuple[int, str]]:
    """The listings that a complete file does not hold, with their states; none for another file.

    Of what came after it was read, it cannot know.
    """
    upload = session.execute(sa.select(Upload.options, Upload.at).where(Upload.id == upload_id)).first()
    unreadable = sa.exists().where(
        UploadRow.upload_id == upload_id, UploadRow.outcome == "refused", UploadRow.target_id.is_(None)
    )
    # A row that names nobody may stand for any of them.
    if upload is None or not upload.options.get(COMPLETE) or session.scalar(sa.select(unreadable)):
        return []
    mine = (UploadRow.upload_id == upload_id) & (UploadRow.target_id == Listing.id)
    query = sa.select(Listing.id, Listing.state).where(
        Listing.integration_id == integration_id,
        Listing.state != ListingState.ENDED.value,
        Listing.first_seen_at <= upload.at,
        ~sa.exists().where(mine),
    )
    return [(row[0], row[1]) for row in session.execute(query.order_by(Listing.id).with_for_update())]


def apply(
    session: Session, actor: Actor, integration_id: int, upload_id: int | None, rows: Sequence[Stored]
) -> Applied:
    """Store the listings as an import would, and end what a complete file does not hold."""
    integration = _hold(session, integration_id)
    now, done = utcnow(), Applied()
    _end(session, actor, missing(session, integration_id, upload_id), _NOT_IN_FILE)
    done.conflicts = _stale(session, integration_id, rows)
    for chunk in chunks([row for row in rows if row.number not in done.conflicts]):
        found = [from_json(row.plan["after"]) for row in chunk]
        saved = importing.save_listings(session, integration, found, now, now, actor)
        for row, remote in zip(chunk, found, strict=True):
            if remote.external_id in saved.added:
                done.created[row.number] = saved.added[remote.external_id]
    integration.listings_read_at = now
    return done


def _stale(session: Session, integration_id: int, rows: Sequence[Stored]) -> dict[int, str]:
    """The rows whose listings are not as they were when the sheet was tried; the caller holds them."""
    found: dict[int, str] = {}
    session.expire_all()
    for chunk in chunks(rows):
        keys = [row.plan["after"]["external_id"] for row in chunk]
        query = sa.select(Listing).where(Listing.integration_id == integration_id, Listing.external_id.in_(keys))
        now = {each.external_id: record_of(each) for each in session.scalars(query)}
        for key, row in zip(keys, chunk, strict=True):
            before = row.plan["before"]
            if now.get(key) != (None if before is None else from_json(before)):
                found[row.number] = _STALE
    return found


def _hold(session: Session, integration_id: int) -> Integration:
    """Two sheets of one integration are applied one after the other, and all its listings wait for this one."""
    integration = hold_integration(session, integration_id)
    own = sa.select(Listing.id).where(Listing.integration_id == integration_id).order_by(Listing.id)
    session.execute(own.with_for_update())
    return integration


def _end(session: Session, actor: Actor, listings: Sequence[tuple[int, str]], why: str) -> None:
    values = {"state": ListingState.ENDED.value, "state_reason": why, "rejected_at": None}
    for chunk in chunks(listings):
        ids = [key for key, _ in chunk]
        ended = sa.update(Listing).where(Listing.id.in_(ids)).values(values)
        session.execute(ended, execution_options={"synchronize_session": False})
        record_many(session, actor, [event_row("listing", key, _ENDED, old, "ended") for key, old in chunk])
        recompute.request(session, Cause.CONNECTION, actor, listings=ids)


def undo(session: Session, actor: Actor, integration_id: int, rows: Sequence[Stored], batch_id: int) -> dict[int, str]:
    """Write back what the file changed, where nothing changed it since; what it brought is ended."""
    integration = _hold(session, integration_id)
    now, kept = utcnow(), dict[int, str]()
    session.expire_all()
    _bring_back(session, actor, batch_id, {row.target_id for row in rows})
    for chunk in chunks(rows):
        ids = [row.target_id for row in chunk]
        listings = {each.id: each for each in session.scalars(sa.select(Listing).where(Listing.id.in_(ids)))}
        back, ended = [], []
        for row in chunk:
            listing = listings.get(row.target_id or 0)
            if listing is None or record_of(listing) != from_json(row.plan["after"]):
                kept[row.number] = "This listing changed after the upload. It was left alone."
            elif row.plan["before"] is None:
                ended.append((listing.id, listing.state))
            else:
                back.append(from_json(row.plan["before"]))
        importing.save_listings(session, integration, back, now, now, actor)
        session.flush()
        _end(session, actor, ended, _TAKEN_BACK)
    return kept


def _bring_back(session: Session, actor: Actor, batch_id: int, rows: Collection[int | None]) -> None:
    """Those that a complete file ended, and that still are, get their former states."""
    query = sa.select(Event.subject_id, Event.old).where(
        Event.batch_id == batch_id, Event.subject == "listing", Event.kind == _ENDED, Event.new == "ended"
    )
    for key, old in session.execute(query).all():
        if key in rows:
            continue
        own = sa.update(Listing).where(Listing.id == key, Listing.state_reason == _NOT_IN_FILE)
        values = {"state": old, "state_reason": ""}
        if session.execute(own.values(values), execution_options={"synchronize_session": False}).rowcount:  # type: ignore[attr-defined]
            record_many(session, actor, [event_row("listing", key, _ENDED, "ended", old)])
            recompute.request(session, Cause.CONNECTION, actor, listings=[key])


def record_of(listing: Listing) -> RemoteListing:
    """A listing of ours as the channel told it."""
    return RemoteListing(
        listing.external_id,
        listing.sku,
        listing.title,
        ListingState(listing.state),
        listing.last_imported,
        listing.price_cents,
        listing.currency,
        listing.detail,
        listing.channel_state,
        listing.state_reason,
        dict(listing.other_ids),
        listing.is_pushable,
        listing.url,
        listing.last_sellable,
    )


def from_json(stored: Mapping[str, Any]) -> RemoteListing:
    """The record that a planned row keeps."""
    return RemoteListing(**{**stored, "state": ListingState(stored["state"])})
