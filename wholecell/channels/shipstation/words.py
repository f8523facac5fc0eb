"""ShipStation's words for the state of an order."""

from __future__ import annotations

from wholecell.channels.contract import Meaning, OrderWord

UNPAID, TO_SHIP, ON_HOLD = "awaiting_payment", "awaiting_shipment", "on_hold"
ELSEWHERE = "pending_fulfillment"
SHIPPED, CANCELLED = "shipped", "cancelled"
OPEN = (TO_SHIP, UNPAID, ON_HOLD, ELSEWHERE)
LOCKED = frozenset({SHIPPED, CANCELLED})  # order model: such an order takes no update any more

ORDER_WORDS = (
    OrderWord(UNPAID, "Awaiting payment", Meaning.WAITING, "On hold"),
    OrderWord(TO_SHIP, "Awaiting shipment", Meaning.TO_SHIP, "Awaiting shipment"),
    OrderWord(ON_HOLD, "On hold", Meaning.WAITING, "On hold"),
    OrderWord(ELSEWHERE, "With a fulfillment provider", Meaning.WAITING, "On hold"),
    OrderWord(SHIPPED, "Shipped", Meaning.SHIPPED, "Shipped"),
    OrderWord(CANCELLED, "Cancelled", Meaning.CANCELLED, "Canceled"),
)
