"""How times, numbers and money are written on pages: local time of the account, absolute first."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.numbers import format_currency
from flask import Flask, current_app

from wholecell.config import Config
from wholecell.db import utcnow

MINUS = "\N{MINUS SIGN}"


def init_app(app: Flask) -> None:
    """Give templates the filters of this module."""
    app.jinja_env.filters.update(
        browser_name=browser_name,
        day=day,
        duration=duration,
        clock=clock,
        when=when,
        short=short,
        ago=ago,
        money=money,
        signed=signed,
    )


def local(at: datetime) -> datetime:
    """This aware time in the account's time zone."""
    settings: Config = current_app.extensions["wholecell"]
    return at.astimezone(ZoneInfo(settings.timezone))


def from_local(at: datetime) -> datetime:
    """A time without a zone, as people enter it, in the account's time zone."""
    settings: Config = current_app.extensions["wholecell"]
    return at.replace(tzinfo=ZoneInfo(settings.timezone)).astimezone(UTC)


def zone_name() -> str:
    """The account's time zone, such as Europe/Paris."""
    settings: Config = current_app.extensions["wholecell"]
    return settings.timezone


def day(at: datetime | None) -> str:
    """2 Nov, with the year when it is another one; a dash for none."""
    if at is None:
        return "–"
    here = local(at)
    return f"{here.day} {here:%b}" + ("" if here.year == local(utcnow()).year else f" {here.year}")


def clock(at: datetime | None) -> str:
    """10:41:20, a dash for none."""
    return "–" if at is None else f"{local(at):%H:%M:%S}"


def when(at: datetime | None) -> str:
    """Today's times as 10:41:20, others as 2 Nov 14:08; `never` for none."""
    if at is None:
        return "never"
    if local(at).date() == local(utcnow()).date():
        return clock(at)
    return f"{day(at)} {local(at):%H:%M}"


def short(at: datetime | None) -> str:
    """To the minute, as short as it is clear: 16:00 today, Thu 16:00 within six days, else 2 Nov; a dash for none."""
    if at is None:
        return "–"
    days = abs((local(at).date() - local(utcnow()).date()).days)
    return day(at) if days > 6 else f"{local(at):%H:%M}" if days == 0 else f"{local(at):%a %H:%M}"


def duration(seconds: float) -> str:
    """1.9 s, 25 s, 4 min, 3 h: as exact as it matters."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.0f} h"


def ago(at: datetime | None) -> str:
    """How long since then, in the one unit that fits: 25 min, 3 h, 4 d."""
    if at is None:
        return "–"
    seconds = max(int((utcnow() - at).total_seconds()), 0)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def money(cents: int | None, currency: str | None = "USD") -> str:
    """Cents as money: $229.00; a dash for none."""
    return "–" if cents is None else _amount(cents, currency or "USD")


@lru_cache(maxsize=4096)  # the same few prices stand in a table's every row
def _amount(cents: int, currency: str) -> str:
    return str(format_currency(Decimal(cents) / 100, currency, locale="en_US"))


def signed(number: object) -> str:
    """A whole number with thousands marks and a real minus; a dash for none, other text as it is."""
    if number is None:
        return "–"
    if not isinstance(number, int):
        return str(number)
    return f"{number:,}".replace("-", MINUS)


def browser_name(agent: str) -> str:
    """The browser and system that a User-Agent line names, such as `Firefox on Windows`."""
    # Most name others too, for old servers' sake: the most particular name comes first.
    browsers = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    systems = (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    browser = next((name for sign, name in browsers if sign in agent), agent.partition("/")[0] or "A browser")
    system = next((name for sign, name in systems if sign in agent), "")
    return f"{browser} on {system}" if system else browser
