"""Listings and orders as the proposal writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ..records import Line
from .account import SwappaListing
from .states import SwappaOrder


def listing(row: SwappaListing) -> dict[str, Any]:
    """One listing."""
    names = ("id", "sku", "title", "status", "quantity", "price", "currency")
    more = ("product", "carrier", "storage", "color", "condition")
    shape = {name: getattr(row, name) for name in (*names, *more)}
    return shape | {"url": f"https://swappa.example/listing/view/{row.id}", "updated_at": _moment(row.updated)}


def order(row: SwappaOrder) -> dict[str, Any]:
    """One order."""
    total = sum((Decimal(line.price) * line.quantity for line in row.lines), Decimal(0))
    return {
        "id": str(row.id),
        "number": f"SW-{row.id}",
        "status": row.status,
        "created_at": _moment(row.placed),
        "updated_at": _moment(row.changed),
        "buyer": {"name": row.person["name"], "email": row.email},
        "ship_to": row.person,
        "items": [_item(line) for line in row.lines],
        "shipping_price": "0.00",
        "fees": str((total * 3 / 100).quantize(Decimal("0.01"))),
        "total": str(total),
        "currency": row.currency,
    }


def _item(line: Line) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "listing_id": line.listing.id,
        "sku": line.sku,
        "title": line.title,
        "quantity": line.quantity,
        "unit_price": line.price,
    }


def _moment(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None
