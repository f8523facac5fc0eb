"""Import listings: what the channel has, page by page. Nothing is ever deleted; what is gone is marked ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import (
    ImportsChangedListings,
    ImportsListings,
    ListingPage,
    ListingState,
    ReadsQuantities,
    RemoteListing,
    RemoteQuantity,
)
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, Listing
from wholecell.services import order_matching, readings, recompute, wanting
from wholecell.services.events import CHANNEL, Actor, event_row, record_many
from wholecell.services.recompute import Cause
from wholecell.services.work import Run

# Where only changes can be read, they are, for so long after the last reading of everything.
WHOLE_EVERY = timedelta(days=1)
# Followed on the listing's timeline when the channel changes them.
FOLLOWED = ("sku", "title", "price_cents", "state")


def import_listings(run: Run, connector: ImportsListings) -> None:
    """Read all listings of the channel into ours, then look up by id those the reading did not hold."""
    started = utcnow()
    integration = db.session.get_one(Integration, run.integration_id)
    since = integration.listings_read_at
    changed = None
    if isinstance(connector, ImportsChangedListings) and since is not None and started - since < WHOLE_EVERY:
        changed = connector.changed_listings(since)
    as_of = _take_pages(run, changed or connector.listings(online_only=integration.imports_online_only))
    if changed is None:
        if isinstance(connector, ReadsQuantities):
            _look_up_missing(run, connector, started)
        with transaction() as session:
            session.get_one(Integration, run.integration_id).listings_read_at = min(started, as_of or started)
    with transaction() as session:  # of its own: orders are locked before listings, never after
        order_matching.connect_loose(session, run.integration_id, CHANNEL)


def _take_pages(run: Run, found: Iterable[ListingPage]) -> datetime | None:
    """Store each page as it arrives; gives how old the oldest is, where the channel says so."""
    done, oldest = 0, None
    pages = iter(found)
    while True:
        run.keep()
        began_at = utcnow()
        page = next(pages, None)
        if page is None:
            return oldest
        if page.as_of is not None:
            oldest = min(page.as_of, oldest or page.as_of)
        done += len(page.listings)
        _save_page(run, page, began_at, done)


def _save_page(run: Run, page: ListingPage, began_at: datetime, done: int) -> None:
    with transaction() as session:
        integration = session.get_one(Integration, run.integration_id)
        saved = save_listings(session, integration, page.listings, began_at, page.as_of or began_at, CHANNEL)
        for name, count in saved.counts.items():
            run.count(name, count)
        run.count("unreadable", len(page.unreadable))
        run.progress(session, done, page.total)


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of some listings: how many were new, changed or the same, and the ids of the new ones by theirs."""

    counts: Counter[str]
    added: Mapping[str, int]


def save_listings(
    session: Session,
    integration: Integration,
    found: Sequence[RemoteListing],
    began_at: datetime,
    as_of: datetime,
    actor: Actor,
) -> Saved:
    """Store listings as the channel shows them, in the caller's transaction.

    `began_at` is when they were read, `as_of` when their quantities were true at the earliest.
    """
    remotes = {remote.external_id: remote for remote in found}
    known = {
        row.external_id: row
        for row in session.scalars(
            sa.select(Listing)
            .where(Listing.integration_id == integration.id, Listing.external_id.in_(list(remotes)))
            .order_by(Listing.id)  # so that no two transactions wait for each other's rows
            .with_for_update()
        )
    }
    new = [remote for key, remote in remotes.items() if key not in known]
    added = _add(session, integration, new, began_at, as_of, actor)
    counts = Counter(new=len(added))
    touched = list(added.values())
    skus: set[str] = set()
    events: list[dict[str, Any]] = []
    for key, listing in known.items():
        changes = _refresh(listing, remotes[key], began_at, as_of, integration)
        counts["changed" if changes else "same"] += 1
        events += [event_row("listing", listing.id, f"channel {name}", *values) for name, values in changes.items()]
        if "sku" in changes or "state" in changes:
            touched.append(listing.id)
            skus |= {*changes.get("sku", ()), listing.sku}
    record_many(session, actor, events)
    # Orders sold from a listing want what it counts, so that other listings' numbers follow too.
    wanted = {key for found in wanting.with_skus(session, skus).values() for key in found}
    recompute.request(session, Cause.CONNECTION, actor, listings=touched, variations=wanted)
    return Saved(counts, added)


