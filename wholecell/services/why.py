"""Why is this not syncing? Every condition a number must meet on its way to the channel, answered now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wholecell.channels.contract import ListingState
from wholecell.db import utcnow
from wholecell.services.listing_page import ListingPage
from wholecell.services.listing_state import theirs_because
from wholecell.services.readings import doubt
from wholecell.services.work import Kind

# Statuses of orders that are over; one that still counts as open holds phones back for good.
OVER = re.compile(r"\b(shipped|cancell?ed|completed|refunded|delivered|returned)\b", re.IGNORECASE)


class Fix(StrEnum):
    """Where a problem is cured; pages turn it into a link or button."""

    LOGIN = "Enter the login"
    SETTINGS = "Change settings"
    PREVIEW = "Look at the preview"
    LISTINGS = "Sync Listings"
    CONNECT = "Connect it"
    CHANNEL = "Open the channel"
    TRY_AGAIN = "Try again"
    PHONES = "See these phones"
    ORDER_STATUSES = "Order statuses"
    PUSHES = "See what was sent"
    ZERO = "Set to 0"
    UPDATES = "Enter it by file"
    IMPORT_ORDERS = "Import orders"
    IMPORT_ERRORS = "See what was not stored"


@dataclass(frozen=True, slots=True)
class Check:
    """One line: fine, or to look at with the way out. `at` ends the detail with a time."""

    is_fine: bool
    text: str
    detail: str = ""
    fix: Fix | None = None
    quote: str = ""  # the channel's own words
    at: datetime | None = None


def checks(page: ListingPage, now: datetime | None = None) -> list[Check]:
    """All lines, in the order in which one would look."""
    now = now or utcnow()
    if not page.listing.is_pushable and page.listing.state != ListingState.ENDED:
        return [_imported(page), *_login(page), _theirs(page)]  # nothing else matters, for nothing is to be sent
    return [
        _imported(page),
        *_login(page),
        _connected(page),
        _on_sale(page),
        _switched_on(page),
        _armed(page),
        _ticked(page),
        *_phones(page),
        _orders(page),
        *_held(page),
        *_waiting(page, now),
        *_rise_waiting(page, now),
        *_orders_awaited(page),
        _last_answer(page),
        *_other_tool(page),
    ]


def _imported(page: ListingPage) -> Check:
    at = page.listing.last_imported_at or page.listing.seen_at
    return Check(True, "Imported", "last read", at=at)


def _login(page: ListingPage) -> Iterator[Check]:
    if page.integration.is_by_hand:
        yield Check(True, "Works by files that people carry", "nothing is called")
    elif page.integration.login_refused_at is None:
        yield Check(True, "Login works")
    else:
        yield Check(
            False,
            "Login refused",
            "Nothing moves on this integration until it has a new login.",
            Fix.LOGIN,
            page.integration.login_problem,
        )


def _connected(page: ListingPage) -> Check:
    if page.offer.variations:
        chosen = "chosen by hand" if page.choice.is_by_hand else "by the channel's SKU"
        count = len(page.offer.variations)
        return Check(True, "Connected", f"{count} variation{'' if count == 1 else 's'}, {chosen}")
    sku = page.listing.sku
    shown = page.listing.last_synced if page.listing.last_synced is not None else page.listing.last_imported
    if page.listing.unfollowed_at is not None and shown:
        return Check(False, f"No longer followed, still offers {shown}", "It counts no phones any more.", Fix.CONNECT)
    if page.choice.is_by_hand:
        return Check(False, "Not connected", "No variation carries the chosen SKU.", Fix.CONNECT)
    if not page.rule.matches_via_sku:
        return Check(False, "Not connected", "This integration connects by chosen variations only.", Fix.CONNECT)
    near = ", ".join(each.sku or "" for each in page.near)
    if near:
        return Check(False, "Not connected", f"{sku} is not in the catalog, but nearly: {near}.", Fix.CONNECT)
    said = f"{sku} is not in the catalog." if sku else "The channel gives no SKU for it."
    return Check(False, "Not connected", said, Fix.CONNECT)


def _on_sale(page: ListingPage) -> Check:
    state, reason, label = page.listing.state, page.listing.state_reason, page.channel.label
    if state == ListingState.ENDED:
        return Check(False, f"Ended on {label}", "Ended listings are sent nothing.", Fix.CHANNEL, reason)
    if state == ListingState.NEEDS_ATTENTION:
        return Check(False, f"{label} wants you to look at it", "Until then it is sent nothing.", Fix.CHANNEL, reason)
    if state == ListingState.OUT_OF_STOCK:
        return Check(True, f"Out of stock on {label}", "It comes back by itself with the next number above 0.")
    word = page.listing.channel_state
    return Check(True, f"On sale on {label}", "" if word.isdigit() else word)


def _theirs(page: ListingPage) -> Check:
    label, stock = page.channel.label, page.channel.fulfilled_by_channel
    if because := theirs_because(page.listing):
        return Check(False, f"{label} keeps this number itself", because, Fix.CHANNEL)
    if not stock:
        return Check(False, f"{label} keeps this number itself", "It is not ours to send.", Fix.CHANNEL)
    said = "It counts the units there itself, so no number is sent. Its orders take no phones here."
    return Check(False, f"{label} ships it from its own stock ({stock})", said, Fix.CHANNEL)


def _switched_on(page: ListingPage) -> Check:
    if page.integration.pushes_quantities:
        return Check(True, "Quantity sync is on")
    return Check(False, "Quantity sync is off", "Switch it on to let numbers leave.", Fix.SETTINGS)


def _armed(page: ListingPage) -> Check:
    if page.integration.armed_at is None:
        return Check(False, "Integration is not armed", "It is in preview and sends nothing.", Fix.PREVIEW)
    return Check(True, "Integration is armed", "since", at=page.integration.armed_at)


def _ticked(page: ListingPage) -> Check:
    statuses = [name for key, name in page.names.statuses.items() if key in page.rule.statuses]
    warehouses = [name for key, name in page.names.warehouses.items() if key in page.rule.warehouses]
    if statuses and warehouses:
        said = f"{', '.join(statuses)} \N{MIDDLE DOT} {', '.join(warehouses)}"
        return Check(True, "A status and a warehouse are ticked", said)
    missing = " and no ".join(word for word, ticked in (("status", statuses), ("warehouse", warehouses)) if not ticked)
    return Check(False, f"No {missing} is ticked", "So no phone counts.", Fix.SETTINGS)


def _phones(page: ListingPage) -> Iterator[Check]:
    for where, units_of, known in (
        ("status", page.left.statuses, page.names.statuses),
        ("warehouse", page.left.warehouses, page.names.warehouses),
    ):
        if units_of:
            named = ", ".join(f"{units} in {known[key]}" for key, units in units_of.items())
            nothing_counts = page.offer.quantity is not None and page.offer.quantity.available == 0
            text = f"{sum(units_of.values())} of its phones are in a {where} that is not ticked"
            yield Check(not nothing_counts, text, named, Fix.SETTINGS if nothing_counts else None)
    if page.left.homeless:
        text = f"{page.left.homeless} of its phones have no warehouse"
        yield Check(False, text, "A phone without a warehouse counts nowhere.", Fix.PHONES)


def _orders(page: ListingPage) -> Check:
    over = [title for title in page.open_statuses if OVER.search(title)]
    if over:
        said = "Orders in it still hold phones back."
        return Check(
            False, f"{', '.join(over)} {'counts' if len(over) == 1 else 'count'} as open", said, Fix.ORDER_STATUSES
        )
    return Check(True, "Order statuses that count as open", ", ".join(page.open_statuses) or "none")


def _held(page: ListingPage) -> Iterator[Check]:
    if page.listing.held:
        text = f"The guard holds its {'rise' if page.listing.held == 'rise' else 'fall'} to {page.listing.last_offered}"
        yield Check(False, text, f"Too many at once, from {page.listing.cause}.", Fix.PREVIEW)


def _waiting(page: ListingPage, now: datetime) -> Iterator[Check]:
    work = page.works.get(Kind.PUSH_QUANTITIES)
    if work is not None and work.not_before is not None and work.not_before > now:
        yield Check(False, "Sending waits", "It goes on by itself at", None, work.not_before_reason, work.not_before)


def _rise_waiting(page: ListingPage, now: datetime) -> Iterator[Check]:
    work, listing = page.works.get(Kind.PUSH_QUANTITIES), page.listing
    if work is None or work.rises_not_before is None or work.rises_not_before <= now:
        return
    if (listing.last_offered or 0) > (listing.last_synced or 0):
        said = "It goes on by itself at"
        yield Check(False, "Higher numbers wait", said, None, work.rises_reason, work.rises_not_before)


def _orders_awaited(page: ListingPage) -> Iterator[Check]:
    """As `due` has it: more is offered only when orders were looked for since."""
    listing, integration = page.listing, page.integration
    known = listing.last_imported if listing.last_synced is None else listing.last_synced
    if not integration.imports_orders or integration.armed_at is None or listing.held or known is None:
        return
    news = max((at for at in (listing.offered_at, listing.order_seen_at) if at is not None), default=None)
    looked = integration.orders_imported_from
    if (listing.last_offered or 0) > known and news is not None and (looked is None or looked <= news):
        said = f"What {page.channel.label} sold meanwhile must not be offered once more. It goes on by itself."
        yield Check(True, f"{listing.last_offered} instead of {known} waits for the next look at orders", said)


def _last_answer(page: ListingPage) -> Check:
    listing, label = page.listing, page.channel.label
    if listing.rejected_at is not None:
        text = f"{label} refused {listing.rejected_number}"
        return Check(False, text, listing.rejected_advice, Fix.TRY_AGAIN, listing.rejected_words, listing.rejected_at)
    if page.waits_for_hand:
        known = listing.last_synced if listing.last_synced is not None else listing.last_imported
        known = None if listing.is_number_unknown or listing.sending is not None else known
        text = f"Waiting for manual update: {'unknown' if known is None else known} becomes {listing.last_offered}"
        said = f"Make a file on the Updates tab, enter it at {label}, and say there that you did. It waits since"
        return Check(False, text, said, Fix.UPDATES, at=listing.offered_at)
    if page.integration.is_by_hand:
        said = "none was entered yet" if listing.last_synced is None else f"{listing.last_synced} at"
        return Check(True, f"{label} has our number", said, at=listing.answered_at)
    if listing.is_number_unknown:
        return Check(False, "The last answer did not arrive", "It is sent again by itself.", Fix.PUSHES)
    if listing.receipt:
        return Check(True, f"{label} still works on a file of numbers", "sent", at=listing.receipt_at)
    if listing.last_synced is None:
        return Check(True, "No number was refused", "none was sent yet")
    return Check(True, "Last number was accepted", f"{listing.last_synced} at", at=listing.answered_at)


def _other_tool(page: ListingPage) -> Iterator[Check]:
    found = doubt(page.listing)
    label, shown = page.channel.label, page.listing.last_imported
    if found == "another tool?":
        said = f"It showed {shown} again after we had sent {page.listing.last_synced}. Look for a second program there."
        yield Check(False, f"Another tool writes to {label} too?", said, Fix.CHANNEL)
    elif found:
        said = f"It was sent {page.listing.last_synced} twice and keeps showing {shown}. Look at its own limits there."
        yield Check(False, f"{label} {found}", said, Fix.CHANNEL)
