"""eBay: the sign-in of a seller; not built any further yet."""

from __future__ import annotations

from datetime import timedelta

from wholecell.channels.contract import Channel
from wholecell.channels.ebay import limits
from wholecell.channels.ebay.settings import HOSTS, AppForm, LoginForm, login_ends, order_url, place
from wholecell.channels.ebay.sign_in import SIGN_IN

CHANNEL = Channel(
    kind="ebay",
    label="eBay",
    name="eBay",
    mark="EB",
    summary="Sell fixed-price listings on eBay; auctions are shown and left alone.",
    hosts=HOSTS,
    form=LoginForm,
    secrets=("refresh_token",),
    app_form=AppForm,
    app_secrets=("client_secret", "verification_token"),
    sign_in=SIGN_IN,
    place=place,
    login_ends=login_ends,
    settle=timedelta(minutes=1),
    rate_limits=limits.ALL,
    budgets=(limits.TRADING,),
    orders_every=timedelta(minutes=2),
    order_overlap=timedelta(minutes=10),
    carriers=(),  # hundreds; what eBay has no code for goes as Other
    fulfilled_by_channel="Fulfilled by eBay",
    order_url=order_url,
    order=40,
)
