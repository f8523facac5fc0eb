"""How many listing calls are left today, as eBay's Analytics API tells; nobody's work waits for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from wholecell.channels.contract import ChannelError
from wholecell.channels.ebay.limits import TRADING
from wholecell.channels.ebay.values import rows, text
from wholecell.channels.values import moment, whole

if TYPE_CHECKING:
    from wholecell.channels.ebay.access import Rest

PATH = "/developer/analytics/v1_beta/user_rate_limit/"
NOTE = "budget asked for"
EVERY = timedelta(hours=1)
DAY = 86_400
FALLS = "ReviseInventoryStatus"
OURS = frozenset({"GetMyeBaySelling", "GetSellerList", FALLS, "GetItem"})


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
    rates = list(_rates(response.json))
    if not rates:
        return
    _, (count, left, ends_at) = min(rates, key=lambda named: named[1][1])
    falls = max((rate[1] for name, rate in rates if name == FALLS), default=0)
    # Pages that are used up do not stop numbers that fall, which only what is kept back is for.
    kept_back = count * TRADING.kept_back // TRADING.count
    access.state.learn_budget(TRADING, count, max(left, min(falls, kept_back)), ends_at)


def _rates(json: object) -> Iterator[tuple[str, tuple[int, int, datetime]]]:
    for api in rows(json.get("rateLimits")) if isinstance(json, dict) else []:
        resources = [each for each in rows(api.get("resources")) if str(api.get("apiName", "")).startswith("Trading")]
        ours = [each for each in resources if each.get("name") in OURS]
        for resource in ours or resources:
            for rate in rows(resource.get("rates")):
                if (found := _rate(rate)) is not None:
                    yield text(resource.get("name"), 80), found


def _rate(rate: Mapping[str, Any]) -> tuple[int, int, datetime] | None:
    count, left, ends_at = whole(rate.get("limit")), whole(rate.get("remaining")), moment(rate.get("reset"))
    if rate.get("timeWindow") != DAY or not count or left is None or ends_at is None:
        return None
    return count, left, ends_at
