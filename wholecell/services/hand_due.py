"""What waits for a person where numbers and shipments go by files: conditions over facts, as in `due`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from wholecell.channels.contract import ListingState
from wholecell.models import HandExport, Integration, Listing
from wholecell.services.due import NEVER
from wholecell.services.sending_due import is_shipment_due


def known_number() -> sa.ColumnElement[int | None]:
    """What the channel has as far as we know: what was entered last, or before that what it showed."""
    return sa.func.coalesce(Listing.last_synced, Listing.last_imported)


def is_unsure() -> sa.ColumnElement[bool]:
    """Another number may have been entered than the one we know of, or is left from a time with an API."""
    return sa.or_(Listing.is_number_unknown, Listing.sending.is_not(None))


def shown_number() -> sa.ColumnElement[int | None]:
    """What people are told that the channel has; None where that is not sure."""
    return sa.case((is_unsure(), sa.null()), else_=known_number())


def may_be_entered() -> sa.ColumnElement[bool]:
    """The Listing of the enclosing query is followed, on sale, armed, and its number is not held by the guard."""
    entered = sa.select(Integration.id).where(
        Integration.is_by_hand, Integration.armed_at.is_not(None), Integration.pushes_quantities
    )
    held_rise = sa.and_(
        Listing.held.is_not_distinct_from("rise"), Listing.last_offered > sa.func.coalesce(known_number(), 0)
    )
    held_zero = sa.and_(Listing.held.is_not_distinct_from("zero"), Listing.last_offered == 0)
    return sa.and_(
        Listing.integration_id.in_(entered),
        sa.or_(Listing.is_connected, Listing.is_set_to_zero),
        Listing.is_pushable,
        Listing.state.in_([ListingState.ACTIVE.value, ListingState.OUT_OF_STOCK.value]),
        Listing.last_offered.is_not(None),
        ~held_rise,
        ~held_zero,
    )


def is_waiting() -> sa.ColumnElement[bool]:
    """The Listing waits for a manual update: the channel has another number, or a newer file of listings shows one.

    Where both are known they must both be ours. A file may be older than what was entered since, and then one that
    happens to show our number proves nothing.
    """
    is_news = Listing.last_imported_at > sa.func.coalesce(Listing.answered_at, NEVER)
    shows_another = sa.and_(is_news, Listing.last_imported.is_distinct_from(Listing.last_offered))
    differs = Listing.last_offered.is_distinct_from(known_number())
    return sa.and_(may_be_entered(), sa.or_(differs, is_unsure(), sa.func.coalesce(shows_another, sa.false())))


def is_worse() -> tuple[Any, ...]:
    """The order in which numbers are to be entered: falls to 0 first, then those that wait longest."""
    return sa.case((Listing.last_offered == 0, 0), else_=1), sa.func.coalesce(Listing.offered_at, NEVER), Listing.id


def is_shipment_waiting() -> sa.ColumnElement[bool]:
    """The Shipment of the enclosing query, joined with SalesOrder and Integration, waits to be entered."""
    return sa.and_(is_shipment_due(), Integration.is_by_hand, Integration.sends_shipments)


def is_open() -> sa.ColumnElement[bool]:
    """The HandExport of the enclosing query is still carried about: nobody confirmed it, no newer one replaced it."""
    return sa.and_(HandExport.confirmed_at.is_(None), HandExport.replaced_at.is_(None))
