"""What ShipStation would say of an export, told without its schema at hand: names, lengths, money and times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

# By element: the longest text, and whether it must be there. Those of None are no plain texts.
Fields = Mapping[str, tuple[int | None, bool]]
ORDER: Fields = {
    **dict.fromkeys(("OrderNumber", "OrderDate", "OrderStatus", "LastModified", "OrderTotal"), (50, True)),
    **dict.fromkeys(("OrderID", "PaymentMethod", "Source", "TaxAmount", "ShippingAmount", "Gift"), (50, False)),
    **dict.fromkeys(("ShippingMethod", "CustomField1", "CustomField2", "CustomField3"), (100, False)),
    **dict.fromkeys(("CustomerNotes", "InternalNotes", "GiftMessage"), (1000, False)),
    "RequestedWarehouse": (100, False),
    "Customer": (None, True),
    "Items": (None, True),
}
CUSTOMER: Fields = {"CustomerCode": (100, True), "BillTo": (None, True), "ShipTo": (None, True)}
SHIP_TO: Fields = {
    "Name": (100, True),
    "Company": (100, False),
    "Address1": (200, True),
    "Address2": (200, False),
    "City": (100, True),
    "State": (100, False),
    "PostalCode": (50, True),
    "Country": (2, True),
    "Phone": (50, False),
}
BILL_TO: Fields = {
    **{name: (longest, name == "Name") for name, (longest, _) in SHIP_TO.items()},
    "Email": (1000, False),
}
ITEM: Fields = {
    "LineItemID": (50, False),
    "SKU": (100, True),
    "Name": (200, True),
    "Quantity": (10, True),
    "UnitPrice": (50, True),
    "Location": (100, False),
    "Adjustment": (5, False),
}
MAY_BE_EMPTY = {"SKU"}
TIME = re.compile(r"\d\d/\d\d/\d{4} \d\d:\d\d")
MONEY = re.compile(r"-?\d+\.\d\d")
SHAPES = {
    **dict.fromkeys(("OrderDate", "LastModified"), TIME),
    **dict.fromkeys(("OrderTotal", "TaxAmount", "ShippingAmount", "UnitPrice"), MONEY),
    "Country": re.compile("[A-Z]{2}"),
    "Quantity": re.compile(r"[1-9]\d{0,8}"),
}


def problems(document: bytes) -> list[str]:
    """What is wrong with an export, a sentence for each; nothing when ShipStation will take it."""
    try:
        root = fromstring(document, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return ["It is not readable as XML."]
    if root.tag != "Orders" or not root.get("pages", "").isdigit():
        return ["It does not begin with Orders and the number of pages."]
    return [problem for order in root for problem in _of_order(order)]


def _of_order(order: Element) -> Iterator[str]:
    name = order.findtext("OrderNumber") or "without a number"
    parts = [(order, ORDER)]
    for path, fields in (("Customer", CUSTOMER), ("Customer/BillTo", BILL_TO), ("Customer/ShipTo", SHIP_TO)):
        if (node := order.find(path)) is not None:
            parts.append((node, fields))
    parts += [(item, ITEM) for item in order.iterfind("Items/Item")]
    for node, fields in parts:
        for problem in _of_fields(node, fields):
            yield f"Order {name}: {problem}"


def _of_fields(node: Element, fields: Fields) -> Iterator[str]:
    there = [each.tag for each in node]
    for tag in sorted({*there} - fields.keys()):
        yield f"{tag} is not known in {node.tag}."
    for tag, (longest, is_needed) in fields.items():
        text = (node.findtext(tag) or "").strip()
        if there.count(tag) > 1:
            yield f"{tag} stands in {node.tag} more than once."
        elif is_needed and (tag not in there or (longest is not None and not text and tag not in MAY_BE_EMPTY)):
            yield f"{node.tag} lacks {tag}."
        elif longest is not None and len(text) > longest:
            yield f"{tag} is longer than {longest} characters."
        elif text and tag in SHAPES and not SHAPES[tag].fullmatch(text):
            yield f"{tag} is written {text[:40]}, which ShipStation does not read."
