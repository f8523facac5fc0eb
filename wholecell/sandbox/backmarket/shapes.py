"""Listings and orders as the document's schemas ListingPublic, Order and OrderLine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from ..records import Line
from .account import GRADES, MARKETS, BackMarketListing
from .states import BackMarketOrder, OrderState

_CURRENCIES = {market: currency for markets in MARKETS.values() for market, currency in markets.items()}
_CONDITIONS = {"PREMIUM": 9, "EXCELLENT": 10, "VERY_GOOD": 10, "GOOD": 11, "FAIR": 12, "STALLONE": 12}


def listing(row: BackMarketListing, market: str) -> dict[str, Any]:
    """One listing, priced for one market."""
    return {
        "id": row.id,
        "listing_id": row.number,
        "product_id": row.product_id,
        "backmarket_id": row.backmarket_id,
        "title": row.title,
        "sku": row.sku,
        "price": row.prices.get(market, row.price),
        "currency": _CURRENCIES[market] if market in row.prices else row.currency,
        "quantity": row.quantity,
        "grade": row.grade,
        "state": GRADES[row.grade],
        "publication_state": row.publication_state,
        "warranty_delay": row.warranty_delay,
        "comment": row.comment,
        "min_price": row.min_price,
        "max_price": row.max_price,
        "shippings": [],
    }


def order(row: BackMarketOrder) -> dict[str, Any]:
    """One order; what is not known before payment or shipping is absent, not null."""
    price = sum((Decimal(line.price) * line.quantity for line in row.lines), Decimal(0))
    shape = {
        "order_id": row.id,
        "state": int(row.state),
        "date_creation": moment(row.placed),
        "date_modification": moment(row.changed),
        "price": str(price),
        "shipping_price": "0.00",
        "currency": row.currency,
        "country_code": row.market,
        "is_backship": row.is_backship,
        "installment_payment": False,
        "payment_method": "CARD",
        "paypal_reference": None,
        "sales_taxes": "0.00",
        "shipping_address": {"id": 1, **row.address},
        "billing_address": {"id": 1, **row.address},
        "orderlines": [_line(line, row) for line in row.lines],
    }
    return shape | _payment(row) | _shipping(row)


def _payment(row: BackMarketOrder) -> dict[str, Any]:
    unpaid = row.state in (OrderState.NEW, OrderState.PENDING, OrderState.NOT_PAID)
    return {} if unpaid else {"date_payment": moment(row.placed)}


def _shipping(row: BackMarketOrder) -> dict[str, Any]:
    if row.shipped is None:
        # The document's own example of this one date carries no zone, against its format date-time.
        due = (row.placed + timedelta(days=2)).replace(microsecond=0, tzinfo=None)
        return {"expected_dispatch_date": due.isoformat()}
    shape = {
        "date_shipping": moment(row.shipped),
        "tracking_number": row.tracking_number,
        "shipper_display": row.shipper,
    }
    return shape | ({"tracking_url": row.tracking_url} if row.tracking_url else {})


def _line(line: Line, row: BackMarketOrder) -> dict[str, Any]:
    sold = line.listing
    assert isinstance(sold, BackMarketListing)
    shape = {
        "id": line.id,
        "date_creation": moment(row.placed),
        "state": int(line.state),
        "price": line.price,
        "shipping_price": "0.00",
        "shipping_delay": 48,
        "currency": row.currency,
        "listing": line.sku,
        "listing_id": sold.number,
        "product": line.title,
        "quantity": line.quantity,
        "brand": sold.brand,
        "product_id": sold.backmarket_id,
        "backcare": False,
        "backcare_price": 0,
        "sales_taxes": "0.00",
        "orderline_fee": str((Decimal(line.price) * line.quantity / 10).quantize(Decimal("0.01"))),
        "condition": _CONDITIONS[sold.grade],
        "return_message": line.return_message,
        "imei": line.imei,
        "serial_number": line.serial_number,
    }
    return shape if line.return_reason is None else shape | {"return_reason": line.return_reason}


def moment(value: datetime) -> str:
    """RFC 3339 in UTC, written with Z."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
