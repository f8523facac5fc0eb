"""Walmart's answers: made here, and read from the examples of its documents where those are."""

import json

import pytest

from tests.oas import specs_folder

HOST = "https://marketplace.walmartapis.com"
SETTINGS = {
    "platform": "us",
    "client_id": "2f8c1a7e-0000-4000-8000-5d1b3c9e7f60",
    "client_secret": "s3cret-of-the-tests-kq2Zt7",
}
TOKEN = {"access_token": "eyJraWQiOiJ0ZXN0", "token_type": "Bearer", "expires_in": 900}
FULL = {"item": "view_only", "orders": "full_access", "inventory": "full_access", "feeds": "full_access"}
MS = 1_772_357_400_000  # 2026-03-01 09:30 UTC


def examples_of(name):
    """Every example answer of a document: operation, status and payload; skips where it is absent."""
    path = specs_folder() / "walmart" / f"{name}.json"
    if not path.exists():
        pytest.skip(f"The marketplaces' documents are not at {specs_folder()}; set WHOLECELL_SPECS")
    for operations in json.loads(path.read_text())["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                for media in response.get("content", {}).values():
                    given = [each["value"] for each in media.get("examples", {}).values()]
                    if "example" in media:
                        given.append(media["example"])
                    yield from ((operation["operationId"], status, payload) for payload in given)


def examples(name, operation):
    """The example answers of one operation."""
    found = [payload for found, _, payload in examples_of(name) if found == operation]
    assert found
    return found


def detail(**scopes):
    return {"expire_at": "1772358300000", "issued_at": str(MS), "is_valid": True, "scopes": FULL | scopes}


def item(sku, **fields):
    return {
        "mart": "WALMART_US",
        "sku": sku,
        "condition": "Restored",
        "wpid": "0RE1TWYTKBKH",
        "upc": "886859944807",
        "gtin": "00886859944807",
        "productName": "Apple iPhone 13 128GB Black",
        "price": {"currency": "USD", "amount": 329.5},
        "publishedStatus": "PUBLISHED",
        "lifecycleStatus": "ACTIVE",
    } | fields


def items(*rows, total=None, cursor=None):
    found = {"ItemResponse": list(rows), "totalItems": len(rows) if total is None else total}
    return found | ({} if cursor is None else {"nextCursor": cursor})


def node(sent, left=None, name="10001"):
    left = sent if left is None else left
    amounts = {"inputQty": sent, "availToSellQty": left, "reservedQty": 0}
    return {"shipNode": name} | {key: {"unit": "EACH", "amount": amount} for key, amount in amounts.items()}


def stock(sku, *nodes):
    return {"sku": sku, "nodes": list(nodes)}


def inventories(*rows, cursor=""):
    return {"meta": {"totalCount": len(rows), "nextCursor": cursor}, "elements": {"inventories": list(rows)}}


def inventory(sku, amount):
    return {"sku": sku, "quantity": {"unit": "EACH", "amount": amount}}


def status(word, amount="1", **tracking):
    found = {"status": word, "statusQuantity": {"unitOfMeasurement": "EACH", "amount": amount}}
    return found | ({"trackingInfo": tracking} if tracking else {})


def charge(kind, amount, tax=0):
    return {
        "chargeType": kind,
        "chargeName": "ItemPrice" if kind == "PRODUCT" else "Shipping",
        "chargeAmount": {"currency": "USD", "amount": amount},
        "tax": {"taxName": "Tax1", "taxAmount": {"currency": "USD", "amount": tax}},
    }


def line(number="1", *statuses, sku="IP13-128-BLK-A", quantity="1", charges=(), **fields):
    return {
        "lineNumber": number,
        "item": {"productName": "Apple iPhone 13", "sku": sku},
        "charges": {"charge": list(charges) or [charge("PRODUCT", 329.5, 26.36)]},
        "orderLineQuantity": {"unitOfMeasurement": "EACH", "amount": quantity},
        "statusDate": MS,
        "orderLineStatuses": {"orderLineStatus": list(statuses) or [status("Acknowledged", quantity)]},
    } | fields


def order(number, *lines, **fields):
    return {
        "purchaseOrderId": str(number),
        "customerOrderId": f"5{number}",
        "customerEmailId": "nocxemail@walmartone.com",
        "orderDate": MS,
        "shippingInfo": {
            "phone": "5550109621",
            "estimatedDeliveryDate": MS + 400_000_000,
            "estimatedShipDate": MS + 100_000_000,
            "methodCode": "Standard",
            "postalAddress": {
                "name": "Jamie Fox",
                "address1": "522 Example Ave",
                "address2": "Unit 2",
                "city": "Sunnyvale",
                "state": "CA",
                "postalCode": "94086",
                "country": "USA",
                "addressType": "RESIDENTIAL",
            },
        },
        "orderLines": {"orderLine": list(lines) or [line()]},
        "shipNode": {"type": "SellerFulfilled"},
    } | fields


def orders(*rows, total=None, cursor=None):
    meta = {"totalCount": len(rows) if total is None else total, "limit": 200}
    return {"list": {"meta": meta | ({"nextCursor": cursor} if cursor else {}), "elements": {"order": list(rows)}}}


def errors(code, description="", **fields):
    return {"errors": [{"code": code, "description": description, "severity": "ERROR", "category": "DATA"} | fields]}


NO_ORDERS = errors("CONTENT_NOT_FOUND.GMP_ORDER_API", "No record found", severity="INFO", info="none")
