"""What a channel says about an order and its lines, as values of our columns. Nothing here asks the database.

A person may change here what the channel said. `channel_said` therefore keeps the channel's last values, and a
refresh overwrites ours only where the channel's own value changed since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from wholecell.channels.contract import RemoteLine, RemoteOrder
from wholecell.services.money import shown_cents

LARGEST = 2**31 - 1
YEARS = (1990, 2200)
MOST_AHEAD = timedelta(days=1)  # of a channel's clock before ours
NOT_ON_ORDER = "no longer on the order"  # the channel's word for a line that its order does not have any more
_ADDRESS = {
    "ship_name": ("name", 200),
    "ship_company": ("company", 200),
    "ship_street": ("street", 200),
    "ship_street2": ("street2", 200),
    "ship_city": ("city", 200),
    "ship_state": ("state", 200),
    "ship_postal_code": ("postal_code", 60),
    "ship_country": ("country", 2),
    "ship_phone": ("phone", 60),
}
_PLACE = frozenset(_ADDRESS) - {"ship_name", "ship_phone"}
# Changed by the channel, told on the timeline as "changed": names and addresses never stand there.
ADDRESS_COLUMNS = frozenset(_ADDRESS)
PERSONAL_COLUMNS = ADDRESS_COLUMNS | {"buyer", "email"}
TOLD_TEXTS = PERSONAL_COLUMNS | {"ship_service"}


def text(value: str, longest: int) -> str:
    """A channel's text as every database can hold it, cut at `longest` and not within a joined emoji."""
    clean = value.encode("utf-8", "replace").decode().replace("\x00", "")
    return clean if len(clean) <= longest else clean[:longest].rstrip("\u200d\ufe0f ")


def with_usable_times(remote: RemoteOrder, read_at: datetime) -> RemoteOrder:
    """The order without times that cannot be: such as 1 January of the year 1, which stands for none.

    No page can show them in local time, and a change that lies ahead would make every later one older news.
    """
    times = (remote.placed_at, remote.ship_by, remote.changed_at)
    placed_at, ship_by, changed_at = (at if at and YEARS[0] <= at.year <= YEARS[1] else None for at in times)
    if changed_at and changed_at > read_at + MOST_AHEAD:
        changed_at = None
    if times == (placed_at, ship_by, changed_at):
        return remote
    return replace(remote, placed_at=placed_at, ship_by=ship_by, changed_at=changed_at)


