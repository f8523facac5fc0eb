"""Stores, orders and shipments as V1 writes them."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from typing import Any

from . import times
from .people import blank_address
from .states import Shipment, ShipOrder, Store


def store(row: Store) -> dict[str, Any]:
    """One of GET /stores."""
    seen = times.short(row.tried or row.changed)
    return {
        "storeId": row.id,
        "storeName": row.name,
        "marketplaceId": row.marketplace_id,
        "marketplaceName": row.marketplace,
        "accountName": None,
        "email": None,
        "integrationUrl": row.url or None,
        "active": row.active,
        "companyName": "",
        "phone": "",
        "publicEmail": "",
        "website": "",
        "refreshDate": times.short(row.pulled or row.changed),
        "lastRefreshAttempt": seen,
        "createDate": times.short(row.created),
        "modifyDate": times.short(row.changed),
        "autoRefresh": bool(row.every),
    }


def order(row: ShipOrder) -> dict[str, Any]:
    """One order, wherever it is shown."""
    return row.fields | {
        "orderId": row.id,
        "orderNumber": row.number,
        "orderKey": row.key,
        "orderDate": times.long(row.placed),
        "createDate": times.long(row.created),
        "modifyDate": times.long(row.changed),
        "orderStatus": row.status,
        "items": row.items,
        "orderTotal": total(row),
        "advancedOptions": row.fields["advancedOptions"] | {"storeId": row.store_id},
    }


def total(row: ShipOrder) -> float:
    """Items, tax and postage."""
    items = (Decimal(str(item.get("unitPrice") or 0)) * item["quantity"] for item in row.items)
    more = (Decimal(str(row.fields[name] or 0)) for name in ("taxAmount", "shippingAmount"))
    return float(sum(items, Decimal(0)) + sum(more, Decimal(0)))


def shipment(row: Shipment, *, with_items: bool) -> dict[str, Any]:
    """One of GET /shipments; without items the key is there and holds nothing."""
    return {
        "shipmentId": row.id,
        "orderId": row.order.id,
        "orderKey": row.order.key,
        "userId": "5f3ac0de-0000-4000-8000-000000000001",
        "orderNumber": row.order.number,
        "createDate": times.short(row.created),
        "shipDate": row.day.isoformat(),
        "shipmentCost": float(row.cost),
        "insuranceCost": 0.0,
        "trackingNumber": row.tracking,
        "isReturnLabel": row.is_return,
        "batchNumber": str(row.batch),
        "carrierCode": row.carrier,
        "serviceCode": row.service,
        "packageCode": "package",
        "confirmation": "delivery",
        "warehouseId": 24_079,
        "voided": row.voided is not None,
        "voidDate": times.short(row.voided) if row.voided else None,
        "marketplaceNotified": row.is_notified,
        "notifyErrorMessage": row.complaint or None,
        "shipTo": _address(row.order.fields["shipTo"]),
        "weight": row.order.fields["weight"],
        "dimensions": None,
        "insuranceOptions": row.order.fields["insuranceOptions"],
        "advancedOptions": None,
        "shipmentItems": [_item(item, units) for item, units in row.items] if with_items else None,
        "labelData": None,
        "formData": None,
    }


def fulfillment(row: Shipment) -> dict[str, Any]:
    """One of GET /fulfillments."""
    return {
        "fulfillmentId": row.id,
        "orderId": row.order.id,
        "orderNumber": row.order.number,
        "userId": "5f3ac0de-0000-4000-8000-000000000001",
        "customerEmail": row.order.fields["customerEmail"],
        "trackingNumber": row.tracking or None,
        "createDate": times.short(row.created),
        "shipDate": times.short(_start_of(row)),
        "voidDate": times.short(row.voided) if row.voided else None,
        "deliveryDate": None,
        "carrierCode": row.carrier,
        "fulfillmentProviderCode": None,
        "fulfillmentServiceCode": None,
        "fulfillmentFee": 0.0,
        "voidRequested": row.voided is not None,
        "voided": row.voided is not None,
        "marketplaceNotified": row.is_notified,
        "notifyErrorMessage": row.complaint or None,
        "shipTo": _address(row.order.fields["shipTo"]),
    }


def _start_of(row: Shipment) -> datetime:
    return times.utc(datetime.combine(row.day, time()))


def _address(given: dict[str, Any]) -> dict[str, Any]:
    # Residential is a text in shipments and a boolean in orders, and shown in neither's samples.
    return {**blank_address(), **given, "residential": None}


def _item(item: dict[str, Any], units: int) -> dict[str, Any]:
    names = ("orderItemId", "lineItemKey", "sku", "name", "imageUrl", "unitPrice", "warehouseLocation", "productId")
    shown = {name: item.get(name) for name in names}
    return shown | {"weight": None, "quantity": units, "options": None, "fulfillmentSku": item["fulfillmentSku"]}
