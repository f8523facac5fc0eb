"""What becomes of the units of a line, and the word of an order, which has none of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wholecell.channels.contract import Meaning, OrderWord
from wholecell.channels.walmart.values import block, rows, text, whole

CREATED, ACKNOWLEDGED, SHIPPED, DELIVERED = "Created", "Acknowledged", "Shipped", "Delivered"
CANCELLED, REFUND = "Cancelled", "Refund"
PARTLY_SHIPPED = "PartiallyShipped"  # ours: some units left, others have yet to

# What a status map lists, in the order of an order's life.
WORDS = (
    OrderWord(CREATED, "Created, to acknowledge", Meaning.WAITING, "To accept"),
    OrderWord(ACKNOWLEDGED, "Acknowledged, to ship", Meaning.TO_SHIP, "Awaiting shipment"),
    OrderWord(PARTLY_SHIPPED, "Partly shipped", Meaning.TO_SHIP, "Awaiting shipment"),
    OrderWord(SHIPPED, "Shipped", Meaning.SHIPPED, "Shipped"),
    OrderWord(DELIVERED, "Delivered", Meaning.SHIPPED, "Completed"),
    OrderWord(REFUND, "Refunded", Meaning.REFUNDED, "Completed"),
    OrderWord(CANCELLED, "Cancelled", Meaning.CANCELLED, "Canceled"),
)
FINAL = frozenset({SHIPPED, DELIVERED, REFUND, CANCELLED})
TO_LEAVE = (CREATED, ACKNOWLEDGED)
LEFT = (SHIPPED, DELIVERED)
_KNOWN = {word.casefold(): word for word in (CREATED, ACKNOWLEDGED, SHIPPED, DELIVERED, CANCELLED, REFUND)}


@dataclass(frozen=True, slots=True)
class Units:
    """The units of a line by what became of them, and how many there are in all."""

    ordered: int
    by_word: Mapping[str, int]

    def count(self, *words: str) -> int:
        """Units with one of these words, no more than were ordered."""
        return min(sum(self.by_word.get(word, 0) for word in words), self.ordered)

    @property
    def shipped(self) -> int:
        """Units that left. Only what left is refunded, and Refund stands beside Shipped or in its place."""
        return min(max(self.count(*LEFT), self.by_word.get(REFUND, 0)), self.ordered - self.count(CANCELLED))

    @property
    def word(self) -> str:
        """The word of the line, as of an order that has no other."""
        return derived([self])


def units_of(line: Mapping[str, Any]) -> Units:
    """Read a line's units: one line may be partly shipped, partly cancelled."""
    amount = whole(block(line, "orderLineQuantity").get("amount"))
    by_word: dict[str, int] = {}
    for status in rows(line, "orderLineStatuses", "orderLineStatus"):
        word = text(status.get("status"), 40)
        if not word:
            continue
        word = _KNOWN.get(word.casefold(), word)
        count = whole(block(status, "statusQuantity").get("amount"))
        # Where it does not say how many, it means what the line has.
        by_word[word] = by_word.get(word, 0) + ((1 if amount is None else amount) if count is None else count)
    told = sum(count for word, count in by_word.items() if word != REFUND)
    # The quantity of a cancelled line was seen to go to 0.
    return Units(max(1 if amount is None else amount, told), by_word)


def derived(lines: Iterable[Units]) -> str:
    """The word of an order: of its least advanced unit that is not cancelled; empty when no line tells any."""
    words = [word for line in lines for word, count in line.by_word.items() if count or len(line.by_word) == 1]
    found = set(words) - {CANCELLED}
    if not found:
        return CANCELLED if words else ""
    if found == {REFUND}:
        return REFUND
    found -= {REFUND}
    if unknown := sorted(found - set(_KNOWN.values())):
        return unknown[0]
    if found & set(LEFT) and found & set(TO_LEAVE):
        return PARTLY_SHIPPED
    return next(word for word in (*TO_LEAVE, *LEFT) if word in found)
