"""How many listing calls are left today, as eBay's Analytics API tells; nobody's work waits for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from wholecell.channels.contract import ChannelError
from wholecell.channels.ebay.limits import TRADING
from wholecell.channels.ebay.values import rows, whole
from wholecell.channels.values import moment

if TYPE_CHECKING:
    from wholecell.channels.ebay.access import Rest

PATH = "/developer/analytics/v1_beta/user_rate_limit/"
NOTE = "budget asked for"
EVERY = timedelta(hours=1)
DAY = 86_400
OURS = frozenset({"GetMyeBaySelling", "GetSellerList", "ReviseInventoryStatus", "GetItem"})


def learn_sometimes(access: Rest) -> None:
    """Ask once an hour."""
    asked_at = moment(access.state.recall(NOTE))
    now = datetime.now(UTC)
    if asked_at is None or now - asked_at >= EVERY or asked_at > now:
        learn(access)


def learn(access: Rest) -> None:
    """Ask what is left; an answer that is none changes nothing."""
    access.state.remember(NOTE, datetime.now(UTC).isoformat())
    try:
        response = access.analytics(PATH, api_name="TradingAPI")
    except ChannelError:
        return
    # The scarcest of our calls: whether they share a day's number or have one each is not documented.
    found = min(_rates(response.json), default=None, key=lambda rate: rate[1])
    if found is not None:
        count, left, ends_at = found
        access.state.learn_budget(TRADING, count, left, ends_at)


def _rates(json: object) -> Iterator[tuple[int, int, datetime]]:
    for api in rows(json.get("rateLimits")) if isinstance(json, dict) else []:
        resources = [each for each in rows(api.get("resources")) if str(api.get("apiName", "")).startswith("Trading")]
        ours = [each for each in resources if each.get("name") in OURS]
        for resource in ours or resources:
            for rate in rows(resource.get("rates")):
                if (found := _rate(rate)) is not None:
                    yield found


def _rate(rate: Mapping[str, Any]) -> tuple[int, int, datetime] | None:
    count, left, ends_at = whole(rate.get("limit")), whole(rate.get("remaining")), moment(rate.get("reset"))
    if rate.get("timeWindow") != DAY or count is None or left is None or ends_at is None:
        return None
    return count, left, ends_at
