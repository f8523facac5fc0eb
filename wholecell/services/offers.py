"""From requests to numbers: compute the listings that changes touch and keep what each offers now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, Listing, OfferChange, OfferChangeOrder, RecomputeRequest
from wholecell.services import guard
from wholecell.services.availability import MOST_LOOKED_UP, Offer, quantities
from wholecell.services.availability_sql import ids
from wholecell.services.bulk import chunks, table, update_rows
from wholecell.services.recompute import Cause

REQUESTS_AT_ONCE = 2000
COMPUTE_LOCK = 0x574843  # any number of ours: PostgreSQL's advisory lock for computing

# Built once, for they run with every change.
_LISTING, _REQUEST = table(Listing), table(RecomputeRequest)
_WAITING = sa.select(_REQUEST).order_by(_REQUEST.c.id).limit(REQUESTS_AT_ONCE)
_REST = sa.select(_REQUEST).where(_REQUEST.c.batch_id.in_(ids("batches")), _REQUEST.c.id > sa.bindparam("last"))
_READ = sa.delete(_REQUEST).where(_REQUEST.c.id.in_(ids("read")))
_CHANGE = table(OfferChange)
_NEWEST = (
    sa.select(_CHANGE.c.listing_id, sa.func.max(_CHANGE.c.id))
    .where(_CHANGE.c.listing_id.in_(ids("keys")))
    .group_by(_CHANGE.c.listing_id)
)
_BEFORE = sa.select(
    _LISTING.c.id,
    _LISTING.c.last_offered,
    _LISTING.c.last_imported,
    _LISTING.c.last_synced,
    _LISTING.c.is_connected,
    _LISTING.c.is_set_to_zero,
    _LISTING.c.sending,
    _LISTING.c.receipt_number,
    _LISTING.c.is_number_unknown,
    _LISTING.c.is_pushable,
    table(Integration).c.armed_at,
).join_from(_LISTING, table(Integration))
_BEFORE_OF_SOME = _BEFORE.where(_LISTING.c.id.in_(ids("listings")))


@dataclass(frozen=True, slots=True)
class Why:
    """What asked for a listing to be computed: its weightiest cause and whose it was."""

    cause: Cause
    user_id: int | None
    batch_id: int | None
    order_id: int | None


def has_requests() -> bool:
    """Whether something waits to be computed."""
    return bool(db.session.scalar(sa.select(sa.exists(sa.select(RecomputeRequest.id)))))


def compute_all() -> None:
    """Compute until nothing waits any more: a batch of requests may change no number and others still wait."""
    while has_requests():
        compute_requested()


def compute_requested(now: datetime | None = None) -> int:
    """Compute the listings that waiting requests name, and delete only the requests read. Returns how many changed.

    One transaction: the numbers are computed from rows nobody can change before they are written down.
    """
    now = now or utcnow()
    with transaction() as session:
        _one_at_a_time(session)
        requests = session.connection().execute(_WAITING).all()
        if not requests:
            return 0
        requests = [*requests, *_rest_of_batches(session, requests)]
        changed = _compute(session, requests, now)
        for chunk in chunks((row.id for row in requests), REQUESTS_AT_ONCE):
            session.connection().execute(_READ, {"read": chunk})
        return changed


def _rest_of_batches(session: Session, requests: Sequence[Any]) -> Sequence[Any]:
    """What else the same bulk actions asked for: the guard must see one whole before any of it can be sent."""
    batches = {row.batch_id for row in requests} - {None}
    if not batches:
        return []
    return session.connection().execute(_REST, {"batches": list(batches), "last": requests[-1].id}).all()


def _one_at_a_time(session: Session) -> None:
    """Two computing at once could write the older number last; SQLite's writers already queue."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(COMPUTE_LOCK)))


def _compute(session: Session, requests: Sequence[Any], now: datetime) -> int:
    everything = [_why(r) for r in requests if r.variation_id is r.listing_id is r.integration_id is None]
    by_variation, by_listing, by_integration = (
        _causes(requests, column) for column in ("variation_id", "listing_id", "integration_id")
    )
    # Each scope is answered on its own: a fixed number of queries, and every listing keeps its own causes.
    found: dict[int, tuple[Offer, list[Why]]] = {}

    def add(offers: dict[int, Offer], reasons: Any) -> None:
        for key, offer in offers.items():
            whys = reasons(offer)
            if whys:
                found.setdefault(key, (offer, []))[1].extend(whys)

    if everything:
        add(quantities(), lambda _: everything)
    if by_integration:
        add(quantities(by_integration), lambda offer: by_integration[offer.integration_id])
    if by_listing:
        add(quantities(listings=by_listing), lambda offer: by_listing[offer.listing_id])
    if by_variation:
        add(
            quantities(variations=by_variation),
            lambda offer: [why for v in offer.variations & by_variation.keys() for why in by_variation[v]],
        )
    return _store(session, found, now)


def _causes(requests: Sequence[Any], column: str) -> dict[int, list[Why]]:
    causes: dict[int, list[Why]] = {}
    for row in requests:
        key = getattr(row, column)
        if key is not None:
            causes.setdefault(key, []).append(_why(row))
    return causes


