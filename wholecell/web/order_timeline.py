"""The lines of an order's timeline in words."""

from __future__ import annotations

from wholecell.services.activity import Line as Event
from wholecell.services.order_page import OrderPage
from wholecell.web.listing_timeline import SOURCES, Line

# kind -> words, icon, tone
KINDS = {
    "imported": ("Order arrived", "download", ""),
    "created": ("Order made by hand", "plus", ""),
    "status": ("Status", "arrows-exchange", ""),
    "channel status": ("The channel says", "refresh", ""),
    "committed": ("Phone committed", "lock", "ok"),
    "committed directly": ("Phone committed directly", "lock", "ok"),
    "committed below": ("Phone committed on a line below", "lock", ""),
    "moved up": ("Phone moved up to the item that wants it", "arrow-up", ""),
    "released": ("Phone released", "lock-open", ""),
    "returned": ("Phone returned", "truck-return", ""),
    "replacement": ("A replacement is to be sent", "truck", ""),
    "matched to phones": ("Item matched to its phones", "equal", ""),
    "item connected": ("Item is", "link", ""),
    "item set aside": ("Line set aside", "circle-off", ""),
    "item restored": ("Line counts again", "circle-check", ""),
    "item added": ("Item added", "plus", ""),
    "item changed": ("Item changed", "pencil", ""),
    "item removed": ("Item removed", "x", ""),
    "not from this stock": ("Not from this stock: nothing to scan", "check", ""),
    "erased": ("Name, address and notes erased", "circle-off", ""),
    "address": ("Address", "pencil", ""),
    "customer": ("Customer", "user", ""),
    "note added": ("Note added", "pencil", ""),
    "accept asked for": ("Is to be accepted on the channel", "check", ""),
    "accepted": ("Accepted on the channel", "circle-check", "ok"),
    "accept refused": ("The channel refused to accept it", "alert-octagon", "bad"),
    "line to cancel": ("The channel is to cancel", "ban", ""),
    "line cancelled": ("The channel cancelled", "ban", ""),
    "cancel refused": ("The channel did not cancel", "alert-octagon", "bad"),
    "phone's number refused": ("The channel did not take a phone's number", "alert-triangle", "bad"),
    "scanned": ("Everything is scanned", "barcode", "ok"),
    "shipped": ("Shipment added", "truck", ""),
    "shipment sent": ("The channel took the shipment", "circle-check", "ok"),
    "shipment entered": ("Shipment entered on the channel by hand", "circle-check", "ok"),
    "shipment taken": ("The other system took the shipment", "circle-check", "ok"),
    "came by file": ("It came in a file", "upload", ""),
    "upload taken back": ("The upload that brought it was taken back", "arrows-exchange", ""),
    "shipment refused": ("The channel did not take the shipment", "alert-octagon", "bad"),
    "shipment voided": ("Shipment voided", "x", ""),
    "shipment to send again": ("Shipment is sent once more", "refresh", ""),
}


def order_lines(page: OrderPage) -> list[Line]:
    """The lines of the order."""
    return [_line(event) for event in page.timeline]


def _line(event: Event) -> Line:
    text, icon, tone = KINDS.get(event.kind, (event.kind[:1].upper() + event.kind[1:], "pencil", ""))
    old, new = event.old, event.new
    if event.kind == "status" and new is None:  # the map has nothing for the channel's new word
        new = "not mapped"
    if old is None and new is not None:  # nothing became something: the value goes on with the sentence
        text, new = f"{text} {new}", None
    elif new is None and old is not None:
        text, old = f"{text} {old}", None
    return Line(text, event.at, _who(event), icon, old, new, tone)


def _who(event: Event) -> str:
    who = event.who or SOURCES.get(event.source, "")
    scanned = ", scanned" if event.who and event.source == "scan" else ""
    return f"{who}{scanned}{f' · {event.batch}' if event.batch else ''}"