def told(remote: RemoteOrder, old: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the channel says of the order, where a person may say otherwise. What it leaves out is no news.

    `old` is the row of an order we have. Nothing about a person comes back once it was erased.
    """
    known = {"ship_by": remote.ship_by, "total_cents": remote.total_cents, "shipping_cents": remote.shipping_cents}
    service = text(remote.service, 120)
    return {
        "number": text(remote.number, 80),
        "currency": text(remote.currency, 3),
        **({} if old is not None and old["erased_at"] else _personal(remote, old)),
        **({"ship_service": service} if service else {}),
        **{name: value for name, value in known.items() if value is not None},
    }


def _personal(remote: RemoteOrder, old: Mapping[str, Any] | None) -> dict[str, Any]:
    """Who buys, and where it goes: without what the channel blanks or masks some weeks after the sale.

    A place is told as a whole, so that a second line of the old address does not stay in the new one; without its
    street it is no news where we have one. eBay leaves out name, street and phone after 90 days, the e-mail after
    14, and goes on telling the town (specs/ebay/sell_fulfillment_v1.json, ExtendedContact and Address).
    """
    address = {
        name: _unmasked(text(getattr(remote.ship_to, key), longest)) for name, (key, longest) in _ADDRESS.items()
    }
    people = {
        "ship_name": address["ship_name"],
        "ship_phone": address["ship_phone"],
        "buyer": _unmasked(text(remote.buyer.strip(), 200)),
        "email": _unmasked(text(remote.email.strip(), 200)),
    }
    found = {name: value for name, value in people.items() if value}
    place = {name: address[name] for name in _PLACE}
    if any(place.values()) and (place["ship_street"] or old is None or not old["ship_street"]):
        found |= place
    return found


def _unmasked(value: str) -> str:
    """The value; blank for one that stands in the place of what the channel hides, such as "J*** D***"."""
    return "" if "**" in value or (value and not any(sign.isalnum() for sign in value)) else value


def follows(remote: RemoteOrder, *, is_erased: bool = False) -> dict[str, Any]:
    """What is the channel's alone to say of the order, beside its status."""
    notes = [] if is_erased else [text(note, 500) for note in remote.notes]  # the buyer's own words, for one
    return {
        "is_fulfilled_by_channel": remote.is_fulfilled_by_channel,
        "is_to_accept": remote.is_to_accept,
        "is_cancel_asked": remote.is_cancel_asked,
        "channel_notes": notes + _price_notes(remote),
        "channel_changed_at": remote.changed_at,
    }


def line_told(line: RemoteLine) -> dict[str, Any]:
    """What the channel says of a line, where a person may say otherwise."""
    return {
        "sku": text(line.sku.strip(), 120) or None,
        "title": text(line.title, 500),
        "price_cents": line.price_cents,
        "ordered": _units(line.ordered),
    }


def line_follows(line: RemoteLine) -> dict[str, Any]:
    """What is the channel's alone to say of a line."""
    return {
        "cancelled": _units(line.cancelled),
        "refunded_before_shipping": _units(line.refunded_before_shipping),
        "shipped": _units(line.shipped),
        "channel_status": text(line.status, 60),
        "listing_ids": {text(name, 60): text(value, 120) for name, value in line.listing_ids.items()},
    }


def line_is_gone(old: Mapping[str, Any]) -> dict[str, Any]:
    """A line the channel's order has no more: nothing of it is wanted, and what is committed to it stays."""
    return {"cancelled": max(old["ordered"] - old["refunded_before_shipping"], 0), "channel_status": NOT_ON_ORDER}


def overwritten(old: Mapping[str, Any], said: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Which of our values give way: those whose channel value is another than the channel's last one."""
    news = {name: value for name, value in now.items() if name not in said or said[name] != as_json(value)}
    return {name: value for name, value in news.items() if old[name] != value}


def different(old: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `now` that `old` does not have."""
    return {name: value for name, value in now.items() if old[name] != value}


def said_now(said: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The channel's last values, these included."""
    return {**said, **{name: as_json(value) for name, value in now.items()}}


def as_json(value: Any) -> Any:
    """A value of a column as `channel_said` keeps it."""
    return value.isoformat() if isinstance(value, datetime) else value


def keyed(lines: Sequence[RemoteLine]) -> dict[str, RemoteLine]:
    """Lines by a key that is the same in the next reading, also for lines without an id or with one id twice."""
    found: dict[str, RemoteLine] = {}
    for line in lines:
        base = text(line.external_id, 100) or _made_up(line)
        count = 1
        while (key := base if count == 1 else f"{base}#{count}") in found:
            count += 1
        found[key] = line
    return found


def _made_up(line: RemoteLine) -> str:
    said = repr((line.sku, line.title, sorted(line.listing_ids.items())))
    return f"no id {hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _units(count: int) -> int:
    return min(max(count, 0), LARGEST)


def _price_notes(remote: RemoteOrder) -> list[str]:
    """A total that no reading of the lines comes to is kept, and said."""
    prices = [(line.price_cents, line) for line in remote.lines]
    if remote.total_cents is None or not prices or any(price is None for price, _ in prices):
        return []
    every = sum((price or 0) * line.ordered for price, line in prices)
    kept = sum((price or 0) * (line.ordered - line.cancelled - line.refunded_before_shipping) for price, line in prices)
    shipping = remote.shipping_cents or 0
    rounding = sum(line.ordered for line in remote.lines)
    if any(abs(remote.total_cents - goods - more) <= rounding for goods in (every, kept) for more in (0, shipping)):
        return []
    return [f"Its total of {shown_cents(remote.total_cents)} is not the sum of its lines, {shown_cents(every)}."]
