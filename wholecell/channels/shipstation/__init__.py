"""ShipStation: shown among the channels, not built yet."""

from __future__ import annotations

from wholecell.channels.contract import Channel

CHANNEL = Channel(
    kind="shipstation",
    label="ShipStation",
    name="ShipStation",
    mark="SS",
    summary="Hand orders to ShipStation and get carrier and tracking back.",
    ships_orders=True,
    order=60,
)
