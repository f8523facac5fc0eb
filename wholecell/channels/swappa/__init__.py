"""Swappa: it publishes no API, so people carry files, or use an API that is a proposal; see README.md."""

from __future__ import annotations

from wholecell.channels.contract import Channel
from wholecell.channels.swappa.client import Swappa
from wholecell.channels.swappa.settings import ADDRESSES, AppForm, LoginForm, is_by_hand
from wholecell.channels.swappa.sign_in import SIGN_IN_PAGES
from wholecell.channels.swappa.tokens import FIRST_ENDS, FIRST_TOKEN, REQUESTS
from wholecell.channels.swappa.words import ORDER_WORDS, SHEET_WORDS

CHANNEL = Channel(
    kind="swappa",
    label="Swappa",
    name="Swappa",
    mark="SW",
    summary="Sell used phones on Swappa. It publishes no API: listings, orders and numbers go by files.",
    addresses=ADDRESSES,
    form=LoginForm,
    secrets=("token", "refresh_token", FIRST_TOKEN, FIRST_ENDS),
    app_form=AppForm,
    app_secrets=("client_secret",),
    sign_in=SIGN_IN_PAGES,
    connect=Swappa,
    is_by_hand=is_by_hand,
    sheet_words=SHEET_WORDS,
    rate_limits=(REQUESTS,),
    order_words=ORDER_WORDS,
    takes_esn=True,
    needs_all_phones=True,
    order=50,
)
