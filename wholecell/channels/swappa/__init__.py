"""Swappa: it publishes no API, so that people carry files; see README.md."""

from __future__ import annotations

from wholecell.channels.contract import Channel
from wholecell.channels.swappa.settings import LoginForm, is_by_hand
from wholecell.channels.swappa.words import ORDER_WORDS, SHEET_WORDS

CHANNEL = Channel(
    kind="swappa",
    label="Swappa",
    name="Swappa",
    mark="SW",
    summary="Sell used phones on Swappa. It publishes no API: listings, orders and numbers go by files.",
    form=LoginForm,
    is_by_hand=is_by_hand,
    sheet_words=SHEET_WORDS,
    order_words=ORDER_WORDS,
    takes_esn=True,
    needs_all_phones=True,
    order=50,
)
