"""The errors of the Trading API that the sandbox knows.

Numbers: trading_calls.json; 340 and 515 from eBay's list of errors; 21919144 and 21919165 as clients report them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .trading_xml import node

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

WORDS: dict[str, str] = {
    "2": "Unsupported API call.",
    "5": "XML Parse error.",
    "17": "This item cannot be accessed because the listing has been deleted or you are not the seller.",
    "37": "Input data is invalid.",
    "231": "Item not found.",
    "291": "Auction ended.",
    "340": "Page number is out of range.",
    "515": "The quantity must be a valid number greater than 0.",
    "518": "Call usage limit has been reached.",
    "841": "Requested user is suspended.",
    "931": "Auth token is invalid.",
    "932": "Auth token is hard expired.",
    "10007": "Internal error to the application.",
    "10012": "Invalid value for a header.",
    "21916254": "Too many items.",
    "21916286": "Not a fixed-price listing.",
    "21916583": "Variation level SKU and Item level SKU or ItemID is required.",
    "21916635": "Invalid multi-SKU item id.",
    "21916735": "Variations Specifics and Item Specifics or a variation SKU must be given.",
    "21916750": "FixedPrice item ended.",
    "21916799": "SKU Mismatch.",
    "21916984": "Invalid IAF token.",
    "21917053": "Expired IAF token.",
    "21917091": "Requested StartPrice and Quantity revision is redundant.",
    "21917092": "Requested Quantity revision is redundant.",
    "21919144": "You have exceeded your maximum call limit.",
    "21919165": "You have exceeded your maximum call limit of 250 for item per day.",
    "21919188": "You've reached the selling limit of your account.",
    "21919474": "This listing is managed by the Inventory API.",
}
SYSTEM = ("10007",)


@dataclass(eq=False)
class TradingError(Exception):
    """One entry of Errors; raised, it ends the call with Ack Failure."""

    code: str
    details: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    is_warning: bool = False

    def node(self) -> Element:
        """As it is answered."""
        words = WORDS.get(self.code, "The sandbox was asked to answer this.")
        shown = [node("ErrorParameters", [node("Value", value)], ParamID=name) for name, value in self.parameters]
        rows = [
            node("ShortMessage", words),
            node("LongMessage", self.details or words),
            node("ErrorCode", self.code),
            node("SeverityCode", "Warning" if self.is_warning else "Error"),
            *shown,
            node("ErrorClassification", "SystemError" if self.code in SYSTEM else "RequestError"),
        ]
        return node("Errors", rows)
