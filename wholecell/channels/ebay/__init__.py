"""eBay: shown among the channels, not built yet."""

from __future__ import annotations

from wholecell.channels.contract import Channel

CHANNEL = Channel(
    kind="ebay",
    label="eBay",
    name="eBay",
    mark="EB",
    summary="Sell fixed-price listings on eBay; auctions are shown and left alone.",
    order=40,
)
