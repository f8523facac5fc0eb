"""Back Market's answers: made here, and read from the documents' examples where those are."""

import json
import os
from pathlib import Path

import pytest

EXAMPLES = Path(os.environ.get("WHOLECELL_SPECS", "../shared/specs")) / "backmarket" / "examples"
SETTINGS = {
    "token": "dG9rZW4tb2YtdGhlLXRlc3Q",
    "platform": "north-america",
    "market": "en-us",
    "company": "Northline Mobile",
    "email": "it@northline.example",
}
HOST = "https://www.backmarket.com"


def example(name):
    """The response of a documented example; skips where the documents are absent."""
    path = EXAMPLES / f"{name}.json"
    if not path.exists():
        pytest.skip(f"The marketplaces' documents are not at {EXAMPLES}; set WHOLECELL_SPECS")
    return json.loads(path.read_text())["response"]


def listing_id(number):
    return f"00000000-0000-4000-8000-{number:012d}"


def listing(number, **fields):
    return {
        "id": listing_id(number),
        "listing_id": 4_400_000 + number,
        "product_id": f"p-{number}",
        "backmarket_id": 70_000 + number,
        "title": "iPhone 12 64GB - Black - Unlocked",
        "sku": f"SKU-{number}",
        "price": "229.99",
        "currency": "USD",
        "quantity": 5,
        "grade": "VERY_GOOD",
        "state": 1,
        "publication_state": 2,
        "warranty_delay": 12,
        "comment": "",
        "min_price": None,
        "max_price": "1499.00",
        "shippings": [],
    } | fields


def order(number, **fields):
    line = {
        "id": 10 * number,
        "state": 2,
        "quantity": 1,
        "price": "229.99",
        "listing": "SKU-1",
        "listing_id": 4_400_001,
    }
    return {
        "order_id": number,
        "state": 3,
        "date_creation": "2026-03-01T09:00:00Z",
        "date_modification": "2026-03-01T09:30:00Z",
        "price": "229.99",
        "shipping_price": "0.00",
        "currency": "USD",
        "orderlines": [line],
    } | fields


def page(*listings, count=None, more=False):
    following = f"{HOST}/ws/listings?page=9" if more else None
    return {"count": len(listings) if count is None else count, "next": following, "previous": None} | {
        "results": list(listings)
    }
