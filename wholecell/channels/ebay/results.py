"""What eBay's answers to quantities come to, and what people can do."""

from __future__ import annotations

from collections.abc import Collection

from wholecell.channels.contract import Outcome, PushResult, QuantityChange

TRY_AGAIN = "Look at the listing on eBay, put it right there, then press Try again."
IMPORT = "Import the listings to see how it is now."
GONE = "The listing has ended on eBay. Relist it there, then import the listings."
NO_CONTROL = (
    "eBay keeps a listing at 0 only where out-of-stock control is on. Turn it on in your eBay account under Site"
    " Preferences, Multi-quantity listings, then press Try again; or end the listing on eBay."
)
_GONE = frozenset({"17", "231", "291", "21916750"})
_ADVICE = {
    "21916286": "This is an auction: import the listings, and it is shown and left alone.",
    "21916583": "Give each of its variations a custom label (SKU) on eBay, then import the listings.",
    "21916735": "Give each of its variations a custom label (SKU) on eBay, then import the listings.",
    "21916635": f"It has no variations any more. {IMPORT}",
    "21916799": f"eBay may have removed the variation, as it does at 0 without out-of-stock control. {IMPORT}",
    "21919165": "eBay lets a listing be changed 250 times a day: press Try again tomorrow.",
    "21919188": "Your selling limit is reached: ask eBay for a higher one, or end other listings, then try again.",
    # Of the Inventory API.
    "25702": f"The Inventory API knows no such SKU. {IMPORT}",
    "25710": f"The Inventory API does not find it. {IMPORT}",
    "25759": "eBay allows only so many units there: lower the number with a limit of the listing.",
}


def accepted(change: QuantityChange, stored: int | None, words: str) -> PushResult:
    """The answer to a change that eBay took."""
    return PushResult(change.external_id, Outcome.ACCEPTED, stored, answer=words, quantity=change.quantity)


def refused(change: QuantityChange, codes: Collection[str], words: str, *, gone: bool = False) -> PushResult:
    """The answer to a change that eBay refuses for one of these codes."""
    is_gone = gone or bool(_GONE.intersection(codes))
    known = next((_ADVICE[code] for code in sorted(codes) if code in _ADVICE), "")
    advice = GONE if is_gone else known or (NO_CONTROL if change.quantity == 0 else TRY_AGAIN)
    return PushResult(
        change.external_id,
        Outcome.REJECTED,
        answer=words,
        advice=advice,
        gone=is_gone,
        quantity=change.quantity,
    )
