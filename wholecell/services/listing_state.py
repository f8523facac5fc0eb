"""Where a listing stands, in the one word of its tag; tabs use the same words as conditions."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa

from wholecell.channels.contract import Channel, ListingState
from wholecell.models import Integration, Listing
from wholecell.services.readings import MOST_TRIES, doubt


class Standing(StrEnum):
    """What the tag says, the first that fits."""

    ENDED = "Ended"
    THEIRS = "By the channel"  # it counts the units itself: no number of ours is sent
    LEFT = "Left alone"  # not ours to send for another reason, such as an auction
    ERROR = "Error"
    ATTENTION = "Needs attention"
    UNFOLLOWED = "No longer followed"
    NOT_CONNECTED = "Not connected"
    HELD = "Held"
    BY_HAND = "Waiting for manual update"  # people carry its number
    DOUBT = "Shows another number"
    OUT_OF_STOCK = "Out of stock"
    CONNECTED = "Connected"


def standing(listing: Any, *, waits_for_hand: bool = False) -> Standing:
    """Where this stands: a Listing, or a row with the same columns; `waits_for_hand` is `hand_due.is_waiting`."""
    if listing.state == ListingState.ENDED:
        return Standing.ENDED
    if not listing.is_pushable:
        return Standing.LEFT if theirs_because(listing) else Standing.THEIRS
    if listing.rejected_at is not None:
        return Standing.ERROR
    if listing.state == ListingState.NEEDS_ATTENTION:
        return Standing.ATTENTION
    if not listing.is_connected:
        return Standing.UNFOLLOWED if listing.unfollowed_at is not None else Standing.NOT_CONNECTED
    if listing.held is not None:
        return Standing.HELD
    if waits_for_hand:
        return Standing.BY_HAND
    if doubt(cast(Listing, listing)):
        return Standing.DOUBT
    return Standing.OUT_OF_STOCK if listing.state == ListingState.OUT_OF_STOCK else Standing.CONNECTED


def theirs_because(listing: Any) -> str:
    """Why the number of a listing on sale is not ours, where its channel's folder has a reason of its own."""
    is_on_sale = listing.state in {ListingState.ACTIVE.value, ListingState.OUT_OF_STOCK.value}
    return str(listing.state_reason) if is_on_sale and not listing.is_pushable else ""


def words(listing: Any, channel: Channel | None = None, *, waits_for_hand: bool = False) -> str:
    """The tag's text."""
    found = standing(listing, waits_for_hand=waits_for_hand)
    if found is Standing.THEIRS and channel is not None and channel.fulfilled_by_channel:
        return "Fulfilled by the channel"
    if found is Standing.LEFT and listing.detail:
        return f"{listing.detail}, left alone"
    if found is Standing.DOUBT:
        return doubt(cast(Listing, listing)) or found.value
    return found.value


def is_ended() -> sa.ColumnElement[bool]:
    """The channel no longer has it."""
    return Listing.state == ListingState.ENDED.value


def is_theirs() -> sa.ColumnElement[bool]:
    """The channel counts its units itself, as of what it ships from its own stock: no number of ours is sent."""
    return sa.and_(~is_ended(), Listing.is_pushable.is_(False))


def is_error() -> sa.ColumnElement[bool]:
    """The channel refused our number, or wants a person to look."""
    is_bad = sa.or_(Listing.rejected_at.is_not(None), Listing.state == ListingState.NEEDS_ATTENTION.value)
    return sa.and_(~is_ended(), Listing.is_pushable, is_bad)


def is_doubtful() -> sa.ColumnElement[bool]:
    """The channel said yes and shows another number: `readings.doubt` as a condition."""
    less = sa.and_(Listing.tries >= MOST_TRIES, Listing.less_shown.is_not(None))
    return sa.and_(Listing.is_connected, Listing.is_pushable, ~is_ended(), sa.or_(less, Listing.more_shown >= 2))


def is_unfollowed() -> sa.ColumnElement[bool]:
    """It stopped being connected while a number of ours was out there, which still sells."""
    return sa.and_(
        Listing.unfollowed_at.is_not(None),
        Listing.is_pushable,
        ~is_ended(),
        Listing.integration_id.in_(sa.select(Integration.id).where(Integration.armed_at.is_not(None))),
        sa.func.coalesce(Listing.last_synced, Listing.last_imported, 0) > 0,
    )


def differs() -> sa.ColumnElement[bool]:
    """The channel shows another number than we offer; one read before it took ours says nothing of that."""
    is_taken = sa.and_(Listing.last_synced == Listing.last_offered, Listing.last_imported_at < Listing.answered_at)
    return sa.and_(
        ~sa.func.coalesce(is_taken, sa.false()),
        Listing.is_connected,
        Listing.is_pushable,
        Listing.state.in_([ListingState.ACTIVE.value, ListingState.OUT_OF_STOCK.value]),
        Listing.last_imported != Listing.last_offered,
    )
