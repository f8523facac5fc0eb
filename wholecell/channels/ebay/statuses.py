"""The word of an order, which eBay has none of its own for: three fields make it, and the first that fits wins.

The values are eBay's (Fulfillment API); which goes before which is our choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wholecell.channels.contract import Meaning, OrderWord
from wholecell.channels.ebay.values import block, text

CANCELED, CANCEL_IN_PROGRESS = "CANCELED", "CANCEL_IN_PROGRESS"
PAYMENT_PENDING, PAYMENT_FAILED, FULLY_REFUNDED = "PAYMENT_PENDING", "PAYMENT_FAILED", "FULLY_REFUNDED"
NOT_STARTED, IN_PROGRESS, FULFILLED = "NOT_STARTED", "IN_PROGRESS", "FULFILLED"
NOT_TOLD = "NOT_TOLD"  # our word for an order that comes without them

# What a status map lists, in the order of an order's life.
WORDS = (
    OrderWord(NOT_TOLD, "eBay did not say", Meaning.WAITING, "On hold"),
    OrderWord(PAYMENT_PENDING, "Payment pending", Meaning.WAITING, "On hold"),
    OrderWord(PAYMENT_FAILED, "Payment failed", Meaning.WAITING, "On hold"),
    OrderWord(NOT_STARTED, "Paid, to ship", Meaning.TO_SHIP, "Awaiting shipment"),
    OrderWord(IN_PROGRESS, "Partly shipped", Meaning.TO_SHIP, "Awaiting shipment"),
    OrderWord(CANCEL_IN_PROGRESS, "Cancellation asked for", Meaning.WAITING, "On hold"),
    OrderWord(FULFILLED, "Shipped", Meaning.SHIPPED, "Shipped"),
    OrderWord(FULLY_REFUNDED, "Fully refunded", Meaning.REFUNDED, "Completed"),
    OrderWord(CANCELED, "Canceled", Meaning.CANCELLED, "Canceled"),
)
FINAL = frozenset(each.word for each in WORDS if each.means.is_over)
_OF_PAYMENT = {"PENDING": PAYMENT_PENDING, "FAILED": PAYMENT_FAILED, "FULLY_REFUNDED": FULLY_REFUNDED}


def cancel_state(row: Mapping[str, Any]) -> str:
    """NONE_REQUESTED, IN_PROGRESS or CANCELED."""
    return text(block(row, "cancelStatus").get("cancelState"), 40)


def word(row: Mapping[str, Any]) -> str:
    """The word of an order by its three fields."""
    state = cancel_state(row)
    if state in {CANCELED, "IN_PROGRESS"}:
        return CANCELED if state == CANCELED else CANCEL_IN_PROGRESS
    paid = _OF_PAYMENT.get(text(row.get("orderPaymentStatus"), 40))
    return paid or text(row.get("orderFulfillmentStatus"), 60) or NOT_TOLD
