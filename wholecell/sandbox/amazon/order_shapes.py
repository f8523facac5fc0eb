"""Orders as Orders 2026-01-01 shows them: the optional blocks only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

from .account import MARKETPLACE_ID, AmazonListing
from .kept import iso
from .people import PERSONAL
from .states import DELIVERY_DAYS, AmazonLine, AmazonOrder, Package

BLOCKS = (
    "BUYER",
    "RECIPIENT",
    "PROCEEDS",
    "EXPENSE",
    "PROMOTION",
    "CANCELLATION",
    "FULFILLMENT",
    "PACKAGES",
    "TAX",
    "PAYMENT",
    "FULFILLMENT_ORDERS",
)
Settings = Mapping[str, Any]
Shape = dict[str, Any]


def order(row: AmazonOrder, blocks: Collection[str], settings: Settings) -> Shape:
    """One order. Before payment Amazon shows neither who buys nor what it costs."""
    makers: dict[str, tuple[str, Callable[[], Shape | list[Shape]]]] = {
        "BUYER": ("buyer", lambda: _buyer(row, settings)),
        "RECIPIENT": ("recipient", lambda: _recipient(row, settings)),
        "PROCEEDS": ("proceeds", lambda: _proceeds(row)),
        "FULFILLMENT": ("fulfillment", lambda: _fulfillment(row)),
        "PACKAGES": ("packages", lambda: [_package(package) for package in row.packages.values()]),
        "TAX": ("tax", dict),
        "PAYMENT": ("payment", dict),
        "FULFILLMENT_ORDERS": ("fulfillmentOrders", list),
    }
    hidden = {"BUYER", "RECIPIENT", "PROCEEDS"} if row.is_unpaid else set()
    if row.fulfilled_by == "AMAZON":
        hidden.add("PACKAGES")  # shown for orders the seller ships alone
    shown = {name: make() for block, (name, make) in makers.items() if block in blocks and block not in hidden}
    return {
        "orderId": row.number,
        "createdTime": iso(row.placed),
        "lastUpdatedTime": iso(row.changed),
        "programs": [],
        "salesChannel": {
            "channelName": "AMAZON",
            "marketplaceId": MARKETPLACE_ID,
            "marketplaceName": "Amazon.com",
        },
        **shown,
        "orderItems": [_line(row, line, blocks, settings) for line in row.amazon_lines()],
    }


def _money(amount: Decimal, row: AmazonOrder) -> Shape:
    return {"amount": str(amount), "currencyCode": row.currency}


def _price(line: AmazonLine) -> Decimal:
    return Decimal(line.price) * line.quantity


def _buyer(row: AmazonOrder, settings: Settings) -> Shape:
    name = {"buyerName": row.address["name"]} if settings["names"] and row.fulfilled_by == "MERCHANT" else {}
    email = {"buyerEmail": f"{row.id % 10**13:013x}@marketplace.amazon.com"}
    return name | (email if row.fulfilled_by == "MERCHANT" else {})


def _recipient(row: AmazonOrder, settings: Settings) -> Shape:
    is_full = settings["names"] and row.fulfilled_by == "MERCHANT"
    return {"deliveryAddress": {name: text for name, text in row.address.items() if is_full or name not in PERSONAL}}


def _proceeds(row: AmazonOrder) -> Shape:
    total = sum((_price(line) for line in row.amazon_lines() if not line.cancelled_by), Decimal(0))
    items = {"type": "ITEM", "subtotal": _money(total, row)}
    return {"grandTotal": _money(total, row), "breakdowns": [items]}


def _fulfillment(row: AmazonOrder) -> Shape:
    return {
        "fulfillmentStatus": row.status.name,
        "fulfilledBy": row.fulfilled_by,
        "fulfillmentServiceLevel": "STANDARD",
        "shipByWindow": {"earliestDateTime": iso(row.placed), "latestDateTime": iso(row.ship_by)},
        "deliverByWindow": {
            "earliestDateTime": iso(row.ship_by),
            "latestDateTime": iso(row.placed + timedelta(days=DELIVERY_DAYS)),
        },
    }


def _package(package: Package) -> Shape:
    shape = {
        "packageReferenceId": package.reference,
        "createdTime": iso(package.created),
        "packageStatus": {"status": "SHIPPED"},
        "carrier": package.carrier,
        "shipTime": iso(package.shipped),
        "trackingNumber": package.tracking,
        "packageItems": [{"orderItemId": str(line), "quantity": units} for line, units in package.units.items()],
    }
    return shape | ({"shippingService": package.method} if package.method else {})


def _line(row: AmazonOrder, line: AmazonLine, blocks: Collection[str], settings: Settings) -> Shape:
    is_zero = line.cancelled_by and settings["cancelled_quantity"] == "zero"
    shape: Shape = {
        "orderItemId": str(line.id),
        "quantityOrdered": 0 if is_zero else line.quantity,
        "product": _product(row, line),
    }
    if "FULFILLMENT" in blocks:
        units = {"quantityFulfilled": row.fulfilled(line), "quantityUnfulfilled": row.unfulfilled(line)}
        shape["fulfillment"] = units
    if "PROCEEDS" in blocks and not row.is_unpaid:
        money = _money(_price(line), row)
        shape["proceeds"] = {"proceedsTotal": money, "breakdowns": [{"type": "ITEM", "subtotal": money}]}
    if "CANCELLATION" in blocks and (cancellation := _cancellation(line)):
        shape["cancellation"] = cancellation
    return shape


def _product(row: AmazonOrder, line: AmazonLine) -> Shape:
    sold = cast(AmazonListing, line.listing)
    kind, _, subtype = sold.condition.upper().partition("_")
    product: Shape = {
        "asin": sold.asin,
        "title": line.title,
        "sellerSku": line.sku,
        "condition": {"conditionType": kind, "conditionSubtype": subtype},
    }
    if not row.is_unpaid:
        product["price"] = {"unitPrice": {"amount": line.price, "currencyCode": row.currency}}
    return product


def _cancellation(line: AmazonLine) -> Shape:
    shape: Shape = {}
    if line.requested_reason is not None:
        shape["cancellationRequest"] = {"requester": "BUYER", "cancelReason": line.requested_reason}
    if line.cancelled_by:
        shape["cancellationExecution"] = {"cancelledBy": line.cancelled_by, "cancelReason": line.cancel_reason}
    return shape
