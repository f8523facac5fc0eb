"""Ship notices to a custom store: one POST for each shipment, again and again until it is taken or given up."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from typing import Any, cast
from xml.etree.ElementTree import Element, SubElement, tostring

from ..shop import Shop
from . import outgoing
from .account import ShipStationAccount
from .carriers import names
from .pull import call
from .states import Notice, Shipment

_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
#: What XML has no way to write.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLACE = {
    "Name": "name",
    "Company": "company",
    "Address1": "street1",
    "Address2": "street2",
    "City": "city",
    "State": "state",
    "PostalCode": "postalCode",
    "Country": "country",
}


def post_due(shop: Shop) -> list[dict[str, Any]]:
    """Post every notice that is due by the shop's clock. Call without the shop's lock."""
    with shop.lock:
        account, now = _account(shop), shop.clock()
        due = [notice for notice in account.notices if notice.due is not None and notice.due <= now]
        for notice in due:
            notice.due = None  # taken: nobody else posts it meanwhile
    return [_attempt(shop, notice) for notice in due]


def post(shop: Shop, shipment: Shipment, *, query_only: bool = False, without_items: bool = False) -> outgoing.Got:
    """Post the notice of a shipment once, whatever became of it before."""
    account = _account(shop)
    store = account.store(shipment.order.store_id)
    body = None if query_only else document(shipment, account.settings["edition"], without_items=without_items)
    return call(shop, store, "POST", query(shipment), body)


def query(shipment: Shipment) -> dict[str, str]:
    """The parameters of the call."""
    carrier, service = names(shipment.carrier, shipment.service)
    return {
        "action": "shipnotify",
        "order_number": shipment.order.number,
        "carrier": carrier,
        "service": service,
        "tracking_number": shipment.tracking,
    }


def document(shipment: Shipment, edition: int, *, without_items: bool = False) -> bytes:
    """The body. The edition of 2012 has neither OrderID nor LineItemID."""
    order, root = shipment.order, Element("ShipNotice")
    carrier, service = names(shipment.carrier, shipment.service)
    is_late = edition > 2012
    _add(root, OrderNumber=order.number)
    if is_late:
        _add(root, OrderID=order.source_id)
    _add(root, CustomerCode=order.fields["customerUsername"])
    if is_late:
        notes = {"CustomerNotes": order.fields["customerNotes"], "InternalNotes": order.fields["internalNotes"]}
        _add(root, **notes, NotesToCustomer="", NotifyCustomer="false")
    _add(
        root,
        LabelCreateDate=shipment.created.astimezone(UTC).strftime("%m/%d/%Y %H:%M"),
        ShipDate=shipment.day.strftime("%m/%d/%Y"),
        Carrier=carrier,
        Service=service,
        TrackingNumber=shipment.tracking,
        ShippingCost=shipment.cost,
    )
    if is_late:
        options = order.fields["advancedOptions"]
        _add(root, **{f"CustomField{number}": options[f"customField{number}"] for number in (1, 2, 3)})
    place = order.fields["shipTo"]
    _add(SubElement(root, "Recipient"), **{theirs: place[ours] for theirs, ours in _PLACE.items()})
    items = SubElement(root, "Items")
    for item, units in [] if without_items else shipment.items:
        node = SubElement(items, "Item")
        _add(node, SKU=item["sku"], Name=item["name"], Quantity=units)
        if is_late and item["lineItemKey"]:
            _add(node, LineItemID=item["lineItemKey"])
    return _DECLARATION + tostring(root, encoding="utf-8")


def _attempt(shop: Shop, notice: Notice) -> dict[str, Any]:
    """One try. Any 2xx means taken; after the last retry it is given up, and the complaint shown."""
    got = post(shop, notice.shipment)
    with shop.lock:
        account = _account(shop)
        notice.attempts, notice.status = notice.attempts + 1, got.status
        is_taken = 200 <= got.status < 300
        if not is_taken and notice.attempts <= account.settings["retries"]:
            notice.due = shop.clock() + timedelta(seconds=account.settings["retry_seconds"])
        notice.shipment.is_notified = is_taken
        notice.shipment.complaint = "" if is_taken else said(got)
        return notice.as_dict() | {"problem": notice.shipment.complaint}


def said(got: outgoing.Got) -> str:
    """What the store answered, in short."""
    text = got.data[:500].decode("utf-8", "replace")
    return got.problem or f"{got.status} {text}".strip()


def _account(shop: Shop) -> ShipStationAccount:
    return cast(ShipStationAccount, shop.account("shipstation"))


def _add(node: Element, **texts: object) -> None:
    for name, text in texts.items():
        SubElement(node, name).text = "" if text is None else _UNWRITABLE.sub("", str(text))
