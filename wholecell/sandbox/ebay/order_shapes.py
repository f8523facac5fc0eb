"""An order as the schema Order."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .answers import money
from .call import written
from .people import ABROAD, HUB
from .states import CancelRequest, EbayLine, EbayOrder, Refund

if TYPE_CHECKING:
    from .call import Call

_CENT = Decimal("0.01")
_TAX = Decimal("0.07")


def order(call: Call, row: EbayOrder, *, with_requests: bool = False, with_taxes: bool = False) -> dict[str, Any]:
    """Requests to cancel are shown for a single order alone; taxes that eBay remits only when they are asked for."""
    lines = [line for line in row.lines if isinstance(line, EbayLine)]
    items = sum((line.cost for line in lines), Decimal(0))
    base = f"{call.request.host_url.rstrip('/')}{call.request.root_path}/sell/fulfillment/v1/order/{row.number}"
    shape: dict[str, Any] = {
        "orderId": row.number,
        "salesRecordReference": str(row.record),
        "creationDate": written(row.placed),
        "lastModifiedDate": written(row.changed),
        "orderFulfillmentStatus": row.fulfilment,
        "orderPaymentStatus": row.payment_status,
        "sellerId": call.setting("username"),
        "buyer": {"username": row.username, "taxAddress": _tax_address(row)},
        "pricingSummary": {
            "priceSubtotal": money(items, row.currency),
            "deliveryCost": money(row.delivery, row.currency),
            "total": money(row.total, row.currency),
        },
        "cancelStatus": _cancel(row, with_requests),
        "paymentSummary": _payment(row),
        "fulfillmentStartInstructions": [_instructions(call, row)],
        "fulfillmentHrefs": [f"{base}/shipping_fulfillment/{each.id}" for each in row.fulfilments],
        "lineItems": [_line(row, line, with_taxes) for line in lines],
        "ebayCollectAndRemitTax": True,
        "totalFeeBasisAmount": money(row.total, row.currency),
    }
    if row.note:
        shape["buyerCheckoutNotes"] = row.note
    if row.hub == "EIS":
        shape["program"] = {"ebayInternationalShipping": {"returnsManagedBy": "EBAY"}}
    if row.by_ebay:
        shape["program"] = {"fulfillmentProgram": {"fulfilledBy": "EBAY"}}
    return shape


def _tax_address(row: EbayOrder) -> dict[str, str]:
    address = ABROAD if row.hub else row.person["address"]
    return {name: address[name] for name in ("stateOrProvince", "postalCode", "countryCode") if name in address}


def _cancel(row: EbayOrder, with_requests: bool) -> dict[str, Any]:
    shape: dict[str, Any] = {"cancelState": row.cancel_state, "cancelRequests": []}
    if row.cancelled_at:
        shape["cancelledDate"] = written(row.cancelled_at)
    if with_requests:
        shape["cancelRequests"] = [_request(each) for each in row.requests]
    return shape


def _request(each: CancelRequest) -> dict[str, str]:
    shape = {
        "cancelRequestId": str(each.id),
        "cancelInitiator": each.by,
        "cancelReason": each.reason,
        "cancelRequestedDate": written(each.at),
        "cancelRequestState": each.state,
    }
    return shape | ({"cancelCompletedDate": written(each.completed)} if each.completed else {})


def _payment(row: EbayOrder) -> dict[str, Any]:
    payment: dict[str, Any] = {
        "paymentMethod": "EBAY",
        "amount": money(row.total, row.currency),
        "paymentStatus": row.payment,
    }
    if row.paid_at:
        payment |= {"paymentReferenceId": f"SANDBOX-{row.number}", "paymentDate": written(row.paid_at)}
    return {
        "totalDueSeller": money(row.total - row.refunded(), row.currency),
        "refunds": [
            _refund(row, each) | {"refundStatus": "REFUNDED", "refundReferenceId": str(each.id)} for each in row.refunds
        ],
        "payments": [payment],
    }


def _refund(row: EbayOrder, each: Refund) -> dict[str, Any]:
    return {"refundId": str(each.id), "refundDate": written(each.at), "amount": money(each.amount, row.currency)}


def _instructions(call: Call, row: EbayOrder) -> dict[str, Any]:
    """What eBay keeps and ships has no address; what goes abroad has the hub's, and the end of the way besides."""
    shape: dict[str, Any] = {
        "fulfillmentInstructionsType": "FULFILLED_BY_EBAY" if row.by_ebay else "SHIP_TO",
        "minEstimatedDeliveryDate": written(row.ship_by + timedelta(days=2)),
        "maxEstimatedDeliveryDate": written(row.ship_by + timedelta(days=6)),
        "ebaySupportedFulfillment": bool(row.hub or row.by_ebay),
    }
    step: dict[str, Any] = {"shippingCarrierCode": row.carrier, "shippingServiceCode": row.service}
    if row.hub:
        step |= {"shipTo": _contact(call, row, HUB), "shipToReferenceId": f"Reference{row.id}"}
        shape["finalDestinationAddress"] = ABROAD
    elif not row.by_ebay:
        step["shipTo"] = _contact(call, row, row.person)
    return shape | {"shippingStep": step}


