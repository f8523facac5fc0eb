"""ShipStation: orders go there, shipments come back. As a Custom Store it asks us; by its API V1 we call it."""

from __future__ import annotations

from wholecell.channels.contract import Channel
from wholecell.channels.shipstation.client import ShipStation
from wholecell.channels.shipstation.limits import CALLS, limits_of
from wholecell.channels.shipstation.settings import LoginForm, calls_us, place
from wholecell.channels.shipstation.words import ORDER_WORDS

CHANNEL = Channel(
    kind="shipstation",
    label="ShipStation",
    name="ShipStation",
    mark="SS",
    summary="Hand orders to ShipStation and get carrier and tracking back.",
    hosts={"": "https://ssapi.shipstation.com"},
    form=LoginForm,
    secrets=("api_secret",),
    connect=ShipStation,
    is_by_hand=calls_us,
    place=place,
    rate_limits=(CALLS,),
    limits_of=limits_of,
    order_words=ORDER_WORDS,
    fulfilled_by_channel="a fulfillment provider",
    ships_orders=True,
    order=60,
)
