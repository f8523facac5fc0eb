"""The small calls: GetUserPreferences, GeteBayDetails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .carriers import CARRIERS
from .trading import Trade
from .trading_errors import TradingError
from .trading_xml import node, text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def preferences(trade: Trade) -> list[Element]:
    """GetUserPreferences: what was asked for, of which the sandbox knows out-of-stock control."""
    if text(trade.body, "ShowOutOfStockControlPreference") != "true":
        return []
    return [node("OutOfStockControlPreference", bool(trade.setting("out_of_stock_control")))]


def details(trade: Trade) -> list[Element]:
    """GeteBayDetails: the carriers."""
    wanted = [(each.text or "").strip() for each in trade.body.findall("DetailName")]
    if wanted and "ShippingCarrierDetails" not in wanted:
        raise TradingError("37", "The sandbox knows ShippingCarrierDetails only.", (("0", "DetailName"),))
    return [
        node(
            "ShippingCarrierDetails",
            [node("ShippingCarrierID", number), node("Description", words), node("ShippingCarrier", code)],
        )
        for number, code, words in CARRIERS
    ]
