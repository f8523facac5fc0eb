"""Swappa: shown among the channels, not built yet."""

from __future__ import annotations

from wholecell.channels.contract import Channel

CHANNEL = Channel(
    kind="swappa",
    label="Swappa",
    name="Swappa",
    mark="SW",
    summary="Sell used phones on Swappa, for sellers with an enterprise agreement.",
    order=50,
)
