"""What eBay lets be called: bursts by seller, and days by app."""

from __future__ import annotations

from wholecell.channels.contract import DailyBudget, RateLimit

# Each Trading call has a window of 15 seconds a seller, and who goes over it is blocked until the window ends (eBay's
# reference pages of the calls). A bucket lets its burst and its rate through in one window: half of each is safe.
SELLING_LISTS = RateLimit("listing pages", count=150, seconds=15, burst=100)  # GetMyeBaySelling, GetSellerList: 300
REVISIONS = RateLimit("quantities", count=3000, seconds=15, burst=1000)  # ReviseInventoryStatus: 6,000
SINGLE_LISTINGS = RateLimit("listings read", count=150, seconds=15, burst=50)
# No bursts are documented for REST; these keep below what its daily calls allow.
ORDERS = RateLimit("orders", count=100, seconds=60, burst=50)
INVENTORY = RateLimit("inventory calls", count=300, seconds=60, burst=100)
SHIPMENTS = RateLimit("shipments", count=120, seconds=60, burst=60)
ALL = (SELLING_LISTS, REVISIONS, SINGLE_LISTINGS, ORDERS, INVENTORY, SHIPMENTS)

# Unless eBay grants more ("Application Growth Check"); a day ends at midnight Pacific time ("API call limits").
TRADING = DailyBudget(
    "listing calls",
    count=5_000,
    kept_back=1_000,
    zone="America/Los_Angeles",
    says="eBay allows your app 5,000 listing calls a day, for all its sellers together",
)
