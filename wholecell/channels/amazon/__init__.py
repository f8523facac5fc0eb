"""Amazon: shown among the channels, not built yet."""

from __future__ import annotations

from wholecell.channels.contract import Channel

CHANNEL = Channel(
    kind="amazon",
    label="Amazon",
    name="Amazon",
    mark="AZ",
    summary="Sell on Amazon as a third-party seller; each region is an integration of its own.",
    order=10,
)