def _add(
    session: Session,
    integration: Integration,
    remotes: Sequence[RemoteListing],
    began_at: datetime,
    as_of: datetime,
    actor: Actor,
) -> dict[str, int]:
    rows = [
        Listing(
            integration_id=integration.id,
            external_id=remote.external_id,
            first_seen_at=began_at,
            seen_at=began_at,
            last_imported=remote.quantity,
            last_imported_at=as_of if remote.quantity is not None else None,
            **_shown(remote),
        )
        for remote in remotes
    ]
    session.add_all(rows)
    session.flush()
    record_many(session, actor, [event_row("listing", row.id, "imported", None, row.last_imported) for row in rows])
    return {row.external_id: row.id for row in rows}


def _shown(remote: RemoteListing) -> dict[str, Any]:
    """The columns that follow the channel."""
    return {
        "sku": remote.sku.strip()[:255],
        "title": remote.title[:500],
        "detail": remote.detail[:120],
        "price_cents": remote.price_cents,
        "currency": remote.currency[:3],
        "state": remote.state.value,
        "channel_state": remote.channel_state[:60],
        "state_reason": remote.state_reason[:500],
        "is_pushable": remote.pushable,
        "other_ids": dict(remote.other_ids),
        "url": remote.url[:500],
        "group_id": remote.group_id[:120],
        "group_title": remote.group_title[:500],
        "last_sellable": remote.sellable,
    }


def _refresh(
    listing: Listing, remote: RemoteListing, began_at: datetime, as_of: datetime, integration: Integration
) -> dict[str, tuple[Any, Any]]:
    """Follow the channel; returns the followed fields that changed, old and new."""
    listing.seen_at = began_at
    changes = {}
    for name, value in _shown(remote).items():
        old = getattr(listing, name)
        if old != value:
            setattr(listing, name, value)
            if name in FOLLOWED:
                changes[name] = (old, value)
    if "state" in changes:
        listing.rejected_at = None
    if remote.quantity is not None:
        if remote.quantity != listing.last_imported:
            changes["quantity"] = (listing.last_imported, remote.quantity)
        readings.note(listing, remote.quantity, as_of, (integration.imports_orders, integration.orders_imported_from))
    return changes


def _look_up_missing(run: Run, connector: ReadsQuantities, started: datetime) -> None:
    """A listing missing from the reading is asked for by its id: sold out, ended, or in need of attention."""
    missing = db.session.scalars(
        sa.select(Listing.external_id).where(
            Listing.integration_id == run.integration_id,
            Listing.seen_at < started,
            Listing.state != ListingState.ENDED.value,
        )
    ).all()
    for reading in run.before_each(connector.quantities(missing) if missing else ()):
        with transaction() as session:
            take_reading(session, run, reading, is_missing=True)


def take_reading(session: Session, run: Run, reading: RemoteQuantity, *, is_missing: bool = False) -> None:
    """Write down one listing read by its id, in the caller's transaction."""
    listing = session.scalar(
        sa.select(Listing)
        .where(Listing.integration_id == run.integration_id, Listing.external_id == reading.external_id)
        .with_for_update()
    )
    if listing is None:
        return
    state = state_of(reading, is_missing=is_missing)
    listing.seen_at = reading.began_at
    if reading.pushable is not None and listing.is_pushable != reading.pushable:
        listing.is_pushable = reading.pushable
        who = ("the channel", "we") if reading.pushable else ("we", "the channel")
        record_many(session, CHANNEL, [event_row("listing", listing.id, "channel shipped by", *who)])
        recompute.request(session, Cause.CONNECTION, CHANNEL, listings=[listing.id])
    if listing.state != state.value:
        record_many(session, CHANNEL, [event_row("listing", listing.id, "channel state", listing.state, state.value)])
        listing.state, listing.state_reason, listing.rejected_at = state.value, reading.state_reason, None
        recompute.request(session, Cause.CONNECTION, CHANNEL, listings=[listing.id])
        run.count("ended" if state is ListingState.ENDED else "changed")
    else:
        run.count("same")
    if reading.quantity is not None:
        listing.last_sellable = reading.sellable
        integration = session.get_one(Integration, run.integration_id)
        readings.note(
            listing, reading.quantity, reading.began_at, (integration.imports_orders, integration.orders_imported_from)
        )


def state_of(reading: RemoteQuantity, *, is_missing: bool) -> ListingState:
    """Hidden only because its quantity is 0: out of stock. Missing from the active ones with stock: attention."""
    if reading.state is ListingState.ENDED or not is_missing:
        return reading.state
    if reading.quantity == 0:
        return ListingState.OUT_OF_STOCK
    return ListingState.ACTIVE if reading.state is ListingState.ACTIVE else ListingState.NEEDS_ATTENTION
