"""Amazon's usage plans, each as documented with its operation; an app and a seller together share one bucket a call."""

from __future__ import annotations

from wholecell.channels.contract import RateLimit


def _plan(name: str, count: int, seconds: float, burst: int, says: str = "") -> RateLimit:
    """A plan as documented, less one call of its burst: one that travels faster than the last must find a turn, too."""
    return RateLimit(name, count, seconds, burst - 1, says)


SEARCH_ORDERS = _plan(
    "order searches", count=1, seconds=179, burst=20, says="Amazon allows 1 order search every 3 minutes"
)
GET_ORDER = _plan("orders read", count=1, seconds=2, burst=30, says="Amazon allows 1 order read every 2 seconds")
CONFIRM_SHIPMENT = _plan("shipments", count=2, seconds=1, burst=10)
SEARCH_LISTINGS = _plan("listing searches", count=5, seconds=1, burst=5)
GET_LISTING = _plan("listings read", count=5, seconds=1, burst=10)
PATCH_LISTING = _plan("quantities", count=5, seconds=1, burst=5)
PARTICIPATIONS = _plan(
    "login checks", count=1, seconds=62.5, burst=15, says="Amazon allows a login to be checked once a minute"
)
CREATE_REPORT = _plan("reports", count=1, seconds=60, burst=15, says="Amazon allows 1 report a minute")
GET_REPORT = _plan("report states", count=2, seconds=1, burst=15)
REPORT_DOCUMENT = _plan("report files", count=1, seconds=60, burst=15, says="Amazon hands out 1 report's file a minute")
CREATE_FEED_DOCUMENT = _plan("feed files", count=1, seconds=2, burst=15)
CREATE_FEED = _plan("feeds", count=1, seconds=120.5, burst=15, says="Amazon allows 1 feed every 2 minutes")
# Feeds of listings have a plan of their own beside that of all feeds ("Building Listings Management Workflows Guide").
LISTING_FEEDS = _plan(
    "feeds of quantities", count=5, seconds=300, burst=5, says="Amazon allows 5 feeds of quantities every 5 minutes"
)
GET_FEED = _plan("feed states", count=2, seconds=1, burst=15)
FIND_FEEDS = _plan("feed searches", count=1, seconds=45, burst=10)
FEED_DOCUMENT = _plan("feed answers", count=1, seconds=45, burst=10)

LIMITS = (
    SEARCH_ORDERS,
    GET_ORDER,
    CONFIRM_SHIPMENT,
    SEARCH_LISTINGS,
    GET_LISTING,
    PATCH_LISTING,
    PARTICIPATIONS,
    CREATE_REPORT,
    GET_REPORT,
    REPORT_DOCUMENT,
    CREATE_FEED_DOCUMENT,
    CREATE_FEED,
    LISTING_FEEDS,
    GET_FEED,
    FIND_FEEDS,
    FEED_DOCUMENT,
)
