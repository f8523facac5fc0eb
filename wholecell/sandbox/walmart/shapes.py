"""Items, inventory and orders as the document's schemas."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from .listing import WalmartListing
from .states import OPEN, SENT, Portion, Status, WalmartLine, WalmartOrder

TAX = Decimal("0.08")
_SHIP_METHODS = {"Standard": "STANDARD", "Express": "EXPEDITED", "OneDay": "RUSH"}


def item(row: WalmartListing) -> dict[str, Any]:
    """One item; what it does not have is absent."""
    shape: dict[str, Any] = {
        "mart": "WALMART_US",
        "sku": row.sku,
        "condition": row.condition,
        "wpid": row.id,
        "upc": row.upc,
        "gtin": row.gtin,
        "productName": row.title,
        "shelf": '["Home Page","Electronics","Cell Phones"]',
        "productType": row.product_type,
        "price": {"currency": row.currency, "amount": float(row.price)},
        "publishedStatus": row.published_status,
        "lifecycleStatus": row.lifecycle_status,
    }
    if row.reasons:
        shape["unpublishedReasons"] = {"reason": row.reasons}
    if row.variant_group:
        shape["variantGroupId"] = row.variant_group
        attributes = [{"name": name, "value": value} for name, value in row.variant.items()]
        shape["variantGroupInfo"] = {"isPrimary": "true", "groupingAttributes": attributes}
    return shape


def next_cursor(after: str | None, end: str) -> dict[str, str]:
    """The cursor, or how a list ends: without one, or with an `empty` one."""
    if after is None:
        return {"nextCursor": ""} if end == "empty" else {}
    return {"nextCursor": after}


def inventory(sku: str, amount: int) -> dict[str, Any]:
    """One SKU's quantity."""
    return {"sku": sku, "quantity": _each(amount)}


def node(row: WalmartListing, ship_node: str) -> dict[str, Any]:
    """The three numbers of one ship node."""
    return {
        "shipNode": ship_node,
        "inputQty": _each(row.input_quantity),
        "availToSellQty": _each(row.quantity),
        "reservedQty": _each(row.reserved),
    }


def order(row: WalmartOrder, settings: dict[str, Any], *, pictures: bool = False, kind: bool = False) -> dict[str, Any]:
    """One order: `pictures` as productInfo asks for, `kind` as replacementInfo does."""
    shape: dict[str, Any] = {
        "purchaseOrderId": str(row.id),
        "customerOrderId": str(row.customer_order),
        "customerEmailId": row.email,
        "orderDate": milliseconds(row.placed),
        "shippingInfo": {
            "phone": row.address["phone"],
            "estimatedDeliveryDate": milliseconds(row.deliver_by),
            "estimatedShipDate": milliseconds(row.ship_by),
            "methodCode": row.method,
            "postalAddress": {name: value for name, value in row.address.items() if name != "phone"},
        },
        "orderLines": {
            "orderLine": [_line(line, row, settings, pictures) for line in row.lines if isinstance(line, WalmartLine)]
        },
        "shipNode": {"type": row.node_type},
    }
    if kind:
        shape["orderType"] = "REPLACEMENT" if row.replaces else "REGULAR"
        if row.replaces:
            shape["originalCustomerOrderID"] = row.replaces
    return shape


def _line(line: WalmartLine, row: WalmartOrder, settings: dict[str, Any], pictures: bool) -> dict[str, Any]:
    sold = line.listing
    assert isinstance(sold, WalmartListing)
    what: dict[str, Any] = {"productName": line.title, "sku": line.sku, "condition": sold.condition}
    if pictures:
        what |= {
            "imageUrl": f"https://pictures.walmart.example/{sold.id}.jpeg",
            "weight": {"value": "1.0", "unit": "Pounds"},
        }
    shape: dict[str, Any] = {
        "lineNumber": str(line.id),
        "item": what,
        "charges": {"charge": _charges(line, row, settings["charges"])},
        "orderLineQuantity": _text(line.quantity),
        "statusDate": milliseconds(row.changed),
        "orderLineStatuses": {"orderLineStatus": [_portion(portion) for portion in line.portions]},
        "fulfillment": {
            "fulfillmentOption": "S2H",
            "shipMethod": _SHIP_METHODS.get(row.method, "VALUE"),
            "pickUpDateTime": milliseconds(row.deliver_by),
        },
    }
    if row.program:
        shape["fulfillment"]["shippingProgramType"] = row.program
    if line.wants_cancel:
        shape["intentToCancel"] = settings["intent"]
    if line.seller_order:
        shape["sellerOrderId"] = line.seller_order
    return shape


def _charges(line: WalmartLine, row: WalmartOrder, form: str) -> list[dict[str, Any]]:
    """Whether the charge of several units is for one or for all is not documented: `form` is unit or line.

    What was cancelled is charged nothing.
    """
    live = line.units(*OPEN, *SENT, Status.REFUND)
    price = Decimal(line.price) * (live if form == "line" else min(live, 1))
    charges = [_charge("PRODUCT", "ItemPrice", price, row.currency)]
    if Decimal(row.shipping_price):
        shipping = Decimal(row.shipping_price) if live else Decimal(0)
        charges.append(_charge("SHIPPING", "Shipping", shipping, row.currency))
    return charges


def _charge(kind: str, name: str, amount: Decimal, currency: str) -> dict[str, Any]:
    tax = (amount * TAX).quantize(Decimal("0.01"))
    return {
        "chargeType": kind,
        "chargeName": name,
        "chargeAmount": {"currency": currency, "amount": float(amount)},
        "tax": {"taxName": "Tax1", "taxAmount": {"currency": currency, "amount": float(tax)}},
    }


def _portion(portion: Portion) -> dict[str, Any]:
    shape: dict[str, Any] = {"status": portion.status.word, "statusQuantity": _text(portion.quantity)}
    if portion.reason:
        shape["cancellationReason"] = portion.reason
    if portion.tracking:
        shape["trackingInfo"] = portion.tracking
    return shape


def _each(amount: int) -> dict[str, Any]:
    return {"unit": "EACH", "amount": amount}


def _text(amount: int) -> dict[str, str]:
    """Quantities of order lines are text."""
    return {"unitOfMeasurement": "EACH", "amount": str(amount)}


def milliseconds(value: datetime) -> int:
    """Since 1970, UTC."""
    return int(value.timestamp() * 1_000)
