"""Listings as Listings Items 2021-08-01 shows them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from ..shop import Shop
from .account import AMAZON, DEFAULT, MARKETPLACE_ID, AmazonAccount, AmazonListing
from .kept import iso

PRODUCT_TYPE = "CELLULAR_PHONE"
SETS = (
    "summaries",
    "attributes",
    "issues",
    "offers",
    "fulfillmentAvailability",
    "procurement",
    "relationships",
    "productTypes",
)


def item(shop: Shop, account: AmazonAccount, row: AmazonListing, sets: Collection[str]) -> dict[str, Any]:
    """One listing with the data sets asked for. Procurement is for vendors: a seller has none."""
    shown = row.shown(shop.clock())
    makers: dict[str, Callable[[], object]] = {
        "summaries": lambda: [_summary(shown)],
        "attributes": lambda: _attributes(row),
        "issues": lambda: _issues(row),
        "offers": lambda: _offers(shown),
        "fulfillmentAvailability": lambda: _availability(shown),
        "relationships": lambda: [{"marketplaceId": MARKETPLACE_ID, "relationships": _relations(account, row)}],
        "productTypes": lambda: [{"marketplaceId": MARKETPLACE_ID, "productType": PRODUCT_TYPE}],
    }
    return {"sku": row.sku} | {name: make() for name, make in makers.items() if name in sets}


def _summary(row: AmazonListing) -> dict[str, Any]:
    status = [word for word, holds in (("BUYABLE", row.is_buyable), ("DISCOVERABLE", row.for_sale)) if holds]
    return {
        "marketplaceId": MARKETPLACE_ID,
        "asin": row.asin,
        "productType": PRODUCT_TYPE,
        "conditionType": row.condition,
        "status": status,
        "itemName": row.title,
        "createdDate": iso(row.created),
        "lastUpdatedDate": iso(row.changed),
        "mainImage": {"link": f"https://images.example/{row.asin}.jpg", "height": 500, "width": 500},
    }


def _attributes(row: AmazonListing) -> dict[str, Any]:
    """What was submitted, which may differ from what shoppers get."""
    own = {"marketplace_id": MARKETPLACE_ID}
    return {
        "item_name": [{"value": row.title, "language_tag": "en_US"} | own],
        "condition_type": [{"value": row.condition} | own],
        "fulfillment_availability": [entry | own for entry in row.submitted],
    }


def _offers(row: AmazonListing) -> list[dict[str, Any]]:
    if row.is_parent or row.is_incomplete:
        return []
    price = {"currencyCode": row.currency, "amount": row.price}
    audience = {"value": "ALL", "displayName": "Sell on Amazon"}
    return [{"marketplaceId": MARKETPLACE_ID, "offerType": "B2C", "price": price, "audience": audience}]


def _availability(row: AmazonListing) -> list[dict[str, Any]]:
    """A channel of Amazon's comes without a quantity: it is not the seller who makes it available."""
    channels: list[dict[str, Any]] = []
    if row.has_default and not row.is_parent:
        channels.append({"fulfillmentChannelCode": DEFAULT, "quantity": max(row.quantity, 0)})
    if row.amazon_quantity is not None:
        channels.append({"fulfillmentChannelCode": AMAZON})
    return channels


def _relations(account: AmazonAccount, row: AmazonListing) -> list[dict[str, Any]]:
    theme = {"attributes": ["color_name", "memory_storage_capacity"], "theme": "COLOR/STORAGE"}
    if row.parent_sku:
        return [{"type": "VARIATION", "parentSkus": [row.parent_sku], "variationTheme": theme}]
    if not row.is_parent:
        return []
    children = [each.sku for each in account.listings.values() if getattr(each, "parent_sku", "") == row.sku]
    return [{"type": "VARIATION", "childSkus": children, "variationTheme": theme}] if children else []


def _issues(row: AmazonListing) -> list[dict[str, Any]]:
    own: dict[str, Any] = {"severity": "ERROR", "marketplaceIds": [MARKETPLACE_ID]}
    found = []
    if row.is_blocked:
        enforcement = {"actions": [{"action": "LISTING_SUPPRESSED"}], "exemption": {"status": "NOT_EXEMPT"}}
        text = "The listing is blocked. Contact selling partner support."
        found.append({"code": "18742", "message": text, "categories": [], "enforcements": enforcement} | own)
    if row.is_incomplete:
        text = "'purchasable_offer' is required but not supplied."
        names: dict[str, Any] = {"attributeNames": ["purchasable_offer"], "categories": ["MISSING_ATTRIBUTE"]}
        found.append(names | {"code": "90220", "message": text} | own)
    return found