def _why(row: Any) -> Why:
    return Why(Cause(row.cause), row.user_id, row.batch_id, row.order_id)


def _store(session: Session, found: dict[int, tuple[Offer, list[Why]]], now: datetime) -> int:
    """Write down the numbers that changed, then let the guard look at them."""
    if not found:
        return 0
    before = _before(session, found)
    updates, changes = [], []
    for key, (offer, whys) in found.items():
        old = before[key]
        values = _new_values(offer, old, now)
        if not values:
            continue
        updates.append({"id": key, **values})
        if "last_offered" in values:
            change = _change(offer, old, whys, now)
            updates[-1]["cause"] = change["cause"]
            changes.append(change)
    _bulk_update(session, updates)
    if changes:
        session.connection().execute(sa.insert(_CHANGE), changes)
        _name_orders(session, {row["listing_id"]: found[row["listing_id"]][1] for row in changes})
    guard.drop_settled(session, [row["id"] for row in updates])
    guard.hold_if_many(session, {row["integration_id"] for row in changes if row["is_guarded"]}, now)
    return len(changes)


def _name_orders(session: Session, changed: dict[int, list[Why]]) -> None:
    """Keep which orders made these listings' numbers change; nobody else adds changes meanwhile."""
    orders = {key: {why.order_id for why in whys} - {None} for key, whys in changed.items()}
    orders = {key: found for key, found in orders.items() if found}
    rows = []
    for chunk in chunks(orders):
        newest = session.connection().execute(_NEWEST, {"keys": chunk})
        rows += [{"order_id": order, "change_id": change} for key, change in newest for order in orders[key]]
    if rows:
        session.connection().execute(sa.insert(table(OfferChangeOrder)), rows)


def _before(session: Session, keys: Collection[int]) -> dict[int, Any]:
    query = _BEFORE_OF_SOME if len(keys) <= MOST_LOOKED_UP else _BEFORE
    return {row.id: row for row in session.connection().execute(query, {"listings": list(keys)})}


def _new_values(offer: Offer, old: Any, now: datetime) -> dict[str, Any]:
    """The columns that change: none when nothing does. What a new number makes stale starts again."""
    values: dict[str, Any] = {}
    is_connected = offer.quantity is not None
    number = offer.offered
    if is_connected != old.is_connected:
        values["is_connected"] = is_connected
        values.update(_followed(is_connected, old, now))
    if not is_connected and old.is_set_to_zero:
        number = 0
    if number != old.last_offered:
        values.update(
            last_offered=number, offered_at=now, tries=0, more_shown=0, less_shown=None, is_less_confirmed=False
        )
    return values


def _followed(is_connected: bool, old: Any, now: datetime) -> dict[str, Any]:
    """An armed listing that stops being connected still shows our number: a person must see it."""
    if is_connected:
        return {"unfollowed_at": None, "is_set_to_zero": False, "rejected_at": None}
    shown = old.last_synced if old.last_synced is not None else old.last_imported
    still_out_there = shown or old.sending or old.receipt_number or old.is_number_unknown
    is_lost = old.armed_at is not None and old.is_pushable and still_out_there
    return {"unfollowed_at": now if is_lost else None}


def _change(offer: Offer, old: Any, whys: list[Why], now: datetime) -> dict[str, Any]:
    """The history row, with the cause that decides whether the guard looks at it.

    Several causes at once: a fall goes out when any of them must not wait, a rise waits when any of them may.
    """
    was = old.last_offered if old.last_offered is not None else old.last_imported
    is_rise = offer.offered is not None and offer.offered > (was or 0)
    guarded = [why for why in whys if why.cause.is_guarded]
    free = [why for why in whys if not why.cause.is_guarded]
    main = (guarded or free)[0] if is_rise else (free or guarded)[0]
    return {
        "listing_id": offer.listing_id,
        "integration_id": offer.integration_id,
        "at": now,
        "old": old.last_offered,
        "new": offer.offered,
        "cause": main.cause.value,
        "is_guarded": bool(main.cause.is_guarded and old.is_pushable and guard.is_guarded_change(was, offer.offered)),
        "user_id": main.user_id,
        "batch_id": main.batch_id,
    }


def _lock(session: Session, keys: Collection[int]) -> None:
    """Lock rows in the order of their ids, as imports and answers do, or PostgreSQL ends one in a deadlock."""
    if session.get_bind().dialect.name != "postgresql" or len(keys) < 2:
        return
    for chunk in chunks(sorted(keys), 5000):
        query = sa.select(_LISTING.c.id).where(_LISTING.c.id.in_(ids("listings"))).order_by(_LISTING.c.id)
        session.connection().execute(query.with_for_update(key_share=True), {"listings": chunk})


def _bulk_update(session: Session, updates: list[dict[str, Any]]) -> None:
    """One executemany for each set of columns, by primary key."""
    _lock(session, [row["id"] for row in updates])
    update_rows(session, Listing, updates)


def variations_of_listings(listing_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """S of these listings."""
    return {key: offer.variations for key, offer in quantities(listings=listing_ids).items()}
