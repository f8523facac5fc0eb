"""Walmart: shown among the channels, not built yet."""

from __future__ import annotations

from wholecell.channels.contract import Channel

CHANNEL = Channel(
    kind="walmart",
    label="Walmart",
    name="Walmart",
    mark="WM",
    summary="Sell on Walmart Marketplace in the United States and Canada.",
    order=20,
)
