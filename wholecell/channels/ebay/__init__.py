"""eBay: fixed-price listings and orders of one seller, by Trading and by the REST interfaces."""

from __future__ import annotations

from datetime import timedelta

from wholecell.channels.contract import Channel
from wholecell.channels.ebay import limits
from wholecell.channels.ebay.client import Ebay
from wholecell.channels.ebay.order_reading import LAG
from wholecell.channels.ebay.settings import HOSTS, AppForm, LoginForm, account_of, login_ends, order_url, place
from wholecell.channels.ebay.sign_in import SIGN_IN
from wholecell.channels.ebay.statuses import WORDS

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
    connect=Ebay,
    account_of=account_of,
    place=place,
    login_ends=login_ends,
    settle=timedelta(minutes=1),
    rate_limits=limits.ALL,
    budgets=(limits.TRADING,),
    order_words=WORDS,
    orders_every=timedelta(minutes=2),
    orders_lag=LAG + timedelta(seconds=15),  # clocks differ
    order_overlap=timedelta(minutes=10),
    carriers=(),  # hundreds; what eBay has no code for goes as Other
    fulfilled_by_channel="Fulfilled by eBay",
    order_url=order_url,
    order=40,
)