def _contact(call: Call, row: EbayOrder, person: dict[str, Any]) -> dict[str, Any]:
    """After 90 days name, street and telephone are not returned, the e-mail after 14 (schema ExtendedContact)."""
    age, address = call.now - row.placed, dict(person["address"])
    if age > timedelta(days=int(call.setting("mask_days"))):
        return {
            "contactAddress": {name: value for name, value in address.items() if not name.startswith("addressLine")}
        }
    shape = {
        "fullName": person["name"],
        "contactAddress": address,
        "primaryPhone": {"phoneNumber": person["phone"]},
    }
    if age <= timedelta(days=int(call.setting("email_days"))):
        shape["email"] = f"{row.id:012x}@members.ebay.example"
    return shape


def _line(row: EbayOrder, line: EbayLine, with_taxes: bool) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "lineItemId": str(line.id),
        "legacyItemId": line.item_id,
        "title": line.title,
        "lineItemCost": money(line.cost, row.currency),
        "quantity": line.quantity,
        "soldFormat": "FIXED_PRICE",
        "listingMarketplaceId": "EBAY_US",
        "purchaseMarketplaceId": "EBAY_US",
        "lineItemFulfillmentStatus": "FULFILLED" if row.shipped(line.id) else "NOT_STARTED",
        "total": money(line.cost, row.currency),
        "deliveryCost": {"shippingCost": money("0.0", row.currency)},
        "appliedPromotions": [],
        "taxes": [],
        "refunds": [_refund(row, each) for each in row.refunds if each.line == line.id],
        "properties": {"buyerProtection": True},
        "lineItemFulfillmentInstructions": {
            "minEstimatedDeliveryDate": written(row.ship_by + timedelta(days=2)),
            "maxEstimatedDeliveryDate": written(row.ship_by + timedelta(days=6)),
            "shipByDate": written(row.ship_by),
            "guaranteedDelivery": False,
        },
        "itemLocation": {"location": "Austin, Texas", "countryCode": "US", "postalCode": "787**"},
    }
    if line.sku:
        shape["sku"] = line.sku
    if line.variation_id:
        aspects = [{"name": name, "value": value} for name, value in line.aspects.items()]
        shape |= {"legacyVariationId": line.variation_id, "variationAspects": aspects}
    if with_taxes:
        tax = money((line.cost * _TAX).quantize(_CENT), row.currency)
        remitted = {"taxType": "STATE_SALES_TAX", "amount": tax, "collectionMethod": "NET"}
        shape["ebayCollectAndRemitTaxes"] = [remitted]
    return shape
