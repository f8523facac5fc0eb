"""What a channel showed: a reading updates the facts that the push decision rests on.

A reading is news only when it began after the last answer plus the channel's settle time: before that it may
show the number from before our push. `quantity` is the node and field that pushes write.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from wholecell.models import Listing

CONFIRMS_AFTER = timedelta(hours=1)
MOST_TRIES = 2  # a smaller number is answered this often, then only shown


def note(listing: Listing, quantity: int, began_at: datetime, orders: tuple[bool, datetime | None]) -> None:
    """Take in one reading of a loaded listing; an older one than the last is ignored.

    `orders` is whether orders are imported, and when the last finished import began.
    """
    if listing.last_imported_at is not None and began_at < listing.last_imported_at:
        return
    listing.last_imported = quantity
    listing.last_imported_at = began_at
    if listing.last_synced is None or listing.last_offered is None or listing.sending is not None:
        return
    if listing.settled_at is not None and began_at <= listing.settled_at:
        return
    compare(listing, quantity, began_at, orders)


def compare(listing: Listing, quantity: int, began_at: datetime, orders: tuple[bool, datetime | None]) -> None:
    """Remember how the shown number differs from the offered one."""
    offered = listing.last_offered or 0
    if quantity > offered:
        listing.more_shown += 1
        _forget_less(listing)
    elif quantity == offered:
        listing.more_shown = 0
        listing.tries = 0
        _forget_less(listing)
    else:
        listing.more_shown = 0
        _note_less(listing, quantity, began_at, orders)


def _note_less(listing: Listing, quantity: int, began_at: datetime, orders: tuple[bool, datetime | None]) -> None:
    first = listing.less_shown_at
    if listing.less_shown != quantity or first is None:
        listing.less_shown, listing.less_shown_at, listing.is_less_confirmed = quantity, began_at, False
        return
    imports_orders, orders_from = orders
    order_between = not imports_orders or (orders_from is not None and orders_from > first)
    if began_at - first >= CONFIRMS_AFTER and order_between:
        listing.is_less_confirmed = True


def _forget_less(listing: Listing) -> None:
    listing.less_shown, listing.less_shown_at, listing.is_less_confirmed = None, None, False


def doubt(listing: Listing) -> str | None:
    """Why the channel's number is not ours although the channel says yes, in the words of the listing's tag."""
    if listing.tries >= MOST_TRIES and listing.less_shown is not None:
        return f"shows {listing.less_shown} instead of {listing.last_offered}"
    return "another tool?" if listing.more_shown >= 2 else None
