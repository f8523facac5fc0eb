"""Back Market: refurbished devices, one quantity for all markets of a platform."""

from __future__ import annotations

from datetime import timedelta

from wholecell.channels.backmarket.client import REQUESTS, UPDATES, BackMarket
from wholecell.channels.backmarket.orders import WORDS
from wholecell.channels.backmarket.settings import PLATFORMS, LoginForm
from wholecell.channels.backmarket.shippers import SHIPPERS
from wholecell.channels.contract import Channel

CHANNEL = Channel(
    kind="backmarket",
    label="Back Market",
    name="Backmarket",
    mark="BM",
    summary="Sell graded phones on Back Market in Europe, North America or Asia-Pacific.",
    hosts={key: platform.host for key, platform in PLATFORMS.items()},
    form=LoginForm,
    secrets=("token",),
    connect=BackMarket,
    settle=timedelta(0),  # a single update shows at once, and its answer repeats the number
    receipt_deadline=timedelta(hours=1),
    rate_limits=(REQUESTS, UPDATES),
    order_words=WORDS,
    orders_every=timedelta(minutes=5),  # there are no push notices, and it asks for no more often
    order_overlap=timedelta(minutes=10),
    carriers=SHIPPERS,
    is_one_parcel=True,
    takes_esn=True,
    order=30,
)
