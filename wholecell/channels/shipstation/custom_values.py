"""Texts, money and times as ShipStation's Custom Store protocol writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

FORMAT = "%m/%d/%Y %H:%M"
# The guide asks for 24 hours; ShipStation's own notices carry AM and PM (custom-store/shipnotice_sample.xml).
FORMATS = (FORMAT, "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y")
# What XML 1.0 has no way to write, and halves of characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_STATES = """
Alabama AL,Alaska AK,Arizona AZ,Arkansas AR,California CA,Colorado CO,Connecticut CT,Delaware DE,
District of Columbia DC,Washington DC DC,Florida FL,Georgia GA,Hawaii HI,Idaho ID,Illinois IL,Indiana IN,Iowa IA,
Kansas KS,Kentucky KY,Louisiana LA,Maine ME,Maryland MD,Massachusetts MA,Michigan MI,Minnesota MN,Mississippi MS,
Missouri MO,Montana MT,Nebraska NE,Nevada NV,New Hampshire NH,New Jersey NJ,New Mexico NM,New York NY,
North Carolina NC,North Dakota ND,Ohio OH,Oklahoma OK,Oregon OR,Pennsylvania PA,Rhode Island RI,South Carolina SC,
South Dakota SD,Tennessee TN,Texas TX,Utah UT,Vermont VT,Virginia VA,Washington WA,West Virginia WV,Wisconsin WI,
Wyoming WY,Puerto Rico PR,Guam GU,American Samoa AS,U.S. Virgin Islands VI,Virgin Islands VI,
Northern Mariana Islands MP,Alberta AB,British Columbia BC,Manitoba MB,New Brunswick NB,Newfoundland NL,
Newfoundland and Labrador NL,Nova Scotia NS,Northwest Territories NT,Nunavut NU,Ontario ON,Prince Edward Island PE,
Quebec QC,Québec QC,Saskatchewan SK,Yukon YT
"""
_CODES = {name.strip().casefold(): code for name, _, code in (each.rpartition(" ") for each in _STATES.split(","))}


def clean(text: str, longest: int) -> str:
    """A text on one line that XML can hold, cut."""
    return " ".join(_FORBIDDEN.sub("", text).split())[:longest].rstrip()


def money(cents: int) -> str:
    """12.30 for 1230."""
    return str((Decimal(cents) / 100).quantize(Decimal("0.01")))


def cents(text: str) -> int | None:
    """1230 for 12.30; None for what is no sum of money."""
    try:
        value = Decimal(text.strip().lstrip("$").replace(",", ""))
    except InvalidOperation:
        return None
    return int((value * 100).to_integral_value()) if value.is_finite() and abs(value) < 10_000_000 else None


def stamp(at: datetime) -> str:
    """A time as the export writes it: UTC, 24 hours, whole minutes."""
    return at.astimezone(UTC).strftime(FORMAT)


def read_time(text: str) -> datetime | None:
    """A time as ShipStation writes it, in UTC; None when it is none."""
    for each in FORMATS:
        try:
            return datetime.strptime(" ".join(text.split()), each).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def shipped_at(ship_date: str, made: str) -> datetime | None:
    """When it left: the date of shipping is a day alone, to which the making of the label may give the hour."""
    day, label = read_time(ship_date), read_time(made)
    if day is None:
        return label
    if label is not None and label.date() == day.date():
        return label
    return day if (day.hour, day.minute) != (0, 0) else day + timedelta(hours=12)


def state_code(state: str, country: str) -> str:
    """Two letters for a state of the US or Canada that is written out; another one stays as it is."""
    return _CODES.get(" ".join(state.split()).casefold(), state) if country in ("US", "CA") else state


def joined(texts: Sequence[str], longest: int) -> str:
    """As many of them, whole and with commas between, as fit."""
    found = ""
    for each in texts:
        longer = f"{found}, {each}" if found else each
        if len(longer) > longest:
            break
        found = longer
    return found
