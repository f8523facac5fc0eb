"""Orders v0, confirmShipment: the seller tells of a parcel, or corrects what was told."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.wrappers import Response

from ..api_call import RefusalError
from .account import MARKETPLACE_ID
from .answers import error
from .call import Call, moment_of
from .carriers import CARRIERS, OTHER
from .orders import order_of
from .states import AmazonOrder, FulfillmentStatus, Package

_CLOSED = (FulfillmentStatus.CANCELLED, FulfillmentStatus.UNFULFILLABLE)


def confirm(call: Call, order_id: str) -> Response:
    """204 without a body. The same packageReferenceId again edits that package.

    A carrier code that Amazon does not know is answered with 204 all the same, and the package never shows.
    """
    body = call.body(unsupported=400)
    detail = body.get("packageDetail")
    if body.get("marketplaceId") != MARKETPLACE_ID:
        raise refuse("marketplaceId is missing or not this seller's.")
    if body.get("codCollectionMethod", "DirectPayment") != "DirectPayment":
        raise refuse("codCollectionMethod must be DirectPayment.")
    if not isinstance(detail, dict):
        raise refuse("packageDetail is required.")
    order = order_of(call, order_id)
    package = _package(call, order, detail)
    if order.fulfilled_by != "MERCHANT" or order.is_unpaid or order.status in _CLOSED:
        raise refuse(f"Order {order.number} cannot be shipped by the seller: it is {order.status.name}.")
    _check_units(order, package)
    if package.carrier in CARRIERS or detail["carrierCode"] == OTHER:
        order.packages[package.reference] = package
        order.changed = call.now
        order.follow()
    return Response("", 204)


def refuse(message: str) -> RefusalError:
    """To raise: 400 as sellers see it from this operation, with the reason as the message."""
    return RefusalError(error(400, "InvalidInput", message))


def _package(call: Call, order: AmazonOrder, detail: dict[str, Any]) -> Package:
    """The package as told. Whatever is missing or of the wrong kind ends the call."""
    for name in ("packageReferenceId", "carrierCode", "trackingNumber"):
        if not isinstance(detail.get(name), str) or not detail[name].strip():
            raise refuse(f"{name} is required, as text.")
    for name in ("carrierName", "shippingMethod", "shipFromSupplySourceId"):
        if not isinstance(detail.get(name, ""), str):
            raise refuse(f"{name} must be text.")
    reference = detail["packageReferenceId"]
    # Orders v0, PackageReferenceId: text, and in it a number above 0.
    if not re.fullmatch("[0-9]+", reference) or not reference.strip("0"):
        raise refuse("packageReferenceId must be a positive number, as text.")
    carrier = detail.get("carrierName", "") if detail["carrierCode"] == OTHER else detail["carrierCode"]
    if not carrier:
        raise refuse('carrierName is required when carrierCode is "Other".')
    earlier = order.packages.get(reference)
    return Package(
        reference=reference,
        created=earlier.created if earlier else call.now,
        carrier=carrier,
        tracking=detail["trackingNumber"],
        method=detail.get("shippingMethod", ""),
        shipped=moment_of(detail.get("shipDate"), "shipDate"),
        units=_units(order, detail.get("orderItems")),
    )


def _units(order: AmazonOrder, items: object) -> dict[int, int]:
    known = {str(line.id): line.id for line in order.lines}
    units: dict[int, int] = {}
    if not isinstance(items, list) or not items:
        raise refuse("orderItems is required.")
    for item in items:
        number = item.get("orderItemId") if isinstance(item, dict) else None
        quantity = item.get("quantity") if isinstance(item, dict) else None
        if not isinstance(number, str) or number not in known:
            raise refuse(f"Order {order.number} has no order item {number}.")
        if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
            raise refuse("quantity must be a whole number of at least 1.")
        codes = item.get("transparencyCodes", [])
        if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
            raise refuse("transparencyCodes must be a list of texts.")
        units[known[number]] = units.get(known[number], 0) + quantity
    return units


def _check_units(order: AmazonOrder, package: Package) -> None:
    """Not more than is left, counting the units of the package that is edited as free."""
    earlier = order.packages.get(package.reference)
    free = earlier.units if earlier else {}
    left = {line.id: order.unfulfilled(line) + free.get(line.id, 0) for line in order.lines}
    if not any(left.values()):
        # Sellers see the word in the message; the code is the usual one.
        text = "Failed to create package due to not finding a matching package or order already fulfilled."
        raise refuse(f"{text} (errorMetric=PackageToUpdateNotFound)")
    for line_id, units in package.units.items():
        if units > left[line_id]:
            raise refuse(f"Order item {line_id} has only {left[line_id]} units left to ship.")
