"""A ship notice, read: the body first, and where it is silent the query string, which says less."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from wholecell.channels.contract import CameLine, CameShipment

from .custom_values import cents, clean, shipped_at

MOST_LINES = 1000


class NoticeError(ValueError):
    """What was sent is no ship notice; the text says why."""


def read(body: bytes, query: Mapping[str, str]) -> CameShipment:
    """The shipment that a notice tells of. Raises NoticeError.

    Fields are known by their names, for later editions of the guide have more than its sample.
    """
    root = _parse(body) if body.strip() else None

    def told(name: str, parameter: str = "") -> str:
        text = root.findtext(name, "") if root is not None else ""
        return clean(text, 200) or clean(query.get(parameter, ""), 200)

    came = CameShipment(
        reference=told("OrderID"),
        number=told("OrderNumber", "order_number"),
        carrier=told("Carrier", "carrier"),
        service=told("Service", "service"),
        tracking_number=told("TrackingNumber", "tracking_number"),
        shipped_at=shipped_at(told("ShipDate"), told("LabelCreateDate")),
        cost_cents=cents(told("ShippingCost")),
        lines=_lines(root) if root is not None else (),
    )
    if not came.reference and not came.number:
        raise NoticeError("The notice names no order.")
    return came


def _parse(body: bytes) -> Element:
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise NoticeError("The notice is not readable as XML.") from None
    if root.tag != "ShipNotice":
        raise NoticeError("The notice is not a ShipNotice.")
    return root


def _lines(root: Element) -> list[CameLine]:
    lines = []
    for item in root.findall("Items/Item")[:MOST_LINES]:
        quantity = clean(item.findtext("Quantity", ""), 20)
        if re.fullmatch(r"[1-9]\d{0,4}", quantity, re.ASCII):
            line_id, sku = clean(item.findtext("LineItemID", ""), 50), clean(item.findtext("SKU", ""), 120)
            lines.append(CameLine(line_id, sku, int(quantity)))
    return lines
