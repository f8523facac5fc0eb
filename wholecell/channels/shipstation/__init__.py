"""ShipStation: orders go there, shipments come back. It asks us as a Custom Store."""

from __future__ import annotations

from wholecell.channels.contract import Channel
from wholecell.channels.shipstation.settings import LoginForm, calls_us

CHANNEL = Channel(
    kind="shipstation",
    label="ShipStation",
    name="ShipStation",
    mark="SS",
    summary="Hand orders to ShipStation and get carrier and tracking back.",
    form=LoginForm,
    is_by_hand=calls_us,
    ships_orders=True,
    order=60,
)
