"""How often Walmart may be called: the figures of its page on rate limiting, for each seller and program."""

from __future__ import annotations

from wholecell.channels.contract import RateLimit

# A few calls at once, so that a fall need not wait for the steady run of others.
TOKENS = RateLimit("access tokens", count=30, seconds=60, burst=5)
TOKEN_DETAILS = RateLimit("readings of the login's permissions", count=30, seconds=60, burst=5)
ITEMS = RateLimit(
    "readings of the item list",
    count=60,  # it is never asked without query parameters, which would be 300
    seconds=60,
    burst=10,
    says="Walmart allows 60 readings of the item list a minute",
)
ITEM = RateLimit(
    "readings of single items",
    count=60,  # as above: 900 without parameters
    seconds=60,
    burst=10,
    says="Walmart allows 60 readings of single items a minute",
)
INVENTORIES = RateLimit(
    "readings of the quantity list",
    count=200,
    seconds=60,
    burst=20,
    says="Walmart allows 200 readings of the list of quantities a minute",
)
INVENTORY = RateLimit(
    "readings of single quantities",
    count=200,
    seconds=60,
    burst=20,
    says="Walmart allows 200 readings of single quantities a minute",
)
QUANTITIES = RateLimit(
    "quantity updates", count=200, seconds=60, burst=40, says="Walmart allows 200 new quantities a minute"
)
FEEDS = RateLimit(
    "files of quantities", count=10, seconds=3600, burst=10, says="Walmart allows 10 files of quantities an hour"
)
FEED_ANSWERS = RateLimit("readings of what became of a file", count=5000, seconds=60, burst=100)
ORDERS = RateLimit("readings of orders", count=5000, seconds=60, burst=100)
ACKNOWLEDGEMENTS = RateLimit(
    "acknowledgements", count=60, seconds=60, burst=20, says="Walmart allows 60 acknowledgements of orders a minute"
)
SHIPMENTS = RateLimit("shipments", count=60, seconds=60, burst=20, says="Walmart allows 60 shipments a minute")
CANCELLATIONS = RateLimit(
    "cancellations", count=60, seconds=60, burst=20, says="Walmart allows 60 cancellations a minute"
)

ALL = (
    TOKENS,
    TOKEN_DETAILS,
    ITEMS,
    ITEM,
    INVENTORIES,
    INVENTORY,
    QUANTITIES,
    FEEDS,
    FEED_ANSWERS,
    ORDERS,
    ACKNOWLEDGEMENTS,
    SHIPMENTS,
    CANCELLATIONS,
)
