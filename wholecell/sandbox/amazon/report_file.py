"""The file of GET_MERCHANT_LISTINGS_ALL_DATA: tab-separated, a header row, no quoting whatever the text holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from .account import AMAZON, CONDITIONS, DEFAULT, AmazonListing

#: Selling Partner API documentation, "Inventory report type values".
COLUMNS = (
    "item-name",
    "item-description",
    "listing-id",
    "seller-sku",
    "price",
    "quantity",
    "open-date",
    "image-url",
    "item-is-marketplace",
    "product-id-type",
    "zshop-shipping-fee",
    "item-note",
    "item-condition",
    "zshop-category1",
    "zshop-browse-path",
    "zshop-storefront-feature",
    "asin1",
    "asin2",
    "asin3",
    "will-ship-internationally",
    "expedited-shipping",
    "zshop-boldface",
    "product-id",
    "bid-for-featured-placement",
    "add-delete",
    "pending-quantity",
    "fulfillment-channel",
    "merchant-shipping-group",
    "status",
)
BUSINESS = ("Business Price", "Quantity Price Type", "Quantity Lower Bound 1", "Quantity Price 1")
_PACIFIC = timedelta(hours=-8)


def text_of(rows: Sequence[AmazonListing], oddities: Collection[str]) -> str:
    """The whole file. Oddities: `business` adds columns, `nostatus` leaves one out, `reversed` turns them round."""
    names = [*COLUMNS, *(BUSINESS if "business" in oddities else ())]
    if "nostatus" in oddities:
        names.remove("status")
    if "reversed" in oddities:
        names.reverse()
    lines = [names, *([_fields(row).get(name, "") for name in names] for row in rows)]
    return "".join("\t".join(line) + "\n" for line in lines)


def _fields(row: AmazonListing) -> dict[str, str]:
    has_offer = not (row.is_parent or row.is_incomplete)
    by_amazon = row.amazon_quantity is not None
    return {
        "item-name": " ".join(row.title.split()),
        "listing-id": f"0301A{row.number}",
        "seller-sku": row.sku,
        "price": row.price if has_offer else "",
        # Amazon's own stock is not the seller's to tell.
        "quantity": str(max(row.quantity, 0)) if has_offer and not by_amazon else "",
        "open-date": f"{row.created + _PACIFIC:%Y-%m-%d %H:%M:%S} PST",
        "item-is-marketplace": "y",
        "product-id-type": "1",
        "item-condition": str(CONDITIONS[row.condition]),
        "asin1": row.asin,
        "product-id": row.asin,
        "pending-quantity": "0",
        "fulfillment-channel": AMAZON if by_amazon else DEFAULT,
        "merchant-shipping-group": "Migrated Template",
        "status": _status(row),
    }


def _status(row: AmazonListing) -> str:
    if row.is_incomplete:
        return "Incomplete"
    return "Active" if row.is_buyable else "Inactive"
