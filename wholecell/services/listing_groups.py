"""Variations that are one listing on their channel: each is connected and sent by itself, here they are summed up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from wholecell.channels.contract import ListingState
from wholecell.db import db
from wholecell.models import Integration, Listing
from wholecell.services.availability import quantities

Key = tuple[int, str]  # integration, the channel's id of the listing
MOST_COMPUTED = 500  # of a larger group only the stored numbers are summed


@dataclass(frozen=True, slots=True)
class Group:
    """A listing of the channel with variations, summed up. Sums leave out what has ended."""

    integration: Integration
    group_id: str
    title: str
    url: str
    variations: int
    ended: int
    connected: int
    cheapest_cents: int | None
    dearest_cents: int | None
    currency: str
    imported: int | None
    offered: int | None  # as last computed
    synced: int | None
    calculated: int | None  # now, of those connected; None when there are none, or too many to ask at once


def sizes(keys: Iterable[Key]) -> dict[Key, int]:
    """How many variations each of these groups has, in one query; none when no listing is in a group."""
    wanted = {key for key in keys if key[1]}
    if not wanted:
        return {}
    own = Listing
    query = (
        sa.select(own.integration_id, own.group_id, sa.func.count())
        .where(own.group_id != "", own.integration_id.in_({key for key, _ in wanted}))
        .where(own.group_id.in_({group for _, group in wanted}))
        .group_by(own.integration_id, own.group_id)
    )
    return {(integration, group): count for integration, group, count in db.session.execute(query)}


def of(listing_id: int) -> Group | None:
    """The group that this listing is in; None when it is in none."""
    own = Listing
    found = db.session.execute(
        sa.select(own.group_id, own.group_title, own.url, own.currency, Integration)
        .join(Integration, Integration.id == own.integration_id)
        .where(own.id == listing_id, own.group_id != "")
    ).first()
    if found is None:
        return None
    group_id, title, url, currency, integration = found
    is_live = own.state != ListingState.ENDED.value
    sums = db.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(sa.case((~is_live, 1))),
            sa.func.count(sa.case((sa.and_(is_live, own.is_connected), 1))),
            sa.func.min(sa.case((is_live, own.price_cents))),
            sa.func.max(sa.case((is_live, own.price_cents))),
            sa.func.sum(sa.case((is_live, own.last_imported))),
            sa.func.sum(sa.case((is_live, own.last_offered))),
            sa.func.sum(sa.case((is_live, own.last_synced))),
        ).where(*_in(integration.id, group_id))
    ).one()
    variations, ended, connected, low, high, *numbers = sums
    imported, offered, synced = [None if each is None else int(each) for each in numbers]
    return Group(
        integration=integration,
        group_id=group_id,
        title=title,
        url=url,
        variations=variations,
        ended=ended,
        connected=connected,
        cheapest_cents=low,
        dearest_cents=high,
        currency=currency,
        imported=imported,
        offered=offered,
        synced=synced,
        calculated=_calculated(integration.id, group_id) if variations <= MOST_COMPUTED else None,
    )


def _in(integration_id: int, group_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    # The index holds only listings in a group: the first condition lets it answer.
    return Listing.group_id != "", Listing.integration_id == integration_id, Listing.group_id == group_id


def _calculated(integration_id: int, group_id: str) -> int | None:
    live = Listing.state != ListingState.ENDED.value
    ids = db.session.scalars(sa.select(Listing.id).where(*_in(integration_id, group_id), live)).all()
    found = [offer.quantity for offer in quantities(listings=ids).values() if offer.quantity] if ids else []
    return sum(each.calculated for each in found) if found else None
