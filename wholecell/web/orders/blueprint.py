"""The blueprint of the orders' pages, and their filter as it stands in the URL."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.datastructures import MultiDict

from wholecell.channels import discover
from wholecell.config import Config
from wholecell.db import utcnow
from wholecell.services import orders_page
from wholecell.services.order_filter import ALL, CHIPS, NEWEST, OPEN, SHIP_BY, OrderFilter, tab_of

bp = Blueprint("orders", __name__, url_prefix="/orders")
BY_HAND = "by-hand:"  # before the channel's name, where the filter means hand-made orders
PASTED = 12_000  # characters of a pasted list that an address carries


@bp.record
def marks(state: BlueprintSetupState) -> None:
    """Orders show where they come from; a channel's folder knows its mark and label."""
    state.app.jinja_env.globals.update(channel_of=discover().get)


def read_filter(values: MultiDict[str, str]) -> OrderFilter:
    """The filter these values (of the URL or of the bulk form) ask for; a search looks through all orders."""
    text, source = values.get("q", "")[:PASTED], values.get("source", "")
    buyer = values.get("buyer", type=int)
    tab = values.get("tab", "") or (ALL if text.strip() or buyer else OPEN)
    return OrderFilter(
        text=text,
        tab=tab_of(tab, {key for key, _title, _color in orders_page.statuses()}),
        chip=values["only"] if values.get("only") in CHIPS else "",
        integration_id=int(source) if source.isascii() and source.isdigit() else None,
        channel=source.removeprefix(BY_HAND) if source.startswith(BY_HAND) else "",
        customer=values.get("customer", "").strip()[:200],
        placed_from=begin_of(day_of(values.get("from"))),
        placed_before=end_of(day_of(values.get("to"))),
        ship_before=end_of(day_of(values.get("ship"))),
        today_ends=end_of(today()),
        sort=SHIP_BY if values.get("sort") == SHIP_BY else NEWEST,
        customer_id=buyer,
    )


def as_values(values: MultiDict[str, str]) -> dict[str, str]:
    """The same filter as values of a URL; empty ones are left out."""
    names = ("q", "tab", "only", "source", "customer", "from", "to", "ship", "sort", "buyer")
    return {name: values[name] for name in names if values.get(name, "").strip()}


def zone() -> ZoneInfo:
    """The account's time zone."""
    settings: Config = current_app.extensions["wholecell"]
    return ZoneInfo(settings.timezone)


def today() -> date:
    """The account's day."""
    return utcnow().astimezone(zone()).date()


def begin_of(day: date | None) -> datetime | None:
    """When this day begins for the account."""
    return None if day is None else datetime.combine(day, time(), zone()).astimezone(utcnow().tzinfo)


def end_of(day: date | None) -> datetime | None:
    """When this day is over for the account."""
    return None if day is None or day == date.max else begin_of(day + timedelta(days=1))


def day_of(text: str | None) -> date | None:
    """A day as date fields write it, None for anything else."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.year > 1 else None
