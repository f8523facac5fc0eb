"""What Swappa calls the states of listings and orders, as far as a file says them.

Swappa publishes no vocabulary. These are the words of our own files, and a proposal for an API; others that a file
holds are kept as they are, and shown to be mapped.
"""

from __future__ import annotations

from wholecell.channels.contract import ListingState, Meaning, OrderWord, SheetWords

NEW = "new"
ORDER_WORDS = (
    OrderWord(NEW, "New", Meaning.TO_SHIP, "Awaiting shipment"),
    OrderWord("pending", "Pending, not paid", Meaning.WAITING, "On hold"),
    OrderWord("paid", "Paid, to ship", Meaning.TO_SHIP, "Awaiting shipment"),
    OrderWord("shipped", "Shipped", Meaning.SHIPPED, "Shipped"),
    OrderWord("completed", "Completed", Meaning.SHIPPED, "Completed"),
    OrderWord("cancelled", "Cancelled", Meaning.CANCELLED, "Canceled"),
    OrderWord("refunded", "Refunded", Meaning.REFUNDED, "Completed"),
)
SHEET_WORDS = SheetWords(
    listing_states={
        "active": ListingState.ACTIVE,
        "sold": ListingState.OUT_OF_STOCK,
        "inactive": ListingState.NEEDS_ATTENTION,
        "removed": ListingState.ENDED,
    },
    blank_listing="active",
    blank_order=NEW,
    currency="USD",
    country="US",
)
