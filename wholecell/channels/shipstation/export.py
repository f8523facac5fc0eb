"""Orders as the XML of a Custom Store export, as custom-store/orders.xsd wants it.

The guide's own sample has `CurrencyCode` and `UPC`, which the schema does not: they are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from wholecell.channels.contract import OutgoingLine, OutgoingOrder, RemoteAddress

from .custom_values import clean, joined, money, stamp, state_code


def orders_xml(orders: Iterable[OutgoingOrder], pages: int) -> bytes:
    """The whole answer; without orders it still has its root, for ShipStation stumbles over an empty one."""
    root = ET.Element("Orders", pages=str(pages))
    for order in orders:
        _order(ET.SubElement(root, "Order"), order)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _add(parent: ET.Element, name: str, text: str, longest: int) -> None:
    ET.SubElement(parent, name).text = clean(text, longest)


def _add_if(parent: ET.Element, name: str, text: str, longest: int) -> None:
    if cleaned := clean(text, longest):
        ET.SubElement(parent, name).text = cleaned


def _order(node: ET.Element, order: OutgoingOrder) -> None:
    _add(node, "OrderID", order.reference, 50)
    _add(node, "OrderNumber", order.number, 50)
    _add(node, "OrderDate", stamp(order.placed_at), 50)
    _add(node, "OrderStatus", order.stage.value, 50)
    _add(node, "LastModified", stamp(order.changed_at), 50)
    _add_if(node, "ShippingMethod", order.service, 100)
    _add(node, "OrderTotal", money(order.total_cents), 50)
    _add(node, "ShippingAmount", money(order.shipping_cents), 50)
    _add(node, "CustomField1", order.number, 100)
    _add_if(node, "CustomField2", order.channel, 100)
    _add_if(node, "CustomField3", joined(order.esns, 100), 100)
    _add_if(node, "Source", order.channel, 50)
    customer = ET.SubElement(node, "Customer")
    _add(customer, "CustomerCode", order.customer, 50)
    _bill_to(ET.SubElement(customer, "BillTo"), order.bill_to, order.email)
    _ship_to(ET.SubElement(customer, "ShipTo"), order.ship_to)
    items = ET.SubElement(node, "Items")
    for line in order.lines:
        _item(ET.SubElement(items, "Item"), line)


def _bill_to(node: ET.Element, address: RemoteAddress, email: str) -> None:
    _add(node, "Name", address.name, 100)
    _add_if(node, "Company", address.company, 100)
    _add_if(node, "Phone", address.phone, 50)
    _add_if(node, "Email", email, 100)
    _add_if(node, "Address1", address.street, 200)
    _add_if(node, "Address2", address.street2, 200)
    _add_if(node, "City", address.city, 100)
    _add_if(node, "State", state_code(address.state, address.country), 100)
    _add_if(node, "PostalCode", address.postal_code, 50)
    if len(clean(address.country, 2)) == 2:
        _add(node, "Country", address.country, 2)


def _ship_to(node: ET.Element, address: RemoteAddress) -> None:
    _add(node, "Name", address.name, 100)
    _add_if(node, "Company", address.company, 100)
    _add(node, "Address1", address.street, 200)
    _add_if(node, "Address2", address.street2, 200)
    _add(node, "City", address.city, 100)
    _add_if(node, "State", state_code(address.state, address.country), 100)
    _add(node, "PostalCode", address.postal_code, 50)
    _add(node, "Country", address.country, 2)
    _add_if(node, "Phone", address.phone, 50)


def _item(node: ET.Element, line: OutgoingLine) -> None:
    _add(node, "LineItemID", line.line_id, 50)
    _add(node, "SKU", line.sku, 100)
    _add(node, "Name", line.name, 200)
    _add(node, "Quantity", str(line.quantity), 50)
    _add(node, "UnitPrice", money(line.price_cents), 50)
    _add_if(node, "Location", line.location, 100)
