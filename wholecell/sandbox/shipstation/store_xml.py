"""The answer of a custom store, held against the schema that ShipStation gives out (orders.xsd of its guide)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

#: A field: the schema's name for its type, or what is in it.
Kind = Union[str, "Group", "Many"]


@dataclass(frozen=True)
class Group:
    """Elements in any order, each at most once: name -> its kind. Those of `needed` must be there."""

    fields: Mapping[str, Kind]
    needed: frozenset[str]


@dataclass(frozen=True)
class Many:
    """Any number of one element, up to `most`."""

    name: str
    each: Group
    most: int | None = None


def _group(needed: str, fields: Mapping[str, Kind]) -> Group:
    return Group(fields, frozenset(needed.split()))


def _typed(kind: str, names: str) -> dict[str, Kind]:
    return dict.fromkeys(names.split(), kind)


OPTION = _group("Name Value", {**_typed("String100", "Name Value"), "Weight": "xs:decimal"})
ITEM = _group(
    "SKU Name Quantity UnitPrice",
    {
        "LineItemID": "String50",
        **_typed("String100", "SKU Location"),
        "Name": "String200",
        "Adjustment": "xs:boolean",
        "ImageUrl": "xs:anyURI",
        **_typed("xs:decimal", "Weight UnitPrice"),
        "WeightUnits": "WeightUnits",
        "Quantity": "xs:int",
        "Options": Many("Option", OPTION, 100),
    },
)
_PLACE: dict[str, Kind] = {
    **_typed("String100", "Name Company City State"),
    **_typed("String200", "Address1 Address2"),
    **_typed("String50", "PostalCode Phone"),
    "Country": "StringExactly2",
}
BILL_TO = _group("Name", {**_PLACE, "Email": "Email"})
SHIP_TO = _group("Name Address1 City PostalCode Country", _PLACE)
CUSTOMER = _group("CustomerCode BillTo ShipTo", {"CustomerCode": "String100", "BillTo": BILL_TO, "ShipTo": SHIP_TO})
ORDER = _group(
    "OrderNumber OrderDate OrderStatus LastModified OrderTotal Customer Items",
    {
        **_typed("String50", "OrderID OrderNumber OrderStatus PaymentMethod Source"),
        **_typed("String100", "ShippingMethod CustomField1 CustomField2 CustomField3 RequestedWarehouse"),
        **_typed("String1000", "CustomerNotes InternalNotes GiftMessage"),
        **_typed("DateTime", "OrderDate LastModified"),
        **_typed("xs:decimal", "OrderTotal TaxAmount ShippingAmount"),
        "Gift": "xs:boolean",
        "Customer": CUSTOMER,
        "Items": Many("Item", ITEM),
    },
)
ORDERS = Many("Order", ORDER)
_UNITS = ("pound", "pounds", "lb", "lbs", "gram", "grams", "gm", "oz", "ounces")
_PATTERNS = {
    # The dot is the schema's: with one digit of minutes and nothing after them it does not fit.
    "DateTime": r"[0-9][0-9]?/[0-9][0-9]?/[0-9][0-9][0-9]?[0-9]? [0-9][0-9]?:[0-9][0-9]?:?[0-9]?[0-9]?. ?[aApP]?[mM]?",
    "xs:decimal": r"\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*",
    "xs:boolean": r"\s*(true|false|1|0)\s*",
    "xs:int": r"\s*[+-]?\d{1,10}\s*",
    "xs:anyURI": r"[\s\S]*",
    "Email": r"[\s\S]*",
    "WeightUnits": "|".join(form for word in _UNITS for form in (word, word.title(), word.upper())),
    **{f"String{most}": rf"[\s\S]{{0,{most}}}" for most in (50, 100, 200, 1000)},
    "StringExactly2": r"[\s\S]{2}",
}


class NotTakenError(Exception):
    """The answer is not what the schema wants; the text says where."""


def read(data: bytes) -> tuple[int, list[Element]]:
    """How many pages there are, and the orders of this one. Raises NotTakenError: one bad order fails the page."""
    if not data.strip():
        raise NotTakenError("Root element is missing.")
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (SyntaxError, ValueError) as problem:  # ParseError is a SyntaxError, what is forbidden a ValueError
        raise NotTakenError(f"This is not XML: {problem}") from None
    if root.tag != "Orders":
        raise NotTakenError(f"The root is {root.tag}, not Orders.")
    pages = root.get("pages", "1")
    if set(root.attrib) - {"pages"} or not re.fullmatch(r"\s*\d{1,5}\s*", pages) or int(pages) > 32_767:
        raise NotTakenError("Orders may have one attribute, the number of pages.")
    _many(root, ORDERS, "Orders")
    return int(pages), list(root)


def _many(node: Element, rule: Many, place: str) -> None:
    _bare(node, place)
    for number, child in enumerate(node):
        if child.tag != rule.name:
            raise NotTakenError(f"{place} may not have {child.tag}.")
        _group_at(child, rule.each, f"{place}/{rule.name}[{number + 1}]")
    if rule.most is not None and len(node) > rule.most:
        raise NotTakenError(f"{place} has more than {rule.most}.")


def _group_at(node: Element, rule: Group, place: str) -> None:
    _bare(node, place)
    _plain(node, place)
    seen: set[str] = set()
    for child in node:
        name = str(child.tag)
        if name not in rule.fields or name in seen:
            raise NotTakenError(f"{place} may not have {'two of ' if name in seen else ''}{name}.")
        seen.add(name)
        kind = rule.fields[name]
        if isinstance(kind, Group):
            _group_at(child, kind, f"{place}/{name}")
        elif isinstance(kind, Many):
            _plain(child, f"{place}/{name}")
            _many(child, kind, f"{place}/{name}")
        else:
            _value(child, kind, f"{place}/{name}")
    if lacking := sorted(rule.needed - seen):
        raise NotTakenError(f"{place} lacks {', '.join(lacking)}.")


def _value(node: Element, kind: str, place: str) -> None:
    _plain(node, place)
    text = node.text or ""
    if len(node) or not re.fullmatch(_PATTERNS[kind], text, re.ASCII):
        raise NotTakenError(f"{place} is not {kind}: {text[:60]!r}.")
    if kind == "xs:int" and not -(2**31) <= int(text) < 2**31:
        raise NotTakenError(f"{place} is not {kind}: {text}.")


def _bare(node: Element, place: str) -> None:
    if (node.text or "").strip() or any((child.tail or "").strip() for child in node):
        raise NotTakenError(f"{place} has text beside its elements.")


def _plain(node: Element, place: str) -> None:
    if node.attrib:
        raise NotTakenError(f"{place} may not have attributes.")
