"""Amazon: one marketplace of one region, by the Selling Partner API."""

from __future__ import annotations

from datetime import timedelta

from wholecell.channels.amazon.carriers import CODES
from wholecell.channels.amazon.client import Amazon
from wholecell.channels.amazon.limits import LIMITS
from wholecell.channels.amazon.order_reading import TOLD_AFTER
from wholecell.channels.amazon.orders import WORDS
from wholecell.channels.amazon.settings import HOSTS, LoginForm, account_of, limits_of, login_ends, order_url, place
from wholecell.channels.contract import Channel

CHANNEL = Channel(
    kind="amazon",
    label="Amazon",
    name="Amazon",
    mark="AZ",
    summary="Sell on Amazon as a third-party seller; each marketplace is an integration of its own.",
    hosts=HOSTS,
    form=LoginForm,
    secrets=("client_secret", "refresh_token"),
    connect=Amazon,
    place=place,
    login_ends=login_ends,
    settle=timedelta(minutes=30),  # accepted means received: what shoppers see follows minutes later, or longer
    receipt_deadline=timedelta(hours=6),  # feeds mostly take half an hour, and sometimes hours
    receipt_every=timedelta(minutes=5),
    rate_limits=LIMITS,
    account_of=account_of,
    limits_of=limits_of,
    order_words=WORDS,
    orders_every=timedelta(minutes=5),  # more often, a backlog would use up the searches that are allowed
    orders_lag=TOLD_AFTER + timedelta(seconds=15),  # clocks differ, and ends of searches are whole seconds
    order_overlap=timedelta(minutes=10),
    carriers=CODES,
    sends_shipments=False,  # labels bought through Amazon, which most sellers use, confirm themselves
    names_customers=False,  # names need a role that the app may not have
    fulfilled_by_channel="FBA",
    order_url=order_url,
    order=10,
)
