"""The lines of a listing's or an integration's timeline in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from wholecell.models import Event
from wholecell.services.listing_page import VARIATION, ListingPage
from wholecell.web.filters import money

# kind -> words, icon
LISTING = {
    "imported": ("Imported", "download"),
    "channel sku": ("SKU on the channel", "tag"),
    "channel title": ("Title", "pencil"),
    "channel price_cents": ("Price", "tag"),
    "channel state": ("State", "refresh"),
    "channel shipped by": ("Who ships it", "refresh"),
    "channel quantity": ("Channel's number", "refresh"),
    "connection": ("Counts", "link"),
    "limits": ("Limits", "settings"),
    "set to 0": ("Set to 0, because it is no longer followed", "circle-off"),
}
INTEGRATION = {
    "connected": ("Connected", "plug-connected"),
    "login changed": ("Login changed", "lock"),
    "app changed": ("Keys of the app changed", "lock"),
    "armed": ("Armed: numbers leave from here on", "bolt"),
    "disarmed": ("Disarmed: nothing leaves", "player-pause"),
    "guard released": ("Held numbers sent", "shield-check"),
    "quantities file made": ("File of quantities made", "download"),
    "quantities entered": ("Quantities entered by hand", "check"),
    "shipments file made": ("File of shipments made", "download"),
    "shipments entered": ("Shipments entered by hand", "check"),
    "import error left": ("Order that could not be stored left alone", "circle-off"),
}
SOURCES = {"channel": "seen on the channel", "system": "by itself", "upload": "by upload", "scan": "by scan"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line as the timeline macro draws it."""

    text: str
    at: datetime
    who: str
    icon: str
    old: str | None
    new: str | None
    tone: str = ""


def listing_lines(page: ListingPage) -> list[Line]:
    """The lines of a listing, with variations called by their names."""
    found = [line_of(event, page.people, LISTING, page.listing.currency) for event in page.timeline]
    return [replace(line, old=_named(line.old, page), new=_named(line.new, page)) for line in found]


def _named(text: str | None, page: ListingPage) -> str | None:
    return text and VARIATION.sub(lambda found: page.variation_names.get(int(found[1]), found[0]), text)


def line_of(
    event: Event, people: Mapping[int, str], known: Mapping[str, tuple[str, str]], currency: str = "USD"
) -> Line:
    """One line; a kind without words of its own is shown as it is called."""
    text, icon = known.get(event.kind, (event.kind[:1].upper() + event.kind[1:], "pencil"))
    who = people.get(event.user_id or 0, "") or SOURCES.get(event.source, "")
    old, new = event.old, event.new
    if event.kind == "channel price_cents":
        old, new = _price(old, currency), _price(new, currency)
    if event.kind == "imported" and new is not None:
        text, new = f"Imported, the channel shows {new}", None
    return Line(text, event.at, who, icon, old, new)


def _price(cents: str | None, currency: str) -> str | None:
    return money(int(cents), currency) if cents and cents.isdigit() else cents
