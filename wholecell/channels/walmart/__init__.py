"""Walmart Marketplace in the United States: items known by their SKU, and orders to acknowledge first."""

from __future__ import annotations

from datetime import timedelta

from wholecell.channels.contract import Channel
from wholecell.channels.walmart import limits
from wholecell.channels.walmart.carriers import CARRIERS
from wholecell.channels.walmart.client import Walmart
from wholecell.channels.walmart.settings import HOSTS, LoginForm
from wholecell.channels.walmart.statuses import WORDS

CHANNEL = Channel(
    kind="walmart",
    label="Walmart",
    name="Walmart",
    mark="WM",
    summary="Sell on Walmart Marketplace in the United States.",
    hosts=HOSTS,
    form=LoginForm,
    secrets=("client_secret",),
    connect=Walmart,
    account_of=lambda login: login.get("client_id", ""),  # its keys: a second pair of one account is not noticed
    place=lambda _: "United States",
    settle=timedelta(minutes=15),
    receipt_deadline=timedelta(hours=4),
    receipt_every=timedelta(minutes=15),  # Walmart asks for no more: files are nominally through in half an hour
    rate_limits=limits.ALL,
    order_words=WORDS,
    orders_every=timedelta(minutes=2),
    order_overlap=timedelta(minutes=15),  # how long a change takes to be listed, nothing says
    carriers=CARRIERS,
    fulfilled_by_channel="WFS",
    keeps_back_own_orders=(
        "Walmart may itself keep back the units of its own orders that have not shipped yet: compare the quantity sent"
        " with what is left to sell while an order is open. Tick this if it does, and the units of this integration's"
        " own Created and Acknowledged lines are added to what is sent; unticked, at most too few are offered."
    ),
    # Said by no document of Walmart's; programs of several sellers link so, by the purchase order.
    order_url="https://seller.walmart.com/orders/manage-orders?orderGroups=All&poNumber={id}",
    order=20,
)
